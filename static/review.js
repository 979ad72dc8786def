// The review screen gets better with it and works without it: a form is sent once, Escape closes a picture.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

// A link to something folded opens it, in browsers that do not do so themselves.
function unfold() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  for (let fold = target?.closest?.("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (target) target.scrollIntoView();
}
window.addEventListener("hashchange", unfold);
if (document.getElementById(location.hash.slice(1))?.closest("details")) unfold();

// Coming back by the browser's own button, the forms may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

document.addEventListener("keydown", (event) => {
  const open = document.querySelector(".rv-picture:target .rv-close");
  if (event.key === "Escape" && open) location.replace(open.hash);
});

// An open page keeps its claim, and hears of what others do meanwhile; one that is left gives it back soon.
const claim = document.querySelector("[data-beat]");
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
const says = document.querySelector("[data-beat-says]");

async function beat() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(claim.dataset.beat, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => null);
  if (answer?.status !== 409) return;
  says.textContent = (await answer.json()).message;
  says.hidden = false;
}

function leave() {
  const form = new FormData();
  form.set("csrfmiddlewaretoken", token);
  navigator.sendBeacon(claim.dataset.leave, form);
}

if (claim) {
  setInterval(beat, 60_000);
  document.addEventListener("visibilitychange", beat);
  window.addEventListener("pageshow", beat);
  window.addEventListener("pagehide", leave);
}
