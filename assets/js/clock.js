// The student's clock as pure values: no DOM, no timers. `now` is a monotonic local time in ms (performance.now).

/** Drift two clocks may have against each other: 100 ppm. */
const DRIFT = 100e-6;
/** Exchanges that are kept. */
const KEEP = 16;
/** Fastest correction that does not jump: 100 ms a second. */
const SLEW = 0.1;
/** A correction beyond this jumps at once. */
const SNAP_MS = 1000;

/**
 * The server's time minus ours. Each exchange proves an interval that holds the truth whatever the asymmetry of the
 * way; the intersection of the last ones, widened with age, is the estimate, and one quick exchange pins it.
 */
export class Offset {
  #samples = [];
  /** Ms by which our own clock seems to have stood still, until an exchange has confirmed or refuted it. */
  #doubt = 0;

  get doubtful() {
    return this.#doubt !== 0;
  }

  /**
   * The wall clock has gone on by `ms` more than ours. Ours may have stopped in a sleep, or somebody has set the wall clock: nothing here
   * can tell the two apart. Sleep is by far the likelier, so it is believed at once, and the doubt is part of the error.
   */
  slept(ms) {
    this.#samples = this.#samples.map(({ low, high, at }) => ({ low: low + ms, high: high + ms, at }));
    this.#doubt = ms;
  }

  /** One exchange: sent t0, answered t1..t2 on the server's clock, back t3. False: it contradicts the others (sleep, step). */
  add(t0, t1, t2, t3) {
    const theta = (t1 - t0 + (t2 - t3)) / 2;
    const delta = Math.max(0, t3 - t0 - (t2 - t1));
    return this.bound(theta - delta / 2, theta + delta / 2, t3);
  }

  /** An interval known by other means. */
  bound(low, high, at) {
    const before = this.range(at);
    this.#doubt = 0;
    if (before && (low > before.high || high < before.low)) {
      this.#samples = [{ low, high, at }];
      return false;
    }
    this.#samples.push({ low, high, at });
    if (this.#samples.length > KEEP) this.#samples.shift();
    return true;
  }

  /** The intersection at `now`, or null if nothing is known. */
  range(now) {
    let low = -Infinity;
    let high = Infinity;
    for (const s of this.#samples) {
      const age = Math.max(0, now - s.at) * DRIFT;
      low = Math.max(low, s.low - age);
      high = Math.min(high, s.high + age);
    }
    return this.#samples.length === 0 ? null : { low, high };
  }

  /** Best estimate in ms, or null. */
  estimate(now) {
    const range = this.range(now);
    if (!range) return null;
    if (range.low === -Infinity) return range.high;
    if (range.high === Infinity) return range.low;
    return (range.low + range.high) / 2;
  }

  /** Half the width: how wrong the estimate can be, in ms. */
  error(now) {
    const range = this.range(now);
    return range ? Math.max((range.high - range.low) / 2, Math.abs(this.#doubt)) : Infinity;
  }

}

/** What is left. It never rises without a newer change of the server, and stands still while paused. */
export class Countdown {
  #offset;
  #shown = null;
  #shownAt = 0;
  rev = -1;
  deadline = null;
  remaining = null;

  constructor(offset) {
    this.#offset = offset;
  }

  /** Takes a clock of the server; an older rev changes nothing. Says whether it was taken. */
  set({ rev, deadline_ms: deadline = null, remaining_ms: remaining = null }) {
    if (rev < this.rev) return false;
    if (rev > this.rev || deadline !== this.deadline || deadline === null) this.#shown = null;
    this.rev = rev;
    this.deadline = deadline;
    this.remaining = remaining;
    return true;
  }

  /** The server was restored from a backup: its revs may start again lower, and what it says now is what holds. */
  forget() {
    this.rev = -1;
  }

  /** What was shown rested on a sleep that was none: shown anew, and only then it may rise without a newer rev. */
  anew() {
    this.#shown = null;
  }

  /** Ms left at `now`, never negative; null before the time begins. */
  left(now) {
    if (this.deadline === null) return this.remaining === null ? null : Math.max(0, this.remaining);
    const theta = this.#offset.estimate(now);
    if (theta === null) return this.remaining === null ? null : Math.max(0, this.remaining);
    const target = this.deadline - (now + theta);
    if (this.#shown === null) {
      this.#shown = target;
    } else {
      const elapsed = Math.max(0, now - this.#shownAt);
      const ahead = target - (this.#shown - elapsed);
      const step = Math.abs(ahead) > SNAP_MS ? ahead : Math.max(-SLEW * elapsed, Math.min(SLEW * elapsed, ahead));
      this.#shown = Math.min(this.#shown, this.#shown - elapsed + step);
    }
    this.#shownAt = now;
    return Math.max(0, this.#shown);
  }
}

/** Marks of time that are said aloud, in ms. */
export const MARKS = [
  [30 * 60000, "left-30m"],
  [10 * 60000, "left-10m"],
  [5 * 60000, "left-5m"],
  [60000, "left-1m"],
  [30000, "left-30s"],
];

/** The text to say when what is left went from `before` to `after`, or null. A jump over several says the last only. */
export function crossed(before, after) {
  if (before === null || after === null || after >= before) return null;
  const hit = MARKS.filter(([mark]) => before > mark && after <= mark);
  return hit.length ? hit[hit.length - 1][1] : null;
}
