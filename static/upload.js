// The upload page with JavaScript: pictures are looked at before they are sent, and sent one by one, each with
// its own progress and outcome. Without it the plain form does the same job (templates/materials/category.html).
import { Queue } from "./upload/queue.js";
import { Row } from "./upload/row.js";
import { say } from "./upload/texts.js";

const form = document.querySelector("form[data-upload]");
const choose = form?.querySelector("input[type=file]");
const queue = form && new Queue(form, { announce, onChange: show });
let list, note, send;

if (form) start();

/** The plain form's field becomes two buttons, its list stands between them and the button that sends. */
function start() {
  const parts = document.querySelector("#upload-parts").content.cloneNode(true);
  const sources = parts.querySelector(".sources");
  list = parts.querySelector(".uploads");
  note = parts.querySelector("[data-note]");
  send = form.querySelector("button");
  const field = choose.closest(".field");
  form.before(sources, note, list);
  // Outside its form, so that a button in a row is none of the form's; it still belongs to it.
  choose.setAttribute("form", form.id);
  choose.setAttribute("aria-describedby", "rules");
  choose.required = false;
  sources.querySelector("[data-choose]").prepend(choose);
  field.remove();
  for (const input of sources.querySelectorAll("input")) {
    input.addEventListener("change", () => take(input));
    if (input.files.length) take(input); // chosen before this file had loaded
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.focus();
    queue.start();
  });
  list.addEventListener("click", press);
  addEventListener("online", () => queue.comeBack());
  addEventListener("beforeunload", (event) => queue.unsent && event.preventDefault());
  show();
}

/** Into the list, as many as there are places left; then the input is empty, so that it can take the same again. */
function take(input) {
  const files = [...input.files];
  input.value = "";
  if (!files.length) return;
  queue.drop((row) => row.state === "done");
  const places = queue.places;
  const rows = files.slice(0, places).map((file) => new Row(file));
  list.append(...rows.map((row) => row.element));
  queue.add(rows);
  const leftOut = files.length - rows.length;
  note.hidden = leftOut === 0;
  note.textContent = leftOut ? say("left-out", { count: leftOut, places }) : "";
  // The button sticks to the foot of the window; what was chosen is above it.
  rows[0]?.element.scrollIntoView({ block: "nearest" });
  announce(`${rows.length ? say("chosen", { count: rows.length }) : ""} ${note.textContent}`);
}

function press(event) {
  const button = event.target.closest("button");
  const row = button && queue.rows.find((one) => one.element.contains(button));
  if (!row) return;
  if (button.dataset.does === "retry") {
    row.element.focus();
    queue.retry(row);
    return;
  }
  const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
  queue.remove(row);
  // Where the focus goes when its row is gone: the row that takes its place, otherwise choosing anew.
  (next?.querySelector("[data-does=remove]") ?? (choose.isConnected ? choose : document.querySelector("#main"))).focus();
}

function show() {
  queue.rows.forEach((row, place) => row.number(place + 1));
  const count = queue.rows.filter((row) => row.state === "chosen").length;
  form.hidden = count === 0;
  list.hidden = queue.rows.length === 0;
  send.textContent = say("send", { count });
}

/** To screen readers; the last few stay, so that one that follows quickly does not silence the one before. */
function announce(sentence) {
  const region = document.querySelector("[data-announce]");
  const line = document.createElement("p");
  line.textContent = sentence.trim();
  region.append(line);
  while (region.children.length > 8) region.firstElementChild.remove();
}
