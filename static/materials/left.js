// The time left, counted on from the server's clock: a phone's own may be wrong.

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** Keep every [data-left] of the page true. Quietly: nothing here is announced. */
export function countOn() {
  setInterval(() => elements(document).forEach(show), 10_000);
}

/** Count on from what `page`, which has just come, says it is by now. */
export function restart(page) {
  const fresh = elements(page)[0];
  for (const element of fresh ? elements(document) : []) {
    Object.assign(element.dataset, fresh.dataset, { cameAt: performance.now() });
    show(element);
  }
}

const elements = (page) => [...page.querySelectorAll("[data-left]")];

/** `data-now` is what the server's clock said when it came: with the page, or at `cameAt` of the page's own time. */
function show(element) {
  const { ends, now, cameAt = 0, over } = element.dataset;
  const left = Date.parse(ends) - Date.parse(now) - (performance.now() - cameAt);
  const text = left > 0 ? inWords(left) : over;
  if (text && text !== element.textContent) element.textContent = text;
}

/** As materials/standing.py says it: days and hours, on the last day hours and minutes. "" below a minute. */
function inWords(milliseconds) {
  const language = document.documentElement.lang;
  const parts = [];
  let rest = milliseconds;
  for (const [unit, length] of UNITS) {
    const number = Math.floor(rest / length);
    rest -= number * length;
    if (number && !(unit === "minute" && milliseconds >= UNITS[0][1])) {
      parts.push(new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(number));
    }
  }
  return parts.slice(0, 2).join(language.startsWith("zh") ? "" : " ");
}
