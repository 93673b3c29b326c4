// The timeline in the hands of two teachers: found, written out, checked, replayed, and one student's bundle for an appeal.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { axe, clipped, launchBrowser, newPage, screenshot, startServer } from "./lib/harness.mjs";
import { WAIT_MS, crowd, device, enter, firstAccount, makeRoom, rowOf, says, staffApi, until, verb } from "./lib/exam.mjs";

const NAMES = ["Li Na", "Wang Fang", "Zhang Wei", "Chen Min", "=Sum(1)"];
const ROSTER = NAMES.map((name, i) => `${name},${2001 + i},7b,${i + 1},${i === 0 ? 25 : ""}`);
const SECOND = { login: "bea", name: "Bea Second", password: "another horse battery" };

let browser;
let server;
let rest;
let room;
let first;
let second;
/** An instant at which nothing happened, and what the live page showed then. */
let calm;

const at = (page, path) => page.goto(`/staff/rooms/${room.id}${path}`);
const rows = (page) => page.locator(".timeline > li");

/** In both languages, widths and schemes: nothing clipped, nothing that axe calls serious. With INVIGIL_SHOTS set, a picture of each. */
async function look(page, path, name) {
  for (const lang of ["zh-CN", "en"]) {
    await at(page, `${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        const where = `timeline-${name}-${lang}-${width}-${colorScheme}`;
        if (process.env.INVIGIL_SHOTS) await screenshot(page, where);
        assert.deepEqual([await clipped(page), await axe(page)], [[], []], where);
      }
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
  first = await newPage(browser, { base: server.base, locale: "en-GB", viewport: { width: 1280, height: 900 } });
  first.setDefaultTimeout(WAIT_MS);
  await firstAccount(first, server);
  rest = await staffApi(server);
  room = await makeRoom(rest, { exam: { duration_seconds: 1800 }, roster: ROSTER });
  const bea = await rest.post("/users", { ...SECOND, role: "teacher" });
  await rest.put(`/rooms/${room.id}/staff/${bea.id}`, { rights: ["watch", "time", "control", "message"] });
  second = await newPage(browser, { base: server.base, locale: "en-GB", viewport: { width: 1280, height: 900 } });
  second.setDefaultTimeout(WAIT_MS);
  await second.goto("/staff");
  await second.locator("#login").fill(SECOND.login);
  await second.locator("#password").fill(SECOND.password);
  await second.locator("form[action='/staff/login'] button").click();
  await second.getByRole("heading", { level: 1, name: "Rooms" }).waitFor();

  await verb(rest, room.id, "open");
  await verb(rest, room.id, "start");
  await at(first, "");
  await says(first.locator("#conn"), "Live");
  const li = await device(browser, server.base);
  await enter(li, room.people["Li Na"].code);
  await li.getByRole("timer").waitFor();
  const { join } = await crowd(browser, server.base);
  const others = [];
  for (const name of NAMES.slice(1)) others.push(await join(room.people[name].code));
  await others[0].answer("river", "Volga");
  await others[0].answer("height", "8849");
  await others[1].answer("river", "Don");
  await says(rowOf(first, room.people["Wang Fang"].id).locator(".answers"), "2 / 6");
  // Its middle: the slider goes by whole seconds.
  calm = await until(async () => {
    const status = async () => {
      const { now_at: now, ...all } = await rest.get(`/rooms/${room.id}/status`);
      return { now, all: JSON.stringify(all) };
    };
    const one = await status();
    await new Promise((go) => setTimeout(go, 1000));
    return one.all === (await status()).all && Date.parse(one.now) + 500;
  }, "a second in which nothing happens");
  await others[0].answer("river", "Rhine");
  await others[0].answer("capital", ["can"]);
  const api = await rest.as((await rest.post("/auth/login", { login: SECOND.login, password: SECOND.password })).access_token);
  await verb(api, room.id, "extend", { seconds: 300, candidates: [room.people["Li Na"].id], reason: { code: "noise", text: "drilling next door" } });
  await others[3].drop();
  await verb(rest, room.id, "end", { spare: false });
  await until(async () => (await rest.get(`/rooms/${room.id}/status`)).phase === "ended", "the room is over");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("what another teacher did is found by words, by whom, and about whom", async () => {
  await at(first, "/timeline");
  await first.getByLabel("Words").fill("DRILLING");
  await first.getByRole("button", { name: "Search" }).click();
  await says(rows(first), /drilling next door/);
  assert.equal(await rows(first).count(), 1);
  await says(rows(first), "by Bea Second");
  await first.getByRole("link", { name: "Show everything" }).click();
  await first.getByLabel("Done by").selectOption({ label: "Bea Second" });
  await first.getByRole("button", { name: "Search" }).click();
  assert.equal(await rows(first).count(), 1);
  await at(first, "/timeline");
  await first.getByLabel("Student").selectOption({ label: "2 Wang Fang" });
  await first.getByLabel("About").selectOption({ label: "Answers" });
  await first.getByRole("button", { name: "Search" }).click();
  assert.equal(await rows(first).count(), 4);
  const [download] = await Promise.all([first.waitForEvent("download"), first.getByRole("link", { name: "CSV" }).click()]);
  const csv = await readFile(await download.path(), "utf8");
  assert.equal(csv.trim().split("\r\n").length, 5);
  assert.match(csv, /^\uFEFFid,.*answer saved/s);
  await look(first, `/timeline?group=answers`, "found");
});

test("a name that is a formula stays a name in a spreadsheet", async () => {
  await at(first, "/timeline?q=sum");
  const [download] = await Promise.all([first.waitForEvent("download"), first.getByRole("link", { name: "CSV" }).click()]);
  const csv = await readFile(await download.path(), "utf8");
  assert.match(csv, /,'=Sum\(1\),/);
  assert.doesNotMatch(csv, /,=Sum/);
});

test("the seal is checked by whoever may watch", async () => {
  await at(second, "/timeline");
  await second.getByRole("button", { name: "Check the seal" }).click();
  await says(second.locator("#checked"), /entries checked: all are as they were sealed/);
  assert.match(await second.locator(".mark code").textContent(), new RegExp(`^${room.id}/\\d+/\\d+/h1:[0-9a-f]{64}$`));
});

test("the slider shows the room as it was", async () => {
  await at(first, "/replay");
  const wang = rowOf(first, room.people["Wang Fang"].id);
  await says(wang.locator(".answers"), "3 / 6");
  await says(first.locator("#then .chip").first(), "Ended");
  await first.locator("#at").evaluate((node, value) => {
    node.value = String(value);
    node.dispatchEvent(new Event("input", { bubbles: true }));
  }, calm);
  await says(wang.locator(".answers"), "2 / 6");
  await says(first.locator("#then .chip").first(), "Running");
  await says(rowOf(first, room.people["=Sum(1)"].id).locator(".presence"), "connected");
  await first.getByRole("button", { name: "−1 min" }).click();
  await says(wang.locator(".answers"), "0 / 6");
  await look(first, `/replay?at=${calm}`, "replay");
});

test("one student's bundle has the sum, every answer with its time, and the seal", async () => {
  await at(first, `/candidates/${room.people["Li Na"].id}/bundle`);
  await says(first.locator(".sum"), /30:00 × 1\.25 \+ 5:00 .*drilling next door/);
  await says(first.locator(".timeline"), /\+5 min/);
  const path = `/candidates/${room.people["Wang Fang"].id}/bundle`;
  await at(first, path);
  assert.equal(await first.locator(".bundle table tbody tr").count(), 4);
  await says(first.locator(".bundle table"), "Rhine");
  assert.doesNotMatch(await first.locator(".timeline").innerText(), /drilling/, "what was given to another is not here");
  assert.match(await first.locator(".mark code").first().textContent(), /^h1:[0-9a-f]{64}$/);
  await says(first.locator("#checked"), "as they were sealed");
  await look(first, path, "bundle");
  await first.emulateMedia({ media: "print", colorScheme: "light" });
  assert.equal(await first.locator("header.top").isVisible(), false, "paper has no menus");
  if (process.env.INVIGIL_SHOTS) await screenshot(first, "timeline-bundle-print");
  await first.emulateMedia({ media: "screen" });
  await at(second, path);
  await says(second.locator("main"), "does not show answers");
});
