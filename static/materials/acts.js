// Small acts of the materials page (the minus and its undoing, the order, 不适用) without loading the page anew: the
// answer is the page that a browser without JavaScript would get, and what changed is put into the one that is shown.

import { restart } from "./left.js";

// One act after another: what is pressed while one is under way waits. A second press of the same form is none.
let last = Promise.resolve();
const waiting = new Set();

/** Take over the forms marked data-quiet; its value names what is announced when it is done (#act-texts). */
export function actQuietly() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-quiet]")) return;
    event.preventDefault();
    act(event.target, event.submitter);
  });
}

/** Send `form` in its turn and show what came of it. Resolves with whether it was done. */
export function act(form, button) {
  if (waiting.has(form)) return Promise.resolve(false);
  waiting.add(form);
  const body = contentOf(form, button);
  const done = last.then(() => send(form, button, body)).finally(() => waiting.delete(form));
  last = done.catch(() => {});
  return done;
}

async function send(form, button, body) {
  // Kept alive, so that leaving the page at once does not call it off.
  const answer = await ask(form.action, { method: "POST", body, keepalive: true });
  if (answer.page) {
    show(answer.page, form, button);
    announce(answer.page.querySelector("main [role=alert]")?.textContent ?? say(form.dataset.quiet, button?.value));
    return answer.isDone;
  }
  if (!answer.isElsewhere) await lookAgain(form, button);
  return false;
}

/**
 * What the portal says: the materials page; or it leads elsewhere, to sign in or to a new privacy notice, and the
 * browser goes there; or neither: nothing came back, or a fault.
 */
async function ask(address, options) {
  let response, text;
  try {
    response = await fetch(address, options);
    text = await response.text();
  } catch {
    return {};
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  if (page.querySelector("main [data-item]")) return { page, isDone: response.ok };
  if (response.redirected) location.assign(response.url);
  return { isElsewhere: response.redirected };
}

/** It may have been done or not. Sending it again could do it twice, so what is there by now is shown, if it comes. */
async function lookAgain(form, button) {
  const { page, isElsewhere } = await ask(location.href, { cache: "no-store" });
  if (isElsewhere) return;
  if (page) show(page, form, button);
  const note = document.querySelector("[data-no-answer]");
  note.hidden = false;
  announce(note.textContent);
}

function say(name, place) {
  const texts = document.querySelector("#act-texts").content;
  return texts.querySelector(`[data-text="${name}"]`).textContent.replace("{place}", place);
}

function contentOf(form, button) {
  const content = new FormData(form);
  if (button?.name) content.append(button.name, button.value);
  return content;
}

function show(page, form, button) {
  const main = document.querySelector("main");
  const fresh = document.importNode(page.querySelector("main"), true);
  const code = form.closest("[data-item]").dataset.item;
  const item = () => main.querySelector(`[data-item="${code}"]`);
  const before = (item() ?? main).getBoundingClientRect().top;
  keepPictures(main, fresh);
  keepWhatWasTyped(main, fresh);
  keepFolds(main, fresh);
  Object.assign(document.body.dataset, page.body.dataset);
  Object.assign(main.dataset, fresh.dataset);
  main.replaceChildren(...fresh.childNodes);
  document.querySelector("[data-bar]")?.replaceWith(...[page.querySelector("[data-bar]")].filter(Boolean));
  restart(page);
  document.querySelector("[data-no-answer]").hidden = true;
  document.title = page.title;
  const now = item() ?? main;
  now.closest("details")?.setAttribute("open", "");
  scrollBy({ top: now.getBoundingClientRect().top - before, behavior: "instant" });
  focusOn(now, form.action, button?.dataset?.way);
}

/**
 * Pictures that are there already keep their elements: browsers may not cache them and would load all of them again.
 * What they are called is new: it names their place.
 */
function keepPictures(main, fresh) {
  for (const link of main.querySelectorAll("a[href^='/photos/']")) {
    const like = fresh.querySelector(`a[href="${link.getAttribute("href")}"]`);
    if (!like) continue;
    link.querySelector("img").alt = like.querySelector("img").alt;
    like.replaceWith(link);
  }
}

function keepWhatWasTyped(main, fresh) {
  for (const field of main.querySelectorAll("textarea")) {
    const like = fresh.querySelector(`#${field.id}`);
    if (!like || field.value === field.defaultValue) continue;
    like.value = field.value;
    like.closest("details").open = true;
  }
}

function keepFolds(main, fresh) {
  for (const fold of main.querySelectorAll("[data-fold][open]")) {
    fresh.querySelector(`[data-fold="${fold.dataset.fold}"]`)?.setAttribute("open", "");
  }
}

/** Where the focus goes: after the minus to its undoing, after that to the picture; otherwise to the same button. */
function focusOn(item, address, way) {
  const path = new URL(address).pathname;
  const photo = path.match(/photos\/([^/]+)\//)?.[1];
  const places = [
    path.endsWith("/delete/") && `form[action$="${photo}/restore/"] button`,
    way && `form[action="${path}"] [data-way="${way}"]:enabled`,
    way && `form[action="${path}"] button:enabled`,
    photo && !path.endsWith("/delete/") && `[data-photo="${photo}"] a`,
    `form[action="${path}"] button`,
    "a.button",
  ];
  const found = places.filter(Boolean).map((place) => item.querySelector(place)).find(Boolean);
  (found ?? document.querySelector("#main")).focus();
}

/** To screen readers; the last few stay, so that one that follows quickly does not silence the one before. */
export function announce(sentence) {
  const region = document.querySelector("[data-announce]");
  const line = document.createElement("p");
  line.textContent = sentence.trim().replace(/\s+/g, " ");
  region.append(line);
  while (region.children.length > 4) region.firstElementChild.remove();
}
