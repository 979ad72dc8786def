// Which item the keys mean: the one that was gone to last, by key, by mouse or by Tab, as long as it is in sight.

const all = () => [...document.querySelectorAll(".rv-item")].filter((item) => !item.closest("details:not([open])"));

export const current = () => document.querySelector(".rv-item.is-current");

/** Whether one types in it. */
const isTypedIn = (item) => Boolean(document.activeElement?.matches("textarea, select")) && item.contains(document.activeElement);

/** Whether it takes part in the middle half of the window. */
export function isInSight(item) {
  const { top, bottom } = item.getBoundingClientRect();
  return top < innerHeight * 0.75 && bottom > innerHeight * 0.25;
}

/** Make `item` the current one; with `scroll` its top comes into sight, if it is not. */
export function go(item, { scroll = true } = {}) {
  if (!item) return;
  mark(item);
  item.focus({ preventScroll: true });
  const { top } = item.getBoundingClientRect();
  if (scroll && (top < 0 || top > innerHeight / 3)) item.scrollIntoView({ block: "start" });
}

export function step(by) {
  const items = all();
  const at = items.indexOf(current());
  go(items[Math.min(items.length - 1, Math.max(0, at + by))]);
}

/** The next item that waits for a verdict after `item`, or else before it; `null` when none does. */
export function waitsAfter(item) {
  const items = all();
  const at = items.indexOf(item);
  return [...items.slice(at + 1), ...items.slice(0, at + 1)].find((one) => one.matches(".is-waiting")) ?? null;
}

/**
 * Where one begins: at the item of the address, or at the first one that waits. The first of all is not scrolled to:
 * the facts above it come first.
 */
export function begin(place) {
  const first = place?.closest(".rv-item") ?? waitsAfter(null) ?? all()[0];
  if (first !== all()[0]) go(first);
  else if (first && isInSight(first)) go(first, { scroll: false });
}

function mark(item) {
  const before = current();
  if (before === item) return;
  before?.classList.remove("is-current");
  item?.classList.add("is-current");
}

/** No key means an item that was scrolled out of sight: then it is the one that one looks at, if any. */
function follow() {
  if (document.querySelector("dialog[open]") || (current() && (isInSight(current()) || isTypedIn(current())))) return;
  mark(all().find(isInSight));
}
addEventListener("scroll", follow, { passive: true });

for (const kind of ["focusin", "pointerdown"]) {
  document.addEventListener(kind, (event) => {
    const item = event.target.closest(".rv-item");
    if (item) mark(item);
  });
}

// A refusal has the focus already.
if (!document.querySelector(".rv-items > .rv-alert")) begin(document.getElementById(location.hash.slice(1)));
