// One chosen picture in the list: what is shown of it in each state (templates/materials/_upload.html).
import { preview } from "./picture.js";
import { say, size } from "./texts.js";

// Previews are decoded one at a time: four photographs at once are more than a small phone's memory takes.
let previews = Promise.resolve();

/**
 * `state` is one of: chosen, waiting, preparing, sending, checking, pausing, done, failed. A failed one that can be
 * tried again has `canRetry`.
 */
export class Row {
  state = "chosen";
  canRetry = false;
  cancel = new AbortController();

  constructor(file) {
    this.file = file;
    this.name = file.name;
    this.element = document.querySelector("#upload-row").content.firstElementChild.cloneNode(true);
    this.part("size").textContent = size(file.size);
    previews = previews.then(async () => {
      if (!(await preview(file, this.part("preview")))) this.part("preview").hidden = true;
      this.element.dataset.looked = "yes";
    });
    this.show("chosen", say("state-chosen"));
  }

  /** Its place in the list, from 1: what it is called by. */
  number(place) {
    this.name = `${place}. ${this.file.name}`;
    this.part("name").textContent = this.name;
    this.part("progress").setAttribute("aria-label", say("progress", { name: this.name }));
    this.part("retry").setAttribute("aria-label", say("retry-name", { name: this.name }));
    this.#nameRemoval();
  }

  part(name) {
    return this.element.querySelector(`[data-does="${name}"]`);
  }

  get isPending() {
    return this.state !== "done" && (this.state !== "failed" || this.canRetry);
  }

  show(state, sentence = say(`state-${state}`), { canRetry = false, error = "", signIn = false } = {}) {
    const focused = this.element.contains(document.activeElement) ? document.activeElement : null;
    this.state = state;
    this.canRetry = canRetry;
    this.element.dataset.state = state;
    if (error) this.element.dataset.error = error;
    else delete this.element.dataset.error;
    this.part("says").textContent = sentence;
    this.part("progress").hidden = !["sending", "checking"].includes(state);
    this.part("retry").hidden = !canRetry && state !== "pausing";
    this.part("sign-in").hidden = !signIn;
    this.#nameRemoval();
    // What was sent in full cannot be called back, and what is stored goes by the minus on it.
    this.part("remove").hidden = ["checking", "done"].includes(state);
    if (focused?.hidden) this.element.focus();
  }

  #nameRemoval() {
    const remove = this.part("remove");
    const verb = ["preparing", "sending", "pausing"].includes(this.state) ? "cancel" : "remove";
    remove.textContent = say(verb);
    remove.setAttribute("aria-label", say(`${verb}-name`, { name: this.name }));
  }

  progress(share) {
    this.part("progress").value = share;
  }

  noteSmaller(bytes) {
    this.part("size").textContent = say("smaller", { before: size(this.file.size), after: size(bytes) });
  }
}
