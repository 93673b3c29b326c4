// What is not saved yet. Pure: time and sending are given to it; it knows no DOM, no socket, no storage.
// An answer leaves this queue by one way only: the server said what became of it.

/** Answers on the way at once; the server reads no more than that. */
export const WINDOW = 32;
/** A text is sent this long after the last key, ms. */
const PAUSE_MS = 1500;
/** And at least this often while somebody writes without a pause, ms. */
const AT_LEAST_MS = 10000;
/** A refusal that is not final is tried again after this, ms. */
const AGAIN_MS = 1500;

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export class Answers {
  /** Question -> {value, first, last}: typed and not numbered yet. */
  #drafts = new Map();
  /** Numbered and not settled, oldest first: {pen, seq, question, value, sent, proof, again}. */
  #queue = [];
  /** Question -> {value, received_ms, counts, why}: what the server has. */
  #saved = new Map();
  /** Question -> {code, detail}: refused for good. */
  #refused = new Map();
  /** Seqs of the current pen that this page stands for. */
  #held = new Set();
  /** Seq of the current pen -> question. */
  #questions = new Map();
  #send;
  pen = null;
  seq = 0;

  /** `send(frame)` says whether the frame went out. */
  constructor(send) {
    this.#send = send;
  }

  /** Which pen writes from now on, and the greatest seq it is known to have used. What an older pen holds stays under it. */
  take(pen, seq = 0) {
    if (pen !== this.pen) {
      this.pen = pen;
      this.seq = 0;
      this.#held.clear();
      this.#questions.clear();
    }
    this.seq = Math.max(this.seq, seq);
  }

  /** What the server has for a question. `value` undefined: known to be saved, value not fetched. */
  restore(question, saved) {
    this.#saved.set(question, saved);
  }

  /** A person changed an answer. `at` is local time; `now` true for choices. */
  edit(question, value, at, now = false) {
    const refused = this.#refused.get(question);
    if (refused && same(refused.value, value)) return;
    this.#refused.delete(question);
    const draft = this.#drafts.get(question);
    if (this.#settledAs(question, value)) {
      this.#drafts.delete(question);
      return;
    }
    this.#drafts.set(question, { value, first: draft?.first ?? at, last: now ? -Infinity : at });
  }

  /** The value a question has or will have, if nothing newer is typed: then there is nothing to send. */
  #settledAs(question, value) {
    const waiting = this.#queue.filter((e) => e.question === question && e.pen === this.pen);
    if (waiting.length) return same(waiting[waiting.length - 1].value, value);
    const saved = this.#saved.get(question);
    if (saved === undefined) return value === null;
    return saved.value !== undefined && same(saved.value, value);
  }

  /** When the next draft or retry is due in local time; Infinity if nothing waits. */
  due() {
    let at = Infinity;
    if (this.pen !== null) for (const d of this.#drafts.values()) at = Math.min(at, d.last + PAUSE_MS, d.first + AT_LEAST_MS);
    for (const e of this.#queue) if (!e.sent && e.again) at = Math.min(at, e.again);
    return at;
  }

  /** Numbers what is due (all of it if `all`) and sends what the window allows. */
  pump(now, all = false) {
    if (this.pen !== null) {
      for (const [question, d] of [...this.#drafts]) {
        if (all || now >= Math.min(d.last + PAUSE_MS, d.first + AT_LEAST_MS)) {
          this.#drafts.delete(question);
          this.#number(question, d.value);
        }
      }
    }
    let flying = this.#queue.filter((e) => e.sent).length;
    for (const e of this.#queue) {
      if (flying >= WINDOW) break;
      if (e.sent || (e.again && now < e.again)) continue;
      if (!this.#send({ type: "answer", ...this.#frame(e), ...(e.pen === this.pen ? {} : { pen: e.pen }) })) break;
      e.sent = true;
      e.tried = true;
      flying += 1;
    }
  }

  /** A value that was never sent may still be replaced; one that may have arrived keeps its seq for ever. */
  #number(question, value) {
    const waiting = this.#queue.find((e) => e.question === question && e.pen === this.pen && !e.tried);
    if (waiting) {
      waiting.value = value;
      return;
    }
    this.seq += 1;
    this.#held.add(this.seq);
    this.#questions.set(this.seq, question);
    this.#queue.push({ pen: this.pen, seq: this.seq, question, value, sent: false, tried: false, proof: null, again: 0 });
  }

  #frame(e) {
    return { seq: e.seq, question: e.question, value: e.value, ...(e.proof ? { proof: e.proof } : {}) };
  }

  /** The socket is gone: whatever is not settled goes again, in order. */
  lost() {
    for (const e of this.#queue) e.sent = false;
  }

  /** The oldest ones for the way without a socket. */
  batch() {
    return this.#queue.slice(0, WINDOW).map((e) => {
      e.tried = true;
      return { pen: e.pen, ...this.#frame(e) };
    });
  }

  /** The server saved these. */
  saved(pen, items) {
    for (const item of items) {
      const at = this.#queue.findIndex((e) => e.pen === (item.pen ?? pen) && e.seq === item.seq);
      if (at < 0) continue;
      const [entry] = this.#queue.splice(at, 1);
      const { received_ms, counts = true, why = null } = item;
      this.#saved.set(entry.question, { value: entry.value, received_ms, counts, why });
    }
  }

  /** The server did not take one. Says whether it was known. */
  refused(pen, item, now) {
    const at = this.#queue.findIndex((e) => e.pen === pen && e.seq === item.seq);
    if (at < 0) return false;
    const entry = this.#queue[at];
    if (item.retry) {
      entry.sent = false;
      entry.proof = item.proof ?? entry.proof;
      entry.again = now + AGAIN_MS;
      return true;
    }
    this.#queue.splice(at, 1);
    if (pen === this.pen) this.#held.delete(entry.seq);
    const newer = this.#drafts.has(entry.question) || this.#queue.some((e) => e.question === entry.question);
    if (item.code === "conflict" && entry.pen === this.pen && !newer) this.#number(entry.question, entry.value);
    else if (!newer) this.#refused.set(entry.question, { value: entry.value, code: item.code, detail: item.detail ?? item.code });
    return true;
  }

  /** Ranges of the current pen's seqs that this page stands for, for `submit`. */
  have() {
    const ranges = [];
    for (const seq of [...this.#held].sort((a, b) => a - b)) {
      const last = ranges[ranges.length - 1];
      if (last && last[1] === seq - 1) last[1] = seq;
      else ranges.push([seq, seq]);
    }
    return ranges;
  }

  /** The server never got these seqs of the current pen: what the page shows for their questions goes under new ones. */
  reissue(missing, read) {
    const gone = missing.flatMap((m) => (Array.isArray(m) ? Array.from({ length: m[1] - m[0] + 1 }, (_, i) => m[0] + i) : [m]));
    for (const seq of gone) {
      this.#held.delete(seq);
      const question = this.#questions.get(seq);
      if (question !== undefined && !this.unsaved().has(question)) this.#number(question, read(question));
    }
  }

  /** A number for a frame that is not an answer (submit). */
  next() {
    this.seq += 1;
    return this.seq;
  }

  /** Questions with something that is not saved. */
  unsaved() {
    return new Set([...this.#drafts.keys(), ...this.#queue.map((e) => e.question)]);
  }

  /** {state: none|dirty|sending|saved|refused, ...} of one question. */
  state(question) {
    if (this.#drafts.has(question)) return { state: "dirty" };
    const waiting = this.#queue.filter((e) => e.question === question);
    if (waiting.length) return { state: waiting.some((e) => e.sent) ? "sending" : "dirty" };
    if (this.#refused.has(question)) return { state: "refused", ...this.#refused.get(question) };
    const saved = this.#saved.get(question);
    return saved ? { state: "saved", ...saved } : { state: "none" };
  }

  /** The newest instant at which the server saved something, or null. */
  lastSaved() {
    let at = null;
    for (const s of this.#saved.values()) if (s.received_ms && (at === null || s.received_ms > at)) at = s.received_ms;
    return at;
  }
}
