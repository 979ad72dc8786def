// A link to an item must not end at a closed fold.

/** Open what the address leads into. Some browsers do so themselves. */
export function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const fold = target?.closest("details:not([open])");
  if (!fold) return;
  fold.open = true;
  target.scrollIntoView();
}
