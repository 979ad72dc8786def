// An open page keeps its claim and hears of what others do meanwhile; one that is left gives it back soon. When little
// is left to judge, what comes next is kept too, and its pictures load.
import { loaded } from "./page.js";

const MINUTE = 60_000;
const FEW_ITEMS = 2;
let isKeptAhead = false;
// Whether somebody typed, pointed or turned the wheel since the last beat: only then is the web session kept up.
let hasActed = false;

const claim = () => document.querySelector("[data-beat]");

function body(more = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(more)) form.set(name, value);
  form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  return form;
}

async function post(address, more) {
  const answer = await fetch(address, { method: "POST", body: body(more) }).catch(() => null);
  const isOurs = answer?.headers.get("Content-Type") === "application/json";
  return { status: answer?.status, said: isOurs ? await answer.json() : await answer?.text() };
}

async function beat() {
  if (!claim() || document.visibilityState !== "visible") return;
  const more = hasActed ? { acted: "yes" } : {};
  hasActed = false;
  const { status, said } = await post(claim().dataset.beat, more);
  const alert = document.querySelector("[data-beat-says]");
  if (status === 200 && said.until) document.querySelector("[data-until]").textContent = said.until;
  if (status === 409 && said.message && alert) {
    alert.textContent = said.message;
    alert.hidden = false;
    document.dispatchEvent(new CustomEvent("trouble"));
  }
  if (isKeptAhead) keepAhead();
}

async function keepAhead() {
  if (!claim()) return;
  isKeptAhead = true;
  const { status, said } = await post(claim().dataset.ahead);
  if (status !== 200 || !said.pictures) return;
  for (const address of said.pictures) {
    if (loaded.has(address)) continue;
    const image = new Image();
    image.addEventListener("error", () => loaded.delete(address));
    image.src = address;
    loaded.set(address, image);
  }
}

/** Once, when few items wait and the page's own pictures are there: those come first. */
function lookAhead() {
  const isNear = document.querySelectorAll(".rv-item.is-waiting").length <= FEW_ITEMS;
  const isLoaded = [...document.querySelectorAll(".rv-open img")].every(
    (image) => image.complete || image.loading === "lazy",
  );
  if (!isKeptAhead && isNear && isLoaded && claim()) keepAhead();
}

function leave() {
  if (claim()) navigator.sendBeacon(claim().dataset.leave, body());
}

document.addEventListener("screen", ({ detail }) => {
  if (!detail.isSame) {
    isKeptAhead = false;
    for (const address of loaded.keys()) {
      if (!document.querySelector(`.rv-open img[src="${address}"]`)) loaded.delete(address);
    }
    beat();
  }
  lookAhead();
});
document.addEventListener("load", lookAhead, true); // of pictures
for (const act of ["keydown", "pointerdown", "pointermove", "wheel"]) {
  addEventListener(act, () => (hasActed = true), { passive: true, capture: true });
}
setInterval(beat, MINUTE);
document.addEventListener("visibilitychange", beat);
addEventListener("pageshow", beat);
addEventListener("pagehide", leave);
lookAhead();
