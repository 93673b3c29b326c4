import assert from "node:assert/strict";
import test from "node:test";
import { Answers } from "../../assets/js/answers.js";
import { ByHttp } from "../../assets/js/byhttp.js";

/** A page without a socket before a server of the test's making: `replies[path]` gives `{ok, status, body}`. */
function page({ pen = null, replies }) {
  const it = { at: 0, asked: [], frames: [], refusals: [], pen, paper: false };
  const answers = new Answers(() => false);
  const http = {
    call: async (method, path, body) => {
      it.asked.push([method, path, body]);
      it.at += 10;
      const reply = replies[path.split("?")[0]];
      return { ok: true, status: 200, body: {}, ...(typeof reply === "function" ? reply(body) : reply) };
    },
  };
  const receive = (frame) => {
    it.frames.push(frame.type);
    if (frame.type === "welcome") {
      it.pen = frame.pen;
      if (frame.pen !== null) answers.take(frame.pen, 0);
    }
    if (frame.type === "paper") it.paper = true;
    if (frame.type === "sync") it.sync = frame;
  };
  const byHttp = new ByHttp({
    http, now: () => it.at, answers,
    page: { pen: () => it.pen, rev: () => 7, lacksPaper: () => !it.paper, receive, refused: (body) => it.refusals.push(body.code), settled: () => {} },
  });
  return { it, answers, byHttp };
}

const working = { rev: 7, phase: "working", deadline_ms: 5 };
const clock = { body: { clock: working, holds: true, received_ms: 1000, now_ms: 1003 } };
const saved = (body) => ({ body: { items: body.answers.map(({ pen, seq }) => ({ pen, seq, outcome: "saved", received_at: "2026-11-21T10:00:00.000Z", counts: true })) } });

test("it joins with the page's pen, gets the paper, sends what waits and asks for the time", async () => {
  const { it, answers, byHttp } = page({
    pen: 2,
    replies: { "/join": { body: { pen: 2, clock: working } }, "/paper": { body: { version: 1, html: "" } }, "/answers": saved, "/sync": clock },
  });
  answers.take(2, 4);
  answers.edit("a", ["x"], 0, true);
  answers.pump(0);
  await byHttp.turn();
  assert.deepEqual(it.asked, [
    ["POST", "/join", { pen: 2 }],
    ["GET", "/paper?as=html", undefined],
    ["POST", "/answers", { answers: [{ pen: 2, seq: 5, question: "a", value: ["x"] }] }],
    ["POST", "/sync", { rev: 7 }],
  ]);
  assert.deepEqual(it.frames, ["welcome", "paper", "sync", "clock"]);
  assert.deepEqual([it.sync.t0, it.sync.t1, it.sync.t2], [30, 1000, 1003], "an exchange like any other");
  assert.equal(answers.state("a").state, "saved");
  assert.equal(byHttp.works, true);
  it.at += 9000;
  assert.equal(byHttp.works, false, "what has not worked lately is not said to work");
});

test("more than a window goes in several requests, and the time is not asked for at every turn", async () => {
  const { it, answers, byHttp } = page({ pen: 1, replies: { "/join": { body: { pen: 1, clock: working } }, "/answers": saved, "/sync": clock } });
  it.paper = true;
  answers.take(1, 0);
  for (let i = 0; i < 40; i += 1) answers.edit(`q${i}`, ["x"], 0, true);
  answers.pump(0);
  await byHttp.turn();
  await byHttp.turn();
  assert.deepEqual(it.asked.map(([, path]) => path), ["/join", "/answers", "/answers", "/sync"]);
  assert.equal(answers.unsaved().size, 0);
});

test("a pen that came or went is asked for again; a no is passed on; a broken way rests", async () => {
  const waits = { body: { pen: null, takeover: { id: "tk_1" }, clock: { ...working, phase: "working" } } };
  let holds = false;
  const { it, byHttp } = page({ replies: { "/join": () => (holds ? { body: { pen: 2, clock: working } } : waits), "/paper": { body: { version: 1, html: "" } }, "/sync": () => ({ body: { ...clock.body, holds } }) } });
  await byHttp.turn();
  assert.deepEqual(it.frames, ["welcome", "sync", "clock"], "nothing of the paper for who waits");
  holds = true;
  it.at += 3000;
  await byHttp.turn();
  await byHttp.turn();
  assert.equal(it.pen, 2);
  assert.ok(it.frames.includes("paper"));

  const gone = page({ pen: 1, replies: { "/join": { ok: false, status: 409, body: { code: "pen_superseded" } } } });
  await gone.byHttp.turn();
  assert.deepEqual(gone.it.refusals, ["pen_superseded"]);

  const broken = page({ pen: 1, replies: { "/join": { ok: false, status: 0 } } });
  for (let i = 0; i < 5; i += 1) await broken.byHttp.turn();
  assert.equal(broken.it.asked.length, 1, "it is not hammered");
  broken.it.at += 2000;
  await broken.byHttp.turn();
  assert.equal(broken.it.asked.length, 2);
  assert.deepEqual(broken.it.refusals, []);
});

test("the end comes as the same frame", async () => {
  const submitted = { by: "deadline", at_ms: 5, answered: 1, questions: 2, receipt_short: "4F7K-2M" };
  const { it, byHttp } = page({ pen: 1, replies: { "/join": { body: { pen: null, clock: { ...working, phase: "ended" } } }, "/sync": { body: { ...clock.body, submitted } } } });
  await byHttp.turn();
  assert.deepEqual(it.frames, ["welcome", "sync", "clock", "submitted"]);
});
