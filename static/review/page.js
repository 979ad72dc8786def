// Forms are sent in the background, and the server's next page takes the place of this one. Nothing is fetched twice:
// pictures that are here stay, as does what was typed and not sent. Sent "screen" on the document: there is a new one.
import { begin, current, go, waitsAfter } from "./items.js";
import { say, warn } from "./texts.js";

/** Pictures that were loaded before their page: by address. */
export const loaded = new Map();

let queue = Promise.resolve();
let refusals = 0;
let isTokenOld = false;
let isLeaving = false;
let shownPath = location.pathname;

const screen = () => document.querySelector(".rv");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest(".rv")) return;
  event.preventDefault();
  press(form, event.submitter?.value);
});

/** Send `form` as if its button with that value were pressed. What is sent meanwhile waits: it needs the new version. */
export function press(form, value) {
  const { id } = form;
  const action = form.getAttribute("action");
  const after = refusals;
  const verdictOf = form.matches(".rv-verdict") && value !== "pending" && form.closest(".rv-item");
  if (verdictOf) {
    verdictOf.classList.add("is-sent");
    verdictOf.classList.remove("is-waiting");
    go(waitsAfter(verdictOf) ?? verdictOf);
  }
  queue = queue.then(() => (after === refusals ? send(id, action, value) : null));
}

async function send(id, action, value) {
  const form = document.getElementById(id);
  // Another application, or another state of this one: there is nothing of that kind to press any more.
  if (form?.getAttribute("action") !== action) return;
  const wanted = [...form.querySelectorAll("button")].find((button) => button.value === (value ?? ""));
  screen().setAttribute("aria-busy", "true");
  try {
    if (isTokenOld) await renewToken();
    const answer = await fetch(action, {
      method: "POST",
      keepalive: true, // leaving the page at once must not lose it
      body: new FormData(form, wanted),
      headers: { Accept: "application/json, text/html;q=0.9" },
    });
    if (answer.headers.get("Content-Type") === "application/json") {
      warn(null);
      await visit((await answer.json()).go, id);
    } else await refused(answer, id);
  } catch {
    trouble("network");
  } finally {
    screen()?.removeAttribute("aria-busy");
  }
}

/** The page with the refusal on it; or none of ours, since we are signed out or the fault is the portal's. */
async function refused(answer, id) {
  const page = parse(await answer.text());
  if (page.querySelector(".rv")) {
    refusals += 1;
    warn(null);
    show(page, { sent: id });
    const form = document.getElementById(id);
    if (form) go(form.closest(".rv-item"));
    if (!form?.closest(".rv-item")) (form ?? document.querySelector(".rv-items > .rv-alert"))?.scrollIntoView();
    return;
  }
  if (answer.status === 404) return reload(); // it went out of this reviewer's scope
  isTokenOld = answer.redirected || answer.status === 403;
  trouble(isTokenOld ? "signed-out" : "ours");
}

function trouble(name) {
  refusals += 1;
  for (const item of document.querySelectorAll(".rv-item.is-sent")) {
    item.classList.remove("is-sent");
    item.classList.add("is-waiting");
  }
  warn(name);
}

/** Signing in again gave us another token. */
async function renewToken() {
  const page = parse(await (await fetch(location.pathname)).text());
  const token = page.querySelector(".rv [name=csrfmiddlewaretoken]")?.value;
  if (!token) return;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  isTokenOld = false;
}

/** Show the page at `address` in place of this one; pages of another kind are gone to. `sent`: the form that led there. */
export async function visit(address, sent) {
  const url = new URL(address, location.href);
  const isScreen = url.pathname.startsWith(location.pathname.replace(/[^/]+\/$/, ""));
  const answer = isScreen ? await fetch(url) : null;
  const page = answer?.ok ? parse(await answer.text()) : null;
  if (!page?.querySelector(".rv")) {
    isLeaving = true;
    return location.assign(answer?.url ?? url);
  }
  show(page, { sent, path: new URL(answer.url).pathname, hash: url.hash });
}

function reload() {
  isLeaving = true;
  location.reload();
}

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

function show(page, { sent, path = shownPath, hash = "" }) {
  const old = screen();
  const fresh = page.querySelector(".rv");
  const isSame = old.dataset.application === fresh.dataset.application;
  const here = isSame && current()?.id;
  const focused = isSame && document.activeElement?.id;
  if (isSame) keepTyped(old, fresh, sent);
  const putPictures = keepPictures(fresh);
  old.replaceWith(fresh);
  putPictures();
  keepRest(page);
  if (path !== shownPath) history.pushState(null, "", path);
  else if (location.hash) history.replaceState(null, "", path);
  shownPath = path;
  if (!isSame) scrollTo({ top: 0, behavior: "instant" });
  document.dispatchEvent(new CustomEvent("screen", { detail: { isSame } }));
  const place = document.getElementById(hash.slice(1));
  const last = sent?.startsWith("form-verdict-") && document.getElementById(sent.replace("form-verdict-", "item-"));
  if (last) say(`${last.querySelector("h2").textContent}: ${last.querySelector(".rv-badge")?.textContent ?? ""}`);
  const stayed = here && document.getElementById(here);
  if (place?.id === "finish" && !stayed?.matches(".is-waiting")) finish(place);
  else if (stayed) go(stayed, { scroll: false });
  else begin(place);
  // A field that one was typing in when the answer came keeps the keyboard.
  const field = focused && document.getElementById(focused);
  if (field?.matches("textarea, select")) field.focus({ preventScroll: true });
}

/** All is judged: the button that the verdicts allow is next. */
function finish(place) {
  (place.querySelector("#form-finish .is-main") ?? place.querySelector("#form-finish button"))?.focus();
  place.scrollIntoView({ block: "nearest" });
}

/** What was typed into other forms than the one that was sent, and what was unfolded. */
function keepTyped(old, fresh, sent) {
  for (const field of old.querySelectorAll("textarea, select")) {
    const first = field.matches("select") ? (field.querySelector("[selected]")?.value ?? "") : field.defaultValue;
    const now = fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (now && field.value !== first && field.form.id !== sent) now.value = field.value;
  }
  for (const fold of old.querySelectorAll("details[open][id]")) {
    const now = fresh.querySelector(`#${CSS.escape(fold.id)}`);
    if (now && !fold.querySelector(`#${CSS.escape(sent ?? "-")}`)) now.open = true;
  }
}

/**
 * A picture that is here already takes the place of the one that would be fetched; one in the large view stays there.
 * Returns what is left to do once `fresh` is in this document: a picture that changes its document is fetched again.
 */
function keepPictures(fresh) {
  const here = new Map([...loaded, ...[...document.images].map((image) => [image.getAttribute("src"), image])]);
  const pairs = [...fresh.querySelectorAll(".rv-open img")]
    .map((image) => [image, here.get(image.getAttribute("src"))])
    .filter(([, known]) => known);
  for (const [image] of pairs) image.removeAttribute("src");
  return () => {
    for (const [image, known] of pairs) {
      for (const name of ["alt", "width", "height"]) known.setAttribute(name, image.getAttribute(name));
      if (known.closest("dialog")) image.remove();
      else image.replaceWith(known);
    }
  };
}

function keepRest(page) {
  document.title = page.title;
  document.querySelector(".breadcrumbs").replaceWith(page.querySelector(".breadcrumbs"));
  document.querySelector(".messagelist")?.remove();
  const messages = page.querySelector(".messagelist");
  if (messages) document.querySelector("#content").before(messages);
}

// Back and forward lead to other applications; a place on this page is none.
addEventListener("popstate", () => location.pathname === shownPath || reload());
// Out of the browser's memory, the page is as old as it was when it was left.
addEventListener("pageshow", (event) => event.persisted && visit(location.pathname).catch(() => warn("network")));
addEventListener("beforeunload", (event) => {
  const typed = [...document.querySelectorAll(".rv textarea")].some((field) => field.value !== field.defaultValue);
  if (typed && !isLeaving) event.preventDefault();
});
