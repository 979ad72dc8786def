// Every sentence comes translated from the page (templates/materials/_upload.html).
const texts = document.querySelector("#upload-texts")?.content;

/** The text of that name with its {places} filled in; with a `count` of 1 the one named `…-one`, where there is one. */
export function say(name, values = {}) {
  const singular = values.count === 1 && texts.querySelector(`[data-text="${name}-one"]`);
  const found = singular || texts.querySelector(`[data-text="${name}"]`);
  return found.textContent.trim().replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

/** Bytes as the portal writes them: rounded up, 1 KB is 1,024 bytes. */
export function size(bytes) {
  const kilobytes = Math.ceil(bytes / 1024);
  return kilobytes < 1024 ? `${kilobytes} KB` : `${Math.ceil((bytes / 1048576) * 10) / 10} MB`;
}
