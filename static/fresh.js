// A page that comes back, from sleep or from the browser's memory, may say what is no longer so. It asks; what has
// changed is loaded, or told where somebody is in the middle of something.
import { restart } from "./materials/left.js";

// Milliseconds out of sight after which it asks.
const ASLEEP = 30_000;
let hiddenAt = performance.timeOrigin;

if (document.querySelector("main[data-seen]")) {
  addEventListener("pageshow", (event) => event.persisted && look());
  document.addEventListener("visibilitychange", () => {
    // By the date: the other clock may stand still while a phone sleeps.
    if (document.hidden) hiddenAt = Date.now();
    else if (Date.now() - hiddenAt >= ASLEEP) look();
  });
}

async function look() {
  const page = await ask();
  if (!page) return;
  const fresh = page.querySelector("main")?.dataset.seen;
  if (fresh === document.querySelector("main").dataset.seen) restart(page);
  else if (isInUse()) tell();
  else location.reload();
}

/** The page at this address as it is now, or null without a network, or when the portal has a fault. */
async function ask() {
  try {
    const response = await fetch(location.href, { cache: "no-store" });
    return response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  } catch {
    return null;
  }
}

/** Whether loading it anew would lose something: what was typed or chosen, or what is on its way. */
function isInUse() {
  const fields = [...document.querySelectorAll("main :is(textarea, input:not([type=hidden]))")];
  const isTouched = (field) => (field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  return fields.some(isTouched) || document.querySelector(".upload:not([data-state=done])") !== null;
}

function tell() {
  const place = document.querySelector("[data-stale]");
  if (place.children.length) return;
  place.append(document.querySelector("#stale").content.cloneNode(true));
  place.querySelector("button").addEventListener("click", () => location.reload());
}
