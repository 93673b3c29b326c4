// What is not saved yet. Pure: time, keeping and sending are given to it; it knows no DOM, no socket, no storage.
// An answer enters by being kept on this computer and is sent after that; it leaves by one way only: the server said what became of it.

/** Answers on the way at once; the server reads no more than that. */
export const WINDOW = 32;
/** A text is sent this long after the last key, ms. */
const PAUSE_MS = 1500;
/** And at least this often while somebody writes without a pause, ms. */
const AT_LEAST_MS = 10000;
/** A refusal that is not final is tried again after this, ms. */
const AGAIN_MS = 1500;

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const newer = (a, b) => a.pen > b.pen || (a.pen === b.pen && a.seq > b.seq);

export class Answers {
  /** Question -> {value, first, last}: typed and not numbered yet. */
  #drafts = new Map();
  /**
   * Numbered and not settled, oldest first: {pen, seq, question, value, kept, sent, tried, proof, again}. `kept` is null until this
   * computer has said whether it keeps it. A number never changes its value.
   */
  #queue = [];
  /** Question -> {value, received_ms, counts, why, pen, seq}: what the server has. */
  #saved = new Map();
  /** Question -> {code, detail}: refused for good. */
  #refused = new Map();
  /** Seqs of the current pen that this page stands for. */
  #held = new Set();
  /** Seq of the current pen -> question. */
  #questions = new Map();
  #send;
  #keep;
  #settled;
  pen = null;
  seq = 0;

  /**
   * `send(frame)` says whether the frame went out. `keep(entry, instead)` writes an entry down in place of others and calls `kept` when
   * that has an end. `settled(entry, state)`: the server has said what became of it, `saved` or `refused`.
   */
  constructor(send, { keep = (entry) => (entry.kept = true), settled = () => {} } = {}) {
    this.#send = send;
    this.#keep = keep;
    this.#settled = settled;
  }

  /** Whether this computer keeps an entry now. One it cannot keep is sent all the same. */
  kept({ pen, seq }, ok) {
    const entry = this.#queue.find((e) => e.pen === pen && e.seq === seq);
    if (entry) entry.kept = ok;
  }

  /** Tries once more to keep what could not be kept. */
  keepAgain() {
    for (const entry of this.#queue) if (entry.kept === false) this.#keep(entry, []);
  }

  /** Takes in what an earlier page left on this computer, or what a file brings: it is sent under its own pen. */
  adopt(entries, kept = true) {
    for (const { pen, seq, question, value, proof = null } of entries) {
      if (pen === this.pen) this.seq = Math.max(this.seq, seq);
      if (this.#queue.some((e) => e.pen === pen && e.seq === seq)) continue;
      const entry = { pen, seq, question, value, proof, kept: kept || null, sent: false, tried: true, again: 0 };
      if (pen === this.pen) this.#stand(entry);
      this.#queue.push(entry);
      if (!kept) this.#keep(entry, []);
    }
    this.#queue.sort((a, b) => a.pen - b.pen || a.seq - b.seq);
  }

  #stand({ seq, question }) {
    this.#held.add(seq);
    this.#questions.set(seq, question);
  }

  /** Question -> value that the newest of what waits gives it. */
  waiting() {
    return new Map(this.#queue.map((e) => [e.question, e.value]));
  }

  /** Everything that is not saved, as it goes into an emergency file. */
  unsavedEntries() {
    return this.#queue.map(({ pen, seq, question, value, proof }) => ({ pen, seq, question, value, ...(proof ? { proof } : {}) }));
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
    for (const e of this.#queue) {
      if (e.pen !== pen) continue;
      this.seq = Math.max(this.seq, e.seq);
      this.#stand(e);
    }
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
    const last = this.#queue.filter((e) => e.question === question).pop();
    // What an older pen still holds is not overruled by silence: the same value once more under this pen says what is meant.
    if (last) return last.pen === this.pen && same(last.value, value);
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
      if (e.sent || e.kept === null || (e.again && now < e.again)) continue;
      if (!this.#send({ type: "answer", ...this.#frame(e), ...(e.pen === this.pen ? {} : { pen: e.pen }) })) break;
      e.sent = true;
      e.tried = true;
      flying += 1;
    }
  }

  /** What was never sent is replaced by the newer value; what may have arrived stays in the queue under its number. */
  #number(question, value) {
    const instead = this.#queue.filter((e) => e.question === question && e.pen === this.pen && !e.tried);
    for (const { seq } of instead) {
      this.#held.delete(seq);
      this.#questions.delete(seq);
    }
    this.#queue = this.#queue.filter((e) => !instead.includes(e));
    this.seq += 1;
    const entry = { pen: this.pen, seq: this.seq, question, value, kept: null, sent: false, tried: false, proof: null, again: 0 };
    this.#stand(entry);
    this.#queue.push(entry);
    this.#keep(entry, instead);
  }

  #frame(e) {
    return { seq: e.seq, question: e.question, value: e.value, ...(e.proof ? { proof: e.proof } : {}) };
  }

  /** The socket is gone: whatever is not settled goes again, in order. */
  lost() {
    for (const e of this.#queue) e.sent = false;
  }

  /** The oldest ones for the way without a socket. `leaving`: the page goes, so also what is being kept only now. */
  batch(now, leaving = false) {
    const ready = this.#queue.filter((e) => leaving || (e.kept !== null && !(e.again && now < e.again)));
    return ready.slice(0, WINDOW).map((e) => {
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
      const { received_ms, counts = true, why = null, proof = entry.proof } = item;
      this.#settled({ ...entry, proof }, "saved");
      const known = this.#saved.get(entry.question);
      if (known?.pen !== undefined && newer(known, entry)) continue;
      this.#saved.set(entry.question, { value: entry.value, received_ms, counts, why, pen: entry.pen, seq: entry.seq });
    }
  }

  /** The server did not take one. Says whether it was known. */
  refused(pen, item, now) {
    const at = this.#queue.findIndex((e) => e.pen === pen && e.seq === item.seq);
    if (at < 0) return false;
    const entry = this.#queue[at];
    // A server restored from a backup may not know this pen: the next welcome brings another, under which the value goes again.
    const orphan = item.code === "unknown_pen" && (this.pen === null || pen === this.pen);
    if (item.retry || orphan) {
      entry.sent = false;
      entry.proof = item.proof ?? entry.proof;
      entry.again = now + AGAIN_MS;
      // A proof is worth as much as the answer's time: it is kept with it.
      if (item.proof && entry.kept) this.#keep(entry, []);
      return true;
    }
    this.#queue.splice(at, 1);
    this.#settled(entry, "refused");
    if (pen === this.pen) this.#held.delete(entry.seq);
    const open = this.#drafts.has(entry.question) || this.#queue.some((e) => e.question === entry.question);
    if (this.#renumbers(entry, item.code) && !open) this.#number(entry.question, entry.value);
    else if (!open) this.#refused.set(entry.question, { value: entry.value, code: item.code, detail: item.detail ?? item.code });
    return true;
  }

  /** The number is taken (a conflict), or the server does not know the pen (it was restored from a backup): the value is still good. */
  #renumbers(entry, code) {
    if (code === "conflict") return entry.pen === this.pen;
    return code === "unknown_pen" && this.pen !== null && entry.pen !== this.pen && this.#saved.get(entry.question)?.pen !== this.pen;
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

  /** {state: none|dirty|kept|unkept|saved|refused, ...} of one question. */
  state(question) {
    const last = this.#queue.filter((e) => e.question === question).pop();
    if (this.#drafts.has(question)) return { state: "dirty" };
    if (last) return { state: last.kept === null ? "dirty" : last.kept ? "kept" : "unkept" };
    if (this.#refused.has(question)) return { state: "refused", ...this.#refused.get(question) };
    const saved = this.#saved.get(question);
    return saved ? { state: "saved", ...saved } : { state: "none" };
  }

  /** Questions whose newest value is neither saved nor kept on this computer. */
  unkept() {
    return [...this.unsaved()].filter((question) => this.state(question).state === "unkept").length;
  }

  /** The newest instant at which the server saved something, or null. */
  lastSaved() {
    let at = null;
    for (const s of this.#saved.values()) if (s.received_ms && (at === null || s.received_ms > at)) at = s.received_ms;
    return at;
  }
}
