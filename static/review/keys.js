// All of the review from the keyboard. templates/admin/review/keys.html lists the keys; they can be switched off, for
// those whose speech or switches send letters.
import { current, go, isInSight, step, waitsAfter } from "./items.js";
import { areLettersOn } from "./letters.js";
import { press } from "./page.js";
import { acts as large, isOpen, open, shownItem } from "./viewer.js";

const help = document.getElementById("keys");

/** Of the picture that is shown large, or of the item in sight; without one, the first that waits comes into sight. */
function judge(value) {
  const item = shownItem() ?? current();
  if (!item || (!isOpen() && !isInSight(item))) return go(item ?? waitsAfter(null));
  const form = item.querySelector(".rv-verdict");
  if (!form?.querySelector(`[value=${value}]`)) return;
  const wasOpen = isOpen();
  press(form, value);
  if (!wasOpen || value === "pending") return;
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
  const id = (shownItem() ?? current())?.querySelector(".rv-verdict [name=reason]")?.id;
  if (!id) return;
  if (isOpen()) large.close();
  unfoldTo(id);
}

const toOutcome = (value) => document.querySelector(`#form-finish [value=${value}]`)?.focus();

function skip() {
  const form = document.getElementById("form-skip");
  if (form) press(form);
}

/** It shows what it would accept; Enter accepts. */
function acceptRest() {
  const fold = document.getElementById("rest");
  if (!fold) return;
  fold.open = true;
  fold.querySelector("button").focus();
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
  "Shift+a": acceptRest,
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
  // A key that is held down presses nothing a second time.
  if (event.repeat && event.key === "Enter" && event.target.closest(".rv")) event.preventDefault();
  if (event.target.matches("textarea, select, input")) return inField(event);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isLetter = event.key.length === 1;
  const shift = event.shiftKey && /^[a-z]$/i.test(event.key) ? "Shift+" : "";
  const act = (isOpen() ? always : onPage)[shift + (isLetter ? event.key.toLowerCase() : event.key)];
  if (!act || (isLetter && (!areLettersOn() || event.repeat))) return;
  event.preventDefault();
  act(event);
});

/** Enter on a reason, and Ctrl+Enter in its note, ask for the change; Escape leads back to the item. */
function inField(event) {
  const { target, key } = event;
  if (!target.closest(".rv")) return;
  if (key === "Escape") {
    target.blur();
    go(target.closest(".rv-item") ?? current(), { scroll: false });
  }
  const isSent = target.matches("select") || event.ctrlKey || event.metaKey;
  if (key !== "Enter" || !isSent || event.repeat || !target.form.matches(".rv-verdict")) return;
  event.preventDefault();
  press(target.form, "change_requested");
}

document.addEventListener("click", (event) => acts[event.target.closest("[data-do]")?.dataset.do]?.());
