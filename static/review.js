// The review screen gets better with it and works without it: one page for one application after another, all of it
// from the keyboard, pictures large and loaded once.
import "./review/claim.js";
import "./review/keys.js";
import "./review/page.js";
import "./review/reasons.js";
import "./review/viewer.js";

document.documentElement.classList.add("has-script");

// A link to something folded opens it, in browsers that do not do so themselves.
function unfold() {
  const target = document.getElementById(location.hash.slice(1));
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target?.scrollIntoView();
}
addEventListener("hashchange", unfold);
unfold();
