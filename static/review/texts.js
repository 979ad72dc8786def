// Every sentence comes translated from the page (templates/admin/review/keys.html).
const texts = document.getElementById("screen-texts").content;
const status = document.getElementById("screen-says");
const alert = document.getElementById("trouble");

/** For those who do not see what changed. */
export function say(text) {
  status.textContent = text;
}

/** What went wrong on the way, over everything, until something goes well again; `null` takes it away. */
export function warn(name) {
  alert.hidden = name === null;
  alert.replaceChildren(...(name === null ? [] : texts.querySelector(`[data-text="${name}"]`).cloneNode(true).childNodes));
}
