// What the portal answers is always a page. This reads one, and puts what changed into the page that is shown.

export const parse = (html) => new DOMParser().parseFromString(html, "text/html");

export const photosOf = (page) => new Set([...page.querySelectorAll("[data-photo]")].map((one) => one.dataset.photo));

/** The answered page of the same category now, or null when it cannot be had: signed out, or no connection. */
export async function ask(form) {
  try {
    const response = await fetch(form.action, { cache: "no-store" });
    const page = parse(await response.text());
    return response.ok && isCategory(page) ? page : null;
  } catch {
    return null;
  }
}

export const isCategory = (page) => page.querySelector("main [data-item]") !== null;

/** Show what `page` says of the item: its marks, chip, count and pictures; and, when no more may come, why. */
export function show(page) {
  copyMarks(page, "body");
  copyMarks(page, "main");
  copyMarks(page, "main [data-item]");
  const focused = document.activeElement;
  for (const fresh of page.querySelectorAll("[data-part]")) {
    replace(document.querySelector(`[data-part="${fresh.dataset.part}"]`), fresh);
  }
  if (focused !== document.activeElement) (likeOf(focused) ?? document.querySelector("#main")).focus({ preventScroll: true });
  const door = document.querySelector("[data-door]");
  const answered = page.querySelector("[data-door]");
  if (door.querySelector("input[type=file]") && !answered.querySelector("input[type=file]")) close(door, answered);
}

function copyMarks(page, selector) {
  Object.assign(document.querySelector(selector).dataset, page.querySelector(selector).dataset);
}

/** Pictures that are there already keep their elements: browsers may not cache them and would load all of them again. */
function replace(shown, fresh) {
  const there = new Map([...shown.querySelectorAll("[data-photo] > a")].map((link) => [link.href, link]));
  for (const link of fresh.querySelectorAll("[data-photo] > a")) if (there.has(link.href)) link.replaceChildren();
  const imported = document.importNode(fresh, true);
  for (const link of imported.querySelectorAll("[data-photo] > a:empty")) link.replaceWith(there.get(link.href));
  shown.replaceChildren(...imported.childNodes);
}

/** What stands now where `element` stood: itself, the link to the same address, or the button that does the same. */
function likeOf(element) {
  if (element.isConnected) return element;
  const does = (one) => [one.href ?? one.form?.action, one.value].join();
  return [...document.querySelectorAll("main :is(a, button)")].find((one) => does(one) === does(element));
}

/** No more may come: the buttons give way to the sentence that says why; the list of what was sent stays. */
function close(door, answered) {
  const hadFocus = door.querySelector(".sources").contains(document.activeElement);
  door.querySelector(".sources").remove();
  door.prepend(...answered.childNodes);
  if (hadFocus) document.querySelector("#main").focus();
}
