// When answers cannot be saved: a file that the student takes along, taken in on another computer or by staff; and a computer that keeps
// nothing, which is said plainly.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { axe, launchBrowser, newPage, startServer } from "./lib/harness.mjs";
import { STAFF, device, enter, firstAccount, makeRoom, question, says, staffApi, stateOf, until, verb } from "./lib/exam.mjs";
import { startProxy } from "./lib/proxy.mjs";

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
/** What was under way in the hole is gone. */
const heal = () => {
  proxy.cut();
  proxy.blackHole(false);
};
afterEach(heal);
after(async () => {
  await browser?.close();
  await proxy?.stop();
  await server?.stop();
});

async function sitting(exam = {}) {
  const room = await makeRoom(rest, { exam: { duration_seconds: 1800, grace_seconds: 1, ...exam }, roster: ["Li Na,2001,7b,19,", "Wang Fang,2002,7b,20,"] });
  await verb(rest, room.id, "start");
  const page = await device(browser, proxy.base);
  await enter(page, room.people["Li Na"].code);
  await says(page.locator("#conn"), "Connected");
  return { room, page, candidate: room.people["Li Na"] };
}

const answersOf = async (room, { id }) => (await rest.get(`/rooms/${room.id}/candidates/${id}/answers`)).items;

/** Saves the file that the page offers; gives its path. */
async function download(page, button) {
  const [got] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { path: await got.path(), name: got.suggestedFilename() };
}

/** Cut off with two answers kept, until the page offers the file. */
async function cutOff(page) {
  proxy.blackHole(true);
  proxy.cut();
  await question(page, 1).getByLabel("Canberra").check();
  await question(page, 5).getByRole("textbox").fill("Volga");
  for (const n of [1, 5]) await says(stateOf(page, n), "Kept on this computer, not saved yet");
  await says(page.locator("#banner-lost"), /your answers are kept on this computer and will be sent by themselves\. Not saved yet: 2\./);
  return download(page, page.locator("#banner-lost").getByRole("button", { name: "Download my answers" }));
}

test("the file goes to another computer: what is newer there stays, the rest is saved under the old pen", async () => {
  const { room, page, candidate } = await sitting();
  const file = await cutOff(page);
  assert.match(file.name, /^invigil Li Na .*\.json$/);
  const written = JSON.parse(readFileSync(file.path, "utf8"));
  assert.deepEqual(written.answers.map(({ pen, question: id, value }) => [pen, id, value]), [[1, "capital", ["can"]], [1, "river", "Volga"]]);
  assert.deepEqual(await axe(page), []);
  // That computer is gone for good, with what it kept.
  const kept = join(server.dir, "taken.json");
  writeFileSync(kept, readFileSync(file.path));
  await page.context().close();
  heal();

  const next = await device(browser, server.base);
  await enter(next, candidate.code);
  await next.getByRole("timer").waitFor();
  await question(next, 1).getByLabel("Sydney").check();
  await says(stateOf(next, 1), /^Saved/);
  const take = next.locator("[data-for=paper] [data-file]");
  await take.getByText("I have a file with my answers").click();
  const damaged = join(server.dir, "damaged.json");
  writeFileSync(damaged, readFileSync(kept, "utf8").replace("Volga", "Wolga"));
  await take.locator("input").setInputFiles(damaged);
  await says(take.locator("[data-file-said]"), "This file is damaged.");
  for (let twice = 0; twice < 2; twice += 1) {
    await take.locator("input").setInputFiles(kept);
    await says(take.locator("[data-file-said]"), "Taken from the file: 2.");
    await until(async () => (await answersOf(room, candidate)).length === 3, "what the file holds to be stored");
    await says(next.locator("#save"), /^Everything saved/);
  }
  const rows = (await answersOf(room, candidate)).map((a) => [a.pen, a.question, a.counts, a.why]);
  assert.deepEqual(rows.sort(), [[1, "capital", false, "superseded"], [1, "river", true, "older_pen"], [2, "capital", true, null]]);
  await until(async () => (await question(next, 5).getByRole("textbox").inputValue()) === "Volga", "the file's answer to stand in the page");
  assert.equal(await question(next, 1).getByLabel("Sydney").isChecked(), true);
  assert.deepEqual(next.complaints, []);
  await next.context().close();
});

test("staff bring the file after the end: stored, not counted, said why; twice is once; and the timeline says who", async () => {
  const { room, page, candidate } = await sitting();
  const { path } = await cutOff(page);
  await verb(rest, room.id, "end", { spare: false, reason: { code: "other", text: "Fire." } });
  const address = `/staff/rooms/${room.id}/candidates/${candidate.id}`;
  await teacher.goto(`/staff/rooms/${room.id}`);
  await teacher.getByRole("link", { name: "Li Na" }).click();
  await teacher.getByRole("heading", { level: 1, name: "19 Li Na" }).waitFor();
  for (let twice = 0; twice < 2; twice += 1) {
    await teacher.getByLabel("The file", { exact: true }).setInputFiles(path);
    await teacher.getByRole("button", { name: "Upload" }).click();
    await says(teacher.getByRole("status"), "Stored: 2 of 2.");
    await says(teacher.getByRole("status"), "Stored and not counted: 2.");
    assert.deepEqual(await teacher.locator("tbody tr").allInnerTexts(), ["1\t1/1\tstored, does not count: it came after the end", "5\t1/2\tstored, does not count: it came after the end"]);
    assert.equal((await answersOf(room, candidate)).length, 2);
  }
  assert.deepEqual(await axe(teacher), []);
  // Another student's page does not take it.
  await teacher.goto(`/staff/rooms/${room.id}/candidates/${room.people["Wang Fang"].id}`);
  await teacher.getByLabel("The file", { exact: true }).setInputFiles(path);
  await teacher.getByRole("button", { name: "Upload" }).click();
  await says(teacher.getByRole("alert"), "This file belongs to another student");
  // By REST the same.
  const again = await rest.post(`${address.replace("/staff", "")}/answers/file`, JSON.parse(readFileSync(path, "utf8")));
  assert.deepEqual(again.items.map(({ outcome, counts }) => [outcome, counts]), [["saved", false], ["saved", false]]);
  await teacher.goto(`/staff/rooms/${room.id}/timeline`);
  const entry = teacher.locator("li[data-kind='answers.uploaded']").first();
  await says(entry, "a file with answers brought by staff");
  await says(entry, "19 Li Na");
  await says(entry, STAFF.name);
});

/** Blocks the browser's database, as some browsers do in private windows and by policy. */
const blocked = () => {
  Object.defineProperty(globalThis, "indexedDB", { value: { open: () => { throw new DOMException("blocked", "SecurityError"); } } });
};

for (const [how, forbid] of [
  ["a browser that keeps no database", async (page) => page.addInitScript(blocked)],
  ["a disk without space", async (page) => {
    const keys = await page.context().newCDPSession(page);
    await keys.send("Storage.overrideQuotaForOrigin", { origin: proxy.base, quotaSize: 1 });
  }],
]) {
  test(`${how}: saved while connected; cut off, it says to stop`, async () => {
    const room = await makeRoom(rest, { exam: { duration_seconds: 1800 }, roster: ["Li Na,2001,7b,19,"] });
    await verb(rest, room.id, "start");
    const page = await device(browser, proxy.base);
    await forbid(page);
    await enter(page, room.people["Li Na"].code);
    await says(page.locator("#conn"), "Connected");
    await question(page, 1).getByLabel("Canberra").check();
    await says(stateOf(page, 1), /^Saved/);
    await says(page.locator("#keeps-nothing"), /^This computer cannot keep answers:/);
    assert.equal(await page.locator("#banner-unkept").isVisible(), false, "what is saved is not called lost");
    proxy.blackHole(true);
    proxy.cut();
    await question(page, 3).getByLabel("False").check();
    await says(stateOf(page, 3), "Not kept and not saved");
    await says(page.locator("#banner-unkept"), /Not kept and not saved\.\s*Stop and raise your hand now\./);
    await says(page.locator("#say-alert"), /Not kept and not saved/);
    await says(page.locator("#save"), "Not kept and not saved: 1");
    heal();
    await says(stateOf(page, 3), /^Saved/);
    await page.locator("#banner-unkept").waitFor({ state: "hidden" });
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}
