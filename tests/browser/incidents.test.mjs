// Incidents, with two teachers and five students: what a rule proposes, what staff record, what the student sees and answers, time that is
// given back or not. Nobody reloads a page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { axe, launchBrowser, looksRight, newPage, screenshot, startServer } from "./lib/harness.mjs";
import { STAFF, device, enter, firstAccount, makeRoom, says, signIn, staffApi, until, verb } from "./lib/exam.mjs";
import { startProxy } from "./lib/proxy.mjs";

/** Longer than a gap has to be to count as an outage (5 s), and than one of a student's own to be proposed (30 s), ms. */
const OUTAGE_MS = 7_000;
const GAP_MS = 33_000;
const PEOPLE = ["Li Na,2001,7b,19,", "Wang Fang,2002,7b,20,", "Anna Schmidt,2003,7b,21,", "Chen Jie,2004,7b,22,", "Bo Berg,2005,7b,23,"];

let browser;
let server;
let proxy;
let ada;
let rest;

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
  proxy = await startProxy(server.port);
  ada = await newPage(browser, { base: server.base, locale: "en-GB" });
  ada.setDefaultTimeout(30_000);
  await firstAccount(ada, server);
  rest = await staffApi(server);
});
after(async () => {
  await browser?.close();
  await proxy?.stop();
  await server?.stop();
});

const left = (page) => page.locator("#clock").evaluate((node) => Number(node.dataset.leftMs));
const cases = (page) => page.locator("#cases-list > li");

/** Students sit, the teacher watches. */
async function sitting(bases, exam = {}, rules = {}) {
  const room = await makeRoom(rest, { exam: { duration_seconds: 1800, ...exam }, roster: PEOPLE });
  await rest.put(`/exams/${room.exam}/incident-rules`, rules);
  await verb(rest, room.id, "start");
  const pages = [];
  for (const [n, base] of bases.entries()) {
    const page = await device(browser, base);
    await enter(page, room.people[PEOPLE[n].split(",")[0]].code);
    await says(page.locator("#conn"), "Connected");
    pages.push(page);
  }
  await ada.goto(`/staff/rooms/${room.id}`);
  await says(ada.locator("#conn"), "Live");
  return { room, pages };
}

/** So many characters are pasted into the essay at once, and the server has heard of it. */
async function paste(page, chars) {
  const essay = page.locator("[data-q=essay] textarea");
  await essay.click();
  const told = page.waitForResponse((response) => response.url().endsWith("/signal"));
  await essay.evaluate((node, n) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "x".repeat(n));
    node.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, chars);
  assert.equal((await told).status(), 200);
}

/** The server is killed and comes back after a while on the same port and database. */
async function goAway() {
  const { dir, port } = server;
  await server.stop({ signal: "SIGKILL", keepDir: true });
  await pause(OUTAGE_MS);
  server = await startServer({ dir, port });
}

test("a rule proposes, two teachers see it, one looks into it, the student is shown it and answers", async () => {
  const { room, pages } = await sitting(PEOPLE.map(() => server.base), {}, { paste_chars: 50, shown: true });
  const [li, ...others] = pages;
  const eve = await newPage(browser, { base: server.base, locale: "zh-CN" });
  await signIn(eve, `/staff/rooms/${room.id}`);
  await says(eve.locator("#conn"), /实时/);

  await paste(li, 60);
  await says(cases(ada), /Li Na/);
  await says(cases(ada), /60 characters were pasted at once; this exam looks beyond 50/);
  await says(cases(eve), /一次粘贴了 60 个字符/);
  await until(async () => /1 incident/.test(await ada.locator("tr", { hasText: "Li Na" }).innerText()), "the row says so");
  assert.equal(await li.locator("#cases-open").isVisible(), false, "what is only proposed is not shown to her");
  if (process.env.INVIGIL_SHOTS) await screenshot(ada, "incident-proposed");
  assert.deepEqual(await axe(ada), []);

  await cases(ada).getByRole("button", { name: "Look into it" }).click();
  await says(li.locator("#say-status"), /The staff show you a note/);
  const notes = li.getByRole("button", { name: /^Notes/ });
  await says(notes, /Notes 1.*1 new/);
  for (const other of others) assert.equal(await other.locator("#cases-open").isVisible(), false, "and to nobody else");
  await li.getByRole("button", { name: /^Messages/ }).click();
  await notes.click();
  assert.equal(await li.locator("#mail").isVisible(), false, "one pane at a time");
  await says(li.locator("#case-list > li[data-unread]"), /60 characters/);
  assert.equal(await li.locator("#cases-n").isVisible(), false, "what is looked at is not new");
  await looksRight(li, "incident-student");
  await li.locator("#case-list textarea").fill("I wrote it in another box first.");
  await li.getByRole("button", { name: "Send the answer" }).click();
  await says(li.locator("#case-list"), /I wrote it in another box first\./);
  assert.equal(await li.locator("#case-list textarea").inputValue(), "");
  await li.keyboard.press("Escape");
  assert.equal(await li.locator("#cases").isVisible(), false);
  assert.equal(await li.evaluate(() => document.activeElement.id), "cases-open");
  await says(cases(ada), /1 reply/);
  await li.evaluate((path) => {
    const { csrf } = JSON.parse(document.getElementById("data").textContent);
    const id = document.querySelector("[data-case-id]").dataset.caseId;
    const body = JSON.stringify({ text: "And from elsewhere.", key: "0123456789abcdef" });
    return fetch(`${path}/incidents/${id}`, { method: "POST", headers: { "content-type": "application/json", "x-csrf": csrf }, body });
  }, `/sit/${room.id}`);
  await until(async () => /And from elsewhere/.test(await li.locator("#case-list").textContent()), "what she wrote elsewhere is here");
  assert.equal(await li.locator("#cases-n").isVisible(), false, "her own words are nothing new to her");
  await cases(ada).getByRole("button", { name: /^Details/ }).click();
  const dialog = ada.locator("#preview");
  await says(dialog, /I wrote it in another box first\./);
  if (process.env.INVIGIL_SHOTS) await screenshot(ada, "incident-detail");
  assert.deepEqual(await axe(ada), []);
  await dialog.getByLabel("Write to it").fill("Thank you, that is fine.");
  await dialog.getByRole("button", { name: "Add" }).click();
  await says(notes, /1 new/);
  await looksRight(li, "incident-unread");
  await li.reload();
  await says(notes, /1 new/);
  await notes.click();
  await says(li.locator("#case-list"), /Thank you, that is fine\./);
  await li.locator("#case-list textarea").fill("And one more");
  await dialog.getByText("Close", { exact: true }).click();
  await cases(eve).getByRole("button", { name: "没有问题" }).click();
  await until(async () => (await cases(ada).count()) === 0, "the other teacher's decision is here");
  await says(li.locator("#case-list"), /nothing was wrong/);
  assert.equal(await li.locator("#case-list textarea").inputValue(), "And one more", "what is being written stays");
  await li.reload();
  await notes.waitFor();
  assert.equal(await li.locator("#cases-n").isVisible(), false, "it was on the screen when it came");
  await eve.context().close();
});

test("a teacher records what happened to one student, and to the room", async () => {
  const { room } = await sitting([server.base]);
  await ada.locator("tr", { hasText: "Li Na" }).locator("input[name=candidate]").check();
  await ada.getByRole("button", { name: "Record an incident" }).click();
  const dialog = ada.locator("#preview");
  await says(dialog, /About 19 Li Na/);
  await dialog.getByLabel("What it is about").selectOption("candidate.illness");
  await dialog.getByLabel("What happened").fill("Felt sick, went out for five minutes.");
  assert.deepEqual(await axe(ada), []);
  await dialog.getByRole("button", { name: "Record", exact: true }).click();
  await says(cases(ada), /19 Li Na.*Student: illness.*Felt sick/s);
  await cases(ada).getByRole("button", { name: "Done" }).click();
  await until(async () => (await cases(ada).count()) === 0, "nothing waits any more");
  await ada.goto(`/staff/rooms/${room.id}/incidents`);
  await says(ada.locator("main"), new RegExp(`${STAFF.name}, .*resolved`));
  if (process.env.INVIGIL_SHOTS) await screenshot(ada, "incidents-list");
  assert.deepEqual(await axe(ada), []);
});

test("an outage that is proposed is given back by one click, and another is not", async () => {
  const { pages: [page] } = await sitting([server.base], { outages: "propose" });
  await goAway();
  await says(cases(ada), /The service was away from .* Give that time back to whoever was working then\?/);
  await says(page.locator("#conn"), "Connected");
  const before = await left(page);
  await cases(ada).getByRole("button", { name: /^Give .* back$/ }).click();
  await until(async () => (await left(page)) > before + OUTAGE_MS / 2, "the student has the time back");
  await until(async () => (await cases(ada).count()) === 0, "nothing is left to decide");

  await goAway();
  await cases(ada).first().waitFor();
  await says(page.locator("#conn"), "Connected");
  const then = await left(page);
  await cases(ada).getByRole("button", { name: "Do not give it back" }).click();
  await until(async () => (await cases(ada).count()) === 0, "nothing is left to decide");
  await says(ada.locator("#feed"), /are not given back/);
  assert.ok((await left(page)) <= then, "nothing was given");
});

test("a student's own gap is proposed when the student is back, and given back as a credit", async () => {
  const { pages: [page] } = await sitting([proxy.base]);
  proxy.blackHole(true);
  proxy.cut();
  await pause(GAP_MS);
  proxy.cut();
  proxy.blackHole(false);
  await says(cases(ada), /Li Na.*No connection from .* of it was working time\. Give it back\?/s);
  const before = await left(page);
  await cases(ada).getByRole("button", { name: /^Give .* back$/ }).click();
  await until(async () => (await left(page)) > before + GAP_MS / 2, "the student has the time back");
  await until(async () => (await cases(ada).count()) === 0, "nothing is left to decide");
});

test("the rules of an exam are set on their page while it runs, and one is turned off for one student", async () => {
  const { room, pages: [li, wang] } = await sitting([server.base, server.base]);
  await ada.goto(`/staff/rooms/${room.id}/incidents`);
  await ada.getByRole("link", { name: "What rules look for" }).click();
  const pasted = ada.getByRole("group", { name: "Much pasted at once" });
  await pasted.getByRole("textbox").fill("a few");
  await ada.getByRole("group", { name: "Several devices" }).getByRole("checkbox").uncheck();
  await ada.getByRole("button", { name: "Keep the rules" }).click();
  await says(pasted, /Type a whole number from 1 to 20000\./);
  assert.deepEqual([await pasted.getByRole("textbox").inputValue(), await pasted.locator("[data-code]").getAttribute("data-code")], ["a few", "not_a_number"]);
  assert.equal(await ada.getByRole("group", { name: "Several devices" }).getByRole("checkbox").isChecked(), false, "what was chosen stays");
  await looksRight(ada, "rules-wrong");
  await pasted.getByRole("textbox").fill("40");
  await ada.getByRole("button", { name: "Keep the rules" }).click();
  await says(ada.getByRole("status"), /Kept/);
  assert.equal((await rest.get(`/exams/${room.exam}/incident-rules`)).paste_chars, 40);
  await ada.goto(`/staff/rooms/${room.id}/rules?lang=zh-CN`);
  await looksRight(ada, "rules-zh");

  await ada.goto(`/staff/rooms/${room.id}?lang=en`);
  await says(ada.locator("#conn"), "Live");
  await paste(li, 45);
  await says(cases(ada), /Li Na.*45 characters were pasted at once; this exam looks beyond 40/s);
  await cases(ada).getByRole("button", { name: /^Details/ }).click();
  await ada.locator("#preview").getByRole("link", { name: "Turn this rule off for this student" }).click();
  const off = ada.getByRole("region", { name: "Rules that are off for this student" });
  await off.getByRole("checkbox", { name: "Much pasted at once" }).check();
  await off.getByRole("button", { name: "Keep these" }).click();
  await says(off.getByRole("status"), /Kept/);
  await looksRight(ada, "rules-off");
  await ada.goto(`/staff/rooms/${room.id}/candidates/${room.people["Li Na"].id}?lang=zh-CN`);
  await looksRight(ada, "rules-off-zh");

  await ada.goto(`/staff/rooms/${room.id}?lang=en`);
  await says(ada.locator("#conn"), "Live");
  await paste(li, 50);
  await paste(wang, 55);
  await says(cases(ada), /Wang Fang.*55 characters/s);
  assert.equal((await rest.get(`/rooms/${room.id}/incidents`)).items.length, 2, "of her second paste nothing was proposed");
});
