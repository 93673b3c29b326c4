// The clock on the student's page: shows it, says its changes, and says the marks of time aloud.
import { Countdown, Offset, crossed } from "./clock.js";
import { $, announce, banner, data, now, reasonText, say, time, view } from "./page.js";
import { clockText, termText, words } from "./text.js";

/** How often the server is asked for the time, ms. */
const SYNC_MS = 20000;
/** The wall clock and ours differ by more than this after one turn: this computer slept, or somebody set its clock. */
const SLEPT_MS = 500;

export class Timekeeper {
  offset = new Offset();
  clock = new Countdown(this.offset);
  #send;
  #syncs = 0;
  #last = null;
  #starts = data.starts_ms;
  #asked = now();
  #turn = { own: now(), wall: Date.now() };
  /** The newest change that the page has said, and the newest that the person has confirmed here. */
  #said = 0;
  #confirmed = 0;

  /** `send(frame)` to the server; `ending(over)` in the last five seconds and at the end. */
  constructor(send, ending) {
    this.#send = send;
    this.ending = ending;
    // The page itself came from the server at a known time: that bounds the offset before the first exchange.
    const entry = performance.getEntriesByType?.("navigation")[0];
    if (entry && entry.responseStart > 0) this.offset.bound(data.now_ms - entry.responseStart, data.now_ms - entry.requestStart, now());
    this.clock.set({ rev: data.rev, deadline_ms: data.deadline_ms, remaining_ms: data.remaining_ms });
    $("clock-toggle").addEventListener("click", () => this.#toggle());
    $("time-seen").addEventListener("click", (event) => {
      this.#confirmed = Number(event.target.dataset.rev);
      this.#send({ type: "seen", rev: this.#confirmed });
      banner("time", null);
    });
  }

  sync() {
    this.#asked = now();
    this.#send({ type: "sync", id: (this.#syncs += 1), t0: now() });
  }

  burst() {
    for (let i = 0; i < 6; i += 1) setTimeout(() => this.sync(), i * 150);
  }

  /** An answer to `sync`, heard at `at`. */
  synced(frame, at) {
    const doubtful = this.offset.doubtful;
    if (this.offset.add(frame.t0, frame.t1, frame.t2, at)) return;
    if (doubtful) this.clock.anew();
    this.burst();
  }

  /** The server's time as we know it, or null. */
  serverNow() {
    const theta = this.offset.estimate(now());
    return theta === null ? null : now() + theta;
  }

  left() {
    return this.clock.left(now());
  }

  /** A `clock` frame, or the one in `welcome`. */
  take(frame) {
    const before = this.clock.deadline;
    if (!this.clock.set(frame)) return;
    this.#starts = frame.starts_ms ?? this.#starts;
    view.phase = frame.phase ?? view.phase;
    const terms = (frame.explain ?? []).filter((term) => term.ms !== 0 || term.kind === "multiplier");
    if (terms.length) $("explain").textContent = terms.map((term) => termText(say, term)).join(" ");
    const paused = view.phase === "paused";
    $("clock").dataset.paused = String(paused);
    banner("paused", paused && this.clock.remaining !== null ? say("paused", { length: clockText(this.clock.remaining) }) : null);
    if (frame.change) this.#news(frame.change, before);
  }

  /** The server tells what it does not know to be seen: again after a line that was cut. */
  #news(change, before) {
    const rev = change.rev ?? this.clock.rev;
    if (rev <= this.#confirmed) this.#send({ type: "seen", rev: this.#confirmed });
    else if (rev > this.#said) this.#changed(change, before);
    this.#said = Math.max(this.#said, rev);
  }

  #changed(change, before) {
    const text = this.#sentence(change, before);
    if (text === null) return;
    const why = reasonText(change.reason);
    const left = this.left();
    const parts = [text];
    if (why) parts.push(say("because", { reason: why }));
    if (view.phase !== "paused" && left !== null) parts.push(say("left", { length: words(say, left) }));
    announce("alert", parts.join(" "));
    // A pause has its own banner, which stays as long as the pause does.
    if (view.phase === "paused") return;
    $("time-seen").dataset.rev = change.rev ?? this.clock.rev;
    banner("time", parts.join(" "));
  }

  /** From what to what; null if nothing changed that a student has to know. */
  #sentence({ kind, withdraws, before_ms: old, after_ms: next }, before) {
    const from = old ?? before;
    const to = next ?? this.clock.deadline;
    if (view.phase === "paused") return kind === "pause" ? say("paused", { length: clockText(this.clock.remaining ?? 0) }) : null;
    if (to === null || kind === "start" || kind === "open") return null;
    if (kind === "resume") return say("resumed", { time: time.short(to) });
    if (from === null) return say("end-new", { new: time.short(to) });
    if (from === to) return null;
    const withdrawn = kind === "revert" && withdraws !== "revert" ? "withdrawn-" : "";
    return say(`end-${withdrawn}${to > from ? "later" : "earlier"}`, { new: time.short(to), old: time.short(from), length: words(say, to - from) });
  }

  /** About ten times a second, and at once when the page comes back from wherever it was. */
  tick() {
    this.#wake();
    if (now() - this.#asked > SYNC_MS) this.sync();
    if (view.state === "waiting") this.#waiting();
    else this.#show();
  }

  /** `performance.now` stands still through a sleep on some systems, and the wall clock may be set: they watch each other. */
  #wake() {
    const turn = { own: now(), wall: Date.now() };
    const ahead = turn.wall - this.#turn.wall - (turn.own - this.#turn.own);
    this.#turn = turn;
    if (Math.abs(ahead) < SLEPT_MS) return;
    if (ahead > 0) this.offset.slept(ahead);
    this.burst();
  }

  #show() {
    const left = this.left();
    if (left === null) return;
    const node = $("clock");
    node.dataset.leftMs = Math.round(left);
    const text = node.dataset.hidden === "true" ? say("clock-hidden") : clockText(left);
    if (node.textContent !== text) node.textContent = text;
    const error = this.offset.error(now());
    const bound = error > 1000 && Number.isFinite(error) ? say("clock-about", { n: Math.ceil(error / 1000) }) : "";
    if ($("clock-bound").textContent !== bound) $("clock-bound").textContent = bound;
    // What rests on a doubt ends nothing and is not said aloud.
    if (this.offset.doubtful) return;
    if (view.state === "paper" || view.state === "review") this.#speak(left);
    this.#last = left;
  }

  #speak(left) {
    const mark = crossed(this.#last, left);
    if (mark) announce("status", say(mark));
    if (this.#last === null) return;
    if (this.#last > 5000 && left <= 5000) this.ending(false);
    if (this.#last > 0 && left === 0) {
      this.ending(true);
      announce("alert", say("time-up"));
    }
  }

  #waiting() {
    const server = this.serverNow();
    let text = "";
    if (this.#starts && server !== null) {
      const rest = this.#starts - server;
      text = rest > 0 ? say("starts-in", { length: clockText(rest) }) : say("starts-soon");
    }
    if ($("countdown").textContent !== text) $("countdown").textContent = text;
  }

  #toggle() {
    const hidden = $("clock").dataset.hidden !== "true";
    $("clock").dataset.hidden = String(hidden);
    $("clock-toggle").ariaPressed = String(hidden);
    $("clock-toggle").textContent = say(hidden ? "clock-show" : "clock-hide");
    this.tick();
  }
}
