// A line of which only HTTP works, and a clock behind a slow and jittery one. INVIGIL_CLOCK_SECONDS sets how long each clock is watched
// (12 in the suite, 600 in soak).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launchBrowser, newPage, startServer } from "./lib/harness.mjs";
import { device, enter, firstAccount, makeRoom, question, rowOf, says, staffApi, stateOf, until, verb } from "./lib/exam.mjs";
import { startProxy } from "./lib/proxy.mjs";

const SECONDS = Number(process.env.INVIGIL_CLOCK_SECONDS ?? 12);

let browser;
let server;
let teacher;
let rest;

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
  teacher = await newPage(browser, { base: server.base, locale: "en-GB" });
  await firstAccount(teacher, server);
  rest = await staffApi(server);
});
/** A proxy that ends with its test, however that ends. */
async function through(t, options) {
  const proxy = await startProxy(server.port, options);
  t.after(() => proxy.stop());
  return proxy;
}
/** The live room as the teacher sees it, in a window of its own. */
async function watching(t, room) {
  const page = await teacher.context().newPage();
  t.after(() => page.close());
  await page.goto(`/staff/rooms/${room.id}`);
  return page;
}
after(async () => {
  await browser?.close();
  await server?.stop();
});

const one = (exam = {}) => makeRoom(rest, { exam: { duration_seconds: 1800, grace_seconds: 1, ...exam }, roster: ["Li Na,2001,7b,19,"] });

/** What browsers do to a page that has been hidden for long: its own timers come once a minute. */
const heldBack = () => {
  const real = globalThis.setInterval;
  globalThis.setInterval = (turn, ms, ...rest) => real(turn, Math.max(ms, 60_000), ...rest);
};

// They mostly wait: two at a time.
describe("a line of which only a part works", { concurrency: 2 }, () => {
  for (const sockets of ["blocked", "buffered"]) {
    test(`sockets ${sockets}: the whole exam by HTTP, and staff see a slow connection`, async (t) => {
      const proxy = await through(t, { sockets });
      const room = await one();
      const { id, code } = room.people["Li Na"];
      await verb(rest, room.id, "open");
      const staff = await watching(t, room);
      const page = await device(browser, proxy.base);
      await enter(page, code);
      await page.getByRole("heading", { name: "You are in. Please wait." }).waitFor();
      await says(page.locator("#conn-waiting"), "Connected (slow)");
      await says(rowOf(staff, id), "connected (slow)");
      await verb(rest, room.id, "start");
      await page.getByRole("timer").waitFor();
      assert.equal(await page.getByRole("article").count(), 6);
      await question(page, 1).getByLabel("Canberra").check();
      await question(page, 5).getByRole("textbox").fill("Volga");
      for (const n of [1, 5]) await says(stateOf(page, n), /^Saved/);
      await says(page.locator("#save"), /^Everything saved/);
      assert.equal(await page.locator("#banner-lost").isVisible(), false, "what works is not called lost");
      // A change of time reaches it, says what changed, and is known to be there.
      await verb(rest, room.id, "extend", { seconds: 300, reason: { code: "fire_alarm", text: "" } });
      await says(page.locator("#banner-time"), /Your end time is now .*: 5 min more\. Reason: fire alarm\./);
      await says(rowOf(staff, id), "delivered");
      assert.match(await rowOf(staff, id).locator(".presence").innerText(), /connected \(slow\)/);
      await verb(rest, room.id, "pause", { reason: { code: "noise", text: "" } });
      await says(page.locator("#banner-paused"), /The exam is paused/);
      await verb(rest, room.id, "resume", {});
      await page.locator("#banner-paused").waitFor({ state: "hidden" });
      // Another reload finds the same pen and everything saved.
      await page.reload();
      await page.getByRole("timer").waitFor();
      await says(page.locator("#conn"), "Connected (slow)");
      assert.equal(await question(page, 5).getByRole("textbox").inputValue(), "Volga");
      await question(page, 4).getByRole("textbox").fill("8849");
      await page.locator("#hand-in").click();
      await page.getByRole("button", { name: "Hand in now" }).click();
      await page.getByRole("heading", { name: "Your paper is handed in" }).waitFor();
      await says(page.locator("#ended-count"), "3 of 6 questions answered, all of them saved.");
      const { items } = await rest.get(`/rooms/${room.id}/candidates/${id}/answers`);
      assert.deepEqual([...new Set(items.map(({ pen }) => pen))], [1], "one pen, whichever way");
      assert.ok(proxy.upgrades() > 1, "the socket is tried on");
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    });
  }

  test("when the socket opens again the page is back on it, and staff see that", async (t) => {
    const proxy = await through(t, { sockets: "blocked" });
    const room = await one();
    const { id, code } = room.people["Li Na"];
    await verb(rest, room.id, "start");
    const staff = await watching(t, room);
    const page = await device(browser, proxy.base);
    await enter(page, code);
    await says(page.locator("#conn"), "Connected (slow)");
    await says(rowOf(staff, id), "connected (slow)");
    proxy.set({ sockets: "open" });
    await says(page.locator("#conn"), /^Connected$/);
    await until(async () => /connected\s*$/.test(await rowOf(staff, id).locator(".presence").innerText()), "the row to say connected");
    await question(page, 1).getByLabel("Canberra").check();
    await says(stateOf(page, 1), /^Saved/);
    await page.context().close();
  });

  test("at the end by the clock a page without a socket is told, too", async (t) => {
    const proxy = await through(t, { sockets: "blocked" });
    const room = await one({ duration_seconds: 15 });
    await verb(rest, room.id, "open");
    const page = await device(browser, proxy.base);
    await enter(page, room.people["Li Na"].code);
    await says(page.locator("#conn-waiting"), "Connected (slow)");
    await verb(rest, room.id, "start");
    await page.getByRole("timer").waitFor();
    await question(page, 1).getByLabel("Canberra").check();
    await says(stateOf(page, 1), /^Saved/);
    await says(page.locator("#ended-text"), /Time is up \(\d\d:\d\d:\d\d\)\. Your paper was handed in for you\./);
    await says(page.locator("#ended-count"), "1 of 6 questions answered");
    await page.context().close();
  });

  for (const [how, prepare] of [
    ["timers held back: a worker's beat drives the page", heldBack],
    ["without workers the page's own timer does it", () => delete globalThis.Worker],
  ]) {
    test(how, { timeout: 120_000 }, async () => {
      const room = await one();
      await verb(rest, room.id, "start");
      const page = await device(browser, server.base);
      await page.addInitScript(prepare);
      const asked = [];
      page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => /"sync"/.test(payload) && asked.push(performance.now())));
      await enter(page, room.people["Li Na"].code);
      await says(page.locator("#conn"), "Connected");
      assert.equal(page.workers().length, prepare === heldBack ? 1 : 0);
      const left = () => page.getByRole("timer").getAttribute("data-left-ms");
      for (let beat = 0; beat < 3; beat += 1) {
        const before = await left();
        await until(async () => (await left()) !== before, "the clock to be drawn");
      }
      // The burst after the welcome is over by then; the next question is one of every 20 s.
      const quiet = performance.now() + 3000;
      await until(() => asked.some((at) => at > quiet), "the page to ask for the time", 40_000);
      await question(page, 5).getByRole("textbox").pressSequentially("Volga");
      await says(stateOf(page, 5), /^Saved/);
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    });
  }
});

/** The server's time minus this machine's, by the quickest of some exchanges that go past every proxy. */
async function serverAhead(room, code) {
  const plain = await newPage(browser, { base: server.base });
  const { access_token: token } = await (await fetch(`${server.base}/api/v1/auth/entry`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ code }) })).json();
  await plain.goto("/");
  const best = await plain.evaluate(
    ([id, bearer]) =>
      new Promise((done, fail) => {
        const socket = new WebSocket(`ws://${location.host}/ws/exam-clock?room=${id}`, ["invigil.v1", `bearer.${bearer}`]);
        const seen = [];
        const ask = () => socket.send(JSON.stringify({ type: "sync", id: seen.length + 1, t0: Date.now() }));
        socket.onerror = () => fail(new Error("no socket"));
        socket.onopen = ask;
        socket.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.type !== "sync") return;
          const back = Date.now();
          seen.push([back - frame.t0, (frame.t1 + frame.t2 - frame.t0 - back) / 2]);
          if (seen.length < 20) ask();
          else done(seen.sort((a, b) => a[0] - b[0])[0]);
        };
      }),
    [room, token],
  );
  await plain.context().close();
  assert.ok(best[0] <= 20, `the quickest exchange took ${best[0]} ms: this machine cannot measure`);
  return best[1];
}

/** Watches the clock's element from inside the page: the error of each value at the instant it is written. */
async function watch(page, deadline, ahead, seconds) {
  return page.evaluate(
    ([end, offset, ms]) =>
      new Promise((done) => {
        const node = document.getElementById("clock");
        const errors = [];
        let rises = 0;
        let before = Infinity;
        const seen = new MutationObserver(() => {
          const left = Number(node.dataset.leftMs);
          errors.push(left - (end - Date.now() - offset));
          rises += left > before ? 1 : 0;
          before = left;
        });
        seen.observe(node, { attributes: true, attributeFilter: ["data-left-ms"] });
        setTimeout(() => (seen.disconnect(), done({ errors, rises })), ms);
      }),
    [deadline, ahead, seconds * 1000],
  );
}

const worst = (errors) => Math.max(...errors.map(Math.abs));

describe("the clock behind a slow line", { concurrency: true }, () => {
  for (const [rtt, jitter, limit] of [[100, 25, 250], [600, 100, 1000]]) {
    test(`at a round trip of ${rtt} ms with jitter the clock is within ${limit} ms for ${SECONDS} s, and right when it comes back`, { timeout: 120_000 + SECONDS * 1000 }, async (t) => {
      // More of the way there than back: the middle of the exchange is not the middle of the way.
      const proxy = await through(t, { up: [rtt * 0.7, jitter], down: [rtt * 0.3, jitter] });
      // The long run of the line before has outlived the token.
      rest = await staffApi(server);
      const room = await makeRoom(rest, { exam: { duration_seconds: 7200 }, roster: ["Li Na,2001,7b,19,", "Meter,2002,7b,20,"] });
      await verb(rest, room.id, "start");
      const ahead = await serverAhead(room.id, room.people.Meter.code);
      const page = await device(browser, proxy.base);
      await enter(page, room.people["Li Na"].code);
      await says(page.locator("#conn"), "Connected");
      const { rows } = await rest.get(`/rooms/${room.id}/status`);
      const deadline = Date.parse(rows.find(({ candidate }) => candidate === room.people["Li Na"].id).deadline_at);
      const { errors, rises } = await watch(page, deadline, ahead, SECONDS);
      t.diagnostic(`rtt ${rtt} ms: worst ${worst(errors).toFixed(0)} ms over ${errors.length} values in ${SECONDS} s, ${rises} rises`);
      assert.ok(errors.length > SECONDS, `only ${errors.length} values`);
      assert.ok(worst(errors) <= limit, `${worst(errors)} ms`);
      assert.equal(rises, 0);

      // Frozen, as a browser freezes a page behind others: nothing runs. Back, it must be right at once.
      const steady = errors.slice(-10).reduce((sum, e) => sum + e, 0) / 10;
      const keys = await page.context().newCDPSession(page);
      await keys.send("Page.setWebLifecycleState", { state: "frozen" });
      await new Promise((go) => setTimeout(go, 4000));
      const back = page.evaluate(
        ([end, offset]) =>
          new Promise((done) => {
            const node = document.getElementById("clock");
            const from = Date.now();
            const late = new MutationObserver(() => done([Number(node.dataset.leftMs) - (end - Date.now() - offset), Date.now() - from]));
            late.observe(node, { attributes: true, attributeFilter: ["data-left-ms"] });
          }),
        [deadline, ahead],
      );
      await keys.send("Page.setWebLifecycleState", { state: "active" });
      const [error, after] = await back;
      t.diagnostic(`back from frozen: ${error.toFixed(0)} ms off at the first value (${after} ms after), ${steady.toFixed(0)} ms before`);
      assert.ok(Math.abs(error - steady) <= 100, `${error} ms off after, ${steady} before`);
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    });
  }
});
