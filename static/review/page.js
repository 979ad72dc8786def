// Forms are sent in the background, and the server's next page takes the place of this one. Nothing is fetched twice:
// pictures that are here stay, as does what was typed and not sent. On the document: "screen", there is a new page;
// "trouble", something was refused or went wrong.
import { begin, current, go, waitsAfter } from "./items.js";
import { textOf, say, warn } from "./texts.js";

/** Pictures that were loaded before their page: by address. */
export const loaded = new Map();

const LEAVES = /^form-(finish|reject|send_back|skip|release)$/;
const GLANCE = 300; // milliseconds: nobody has looked at the next item in less
const KEEPALIVE_LENGTH = 15_000; // browsers take 64 KB at most, and a Chinese character may be nine bytes

let queue = Promise.resolve();
/** What was pressed and has no answer yet: `{ id, action, value, after }`. */
let pending = [];
let refusals = 0;
let judged = { id: "", at: -GLANCE };
let isTokenOld = false;
let isLeaving = false;

const screen = () => document.querySelector(".rv");
const byId = (id) => (id ? document.getElementById(id) : null);
const parse = (html) => new DOMParser().parseFromString(html, "text/html");

// --- sending -----------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest(".rv")) return;
  event.preventDefault();
  press(form, event.submitter?.value);
});

/** Send `form` as if its button with that value were pressed. One after another: each needs the version before it. */
export function press(form, value = "") {
  const sent = { id: form.id, action: form.getAttribute("action"), value, after: refusals };
  if (pending.some((one) => one.id === sent.id && one.action === sent.action && one.value === value)) return;
  if (LEAVES.test(form.id) && !mayLeave(form.id)) return;
  const item = itemJudgedBy(sent);
  // The second press of two that follow each other at once was meant for the item that moved away under it.
  if (item && judged.id !== form.id && performance.now() - judged.at < GLANCE) return;
  pending.push(sent);
  if (value === "pending") {
    form.dataset.undone = "";
    for (const field of form.querySelectorAll("textarea, select")) field.dataset.typed = "";
  }
  if (item) {
    judged = { id: form.id, at: performance.now() };
    showSent(item);
    go(waitsAfter(item) ?? item);
  }
  queue = queue
    .then(() => (sent.after === refusals ? send(sent) : null))
    .catch(fail)
    .finally(() => (pending = pending.filter((one) => one !== sent)));
}

function itemJudgedBy({ id, value }) {
  const form = byId(id);
  return form?.matches(".rv-verdict") && value !== "pending" ? form.closest(".rv-item") : null;
}

function showSent(item) {
  item.classList.add("is-sent");
  item.classList.remove("is-waiting");
}

/** What was typed elsewhere and would be lost: whose it is, and whether to go on all the same. */
function mayLeave(id) {
  const names = new Set(unsent(id).map((field) => field.closest(".rv-item, .rv-finish").querySelector("h2").textContent));
  return !names.size || confirm(`${textOf("unsent")}\n\n${[...names].join("\n")}`);
}

async function send({ id, action, value }) {
  const form = byId(id);
  // Another application, or another state of this one: there is nothing of that kind to press any more.
  if (form?.getAttribute("action") !== action) return;
  const button = [...form.querySelectorAll("button")].find((one) => one.value === value);
  if (isTokenOld) await renewToken();
  const body = new FormData(form, button);
  const answer = await ask(action, {
    method: "POST",
    keepalive: [...body.values()].join("").length < KEEPALIVE_LENGTH, // leaving the page at once must not lose it
    body,
    headers: { Accept: "application/json, text/html;q=0.9" },
  });
  if (!answer) return goBackTo(form);
  if (answer.headers.get("Content-Type") !== "application/json") return refused(answer, id);
  warn(null);
  await visit((await answer.json()).go, id);
}

/** `null` when the network is gone. */
async function ask(address, options) {
  try {
    return await fetch(address, options);
  } catch {
    trouble("network");
    return null;
  }
}

/** Signing in again gave us another token. */
async function renewToken() {
  const answer = await ask(screen().dataset.address);
  const token = answer && parse(await answer.text()).querySelector(".rv [name=csrfmiddlewaretoken]")?.value;
  if (!token) return;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  isTokenOld = false;
}

// --- what went wrong ---------------------------------------------------------------------------------

/** The page with the refusal on it; or none of ours, since we are signed out or the fault is the portal's. */
async function refused(answer, id) {
  const page = parse(await answer.text());
  if (!page.querySelector(".rv")) {
    if (answer.status === 404) return location.reload(); // it went out of this reviewer's scope
    isTokenOld = answer.redirected || answer.status === 403;
    trouble(isTokenOld ? "signed-out" : "ours");
    return goBackTo(byId(id));
  }
  stop();
  warn(null);
  show(page, { sent: id });
  answerTo(byId(id));
}

/** To the item that was left in the belief that it was judged, unless one types elsewhere. */
function goBackTo(form) {
  if (!isTyping()) go(form?.closest(".rv-item"));
}

/** The sentence is at the form that it answers; the keyboard goes to what is missing there, unless one types elsewhere. */
function answerTo(form) {
  if (isTyping() && !form?.contains(document.activeElement)) return;
  const item = form?.closest(".rv-item");
  if (!item) {
    document.querySelector(".rv-items > .rv-alert")?.scrollIntoView();
    return (form?.closest("details") ? form.querySelector("select") : byId("finish"))?.focus({ preventScroll: true });
  }
  go(item);
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const fields = [...form.querySelectorAll("select, textarea")];
  (fields.find((field) => !field.value) ?? fields[0])?.focus({ preventScroll: true });
}

/** Nothing that was pressed after this goes out: it was pressed in the belief that this had gone well. */
function stop() {
  refusals += 1;
  document.dispatchEvent(new CustomEvent("trouble"));
}

function trouble(name) {
  stop();
  for (const item of document.querySelectorAll(".rv-item.is-sent")) {
    item.classList.remove("is-sent");
    item.classList.add("is-waiting");
  }
  warn(name);
}

/** The fault is ours: said here, and to whoever watches the browser's own list of errors. */
function fail(error) {
  trouble("ours");
  reportError(error);
}

// --- the next page -----------------------------------------------------------------------------------

/** Show the page at `address` in place of this one; pages of another kind are gone to. `sent`: the form that led there. */
async function visit(address, sent) {
  const url = new URL(address, location.href);
  const isScreen = url.pathname.startsWith(screen().dataset.address.replace(/[^/]+\/$/, ""));
  if (!isScreen) return leaveFor(url);
  const answer = await fetch(url).catch(() => null);
  const page = answer && parse(await answer.text());
  if (page?.querySelector(".rv")) return show(page, { sent, hash: url.hash });
  if (answer?.status === 404) return leaveFor(answer.url);
  isTokenOld = Boolean(answer?.redirected);
  trouble("not-shown");
}

function leaveFor(address) {
  isLeaving = true;
  location.assign(address);
}

function show(page, { sent, hash = "" }) {
  const old = screen();
  const fresh = page.querySelector(".rv");
  const isSame = old.dataset.application === fresh.dataset.application;
  // Each act counts one; more is somebody else's, which what was pressed meanwhile did not know of.
  if (isSame && Number(fresh.dataset.version) > Number(old.dataset.version) + 1) refusals += 1;
  const here = isSame ? current()?.id : null;
  const focused = isSame ? place(document.activeElement) : null;
  if (isSame) keepTyped(old, fresh, sent);
  const putPictures = keepPictures(fresh);
  const live = isSame && isTyping() ? document.activeElement.closest("form") : null;
  if (live && live.id !== sent && isLike(old, fresh, live)) renewAround(old, fresh, live);
  else old.replaceWith(fresh);
  putPictures();
  keepRest(page);
  for (const one of pending) {
    const item = one.id === sent || one.after !== refusals ? null : itemJudgedBy(one);
    if (item) showSent(item);
  }
  if (!isSame) scrollTo({ top: 0, behavior: "instant" });
  document.dispatchEvent(new CustomEvent("screen", { detail: { isSame } }));
  tell(isSame, sent);
  if (!isTyping()) goOn(byId(hash.slice(1)), byId(here), focused);
}

/** Where the keyboard goes: back to the button it was on, to the finish when all is judged, or it stays at its item. */
function goOn(wanted, stayed, focused) {
  const button = focused && document.querySelector(focused);
  if (wanted?.id === "finish" && !stayed?.matches(".is-waiting")) {
    wanted.focus({ preventScroll: true });
    wanted.scrollIntoView({ block: "nearest" });
  } else if (button) button.focus({ preventScroll: true });
  else if (stayed) go(stayed, { scroll: false });
  else begin(wanted);
}

/** A selector for the button that has the focus, to find it on the next page. */
function place(element) {
  const form = element?.matches("button") && element.closest(".rv form[id]");
  return form ? `#${CSS.escape(form.id)} button[value="${CSS.escape(element.value)}"]` : null;
}

function tell(isSame, sent) {
  const message = [...document.querySelectorAll(".messagelist li")].map((line) => line.textContent.trim()).join(" ");
  const judged = sent?.startsWith("form-verdict-") && byId(sent.replace("form-verdict-", "item-"));
  if (!isSame) say(`${message} ${screen().querySelector("h1").textContent}`);
  else if (judged) {
    say(`${judged.querySelector("h2").textContent}: ${judged.querySelector(".rv-badge")?.textContent ?? ""}`);
  }
}

// --- what stays --------------------------------------------------------------------------------------

function isTyping() {
  return Boolean(document.activeElement?.matches(".rv textarea, .rv select"));
}

/**
 * Fields with something typed or chosen that the server does not have, but those of the form `except`; what a verdict
 * said that was undone may be wanted again.
 */
function unsent(except) {
  return [...screen().querySelectorAll("textarea:not([readonly]), select")].filter((field) => {
    const first = field.matches("select") ? (field.querySelector("[selected]")?.value ?? "") : field.defaultValue;
    const isTyped = field.value !== first || ("typed" in field.dataset && field.value !== "");
    return isTyped && (field.form?.id !== except || "undone" in field.form.dataset);
  });
}

/** What was typed into other forms than the one that was sent, and what was unfolded. */
function keepTyped(old, fresh, sent) {
  for (const field of unsent(sent)) {
    const now = fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (!now) continue;
    now.value = field.value;
    now.dataset.typed = "";
  }
  for (const fold of old.querySelectorAll("details[open][id]")) {
    const now = fresh.querySelector(`#${CSS.escape(fold.id)}`);
    if (now && !(sent && fold.querySelector(`#${CSS.escape(sent)}`))) now.open = true;
  }
}

const stepsTo = (element, root) => {
  const steps = [];
  for (let one = element; one !== root; one = one.parentElement) steps.push(one.tagName);
  return steps.join();
};

function isLike(old, fresh, live) {
  const same = fresh.querySelector(`#${CSS.escape(live.id)}`);
  return Boolean(same) && stepsTo(live, old) === stepsTo(same, fresh);
}

/**
 * `old` becomes what `fresh` is, around the form `live`, in which one is typing: what is typed in must not be moved or
 * replaced, or the caret jumps and an input method breaks off in the middle of a word.
 */
function renewAround(old, fresh, live) {
  if (old === live) {
    live.querySelector("[name=version]").value = fresh.querySelector("[name=version]").value;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes]) old.setAttribute(name, value);
  const id = `#${CSS.escape(live.id)}`;
  const stays = [...old.children].find((child) => child.contains(live));
  const same = [...fresh.children].find((child) => child.matches(id) || child.querySelector(id));
  for (const child of [...old.childNodes]) if (child !== stays) child.remove();
  const nodes = [...fresh.childNodes];
  stays.before(...nodes.slice(0, nodes.indexOf(same)));
  stays.after(...nodes.slice(nodes.indexOf(same) + 1));
  renewAround(stays, same, live);
}

/**
 * A picture that is here already takes the place of the one that would be fetched; one in the large view stays there.
 * Returns what is left to do once `fresh` is in this document: a picture that changes its document is fetched again.
 */
function keepPictures(fresh) {
  const here = new Map([...loaded, ...[...document.images].map((image) => [image.getAttribute("src"), image])]);
  const isBroken = (image) => image.complete && !image.naturalWidth;
  const pairs = [...fresh.querySelectorAll(".rv-picture img")]
    .map((image) => [image, here.get(image.getAttribute("src"))])
    .filter(([, known]) => known && !isBroken(known));
  for (const [image] of pairs) image.removeAttribute("src");
  return () => {
    for (const [image, known] of pairs) {
      for (const { name, value } of [...image.attributes]) if (name !== "loading") known.setAttribute(name, value);
      if (known.closest("dialog")) image.remove();
      else image.replaceWith(known);
    }
  };
}

/** What of the page stands outside its `.rv`. */
function keepRest(page) {
  const { address } = screen().dataset;
  document.title = page.title;
  document.querySelector(".breadcrumbs").replaceWith(page.querySelector(".breadcrumbs"));
  document.querySelector(".messagelist")?.remove();
  const messages = page.querySelector(".messagelist");
  if (messages) document.querySelector("#content").before(messages);
  const next = document.querySelector(".rv-language [name=next]");
  if (next) next.value = address; // changing the language leads back to this application
  if (address !== location.pathname) history.pushState(null, "", address);
  else if (location.hash) history.replaceState(null, "", address);
}

// --- coming and going --------------------------------------------------------------------------------

// A page that answers a refused form stands at that form's address.
if (location.pathname !== screen().dataset.address) history.replaceState(null, "", screen().dataset.address);
// Back and forward lead to other applications; a place on this page is none.
addEventListener("popstate", () => location.pathname === screen().dataset.address || location.reload());
// Out of the browser's memory, the page is as old as it was when it was left.
addEventListener("pageshow", (event) => event.persisted && visit(screen().dataset.address).catch(fail));
addEventListener("beforeunload", (event) => {
  if (!isLeaving && (pending.length || unsent().length)) event.preventDefault();
});
