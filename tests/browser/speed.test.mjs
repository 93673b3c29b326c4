// The live room at speed: keys, a feed that waits, what is said aloud and what is not, on a phone too.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, looksRight } from "./lib/harness.mjs";
import { colleague, command, crowd, device, enter, liveRoom, question, rowOf, says, stateOf, until, verb } from "./lib/exam.mjs";

const NAMES = ["Li Na", "Wang Fang", "Zhang Wei", "Chen Jie", "Bo Berg"];

let browser;
let server;
let rest;
let room;
let ada;
let bob;
let li;
const lines = {};
const row = (who) => rowOf(ada, room.people[who].id);
const focused = (of) => of.evaluate(() => document.activeElement.id || document.activeElement.name || document.activeElement.tagName);

const look = (of, name) => looksRight(of, `speed-${name}`);

/** Notes everything that a screen reader would say by itself. */
const listen = (of) =>
  of.evaluate(() => {
    globalThis.spoken = [];
    const regions = [...document.querySelectorAll("[role=status], [role=alert], [aria-live]")];
    const note = ({ target }) => {
      const region = (target.closest ? target : target.parentElement)?.closest("[role=status], [role=alert], [aria-live]");
      const text = region?.textContent.trim();
      // What is not shown at all is not read either.
      if (text && region.checkVisibility()) globalThis.spoken.push(`${region.getAttribute("role") ?? "live"}: ${text}`);
    };
    const watcher = new MutationObserver((changes) => changes.forEach(note));
    for (const region of regions) watcher.observe(region, { childList: true, subtree: true, characterData: true });
  });
const heard = (of, text) => until(() => of.evaluate((t) => globalThis.spoken.find((said) => new RegExp(t).test(said)), text.source), `${text} to be said`);

before(async () => {
  browser = await launchBrowser();
  ({ server, rest, room, teacher: ada } = await liveRoom(browser, { names: NAMES, exam: { duration_seconds: 2400 } }));
  bob = await colleague(browser, server, rest, room.id, { name: "Bob", rights: ["watch", "message", "time"] });
  li = await device(browser, server.base);
  await enter(li, room.people["Li Na"].code);
  await li.getByRole("timer").waitFor();
  const others = await crowd(browser, server.base);
  for (const who of NAMES.slice(1)) lines[who] = await others.join(room.people[who].code);
  await says(ada.locator(".counts a[data-show=here]"), /5\s*here/);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("keys search, go from row to row, select, and aim a command at many", async () => {
  await ada.locator("body").press("/");
  assert.equal(await focused(ada), "q");
  // What is typed is text, never a command.
  await ada.keyboard.type("wexm");
  assert.equal(await ada.locator("#q").inputValue(), "wexm");
  assert.equal(await ada.locator("#picked").isVisible(), false);
  await ada.keyboard.press("Escape");
  assert.equal(await ada.locator("#q").inputValue(), "");
  await ada.locator("body").press("/");
  await ada.keyboard.type("wang");
  await ada.keyboard.press("ArrowDown");
  assert.equal(await focused(ada), `row-${room.people["Wang Fang"].id}`);
  // An update of the row takes nothing from under the fingers.
  await lines["Wang Fang"].answer("capital", ["can"]);
  await says(row("Wang Fang").locator(".answers"), "1 / 6");
  assert.equal(await focused(ada), `row-${room.people["Wang Fang"].id}`);
  await ada.keyboard.press("x");
  await says(ada.locator("#say-status"), "Wang Fang: selected. For 1 selected");
  await ada.keyboard.press("/");
  await ada.keyboard.press("Escape");
  await until(async () => (await focused(ada)) === `row-${room.people["Wang Fang"].id}`, "the row to have the focus again");
  await ada.keyboard.press("ArrowDown");
  await ada.keyboard.press("x");
  await says(ada.locator("#picked"), "For 2 selected");
  await look(ada, "picked");
  await ada.locator("#row-" + room.people["Zhang Wei"].id).focus();
  await ada.keyboard.press("e");
  assert.equal(await focused(ada), "minutes");
  await ada.keyboard.type("3");
  await ada.keyboard.press("Enter");
  await says(ada.locator("#done"), "2 students: +3 min. Done for 2 students.");
  for (const who of ["Wang Fang", "Zhang Wei"]) await says(row(who).locator(".extra"), "3:00");
  await says(bob.locator(".delivery"), "2 of 2 have the new time");
  // Enter once more adds, and takes nothing back.
  await ada.locator("#picked-clear").click();
  assert.equal(await ada.locator("#picked").isVisible(), false);
});

test("the message key writes to the row; the help lists the keys, which can be turned off", async () => {
  await row("Chen Jie").evaluate((node) => ((node.tabIndex = -1), node.focus()));
  await ada.keyboard.press("m");
  const dialog = ada.getByRole("dialog");
  await says(dialog.locator(".lead"), "To 4 Chen Jie");
  // In a dialog the keys are letters.
  await dialog.getByLabel("Message").fill("");
  await ada.keyboard.type("/x?");
  assert.equal(await dialog.getByLabel("Message").inputValue(), "/x?");
  await ada.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await row("Chen Jie").getByRole("checkbox").uncheck();
  await ada.locator("body").press("?");
  await says(dialog, "Keys of this page");
  await look(ada, "help");
  await dialog.getByLabel("Use these keys in this browser").uncheck();
  await dialog.getByRole("button", { name: "Close" }).click();
  await ada.locator("body").press("/");
  assert.notEqual(await focused(ada), "q");
  await ada.reload();
  await says(ada.locator("#conn"), "Live");
  await ada.locator("body").press("/");
  assert.notEqual(await focused(ada), "q", "it is remembered");
  await ada.getByRole("button", { name: "Keys" }).click();
  await dialog.getByLabel("Use these keys in this browser").check();
  await dialog.getByRole("button", { name: "Close" }).click();
  await ada.locator("body").press("/");
  assert.equal(await focused(ada), "q");
  await ada.keyboard.press("Escape");
});

test("the feed waits while somebody reads, and says how much is new", async () => {
  const pause = ada.locator("#feed-pause");
  await pause.click();
  await verb(rest, room.id, "extend", { seconds: 60, candidates: [room.people["Bo Berg"].id], reason: { code: "noise", text: "" } });
  await says(ada.locator("#feed-new"), "Show 1 new");
  await says(row("Bo Berg").locator(".extra"), "1:00");
  assert.doesNotMatch(await ada.locator("#feed").textContent(), /\+1 min, noise/);
  await verb(rest, room.id, "extend", { seconds: 60, candidates: [room.people["Bo Berg"].id], reason: { code: "noise", text: "" } });
  await says(ada.locator("#feed-new"), "Show 2 new");
  await look(ada, "feed");
  await ada.locator("#feed-new").click();
  await says(ada.locator("#feed"), /\+1 min, noise/);
  assert.equal(await ada.locator("#feed-new").isVisible(), false);
  await pause.click();
  await pause.blur();
});

test("trouble is said at once, a save never, and one key says how things stand", async () => {
  for (const of of [ada, li]) await listen(of);
  await question(li, 1).getByLabel("Canberra").check();
  await says(stateOf(li, 1), /Saved/);
  await lines["Chen Jie"].answer("capital", ["can"]);
  await says(row("Chen Jie").locator(".answers"), "1 / 6");
  await lines["Bo Berg"].drop();
  await heard(ada, /^alert: 5 Bo Berg: No connection for/);
  await lines["Bo Berg"].back();
  assert.deepEqual(await li.evaluate(() => globalThis.spoken), [], "neither the clock nor a save speaks by itself");
  assert.deepEqual(await ada.evaluate(() => globalThis.spoken.filter((said) => !said.startsWith("alert: 5 Bo Berg"))), []);
  // Also while somebody types.
  await question(li, 6).getByRole("textbox").click();
  await li.keyboard.press("F8");
  await heard(li, /^status: You have \d+ min.* left\. .*[Ss]aved .*Connected/);
  await li.locator("details.why summary").click();
  await look(li, "student");
  // A phone has no F8: the button is there for whoever listens.
  await li.setViewportSize({ width: 360, height: 800 });
  await li.evaluate(() => (globalThis.spoken.length = 0));
  await li.locator("#aloud-near").focus();
  await li.keyboard.press("Enter");
  await heard(li, /^status: You have \d+ min/);
  await li.setViewportSize({ width: 1280, height: 900 });
});

test("marks of time are said on both pages", async () => {
  const { now_at: now, rows } = await rest.get(`/rooms/${room.id}/status`);
  const of = (who) => (Date.parse(rows.find(({ candidate }) => candidate === room.people[who].id).deadline_at) - Date.parse(now)) / 1000;
  // The room goes below half an hour by a change, and below ten minutes by another.
  await verb(rest, room.id, "extend", { seconds: Math.round(1803 - of("Li Na")), reason: { code: "other", text: "" } });
  for (const page of [ada, li]) await heard(page, /^status: 30 minutes left\.$/);
  await verb(rest, room.id, "extend", { seconds: -1195, reason: { code: "other", text: "" } });
  await heard(li, /^status: 10 minutes left\.$/);
  await heard(ada, /^status: 10 minutes left\.$/);
  for (const page of [ada, bob, li]) assert.deepEqual(page.complaints, []);
});
