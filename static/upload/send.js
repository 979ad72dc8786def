// One picture to the form's address, and what came of it.
import { isCategory, parse } from "./answer.js";

// Milliseconds without a byte sent or received after which a connection counts as lost.
const PATIENCE = 60_000;

/**
 * Send `body` (a File or Blob) under `name`. Never rejects; resolves with `kind`:
 *
 * good       it is stored; `page` is the category page
 * refused    not this picture: `error` (the code), `sentence`; `page` where the answer is the category page
 * ours       the portal failed: `sentence`, if it gave one
 * later      too much to do just now, or away: it says after how many seconds (`after`) to ask again
 * busy       too many within an hour: `sentence`
 * session    signed out, or signed in anew since the page was loaded
 * network    no answer, or one that is not the portal's; the picture may have arrived all the same
 * cancelled  `signal` was aborted
 */
export function send(form, body, name, { onProgress, onSent, signal }) {
  return new Promise((resolve) => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("photo", body, name);
    const request = new XMLHttpRequest();
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), PATIENCE);
    };
    const end = (outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    signal.addEventListener("abort", () => request.abort());
    request.upload.addEventListener("progress", (event) => {
      alive();
      onProgress(event.loaded / event.total);
    });
    request.upload.addEventListener("load", onSent);
    request.addEventListener("progress", alive);
    request.addEventListener("load", () => end(judge(request, form)));
    request.addEventListener("error", () => end({ kind: "network" }));
    request.addEventListener("abort", () => end({ kind: signal.aborted ? "cancelled" : "network" }));
    request.open("POST", form.action);
    request.send(data);
    alive();
  });
}

function judge(request, form) {
  const { pathname } = new URL(request.responseURL);
  if (pathname === form.dataset.signIn || request.status === 403) return { kind: "session" };
  const answer = parse(request.responseText);
  const page = isCategory(answer) ? answer : null;
  const mark = answer.querySelector("[data-error]");
  const sentence = (mark?.querySelector("[data-sentence]") ?? mark ?? answer.querySelector("main .card > p"))?.textContent
    .trim()
    .replace(/\s+/g, " ");
  const error = mark?.dataset.error;
  const after = Number(request.getResponseHeader("Retry-After"));
  if (request.status >= 500 && after > 0) return { kind: "later", after };
  if (request.status >= 500) return { kind: "ours", error, sentence: mark && sentence };
  if (request.status === 429) return { kind: "busy", error, sentence, page };
  if (request.status >= 400) return { kind: "refused", error, sentence, page };
  // A page that is not the portal's: public networks answer so until one agrees to their terms.
  return page ? { kind: "good", page } : { kind: "network" };
}
