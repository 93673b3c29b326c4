// Several teachers in one room: who is here, who did what, who may do what, the projector, one hands over to the other. Nobody reloads a page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, clipped, launchBrowser, newPage, screenshot, startServer } from "./lib/harness.mjs";
import { STAFF, WAIT_MS, colleague, command, crowd, firstAccount, makeRoom, rowOf, says, signIn, staffApi, until, verb } from "./lib/exam.mjs";

const NAMES = ["Li Na", "Wang Fang", "Zhang Wei", "Anna Schmidt", "Chen Jie"];
const ROSTER = NAMES.map((name, i) => `${name},${2001 + i},7b,${i + 1},`);

let browser;
let server;
let rest;
let room;
let ada;
let wang;
let students;

/** In both languages, widths and schemes: nothing clipped, nothing that axe calls serious. With INVIGIL_SHOTS set, a picture of each. */
async function look(page, name) {
  const { href } = new URL(page.url());
  for (const lang of ["zh-CN", "en"]) {
    await page.goto(`${href}${href.includes("?") ? "&" : "?"}lang=${lang}`);
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        assert.deepEqual([await clipped(page), await axe(page)], [[], []], `${name} ${lang} ${width} ${colorScheme}`);
        if (process.env.INVIGIL_SHOTS) await screenshot(page, `people-${name}-${lang}-${width}-${colorScheme}`);
      }
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(href);
}

async function second(page) {
  const other = await page.context().newPage();
  other.setDefaultTimeout(WAIT_MS);
  return other;
}

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
  ada = await newPage(browser, { base: server.base, locale: "en-GB", viewport: { width: 1280, height: 900 } });
  ada.setDefaultTimeout(WAIT_MS);
  await firstAccount(ada, server);
  rest = await staffApi(server);
  room = await makeRoom(rest, { exam: { duration_seconds: 3600 }, roster: ROSTER });
  await verb(rest, room.id, "open");
  await verb(rest, room.id, "start");
  await ada.goto(`/staff/rooms/${room.id}`);
  await says(ada.locator("#conn"), "Live");
  wang = await colleague(browser, server, rest, room.id, { name: "Ms Wang", rights: ["watch", "message", "time", "control"] });
  students = await crowd(browser, server.base);
  for (const name of NAMES) if (name !== "Chen Jie") await students.join(room.people[name].code);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("one teacher confirms who is here, and the other sees it at once", async () => {
  const list = await second(wang);
  await list.goto(`/staff/rooms/${room.id}/attendance`);
  const line = (page, name) => page.locator("#attendance tr", { hasText: name });
  await says(list.locator(".sums"), /4 here\s+1 missing\s+0 of 5 identities confirmed/);
  const mine = await second(ada);
  await mine.goto(`/staff/rooms/${room.id}/attendance`);
  await line(list, "Li Na").getByRole("button", { name: "Confirm identity" }).focus();
  await list.keyboard.press("Enter");
  await says(line(list, "Li Na"), /✓ Ms Wang, \d/);
  assert.match(await list.evaluate(() => document.activeElement.textContent), /Withdraw Li Na/, "the focus stays in the line");
  await says(line(mine, "Li Na"), /✓ Ms Wang, \d/);
  await says(rowOf(ada, room.people["Li Na"].id), "identity confirmed");
  await says(ada.locator("#feed"), "Ms Wang · 1 Li Na: identity confirmed");
  await line(list, "Chen Jie").getByRole("button", { name: "Is here" }).click();
  await says(line(mine, "Chen Jie"), /here as staff say/);
  await says(mine.locator(".sums"), /5 here\s+0 missing\s+1 of 5 identities confirmed/);
  await line(mine, "Chen Jie").getByRole("button", { name: "Is missing" }).click();
  await says(line(list, "Chen Jie"), /missing as staff say/);
  await says(wang.locator("#feed"), `${STAFF.name} · 5 Chen Jie: is missing, staff say`);
  await look(mine, "attendance");
  await mine.close();
  await list.close();
});

test("what one teacher does is told to the other with the name of who did it", async () => {
  await command(wang, "Add minutes", { minutes: 5, reason: "fire alarm" });
  await says(ada.locator("#feed"), "Ms Wang: +5 min, fire alarm");
  const feed = ada.locator("#feed");
  await ada.goto(`/staff/rooms/${room.id}?lang=zh-CN`);
  await says(feed, /Ms Wang：\+5 分/);
  await ada.goto(`/staff/rooms/${room.id}?lang=en`);
  await says(feed, "Ms Wang: +5 min, fire alarm");
  await ada.goto(`/staff/rooms/${room.id}/timeline?group=people`);
  await says(ada.locator("main"), /identity confirmed.*by Ms Wang/s);
  await ada.goto(`/staff/rooms/${room.id}`);
  await says(ada.locator("#conn"), "Live");
});

test("rights are given and taken on a page, and whoever loses them is put out", async () => {
  await rest.post("/users", { login: "zoe", name: "Zoe Zhou", role: "teacher", password: STAFF.password });
  const page = await second(ada);
  await page.goto(`/staff/rooms/${room.id}/staff`);
  const add = page.getByRole("region", { name: "Let a colleague work here" });
  await add.getByLabel("Their login").fill("nobody");
  await add.getByRole("button", { name: "Add" }).click();
  await says(page.getByRole("alert"), "No colleague with this login");
  await add.getByLabel("Their login").fill("zoe");
  for (const right of ["students", "time", "control"]) await add.getByLabel(right, { exact: true }).uncheck();
  await add.getByRole("button", { name: "Add" }).click();
  await says(ada.locator("#feed"), `${STAFF.name}: Zoe Zhou may: watch`);
  const zoe = await newPage(browser, { base: server.base, locale: "en-GB", viewport: { width: 1280, height: 900 } });
  zoe.setDefaultTimeout(WAIT_MS);
  await signIn(zoe, `/staff/rooms/${room.id}`, "zoe");
  await says(zoe.locator("#conn"), "Live");
  const button = zoe.getByRole("button", { name: "Write a message…" }).first();
  assert.equal(await button.isVisible(), false);
  await look(page, "staff");
  const her = page.locator("li", { hasText: "Zoe Zhou" });
  await her.getByLabel("students", { exact: true }).check();
  await her.getByRole("button", { name: "Save rights" }).click();
  await says(ada.locator("#feed"), `${STAFF.name}: Zoe Zhou may: watch, students`);
  await button.waitFor();

  // A colleague with control, but without results: what cannot be pressed says why.
  const hers = await second(wang);
  await hers.goto(`/staff/rooms/${room.id}/staff`);
  const line = (name) => hers.locator(".colleagues li", { hasText: name });
  assert.equal(await line("Zoe Zhou").getByLabel("results", { exact: true }).isDisabled(), true);
  await says(line("Zoe Zhou"), "You cannot give or take what you do not have yourself: paper, results.");
  assert.equal(await line("Ms Wang").getByLabel("time", { exact: true }).isDisabled(), true);
  await says(line("Ms Wang"), "These are your own rights.");
  await line("Zoe Zhou").getByRole("button", { name: "Take all away" }).click();
  await says(ada.locator("#feed"), "Ms Wang: Zoe Zhou may do nothing here any more");
  await says(zoe.locator("#conn"), /no longer|stopped|Reload|ended/i);
  await zoe.reload();
  await says(zoe.locator("h1"), /not found/i);
  for (const one of [zoe.context(), page, hers]) await one.close();
});

test("the projector shows the clock, the address and what was said to everybody, and no name", async () => {
  const board = await second(ada);
  await board.goto(`/staff/rooms/${room.id}/board`);
  assert.equal(await board.locator("header").count(), 0, "nothing of the staff's pages");
  await says(board.locator("#board-clock"), /^1:0\d:\d\d$/);
  const before = await board.locator("#board-clock").textContent();
  await says(board.locator(".board-address"), new URL(server.base).host);
  await rest.post(`/rooms/${room.id}/messages`, { text: "Question 4: read “at least”." });
  await rest.post(`/rooms/${room.id}/messages`, { text: "Li Na, come to the front.", candidates: [room.people["Li Na"].id] });
  await says(board.locator(".board-words"), "Question 4: read “at least”.");
  await until(async () => (await board.locator("#board-clock").textContent()) !== before, "the clock to run");
  const seen = await board.locator("body").innerText();
  for (const name of NAMES) assert.equal(seen.includes(name), false, `${name} is on the projector`);
  await verb(rest, room.id, "pause");
  await says(board.locator(".board-sentence"), /stands still|paused|stopped/i);
  await verb(rest, room.id, "resume");
  await says(board.locator(".board-sentence"), /Ends/);
  await look(board, "board");
  await board.close();
});

test("one teacher hands the room over, the other takes it, both see it at once", async () => {
  const page = await second(ada);
  await page.goto(`/staff/rooms/${room.id}/staff`);
  await page.getByLabel("Hand the room over to").selectOption({ label: "Ms Wang" });
  await page.getByLabel(/What they have to know/).fill("PC 12 is out. Chen Jie is ill.");
  await page.getByRole("button", { name: "Ask to take over" }).click();
  await says(wang.locator("#charge"), `${STAFF.name} asks you to take this room over`);
  await says(wang.locator("#charge"), "PC 12 is out.");
  await says(ada.locator("#charge"), "Ms Wang is asked to take the room over");
  assert.equal(await ada.getByRole("button", { name: "Take it over" }).count(), 0, "only who is asked answers");
  await look(wang, "handover");
  await says(wang.locator("#conn"), "Live");
  await wang.getByRole("button", { name: "Take it over" }).click();
  await says(wang.locator("#charge"), /You are in charge of this room\.\s+since \d/);
  await says(ada.locator("#charge"), /In charge: Ms Wang\s+since \d/);
  await says(ada.locator("#feed"), "Ms Wang: has taken the room over");
  await page.close();
});
