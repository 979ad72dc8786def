// A picture over everything: larger, smaller, moved, turned, the next one. The picture itself moves into the dialog and
// back, so that it is fetched once and its view is recorded once.
import { current, go, waitsAfter } from "./items.js";
import { areLettersOn } from "./letters.js";

const STEP = 1.25;
const MOST = 8;
const viewer = document.getElementById("viewer");
const room = viewer.querySelector(".rv-viewer-room");
const stage = viewer.querySelector(".rv-stage");
const title = viewer.querySelector("#viewer-title");
const verdict = viewer.querySelector("[data-viewer-verdict]");
const match = viewer.querySelector("[data-viewer-match]");
let shownId = null;
/** How large: "whole", "width", or CSS pixels for each of the picture's. It stays from picture to picture. */
let size = "whole";

const figure = () => document.getElementById(shownId);
const image = () => stage.querySelector("img");
const figures = () => [...document.querySelectorAll(".rv-picture")].filter((one) => !one.closest("details:not([open])"));

export const isOpen = () => viewer.open;

/** The item whose picture is shown large; none when none is. */
export const shownItem = () => (viewer.open ? figure()?.closest(".rv-item") : null);

/** Show the picture of `wanted`, a figure of the page. */
export function open(wanted) {
  if (!wanted) return;
  putBack();
  shownId = wanted.id;
  const picture = wanted.querySelector(".rv-open img");
  wanted.querySelector(".rv-open").classList.add("is-away");
  stage.append(picture);
  if (!viewer.open) viewer.showModal();
  go(wanted.closest(".rv-item"), { scroll: false });
  stage.focus();
  describe();
  fit();
  stage.scrollTo(0, 0);
}

function describe() {
  const item = figure().closest(".rv-item");
  const there = figures();
  const own = there.filter((one) => item.contains(one));
  title.textContent = [
    item.querySelector("h2").textContent,
    figure().querySelector(".rv-which").textContent,
    `${own.indexOf(figure()) + 1}/${own.length}`,
    ...[...figure().querySelectorAll("figcaption .rv-badge")].map((badge) => badge.textContent),
  ].join(" · ");
  viewer.querySelector("[data-do=previous]").disabled = there[0] === figure();
  viewer.querySelector("[data-do=next]").disabled = there.at(-1) === figure();
  if (verdict) verdict.textContent = item.querySelector("header .rv-badge")?.textContent ?? "";
  const facts = document.querySelector(".rv-facts");
  for (const button of viewer.querySelectorAll("[data-of]")) button.hidden = !item.querySelector(button.dataset.of);
  match.textContent = `${facts.querySelector("h1").textContent} ${facts.querySelector(".rv-number").textContent.trim()}`;
}

function putBack() {
  const picture = image();
  if (!picture) return;
  picture.removeAttribute("style");
  const place = figure()?.querySelector(".rv-open");
  place?.classList.remove("is-away");
  if (place) place.append(picture);
  else picture.remove();
}

function close() {
  if (!shownId) return;
  putBack();
  const item = figure()?.closest(".rv-item") ?? current();
  shownId = null;
  if (document.fullscreenElement) document.exitFullscreen();
  viewer.close();
  go(item);
}
// By Escape; the event comes late, and would take the keyboard from where the reviewer is by then.
viewer.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});
viewer.addEventListener("close", close);

/** Lay the picture out at its size and turn, in the middle of the stage where it is smaller than that. */
function fit() {
  const picture = image();
  if (!picture) return;
  const degrees = Number(figure()?.dataset.turn ?? 0);
  const isSideways = degrees % 180 !== 0;
  const natural = { width: Number(picture.getAttribute("width")), height: Number(picture.getAttribute("height")) };
  const seen = isSideways ? { width: natural.height, height: natural.width } : natural;
  const toWidth = stage.clientWidth / seen.width;
  const scale = size === "width" ? toWidth : size === "whole" ? Math.min(toWidth, stage.clientHeight / seen.height) : size;
  const drawn = { width: natural.width * scale, height: natural.height * scale };
  const margin = isSideways ? (drawn.height - drawn.width) / 2 : 0;
  Object.assign(picture.style, {
    width: `${drawn.width}px`,
    height: `${drawn.height}px`,
    margin: `${-margin}px ${margin}px`,
    transform: degrees ? `rotate(${degrees}deg)` : "none",
  });
  picture.dataset.scale = scale;
}

/** Around the middle of what is seen. */
function scaleTo(scale) {
  const x = (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth;
  const y = (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight;
  size = Math.min(MOST, Math.max(0.1, scale));
  fit();
  stage.scrollTo(x * stage.scrollWidth - stage.clientWidth / 2, y * stage.scrollHeight - stage.clientHeight / 2);
}

function set(wanted) {
  size = wanted;
  fit();
}

function step(by) {
  const there = figures();
  open(there[there.indexOf(figure()) + by]);
}

/** By the picture's own form: of the large view, or the first of the page's current item. */
function turn(value) {
  const turned = figure() ?? current()?.querySelector(".rv-picture[data-photo]");
  turned?.querySelector(`.rv-turn [value=${value}]`)?.click();
}

export const acts = {
  large: () => open((current() ?? waitsAfter(null))?.querySelector(".rv-picture[data-photo]")),
  previous: () => step(-1),
  next: () => step(1),
  larger: () => scaleTo(Number(image().dataset.scale) * STEP),
  smaller: () => scaleTo(Number(image().dataset.scale) / STEP),
  whole: () => set("whole"),
  width: () => set("width"),
  left: () => turn("left"),
  right: () => turn("right"),
  full: () => (document.fullscreenElement ? document.exitFullscreen() : room.requestFullscreen()),
  close,
};

/** By so many tenths of the stage. */
function move(x, y) {
  stage.scrollBy((x * stage.clientWidth) / 10, (y * stage.clientHeight) / 10);
}

// The page below is a new one: the picture's place on it too.
document.addEventListener("screen", () => {
  if (!viewer.open) return;
  if (!figure()) return close();
  figure().querySelector(".rv-open").classList.add("is-away");
  describe();
  fit();
});

const keys = {
  ArrowLeft: (event) => (event.shiftKey ? move(-1, 0) : acts.previous()),
  ArrowRight: (event) => (event.shiftKey ? move(1, 0) : acts.next()),
  ArrowUp: () => move(0, -1),
  ArrowDown: () => move(0, 1),
  "+": acts.larger,
  "=": acts.larger,
  "-": acts.smaller,
  0: acts.whole,
  w: acts.width,
  f: acts.full,
  z: acts.close,
  "[": acts.left,
  "]": acts.right,
};
viewer.addEventListener("keydown", (event) => {
  const isLetter = event.key.length === 1;
  const act = keys[isLetter ? event.key.toLowerCase() : event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey || (isLetter && !areLettersOn())) return;
  event.preventDefault();
  event.stopPropagation();
  act(event);
});
viewer.addEventListener("click", (event) => acts[event.target.closest("[data-do]")?.dataset.do]?.());

document.addEventListener("click", (event) => {
  const link = event.target.closest(".rv-open");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  // The second click of two, when the first one on a button above has moved the page, means nothing here.
  if (event.detail < 2) open(link.closest(".rv-picture"));
});
new ResizeObserver(fit).observe(stage);
document.addEventListener("trouble", close); // what went wrong is said on the page below
stage.addEventListener("dblclick", () => (size === "whole" ? scaleTo(1) : set("whole")));
stage.addEventListener(
  "wheel",
  (event) => {
    if (!event.ctrlKey) return; // also what a touchpad sends for two fingers
    event.preventDefault();
    scaleTo(Number(image().dataset.scale) * (event.deltaY < 0 ? STEP : 1 / STEP));
  },
  { passive: false },
);

// The mouse drags the picture; a finger scrolls by itself.
stage.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "mouse" || event.button !== 0) return;
  event.preventDefault();
  stage.setPointerCapture(event.pointerId);
});
stage.addEventListener("pointermove", (event) => {
  if (stage.hasPointerCapture(event.pointerId)) stage.scrollBy(-event.movementX, -event.movementY);
});
