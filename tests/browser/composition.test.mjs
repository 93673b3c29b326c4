// Writing with an input method: nothing is saved, sent or drawn anew while characters are being composed, and Enter hands nothing in.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, newPage, startServer } from "./lib/harness.mjs";
import { device, enter, firstAccount, makeRoom, question, says, staffApi, stateOf, until, verb } from "./lib/exam.mjs";

/** Longer than the pause after which a text is sent, ms. */
const LONGER_THAN_A_PAUSE_MS = 2500;

let browser;
let server;
let page;
let keys;
let rest;
let room;
/** Answers the page has sent, [question, value]. */
const sent = [];

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
  const teacher = await newPage(browser, { base: server.base, locale: "en-GB" });
  await firstAccount(teacher, server);
  rest = await staffApi(server);
  room = await makeRoom(rest, { exam: { duration_seconds: 1800 }, roster: ["Li Na,2001,7b,19,"] });
  await verb(rest, room.id, "open");
  await verb(rest, room.id, "start");
  page = await device(browser, server.base);
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      const frame = JSON.parse(payload);
      if (frame.type === "answer") sent.push([frame.question, frame.value]);
    }),
  );
  await enter(page, room.people["Li Na"].code);
  await page.getByRole("timer").waitFor();
  await says(page.locator("#conn"), "Connected");
  keys = await page.context().newCDPSession(page);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const compose = (text) => keys.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
const commit = (text) => keys.send("Input.insertText", { text });
/** The page's own clock moves on by this much. */
const passes = (ms) => page.evaluate((long) => new Promise((go) => setTimeout(go, long)), ms);

for (const [kind, n, id] of [["short", 5, "river"], ["essay", 6, "essay"]]) {
  test(`${kind}: a composition is left alone until it is done, then it is saved whole`, async () => {
    sent.length = 0;
    const field = question(page, n).getByRole("textbox");
    await field.evaluate((node) => {
      globalThis.field = node;
      globalThis.composed = [];
      for (const name of ["compositionstart", "compositionend"]) node.addEventListener(name, () => globalThis.composed.push(name));
    });
    await field.focus();
    for (const text of ["f", "fu", "fu'e", "fu'er", "fu'er'jia"]) await compose(text);
    // Another answer is saved meanwhile, which draws the states anew.
    await page.evaluate(() => document.querySelector("[data-q=whale] input").click());
    await says(stateOf(page, 3), /^Saved/);
    await passes(LONGER_THAN_A_PAUSE_MS);
    assert.deepEqual(sent.filter(([asked]) => asked === id), [], "half a word is no answer");
    assert.deepEqual(await page.evaluate(() => globalThis.composed), ["compositionstart"]);
    assert.equal(await field.inputValue(), "fu'er'jia");
    assert.equal(await field.evaluate((node) => node === globalThis.field && document.activeElement === node), true, "the same field, still in focus");
    await commit("伏尔加河");
    await says(stateOf(page, n), /^Saved/);
    assert.deepEqual(sent.filter(([asked]) => asked === id), [[id, "伏尔加河"]]);
    assert.equal(await field.inputValue(), "伏尔加河");
  });
}

test("Enter in a short field hands nothing in and leaves the page", async () => {
  const field = question(page, 5).getByRole("textbox");
  const address = page.url();
  await field.focus();
  await page.keyboard.press("Enter");
  await field.evaluate((node) => node.form.requestSubmit());
  assert.equal(page.url(), address);
  assert.equal(await page.getByRole("timer").isVisible(), true);
  assert.equal(await field.inputValue(), "伏尔加河");
  const { phase } = await rest.get(`/rooms/${room.id}/candidates/${room.people["Li Na"].id}`);
  assert.equal(phase, "working");
});

test("a reconnect in the middle of a composition does not touch the field", async () => {
  sent.length = 0;
  const field = question(page, 6).getByRole("textbox");
  await field.focus();
  await page.keyboard.press("ControlOrMeta+End");
  await compose("zhong");
  await page.context().setOffline(true);
  await says(page.locator("#conn"), "No connection");
  await page.context().setOffline(false);
  await says(page.locator("#conn"), "Connected");
  assert.equal(await field.inputValue(), "伏尔加河zhong");
  assert.deepEqual(sent.filter(([asked]) => asked === "essay"), []);
  await commit("中");
  await says(stateOf(page, 6), /^Saved/);
  await until(() => sent.some(([asked, value]) => asked === "essay" && value === "伏尔加河中"), "the whole text to be sent");
  assert.deepEqual(page.complaints, []);
});
