// One whole exam in real browsers: a teacher, three students with every trouble an exam can have, and the results.
// The steps build on each other; the room's own clock is slower than they are, and the teacher brings its end near on the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, newPage, startServer } from "./lib/harness.mjs";
import { WAIT_MS, command, device, enter, enterCode, firstAccount, makeRoom, question, rowOf, says, staffApi, stateOf, until } from "./lib/exam.mjs";

const ROSTER = ["Li Na,2001,7b,19,", "Wang Fang,2002,7b,20,25", "Zhang Wei,2003,7b,07,", "Chen Jie,2004,7b,21,"];
const SAVED = /^Saved \d\d:\d\d:\d\d$/;
const ESSAY = "Sleep is when memory settles.\nAnd buses are emptier.";

let browser;
let server;
let rest;
let room;
let teacher;
const pages = {};
const everyPage = [];
let broken = false;

/** One step; after a failure the later ones say so at once instead of waiting for what cannot come. */
function step(name, body) {
  test(name, async (t) => {
    if (broken) throw Object.assign(new Error("an earlier step failed"), { stack: "" });
    broken = true;
    await body(t);
    broken = false;
  });
}

async function sit(who) {
  const page = await device(browser, server.base);
  everyPage.push(page);
  pages[who] = page;
  return page;
}

const timer = (page) => page.getByRole("timer");
const card = (page) => page.locator("#save");

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

step("the first account is made with the secret that serve printed, and the secret works once", async () => {
  teacher = await newPage(browser, { base: server.base, locale: "en-GB", viewport: { width: 1440, height: 900 } });
  teacher.setDefaultTimeout(WAIT_MS);
  everyPage.push(teacher);
  await firstAccount(teacher, server);
  await says(teacher.getByRole("main"), "No rooms yet");
  const other = await newPage(browser, { base: server.base, locale: "en-GB" });
  await other.goto("/staff/setup");
  await says(other.getByRole("main"), "Set-up is done already");
  await other.context().close();
});

step("a roster is imported by API, and the room is on the teacher's page", async () => {
  rest = await staffApi(server);
  room = await makeRoom(rest, { roster: ROSTER });
  await teacher.goto("/staff");
  await teacher.getByRole("link", { name: /Geography, term 1/ }).click();
  await teacher.getByRole("heading", { level: 1, name: "Geography, term 1" }).waitFor();
  assert.equal(await teacher.locator("tr[data-id]").count(), 4);
  await says(teacher.locator("#conn"), "Live");
});

step("the teacher opens the room: shown first, then done", async () => {
  const shown = await command(teacher, "Open");
  assert.match(shown, /Students can enter and wait/);
  await says(teacher.locator("#head .chip"), "Open");
});

step("three students enter by code and wait", async () => {
  for (const who of ["Li Na", "Wang Fang", "Zhang Wei"]) {
    const page = await sit(who);
    // As people type: small letters, spaces.
    await enterCode(page, ` ${room.people[who].code.toLowerCase().replaceAll("-", " ")} `);
    await says(page.getByRole("main"), who);
    await says(page.getByRole("main"), "No camera, no microphone");
    await page.getByRole("button", { name: "Yes, this is me" }).click();
    await page.getByRole("heading", { name: "You are in. Please wait." }).waitFor();
    assert.equal(await page.getByRole("article").count(), 0, "nothing of the paper is there before the start");
    await says(rowOf(teacher, room.people[who].id), "Waiting");
    await says(rowOf(teacher, room.people[who].id), "connected");
  }
  await says(teacher.locator(".counts"), /3\s*here/);
});

step("a code that is nobody's is refused in words", async () => {
  const page = await device(browser, server.base);
  await page.goto("/");
  await page.getByLabel("Exam code").fill("AAAA-BBBB-CCCC");
  await page.getByRole("button", { name: "Continue" }).click();
  await says(page.getByRole("alert"), "This code does not work");
  await page.context().close();
});

step("at the start the waiting room turns into the paper by itself", async () => {
  await command(teacher, "Start");
  for (const page of Object.values(pages)) {
    await timer(page).waitFor();
    assert.equal(await page.getByRole("article").count(), 6);
    await says(timer(page), /^[2345]:\d\d$/);
  }
  await says(teacher.locator("#head .chip"), "Running");
  // A quarter more of four minutes.
  await says(rowOf(teacher, room.people["Wang Fang"].id).locator(".why-line"), "× 1.25");
  await says(rowOf(teacher, room.people["Chen Jie"].id), "Not here, although the room runs");
});

step("all six kinds are answered, and each says whether it is saved", async () => {
  const page = pages["Li Na"];
  await question(page, 1).getByLabel("Canberra").check();
  await says(stateOf(page, 1), SAVED);
  await question(page, 2).getByLabel("2", { exact: true }).check();
  await question(page, 2).getByLabel("13", { exact: true }).check();
  await question(page, 3).getByLabel("False").check();
  await question(page, 4).getByRole("textbox").pressSequentially("8848");
  await says(stateOf(page, 4), "Not saved yet");
  await says(card(page), "Not saved yet: ");
  await says(stateOf(page, 4), SAVED);
  await question(page, 5).getByRole("textbox").fill("volga");
  await question(page, 6).getByRole("textbox").fill(ESSAY);
  for (let n = 1; n <= 6; n += 1) await says(stateOf(page, n), SAVED);
  await says(card(page), /^Everything saved \d\d:\d\d:\d\d$/);
  await says(rowOf(teacher, room.people["Li Na"].id).locator(".answers"), "6 / 6");
  await question(pages["Wang Fang"], 1).getByLabel("Canberra").check();
  await says(stateOf(pages["Wang Fang"], 1), SAVED);
  await question(pages["Zhang Wei"], 1).getByLabel("Sydney").check();
  await says(stateOf(pages["Zhang Wei"], 1), SAVED);
});

step("after a reload in the middle everything saved is there, under the same pen", async () => {
  const page = pages["Li Na"];
  // Typed and left at once: it is sent before the page goes.
  await question(page, 5).getByRole("textbox").fill("Volga");
  page.once("dialog", (dialog) => dialog.accept());
  await page.reload();
  await timer(page).waitFor();
  assert.equal(await question(page, 1).getByLabel("Canberra").isChecked(), true);
  assert.equal(await question(page, 2).getByLabel("9", { exact: true }).isChecked(), false);
  assert.equal(await question(page, 2).getByLabel("13", { exact: true }).isChecked(), true);
  assert.equal(await question(page, 3).getByLabel("False").isChecked(), true);
  assert.equal(await question(page, 4).getByRole("textbox").inputValue(), "8848");
  assert.equal(await question(page, 6).getByRole("textbox").inputValue(), ESSAY);
  await until(async () => (await question(page, 5).getByRole("textbox").inputValue()) === "Volga", "what was typed just before the reload");
  await says(page.locator("#conn"), "Connected");
  await says(card(page), /^Everything saved/);
  const { items } = await rest.get(`/rooms/${room.id}/candidates/${room.people["Li Na"].id}/answers`);
  assert.deepEqual([...new Set(items.map(({ pen }) => pen))], [1], "a reload keeps its pen");
});

step("the network goes: the page says what is not saved; it comes back: all is saved", async () => {
  const page = pages["Li Na"];
  await page.context().setOffline(true);
  await question(page, 4).getByRole("textbox").fill("8849");
  const lost = page.locator("#banner-lost");
  await says(lost, /No connection.*Keep working: your answers are kept on this computer.*Not saved yet: 1\. Your time goes on\. Do not close or restart\. Still here after 2 minutes\? Raise your hand\./s);
  await says(stateOf(page, 4), "Not saved yet");
  await question(page, 1).getByLabel("Melbourne").check();
  await question(page, 1).getByLabel("Canberra").check();
  await says(page.locator("#conn"), "No connection");
  await says(rowOf(teacher, room.people["Li Na"].id), /No connection for 0:\d\d, last saved \d\d:\d\d:\d\d/);
  await page.context().setOffline(false);
  await lost.waitFor({ state: "hidden" });
  await says(page.locator("#banner-back"), /Connection is back\./);
  await says(stateOf(page, 4), SAVED);
  await says(card(page), /^Everything saved/);
  await says(rowOf(teacher, room.people["Li Na"].id), "connected");
});

step("another computer asks; the old page lets it in and stops writing", async () => {
  const old = pages["Wang Fang"];
  const next = await sit("Wang Fang");
  await enter(next, room.people["Wang Fang"].code);
  await next.getByRole("heading", { name: "Your exam is open somewhere else" }).waitFor();
  assert.equal(await next.getByRole("article").count(), 0, "nothing of the paper before somebody agreed");
  const banner = old.locator("#banner-takeover");
  await says(banner, "Another computer asks to continue your exam.");
  await banner.getByRole("button", { name: "Yes" }).click();
  await old.getByRole("heading", { name: "Your exam continues elsewhere" }).waitFor();
  await says(old.locator("#superseded-text"), /since \d\d:\d\d:\d\d\. You can no longer write here\./);
  await timer(next).waitFor();
  assert.equal(await question(next, 1).getByLabel("Canberra").isChecked(), true);
  await says(stateOf(next, 1), SAVED);
  await question(next, 5).getByRole("textbox").fill("Volga");
  await says(stateOf(next, 5), SAVED);
  await old.context().close();
  everyPage.splice(everyPage.indexOf(old), 1);
});

step("another computer asks; staff let it in on the live room", async () => {
  const old = pages["Zhang Wei"];
  const next = await sit("Zhang Wei");
  await enter(next, room.people["Zhang Wei"].code);
  await next.getByRole("heading", { name: "Your exam is open somewhere else" }).waitFor();
  const row = rowOf(teacher, room.people["Zhang Wei"].id);
  await says(row, "Another computer asks to continue");
  // A row that an update has just replaced has no parent any more.
  await until(() => row.evaluate((node) => node.parentElement?.id === "trouble"), "who needs a person to float up");
  await row.getByRole("button", { name: "Allow" }).click();
  await timer(next).waitFor();
  await old.getByRole("heading", { name: "Your exam continues elsewhere" }).waitFor();
  assert.equal(await question(next, 1).getByLabel("Sydney").isChecked(), true);
  // The old page offers the way back, and the same rule holds for it.
  assert.equal(await old.getByRole("button", { name: "Continue here instead" }).isVisible(), true);
  await old.context().close();
  everyPage.splice(everyPage.indexOf(old), 1);
});

step("one student gets a minute more: from what to what and why; staff see it delivered, then seen", async () => {
  const page = pages["Li Na"];
  const row = rowOf(teacher, room.people["Li Na"].id);
  await row.getByRole("checkbox").check();
  await says(teacher.locator("#for"), "For 1 selected");
  const shown = await command(teacher, "Add minutes", { minutes: 1, reason: "fire alarm" });
  assert.match(shown, /1 student: \+1 min, fire alarm\. Done\./);
  const banner = page.locator("#banner-time");
  const text = await says(banner, /Your end time is now/);
  assert.match(text, /Your end time is now (\d\d:\d\d(:\d\d)?) \(was (\d\d:\d\d(:\d\d)?)\): 1 min more\. Reason: fire alarm\. You have \d+ min( \d+ s)? left\./);
  await says(row, "delivered");
  await banner.getByRole("button", { name: "OK" }).click();
  await banner.waitFor({ state: "hidden" });
  await says(row, /seen/);
  await says(row.locator(".extra"), "1:00");
  assert.equal(await pages["Wang Fang"].locator("#banner-time").isVisible(), false, "nobody else is told");
  await row.getByRole("checkbox").uncheck();
});

step("the room is paused: the clock stands, answers are saved; and it goes on", async () => {
  const page = pages["Li Na"];
  await command(teacher, "Pause", { reason: "noise or disturbance" });
  await says(teacher.locator("#head .chip"), "Paused");
  await says(page.locator("#banner-paused"), /The exam is paused.*You lose no time/s);
  const stands = await timer(page).textContent();
  await question(page, 6).getByRole("textbox").fill(`${ESSAY} Third, breakfast.`);
  await says(stateOf(page, 6), SAVED);
  assert.equal(await timer(page).textContent(), stands);
  await command(teacher, "Resume");
  await page.locator("#banner-paused").waitFor({ state: "hidden" });
  await says(page.locator("#banner-time"), /The exam goes on\. Your end time is/);
  await until(async () => (await timer(page).textContent()) !== stands, "the clock to run again");
});

step("handing in says what is unanswered, and gives a receipt", async () => {
  const page = pages["Zhang Wei"];
  await page.locator("#hand-in").click();
  await page.getByRole("heading", { name: "Hand in your paper?" }).waitFor();
  await says(page.locator("#review-count"), "Not answered: 5 of 6.");
  await page.getByRole("link", { name: "Question 4: Not answered" }).click();
  await question(page, 4).getByRole("textbox").fill("8000");
  await page.locator("#hand-in").click();
  await says(page.locator("#review-count"), "Not answered: 4 of 6.");
  await page.getByRole("button", { name: "Hand in now" }).click();
  await page.getByRole("heading", { name: "Your paper is handed in" }).waitFor();
  await says(page.locator("#ended-text"), /You handed in at \d\d:\d\d:\d\d\./);
  await says(page.locator("#ended-count"), "2 of 6 questions answered, all of them saved.");
  await says(page.locator("#receipt"), /^[0-9A-HJKMNP-TV-Z]{4}-?[0-9A-HJKMNP-TV-Z]{2}$/);
  await says(rowOf(teacher, room.people["Zhang Wei"].id), "Handed in");
});

step("the next student finds nothing of the last one", async () => {
  const page = pages["Zhang Wei"];
  await page.getByRole("button", { name: "Finish: next student" }).click();
  await page.getByRole("heading", { name: "Enter your exam" }).waitFor();
  assert.equal(await page.getByLabel("Exam code").inputValue(), "");
  const cookies = (await page.context().cookies()).filter(({ name, value }) => name !== "lang" && value !== "");
  assert.deepEqual(cookies, []);
  assert.deepEqual(await page.evaluate(() => [sessionStorage.length, localStorage.length]), [0, 0]);
  assert.equal(await page.evaluate(async () => (await globalThis.caches?.keys())?.length ?? 0), 0);
  // A day's copies stay for a server that has to be restored, and nobody can read them without entering as that student.
  const kept = await page.evaluate(async () => {
    const open = indexedDB.open("invigil-outbox");
    const db = await new Promise((ok) => (open.onsuccess = () => ok(open.result)));
    const rows = db.transaction("rows").objectStore("rows").getAll();
    return new Promise((ok) => (rows.onsuccess = () => ok(rows.result.map(({ box, iv, ...row }) => ({ ...row, sealed: box.byteLength > 0 && iv.length })))));
  });
  assert.ok(kept.length > 0 && kept.every((row) => row.state === "saved" && row.sealed === 12), JSON.stringify(kept));
  assert.deepEqual([...new Set(kept.flatMap((row) => Object.keys(row)))].sort(), ["candidate", "made_ms", "pen", "proof", "room", "sealed", "seq", "settled_ms", "state"]);
  await page.goBack();
  await page.getByRole("heading", { name: "Enter your exam" }).waitFor();
  assert.doesNotMatch(await page.content(), /Zhang Wei|Sydney/);
});

step("the teacher brings the end near; at the deadline the server hands in for everybody", async () => {
  const page = pages["Li Na"];
  await page.locator("#time-seen").click();
  const left = async (who) => {
    const { now_at: now, rows } = await rest.get(`/rooms/${room.id}/status`);
    return (Date.parse(rows.find(({ candidate }) => candidate === room.people[who].id).deadline_at) - Date.parse(now)) / 1000;
  };
  const minutes = (seconds) => (seconds / 60).toFixed(4);
  // Li Na has her minute more than the room, Wang Fang her quarter. First the room, which then has some seconds more than they.
  await command(teacher, "Add minutes", { minutes: minutes(85 - (await left("Li Na"))), reason: "our mistake" });
  await says(page.locator("#banner-time"), /Your end time is now .* less\. Reason: our mistake\./);
  for (const who of ["Li Na", "Wang Fang"]) {
    const row = rowOf(teacher, room.people[who].id);
    await row.getByRole("checkbox").check();
    await command(teacher, "Add minutes", { minutes: minutes(15 - (await left(who))), reason: "our mistake" });
    await row.getByRole("checkbox").uncheck();
  }
  // Written in the last seconds, and nobody presses anything.
  await until(async () => Number(await timer(page).getAttribute("data-left-ms")) < 5000, "the last five seconds", 30_000);
  await question(page, 6).getByRole("textbox").pressSequentially(" The end.");
  for (const who of ["Li Na", "Wang Fang"]) {
    await pages[who].getByRole("heading", { name: "Your paper is handed in" }).waitFor({ timeout: 30_000 });
    await says(pages[who].locator("#ended-text"), /Time is up \(\d\d:\d\d:\d\d\)\. Your paper was handed in for you\./);
    await says(pages[who].locator("#receipt"), /^[0-9A-Z]{4}-?[0-9A-Z]{2}$/);
    await says(pages[who].getByRole("main"), "You need do nothing more.");
    assert.equal(await pages[who].locator("#ended-unsent").isVisible(), false);
    await says(rowOf(teacher, room.people[who].id), "Time over");
  }
  await says(page.locator("#ended-count"), "6 of 6 questions answered");
});

step("the room is over by itself, and the results are those of the key", async () => {
  await until(async () => (await rest.get(`/rooms/${room.id}`)).phase === "ended", "the room to be over", 60_000);
  await says(teacher.locator("#head .chip"), "Ended");
  const { items } = await rest.get(`/rooms/${room.id}/results`);
  const of = (who) => items.find(({ candidate }) => (candidate.id ?? candidate) === room.people[who].id);
  const marks = (who) => Object.fromEntries(of(who).answers.map(({ question: id, points }) => [id, points]));
  assert.deepEqual(marks("Li Na"), { capital: 2, primes: 2, whale: 1, height: 2, river: 2, essay: null });
  assert.equal(of("Li Na").points, 9);
  assert.equal(of("Li Na").answers.find(({ question: id }) => id === "essay").value, `${ESSAY} Third, breakfast. The end.`);
  assert.deepEqual(marks("Wang Fang"), { capital: 2, river: 2 });
  assert.deepEqual(marks("Zhang Wei"), { capital: 0, height: 0 });
  assert.deepEqual(of("Chen Jie").answers, []);
  await teacher.getByRole("navigation", { name: "Where you are" }).getByRole("link", { name: "Results" }).click();
  await teacher.getByRole("heading", { level: 1, name: "Results" }).waitFor();
  await says(teacher.getByRole("row", { name: /Li Na/ }), /9/);
  await teacher.getByRole("navigation", { name: "Where you are" }).getByRole("link", { name: "Timeline" }).click();
  await says(teacher.getByRole("main"), "change of computer allowed");
  await says(teacher.getByRole("main"), "Time started");
});

step("no page broke a script, the content policy or its own origin", () => {
  assert.deepEqual(everyPage.flatMap((page) => page.complaints), []);
  assert.doesNotMatch(server.logs(), /panicked|ERROR/);
});
