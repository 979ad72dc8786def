// All of the review from the keyboard. templates/admin/review/keys.html lists the keys; they can be switched off, for
// those whose speech or switches send letters.
import { current, go, step, waitsAfter } from "./items.js";
import { press } from "./page.js";
import { acts as large, isOpen, move, open } from "./viewer.js";

const help = document.getElementById("keys");
const isOn = document.getElementById("keys-on");
const REMEMBERED = "review-keys";

function judge(value) {
  const item = current();
  const form = item?.querySelector(".rv-verdict");
  if (!form?.querySelector(`[value=${value}]`)) return;
  press(form, value);
  if (!isOpen() || value === "pending") return;
  const next = current().matches(".is-waiting") && current().querySelector(".rv-picture[data-photo]");
  if (next) open(next);
  else large.close();
}

function unfoldTo(id) {
  const field = document.getElementById(id);
  for (let fold = field?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  field?.focus();
}

function ask() {
  const id = current()?.querySelector(".rv-verdict [name=reason]")?.id;
  if (!id) return;
  if (isOpen()) large.close();
  unfoldTo(id);
}

const toOutcome = (value) => document.querySelector(`#form-finish [value=${value}]`)?.focus();

function skip() {
  const form = document.getElementById("form-skip");
  if (form) press(form);
}

function acceptRest() {
  const form = document.getElementById("form-accept-rest");
  if (form) press(form);
}

function example() {
  const fold = current()?.querySelector(".rv-hint details");
  if (fold) fold.open = !fold.open;
}

const acts = {
  ...large,
  accept: () => judge("accepted"),
  undo: () => judge("pending"),
  ask,
  help: () => help.showModal(),
};

const always = {
  a: acts.accept,
  u: acts.undo,
  c: acts.ask,
  "[": large.left,
  "]": large.right,
  "?": acts.help,
};
const onPage = {
  ...always,
  j: () => step(1),
  k: () => step(-1),
  A: acceptRest,
  p: () => toOutcome("pass"),
  r: () => toOutcome("return"),
  x: () => unfoldTo("reason-reject"),
  o: () => document.getElementById("note-finish")?.focus(),
  s: skip,
  e: example,
  z: large.large,
  Escape: () => go(current() ?? waitsAfter(null)),
};
const inViewer = {
  ...always,
  ArrowLeft: (event) => (event.shiftKey ? move(-1, 0) : large.previous()),
  ArrowRight: (event) => (event.shiftKey ? move(1, 0) : large.next()),
  ArrowUp: () => move(0, -1),
  ArrowDown: () => move(0, 1),
  "+": large.larger,
  "=": large.larger,
  "-": large.smaller,
  0: large.whole,
  w: large.width,
  f: large.full,
  z: large.close,
};

document.addEventListener("keydown", (event) => {
  if (help.open || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === "Enter" && event.target.matches(".rv textarea")) sendTyped(event);
    return;
  }
  if (event.target.matches("textarea, select, input")) return inField(event);
  const keys = isOpen() ? inViewer : onPage;
  const act = keys[event.key];
  const isLetter = event.key.length === 1;
  if (!act || (isLetter && (!isOn.checked || event.repeat))) return;
  event.preventDefault();
  act(event);
});

/** Enter on a reason sends the request; Escape leads back to the item. */
function inField(event) {
  const item = event.target.closest(".rv-item");
  if (event.key === "Escape" && event.target.closest(".rv")) go(item ?? waitsAfter(null), { scroll: false });
  if (event.key === "Enter" && event.target.matches(".rv-ask select")) sendTyped(event);
}

function sendTyped(event) {
  const form = event.target.form;
  const value = form.matches(".rv-verdict") ? "change_requested" : form.querySelector("button")?.value;
  const isOne = form.querySelectorAll("button").length === 1;
  if (!form.matches(".rv-verdict") && !isOne) return; // which of several buttons is for the reviewer to say
  event.preventDefault();
  press(form, value);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) acts[button.dataset.do](event);
});

try {
  isOn.checked = localStorage.getItem(REMEMBERED) !== "off";
} catch {
  // A browser that keeps nothing starts with them on.
}
function showKeys() {
  document.documentElement.classList.toggle("has-keys", isOn.checked);
}
showKeys();
isOn.addEventListener("change", () => {
  showKeys();
  localStorage.setItem(REMEMBERED, isOn.checked ? "on" : "off");
});
