// Every sentence comes translated from the page (templates/admin/review/keys.html).
const texts = document.getElementById("screen-texts").content;
const status = document.getElementById("screen-says");
const alert = document.getElementById("trouble");

const found = (name) => texts.querySelector(`[data-text="${name}"]`);

export const textOf = (name) => found(name).textContent.trim();

/** For those who do not see what changed. */
export function say(text) {
  status.textContent = text.trim();
}

/** What went wrong on the way, over everything, until something goes well again; `null` takes it away. */
export function warn(name) {
  alert.hidden = name === null;
  alert.replaceChildren(...(name === null ? [] : found(name).cloneNode(true).childNodes));
}
