// The order in which pictures are sent, one at a time, and what each outcome means for it and for those behind it.
import { ask, photosOf, show } from "./answer.js";
import { shrink } from "./picture.js";
import { send } from "./send.js";
import { say } from "./texts.js";

// Milliseconds before each attempt that a lost connection is given by itself.
const PAUSES = [2_000, 5_000, 15_000];
// When the portal itself says after how long to ask again: each pause is longer than the one before, up to `most`
// milliseconds, and no two browsers' are the same, or all would come back at once. In the end it is the button's turn.
const LATER = { growth: 1.5, most: 120_000, attempts: 30 };
// Refusals that every picture behind it would meet as well.
const FOR_ALL = ["full", "locked", "closed"];

export class Queue {
  rows = [];
  #running = false;
  #wake = () => {};

  constructor(form, { announce, onChange }) {
    this.form = form;
    this.announce = announce;
    this.onChange = onChange;
    const { shrinkOverBytes, shrinkPixels, shrinkQuality } = form.dataset;
    this.limits = { overBytes: +shrinkOverBytes, pixels: +shrinkPixels, quality: +shrinkQuality };
  }

  /** Whether leaving the page would lose something that was meant to be handed in. */
  get unsent() {
    return this.rows.some((row) => row.isPending);
  }

  /** How many more pictures may be chosen: places of the item that nothing in the list is meant for. */
  get places() {
    const { photos, max } = this.form.closest("[data-item]").dataset;
    return Math.max(0, max - photos - this.rows.filter((row) => row.isPending).length);
  }

  add(rows) {
    this.rows.push(...rows);
    this.onChange();
  }

  start() {
    for (const row of this.rows) if (row.state === "chosen") row.show("waiting");
    this.#run();
  }

  retry(row) {
    if (row.state === "pausing") this.#wake();
    else {
      row.show("waiting");
      this.#run();
    }
  }

  /** The browser has a connection again: what stopped for want of one goes on, and nothing else. */
  comeBack() {
    this.#wake();
    const lost = this.rows.filter((row) => row.lostConnection);
    for (const row of lost) row.show("waiting");
    if (lost.length) this.#run();
  }

  /** Take it out of the list, and stop it if it is under way. */
  async remove(row) {
    this.drop((one) => one === row);
    this.announce(say("removed", { name: row.name }));
    row.cancel.abort();
    this.#wake();
    this.#run();
    if (!row.known) return;
    // It may have arrived before it was stopped; then it must be seen.
    const page = await ask(this.form);
    if (page) show(page);
  }

  drop(which) {
    for (const row of this.rows) if (which(row)) row.element.remove();
    this.rows = this.rows.filter((row) => !which(row));
    this.onChange();
  }

  async #run() {
    this.onChange();
    if (this.#running) return;
    this.#running = true;
    let goesOn = true;
    while (goesOn) {
      const row = this.rows.find((one) => one.state === "waiting");
      goesOn = Boolean(row) && this.#settle(row, await this.#attempt(row));
      this.onChange();
    }
    this.#running = false;
  }

  async #attempt(row) {
    if (row.needsToken && !(await this.#renew())) return { kind: "session" };
    row.show("preparing");
    this.announce(say("started", { name: row.name }));
    if (!row.body) {
      row.body = await shrink(row.file, this.limits);
      if (row.body !== row.file) row.noteSmaller(row.body.size);
    }
    row.known ??= photosOf(document);
    let [lost, later] = [0, 0];
    while (true) {
      if (row.cancel.signal.aborted) return { kind: "cancelled" };
      row.progress(0);
      row.show("sending");
      const outcome = await send(this.form, row.body, row.file.name, {
        onProgress: (share) => row.progress(share),
        onSent: () => row.show("checking"),
        signal: row.cancel.signal,
      });
      if (!["network", "later"].includes(outcome.kind)) return outcome;
      row.inDoubt = true;
      if (outcome.kind === "later") {
        if (later === LATER.attempts) return { kind: "ours" };
        const pause = spread(outcome.after, later);
        row.show("pausing", say("state-later", { seconds: Math.ceil(pause / 1000) }));
        if (!later) this.announce(say("later", { name: row.name }));
        later += 1;
        await this.#pause(pause);
        continue;
      }
      if (lost === PAUSES.length) return outcome;
      row.show("pausing");
      this.announce(say("paused", { name: row.name }));
      await this.#pause(PAUSES[lost]);
      lost += 1;
    }
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, milliseconds);
    });
  }

  /** Show what came of it. Returns whether the next may be sent. */
  #settle(row, { kind, error, sentence, page }) {
    if (kind === "cancelled") return true;
    const hadArrived = row.inDoubt && ["duplicate", "full"].includes(error) && page && hasNew(page, row.known);
    if (page) show(page);
    row.lostConnection = kind === "network";
    row.needsToken = kind === "session";
    if (kind === "good" || hadArrived) {
      row.show("done", say(hadArrived ? "state-arrived" : "state-done"));
      this.announce(say("done", { name: row.name }));
      return true;
    }
    const told = sentence || say(`failed-${kind}`);
    row.show("failed", told, { canRetry: kind !== "refused", error, signIn: kind === "session" });
    this.announce(say("failed", { name: row.name, sentence: told }));
    if (kind !== "refused") return false;
    if (FOR_ALL.includes(error)) {
      for (const left of this.rows.filter((one) => ["waiting", "chosen"].includes(one.state)))
        left.show("failed", told, { error });
    }
    return true;
  }

  /** After signing in on another page: this page's token is of before. Another person's sign-in loads it anew. */
  async #renew() {
    const page = await ask(this.form);
    if (!page) return false;
    if (applicationOf(page) !== applicationOf(document)) {
      this.drop(() => true);
      location.reload();
      return false;
    }
    this.form.elements.csrfmiddlewaretoken.value = page.querySelector("[name=csrfmiddlewaretoken]").value;
    return true;
  }
}

/** Milliseconds until the next attempt, after `before` others, when the portal asks for `seconds`. */
const spread = (seconds, before) =>
  Math.min(LATER.most, 1000 * seconds * LATER.growth ** before) * (0.75 + Math.random() / 2);

const applicationOf = (page) => page.querySelector("[data-door]").dataset.application;
const hasNew = (page, known) => [...photosOf(page)].some((photo) => !known.has(photo));
