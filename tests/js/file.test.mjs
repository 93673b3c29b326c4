import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { hash, read, write } from "../../assets/js/file.js";
import { sha256 } from "../../assets/js/sha256.js";

const mine = { room: "rm_1", candidate: "cd_1", name: "Li Na", made_at: "2026-11-21T10:00:00.000Z" };
const answers = [
  { pen: 1, seq: 3, question: "q1", value: ["a"] },
  { pen: 2, seq: 1, question: "q2", value: { b: "2", a: "伏尔加河 \"\n" }, proof: "p1.5.ab" },
  { pen: 2, seq: 2, question: "q1", value: null },
];

test("SHA-256 agrees with another implementation at every length around a block", () => {
  for (let n = 0; n < 200; n += 1) {
    const text = "é".repeat(n % 7) + "x".repeat(n);
    assert.equal(sha256(text), createHash("sha256").update(text).digest("hex"), `${n}`);
  }
});

test("a file comes back as it was, on this computer or another", () => {
  const text = write({ ...mine, answers });
  assert.deepEqual(read(text, mine), { answers });
});

test("the text of a value does not depend on the order of its members", () => {
  const turned = answers.map((a) => (a.seq === 1 ? { ...a, value: { a: a.value.a, b: a.value.b } } : a));
  assert.equal(hash({ ...mine, answers }), hash({ ...mine, answers: turned }));
  // The same figure stands in the server's test: two programs, one text.
  assert.equal(hash({ ...mine, answers }), "h1:b14f511244b7eb8a5e6925969f4153b1f6bfb13a9daa6666b201c6e1df004c80");
});

test("another's file, a damaged one and something else altogether are told apart", () => {
  const text = write({ ...mine, answers });
  assert.deepEqual(read(text, { ...mine, candidate: "cd_2" }), { wrong: "other" });
  assert.deepEqual(read(text, { ...mine, room: "rm_2" }), { wrong: "other" });
  for (const [from, to] of [["\"a\"", "\"b\""], ["\"seq\": 3", "\"seq\": 4"], ["p1.5", "p1.4"], ["q2", "q3"]]) {
    assert.ok(text.includes(from));
    assert.deepEqual(read(text.replace(from, to), mine), { wrong: "damaged" }, from);
  }
  for (const other of ["", "{}", "null", text.slice(0, -5), text.replace("answers-1", "answers-9"), text.replace("\"pen\": 1", "\"pen\": -1")]) {
    assert.deepEqual(read(other, mine), { wrong: "unreadable" });
  }
});
