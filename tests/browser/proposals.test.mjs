// Times that were lost, decided on the live room: an outage that is only proposed, and a student's own gap. Nobody reloads a page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { axe, launchBrowser, newPage, screenshot, startServer } from "./lib/harness.mjs";
import { device, enter, firstAccount, makeRoom, says, signIn, staffApi, until, verb } from "./lib/exam.mjs";
import { startProxy } from "./lib/proxy.mjs";

/** Longer than a gap has to be to count as an outage (5 s), and than one of a student's own to be proposed (30 s), ms. */
const OUTAGE_MS = 7_000;
const GAP_MS = 33_000;
const PEOPLE = ["Li Na,2001,7b,19,", "Wang Fang,2002,7b,20,"];

let browser;
let server;
let proxy;
let teacher;
let rest;

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
  proxy = await startProxy(server.port);
  teacher = await newPage(browser, { base: server.base, locale: "en-GB" });
  teacher.setDefaultTimeout(30_000);
  await firstAccount(teacher, server);
  rest = await staffApi(server);
});
after(async () => {
  await browser?.close();
  await proxy?.stop();
  await server?.stop();
});

const left = (page) => page.locator("#clock").evaluate((node) => Number(node.dataset.leftMs));
const proposals = () => teacher.locator("#proposals .proposal");

/** One student sits, the teacher watches. */
async function sitting(base, exam = {}) {
  const room = await makeRoom(rest, { exam: { duration_seconds: 1800, ...exam }, roster: PEOPLE });
  await verb(rest, room.id, "start");
  const page = await device(browser, base);
  await enter(page, room.people["Li Na"].code);
  await says(page.locator("#conn"), "Connected");
  await teacher.goto(`/staff/rooms/${room.id}`);
  await says(teacher.locator("#conn"), "Live");
  return { room, page };
}

/** The server is killed and comes back after a while on the same port and database. */
async function goAway() {
  const { dir, port } = server;
  await server.stop({ signal: "SIGKILL", keepDir: true });
  await pause(OUTAGE_MS);
  server = await startServer({ dir, port });
}

test("an outage that is proposed is given back by one click, and another is not", async () => {
  const { page } = await sitting(server.base, { outages: "propose" });
  await goAway();
  await says(proposals(), /The service was away for 0:\d\d\. Give that time back to whoever was working then\?/);
  await says(page.locator("#conn"), "Connected");
  if (process.env.INVIGIL_SHOTS) await screenshot(teacher, "proposal-outage");
  assert.deepEqual(await axe(teacher), []);
  const before = await left(page);
  await proposals().getByRole("button", { name: "Give it back", exact: true }).click();
  await until(async () => (await left(page)) > before + OUTAGE_MS / 2, "the student has the time back");
  await until(async () => (await proposals().count()) === 0, "nothing is left to decide");

  await goAway();
  await proposals().waitFor();
  await says(page.locator("#conn"), "Connected");
  const then = await left(page);
  await proposals().getByRole("button", { name: "Do not give it back" }).click();
  await until(async () => (await proposals().count()) === 0, "nothing is left to decide");
  await says(teacher.locator("#feed"), /are not given back/);
  assert.ok((await left(page)) <= then, "nothing was given");
});

test("a student's own gap is proposed when the student is back, and given back as a credit", async () => {
  const { page } = await sitting(proxy.base);
  proxy.blackHole(true);
  proxy.cut();
  await pause(GAP_MS);
  proxy.cut();
  proxy.blackHole(false);
  await says(proposals(), /Li Na: no connection for 0:\d\d of the working time\. Give it back\?/);
  if (process.env.INVIGIL_SHOTS) await screenshot(teacher, "proposal-gap");
  const before = await left(page);
  await proposals().getByRole("button", { name: "Give it back" }).click();
  const dialog = teacher.locator("#preview");
  await says(dialog, /Li Na/);
  await dialog.locator("[data-confirm]").click();
  await until(async () => (await left(page)) > before + GAP_MS / 2, "the student has the time back");
  await until(async () => (await proposals().count()) === 0, "nothing is left to decide");
});
