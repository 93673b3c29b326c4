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
  assert.equal(answers.state("a").state, "sending");
  answers.saved(1, [ok(1, 777)]);
  assert.deepEqual(answers.state("a"), { state: "saved", value: "1", received_ms: 777, counts: true, why: null });
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

test("a number that may have arrived never changes its value; one that was never sent may", () => {
  const { answers, wire } = queue();
  wire.open = false;
  answers.edit("a", "1", 0);
  answers.pump(0, true);
  answers.edit("a", "12", 5);
  answers.pump(5, true);
  assert.deepEqual(answers.batch(), [{ pen: 1, seq: 1, question: "a", value: "12" }]);
  answers.edit("a", "123", 9);
  answers.pump(9, true);
  assert.deepEqual(answers.batch().map((b) => [b.seq, b.value]), [[1, "12"], [2, "123"]]);
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
  assert.equal(answers.state("a").state, "dirty");
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
  assert.equal(answers.state("b").state, "sending");
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
