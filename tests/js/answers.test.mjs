import assert from "node:assert/strict";
import test from "node:test";
import { Answers, WINDOW } from "../../assets/js/answers.js";
import { afterClose, backoff } from "../../assets/js/channel.js";

/** A queue with a wire that can be cut. */
function queue(pen = 1) {
  const wire = { open: true, sent: [] };
  const answers = new Answers((frame) => {
    if (wire.open) wire.sent.push(frame);
    return wire.open;
  });
  if (pen !== null) answers.take(pen, 0);
  return { answers, wire };
}

const ok = (seq, at = 1000) => ({ seq, received_ms: at, counts: true });

test("a choice goes at once, a text when the hand rests, and at least every 10 s", () => {
  const { answers, wire } = queue();
  answers.edit("a", ["x"], 0, true);
  answers.pump(0);
  assert.deepEqual(wire.sent, [{ type: "answer", seq: 1, question: "a", value: ["x"] }]);
  for (let t = 100; t <= 12_000; t += 500) {
    answers.edit("b", `text ${t}`, t);
    answers.pump(t);
  }
  assert.equal(wire.sent.length, 2, "one save in 10 s of steady typing");
  answers.pump(12_000 + 1600);
  assert.equal(wire.sent.length, 3);
  assert.equal(wire.sent[2].value, "text 11600");
});

test("nothing is saved before the server says so", () => {
  const { answers } = queue();
  answers.edit("a", "1", 0);
  assert.equal(answers.state("a").state, "dirty");
  answers.pump(0, true);
  assert.equal(answers.state("a").state, "kept");
  answers.saved(1, [ok(1, 777)]);
  assert.deepEqual(answers.state("a"), { state: "saved", value: "1", received_ms: 777, counts: true, why: null, pen: 1, seq: 1 });
  assert.equal(answers.unsaved().size, 0);
  assert.equal(answers.lastSaved(), 777);
});

test("after a cut everything unsaved goes again with the same numbers", () => {
  const { answers, wire } = queue();
  answers.edit("a", "1", 0);
  answers.edit("b", "2", 0);
  answers.pump(0, true);
  answers.saved(1, [ok(1)]);
  answers.lost();
  wire.open = false;
  answers.edit("b", "3", 10);
  answers.edit("c", "4", 10);
  answers.pump(10, true);
  wire.open = true;
  wire.sent.length = 0;
  answers.take(1, 2);
  answers.pump(20);
  assert.deepEqual(wire.sent.map((f) => [f.seq, f.question, f.value]), [[2, "b", "2"], [3, "b", "3"], [4, "c", "4"]]);
});

test("a number never changes its value; what was never sent is replaced under a new one", () => {
  const { answers, wire } = queue();
  wire.open = false;
  answers.edit("a", "1", 0);
  answers.pump(0, true);
  answers.edit("a", "12", 5);
  answers.pump(5, true);
  assert.deepEqual(answers.have(), [[2, 2]]);
  assert.deepEqual(answers.batch(5), [{ pen: 1, seq: 2, question: "a", value: "12" }]);
  answers.edit("a", "123", 9);
  answers.pump(9, true);
  assert.deepEqual(answers.batch(9).map((b) => [b.seq, b.value]), [[2, "12"], [3, "123"]]);
});

/** A queue whose computer keeps an entry only when it is told to. */
function slowly() {
  const [sent, asked, settled] = [[], [], []];
  const answers = new Answers((frame) => sent.push(frame), {
    keep: (entry, instead) => asked.push([entry, instead.map(({ seq }) => seq)]),
    settled: ({ pen, seq }, state) => settled.push([pen, seq, state]),
  });
  answers.take(1, 0);
  return { answers, sent, asked, settled };
}

test("nothing is sent before this computer keeps it, or has said that it cannot", () => {
  const { answers, sent, asked, settled } = slowly();
  answers.edit("a", ["x"], 0, true);
  answers.edit("b", ["y"], 0, true);
  answers.pump(0);
  assert.deepEqual([sent.length, answers.batch(0).length, answers.state("a").state], [0, 0, "dirty"]);
  answers.kept({ pen: 1, seq: 1 }, true);
  answers.kept({ pen: 1, seq: 2 }, false);
  answers.pump(1);
  assert.deepEqual(sent.map((f) => f.seq), [1, 2], "what cannot be kept is sent all the same");
  assert.deepEqual([answers.state("a").state, answers.state("b").state, answers.unkept()], ["kept", "unkept", 1]);
  answers.keepAgain();
  assert.deepEqual(asked.map(([{ seq }]) => seq), [1, 2, 2]);
  answers.saved(1, [ok(1)]);
  answers.refused(1, { seq: 2, code: "too_long", retry: false }, 2);
  assert.deepEqual(settled, [[1, 1, "saved"], [1, 2, "refused"]]);
});

test("a page that goes sends also what is only being kept", () => {
  const { answers } = slowly();
  answers.edit("a", ["x"], 0, true);
  answers.pump(0);
  assert.deepEqual(answers.batch(0, true).map((b) => b.seq), [1]);
});

test("a newer value replaces what was never sent, on the disk too, and in one step", () => {
  const { answers, asked } = slowly();
  for (const text of ["1", "12", "123"]) {
    answers.edit("a", text, 0);
    answers.pump(0, true);
  }
  assert.deepEqual(asked.map(([{ seq, value }, instead]) => [seq, value, instead]), [[1, "1", []], [2, "12", [1]], [3, "123", [2]]]);
});

test("a proof is kept with its answer", () => {
  const { answers, asked } = slowly();
  answers.edit("a", ["x"], 0, true);
  answers.pump(0);
  answers.kept({ pen: 1, seq: 1 }, true);
  answers.refused(1, { seq: 1, code: "busy", retry: true, proof: "p1.5.x" }, 3);
  assert.deepEqual(asked.map(([{ seq, proof }]) => [seq, proof]), [[1, "p1.5.x"], [1, "p1.5.x"]]);
});

test("what an earlier page left is sent under its own pen, and a new value goes over it", () => {
  const { answers, wire } = queue(null);
  answers.restore("a", { value: "old", received_ms: 1, counts: true, pen: 1, seq: 1 });
  answers.adopt([{ pen: 1, seq: 3, question: "b", value: "2" }, { pen: 1, seq: 2, question: "a", value: "1", proof: "p" }]);
  assert.deepEqual([...answers.waiting()], [["a", "1"], ["b", "2"]]);
  assert.equal(answers.state("a").state, "kept");
  answers.take(2, 0);
  // What the server has by now is not what the leftover says: choosing it again has to be said again.
  answers.edit("a", "old", 5, true);
  answers.pump(5);
  assert.deepEqual(wire.sent, [
    { type: "answer", seq: 2, question: "a", value: "1", proof: "p", pen: 1 },
    { type: "answer", seq: 3, question: "b", value: "2", pen: 1 },
    { type: "answer", seq: 1, question: "a", value: "old" },
  ]);
  answers.saved(2, [ok(1, 50)]);
  answers.saved(1, [{ seq: 2, received_ms: 60, counts: false, why: "superseded" }]);
  assert.equal(answers.state("a").value, "old", "an older pen's row does not cover a newer one");
  assert.deepEqual(answers.have(), [[1, 1]]);
});

test("a page that comes back with its pen goes on counting where the disk stopped", () => {
  const { answers, wire } = queue(null);
  answers.adopt([{ pen: 1, seq: 9, question: "a", value: "1" }]);
  answers.take(1, 4);
  answers.edit("b", "2", 0);
  answers.pump(0, true);
  assert.deepEqual(wire.sent.map((f) => f.seq), [9, 10]);
  assert.deepEqual(answers.have(), [[9, 10]]);
});

test("a restored server knows neither the pen nor the answer: the value goes under the pen it gives", () => {
  const { answers, wire } = queue(3);
  answers.edit("a", "1", 0);
  answers.pump(0, true);
  answers.refused(3, { seq: 1, code: "unknown_pen", retry: false }, 10);
  assert.equal(answers.unsaved().size, 1);
  answers.lost();
  answers.take(2, 0);
  answers.pump(20_000);
  answers.refused(3, { seq: 1, code: "unknown_pen", retry: false }, 20_001);
  answers.pump(20_002);
  assert.deepEqual(wire.sent.at(-1), { type: "answer", seq: 1, question: "a", value: "1" });
});

test("at most a window is on the way", () => {
  const { answers, wire } = queue();
  for (let i = 0; i < WINDOW + 8; i += 1) answers.edit(`q${i}`, ["x"], 0, true);
  answers.pump(0);
  assert.equal(wire.sent.length, WINDOW);
  answers.saved(1, [ok(1), ok(2)]);
  answers.pump(1);
  assert.equal(wire.sent.length, WINDOW + 2);
});

test("refused for the server's reasons: kept with its proof and sent again; refused for good: said", () => {
  const { answers, wire } = queue();
  answers.edit("a", "1", 0);
  answers.pump(0, true);
  assert.equal(answers.refused(1, { seq: 1, code: "busy", retry: true, proof: "p" }, 100), true);
  assert.equal(answers.state("a").state, "kept");
  answers.pump(200);
  assert.equal(wire.sent.length, 1);
  answers.pump(answers.due());
  assert.deepEqual(wire.sent[1], { type: "answer", seq: 1, question: "a", value: "1", proof: "p" });
  answers.refused(1, { seq: 1, code: "too_long", detail: "Shorten.", retry: false }, 2000);
  assert.deepEqual(answers.state("a"), { state: "refused", value: "1", code: "too_long", detail: "Shorten." });
  answers.edit("a", "1", 2001);
  assert.equal(answers.state("a").state, "refused", "the same value is not offered again");
  assert.deepEqual(answers.have(), []);
  assert.equal(answers.refused(1, { seq: 9, code: "busy", retry: true }, 0), false);
});

test("a conflict takes a new number with the same value", () => {
  const { answers, wire } = queue();
  answers.edit("a", "1", 0);
  answers.pump(0, true);
  answers.refused(1, { seq: 1, code: "conflict", retry: false }, 5);
  answers.pump(5);
  assert.deepEqual(wire.sent[1], { type: "answer", seq: 2, question: "a", value: "1" });
});

test("under a new pen the leftovers keep theirs", () => {
  const { answers, wire } = queue();
  wire.open = false;
  answers.edit("a", "1", 0);
  answers.pump(0, true);
  wire.open = true;
  answers.take(2, 0);
  answers.edit("b", "2", 1);
  answers.pump(1, true);
  assert.deepEqual(wire.sent, [
    { type: "answer", seq: 1, question: "a", value: "1", pen: 1 },
    { type: "answer", seq: 1, question: "b", value: "2" },
  ]);
  answers.saved(1, [ok(1)]);
  assert.equal(answers.state("b").state, "kept");
});

test("before the first welcome nothing is numbered, and nothing is lost", () => {
  const { answers, wire } = queue(null);
  answers.edit("a", "1", 0);
  answers.pump(99_999, true);
  assert.equal(wire.sent.length, 0);
  assert.equal(answers.due(), Infinity);
  answers.take(3, 7);
  answers.pump(99_999);
  assert.deepEqual(wire.sent, [{ type: "answer", seq: 8, question: "a", value: "1" }]);
});

test("a field nobody touched is not an answer", () => {
  const { answers, wire } = queue();
  answers.edit("a", null, 0);
  answers.pump(0, true);
  assert.equal(wire.sent.length, 0);
  answers.restore("a", { value: "1", received_ms: 1, counts: true });
  answers.edit("a", null, 1);
  answers.pump(1, true);
  assert.deepEqual(wire.sent, [{ type: "answer", seq: 1, question: "a", value: null }]);
});

test("typing back what is saved needs no saving", () => {
  const { answers, wire } = queue();
  answers.restore("a", { value: "1", received_ms: 5, counts: true });
  answers.edit("a", "12", 0);
  answers.edit("a", "1", 1);
  answers.pump(9999, true);
  assert.equal(wire.sent.length, 0);
  assert.equal(answers.state("a").state, "saved");
});

test("have names ranges; what the server misses goes under new numbers", () => {
  const { answers, wire } = queue();
  for (const q of ["a", "b", "c", "d"]) answers.edit(q, q, 0);
  answers.pump(0, true);
  answers.saved(1, [ok(1), ok(2), ok(4)]);
  answers.refused(1, { seq: 3, code: "wrong_shape", retry: false }, 0);
  assert.deepEqual(answers.have(), [[1, 2], [4, 4]]);
  answers.reissue([[1, 1], 4], (question) => question.toUpperCase());
  answers.pump(1);
  assert.deepEqual(wire.sent.slice(4).map((f) => [f.seq, f.value]), [[5, "A"], [6, "D"]]);
  assert.deepEqual(answers.have(), [[2, 2], [5, 6]]);
});

test("an answer that does not count says why", () => {
  const { answers } = queue();
  answers.edit("a", "1", 0);
  answers.pump(0, true);
  answers.saved(1, [{ seq: 1, received_ms: 5, counts: false, why: "late" }]);
  assert.equal(answers.state("a").counts, false);
  assert.equal(answers.state("a").why, "late");
});

test("close codes and the pause between attempts", () => {
  assert.deepEqual([1000, 1006, 4001, 4008, 4499].map(afterClose), Array(5).fill("again"));
  assert.deepEqual([4500, 4503, 4510, 4999].map(afterClose), Array(4).fill("stop"));
  assert.ok(backoff(0, () => 0.999) < 500);
  assert.ok(backoff(40, () => 0.999) < 10_000);
  assert.equal(backoff(5, () => 0), 0);
});
