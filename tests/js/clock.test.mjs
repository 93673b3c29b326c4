import assert from "node:assert/strict";
import test from "node:test";
import { Countdown, Offset, crossed } from "../../assets/js/clock.js";
import { agoText, catalogue, clockText, timesIn, words } from "../../assets/js/text.js";

/** A small generator with a seed, so that a failure can be seen again. */
function random(seed) {
  let x = seed;
  return () => ((x = (x * 1103515245 + 12345) % 2147483648) / 2147483648);
}

test("the truth is inside the interval whatever the asymmetry of the way", () => {
  const rand = random(7);
  for (let run = 0; run < 300; run += 1) {
    const offset = new Offset();
    const truth = 1.7e12 + rand() * 1e6;
    let t = rand() * 1e6;
    for (let i = 0; i < 24; i += 1) {
      const [there, work, back] = [rand() * 600, rand() * 5, rand() * 600];
      const t1 = t + there + truth;
      offset.add(t, t1, t1 + work, t + there + work + back);
      t += 150 + rand() * 20000;
      const range = offset.range(t);
      assert.ok(range.low - 1e-3 <= truth && truth <= range.high + 1e-3, `run ${run}: ${range.low} ${truth} ${range.high}`);
    }
  }
});

test("one quick exchange pins the estimate", () => {
  const offset = new Offset();
  offset.add(0, 5400, 5400, 800);
  offset.add(1000, 6001, 6001, 1002);
  assert.ok(Math.abs(offset.estimate(1002) - 5000) <= 1.1);
  assert.ok(offset.error(1002) < 1.2);
});

test("a contradiction (sleep, step) forgets the past", () => {
  const offset = new Offset();
  assert.equal(offset.add(0, 5000, 5000, 2), true);
  assert.equal(offset.add(1000, 96000, 96000, 1002), false);
  assert.ok(Math.abs(offset.estimate(1002) - 94999) < 2);
});

test("only the last 16 exchanges speak, and old ones speak less surely", () => {
  const offset = new Offset();
  offset.add(0, 1000, 1000, 0);
  assert.ok(offset.error(60000) >= 5.9 && offset.error(60000) <= 6.1);
  for (let i = 1; i <= 16; i += 1) offset.add(i, i + 1000 - 50, i + 1000 - 50, i + 100);
  assert.ok(offset.error(200) > 40);
});

test("what is left never rises without a new rev, and a new rev jumps at once", () => {
  const rand = random(11);
  const offset = new Offset();
  offset.add(0, 0, 0, 0);
  const clock = new Countdown(offset);
  clock.set({ rev: 1, deadline_ms: 3_600_000 });
  let before = Infinity;
  for (let t = 0; t < 600_000; t += 100 + rand() * 400) {
    if (rand() < 0.05) offset.add(t, t + 200 * rand(), t + 200 * rand(), t + 400);
    const left = clock.left(t);
    assert.ok(left <= before, `${left} after ${before}`);
    before = left;
  }
  assert.equal(clock.set({ rev: 2, deadline_ms: 3_900_000 }), true);
  assert.ok(clock.left(600_000) > before + 290_000);
});

test("a small error is slewed at 100 ms a second, a big one jumps down", () => {
  const offset = new Offset();
  offset.bound(0, 0, 0);
  const clock = new Countdown(offset);
  clock.set({ rev: 1, deadline_ms: 100_000 });
  assert.equal(clock.left(0), 100_000);
  offset.bound(500, 500, 1000);
  assert.equal(clock.left(1000), 100_000 - 1000 - 100);
  offset.bound(5000, 5000, 2000);
  assert.equal(clock.left(2000), 100_000 - 2000 - 5000);
});

test("through jitter at any pace of sampling the display stays within the bound of the way", () => {
  const rand = random(23);
  for (const [rtt, limit] of [[100, 250], [600, 1000]]) {
    const [truth, offset] = [1.7e12, new Offset()];
    const clock = new Countdown(offset);
    clock.set({ rev: 1, deadline_ms: truth + 3_600_000 });
    // Our clock runs 50 ppm fast, the way has a quarter of its length as jitter.
    const server = (t) => truth + t * (1 - 50e-6);
    let before = Infinity;
    for (let t = 0; t < 600_000; t += 100) {
      if (t % 20_000 === 0 || t < 900) {
        const [there, back] = [rtt * (0.5 + (rand() - 0.5) / 2), rtt * (0.5 + (rand() - 0.5) / 2)];
        offset.add(t - there - back, server(t - back), server(t - back), t);
      }
      const left = clock.left(t);
      assert.ok(Math.abs(left - (truth + 3_600_000 - server(t))) <= limit, `rtt ${rtt} at ${t}: ${left}`);
      assert.ok(left <= before);
      before = left;
    }
  }
});

test("asleep our clock stood still: right at once on waking, and doubted until the server has spoken", () => {
  const offset = new Offset();
  const clock = new Countdown(offset);
  offset.add(0, 1000, 1000, 2);
  clock.set({ rev: 1, deadline_ms: 601_000 });
  assert.ok(Math.abs(clock.left(10_000) - 590_000) < 5);
  // 90 s of sleep that `performance.now` knows nothing of.
  offset.slept(90_000);
  assert.ok(Math.abs(clock.left(10_050) - 499_950) < 100);
  assert.deepEqual([offset.doubtful, offset.error(10_050) >= 90_000], [true, true]);
  assert.equal(offset.add(10_100, 101_110, 101_110, 10_120), true);
  assert.deepEqual([offset.doubtful, offset.error(10_120) < 50], [false, true]);
});

test("the wall clock was set and nobody slept: the server says so, and what was shown is shown anew", () => {
  const offset = new Offset();
  const clock = new Countdown(offset);
  offset.add(0, 1000, 1000, 2);
  clock.set({ rev: 1, deadline_ms: 601_000 });
  clock.left(10_000);
  offset.slept(3_600_000);
  assert.equal(clock.left(10_050), 0);
  assert.equal(offset.add(10_100, 11_110, 11_110, 10_120), false, "a contradiction");
  clock.anew();
  assert.ok(Math.abs(clock.left(10_120) - 589_880) < 20);
});

test("paused it stands still; an older rev changes nothing; the end is never negative", () => {
  const offset = new Offset();
  offset.bound(0, 0, 0);
  const clock = new Countdown(offset);
  clock.set({ rev: 3, deadline_ms: null, remaining_ms: 42_000 });
  assert.equal(clock.left(0), 42_000);
  assert.equal(clock.left(99_000), 42_000);
  assert.equal(clock.set({ rev: 2, deadline_ms: 1 }), false);
  clock.set({ rev: 3, deadline_ms: 10_000 });
  assert.equal(clock.left(11_000), 0);
  assert.equal(new Countdown(offset).left(0), null);
});

test("marks are said once, and a jump over several says the last", () => {
  assert.equal(crossed(300_001, 300_000), "left-5m");
  assert.equal(crossed(300_000, 299_000), null);
  assert.equal(crossed(2_000_000, 20_000), "left-30s");
  assert.equal(crossed(20_000, 2_000_000), null);
  assert.equal(crossed(null, 5), null);
});

test("lengths and times read as on the server", () => {
  assert.deepEqual([clockText(2_530_000), clockText(1), clockText(-4), clockText(3_725_000)], ["42:10", "0:01", "0:00", "1:02:05"]);
  assert.equal(agoText(40_999), "0:40");
  const say = catalogue({ h: "{n} h", m: "{n} min", s: "{n} s" });
  assert.deepEqual([words(say, 200_000), words(say, 3_900_000), words(say, 0)], ["3 min 20 s", "1 h 5 min", "0 s"]);
  const time = timesIn("Asia/Shanghai");
  assert.deepEqual([time(1_795_228_500_000), time.short(1_795_228_500_000), time.short(1_795_228_520_000)], ["10:35:00", "10:35", "10:35:20"]);
  assert.equal(timesIn("no/such")(1_795_228_500_000), "02:35:00");
});
