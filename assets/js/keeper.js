// Between the queue and the outbox: writes entries down, tells the queue whether that worked, and notes what the server has settled.

export class Keeper {
  #outbox;
  #answers;
  #settled = new Map();
  /** This computer keeps nothing at present. */
  failing = false;

  /** `changed()` is called whenever the fate of an entry is known. */
  constructor(outbox, changed) {
    this.#outbox = outbox;
    this.changed = changed;
  }

  /** What earlier pages of this candidate left here goes into the queue; nothing is numbered before. */
  async begin(answers) {
    this.#answers = answers;
    try {
      answers.adopt(await this.#outbox.load());
    } catch {
      this.failing = true;
    }
  }

  keep(entry, instead) {
    this.#outbox
      .keep(entry, instead)
      .then(() => true, () => false)
      .then((ok) => {
        this.failing = !ok;
        this.#answers.kept(entry, ok);
        this.changed();
      });
  }

  /** Many are settled at once after an outage: one transaction notes them all. */
  settled(entry, state) {
    if (!this.#settled.size) setTimeout(() => this.#note(), 0);
    this.#settled.set(state, [...(this.#settled.get(state) ?? []), entry]);
  }

  #note() {
    // If this fails they are sent once more some day, which is harmless.
    for (const [state, entries] of this.#settled) this.#outbox.settle(entries, state).catch(() => {});
    this.#settled.clear();
  }

  /** A server with another epoch was restored from a backup: what it may have lost goes again. */
  async renew(epoch) {
    try {
      const again = await this.#outbox.renew(epoch);
      this.#answers.adopt(again);
      if (again.length) this.changed();
    } catch {
      // Nothing is kept here, so there is nothing to send again.
    }
  }

  /** The student has finished: where the next one could read them, saved answers go. */
  async finish() {
    if (!this.#outbox.sealed) await this.#outbox.forget().catch(() => {});
  }
}
