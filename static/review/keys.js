// All of the review from the keyboard. templates/admin/review/keys.html lists the keys; they can be switched off, for
// those whose speech or switches send letters.
import { current, go, step, waitsAfter } from "./items.js";
import { areLettersOn } from "./letters.js";
import { press } from "./page.js";
import { acts as large, isOpen, open } from "./viewer.js";

const help = document.getElementById("keys");

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
  accept: () => judge("accepted"),
  ask,
  help: () => help.showModal(),
};

/** In the large view too, whose own keys are its own (viewer.js). */
const always = {
  a: acts.accept,
  c: acts.ask,
  u: () => judge("pending"),
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
  "[": large.left,
  "]": large.right,
  Escape: () => go(current() ?? waitsAfter(null)),
};

document.addEventListener("keydown", (event) => {
  if (help.open || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === "Enter" && event.target.matches(".rv textarea")) sendTyped(event);
    return;
  }
  if (event.target.matches("textarea, select, input")) return inField(event);
  const act = (isOpen() ? always : onPage)[event.key];
  const isLetter = event.key.length === 1;
  if (!act || (isLetter && (!areLettersOn() || event.repeat))) return;
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

document.addEventListener("click", (event) => acts[event.target.closest("[data-do]")?.dataset.do]?.());
