// The time left, counted on from the server's clock: a phone's own may be wrong.

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** Keep every [data-left] of the page true. Quietly: nothing here is announced. */
export function countOn() {
  setInterval(() => {
    for (const element of document.querySelectorAll("[data-left]")) show(element);
  }, 10_000);
}

function show(element) {
  // The page came at data-now; performance.now counts from when it was asked for.
  const left = Date.parse(element.dataset.ends) - Date.parse(element.dataset.now) - performance.now();
  const text = left > 0 ? inWords(left) : element.dataset.over;
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
