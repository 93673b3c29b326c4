// Time changed with proof: queued, delivered, seen, without a reload anywhere; withdrawn; refused with a reason; the more harm, the more care.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, looksRight } from "./lib/harness.mjs";
import { WAIT_MS, colleague, command, crowd, device, enter, liveRoom, rowOf, says, until, verb } from "./lib/exam.mjs";

const NAMES = ["Li Na", "Wang Fang", "Zhang Wei", "Chen Jie", "Bo Berg"];

let browser;
let server;
let rest;
let room;
let ada;
let bob;
const page = {};
const row = (who) => rowOf(ada, room.people[who].id);
const reach = (who) => row(who).locator(".delivered");
const pick = (who, on = true) => row(who).getByRole("checkbox").setChecked(on);
const button = (of, name) => of.locator(".toolbar").getByRole("button", { name, exact: true });
/** Why a button cannot be pressed: it is read aloud with the button, and seen when the button is reached. */
const why = (verb, text) => until(async () => text.test(await ada.locator(`#why-${verb}`).textContent()), `${verb} to say ${text}`);
const deadline = (who) => row(who).locator(".row-clock").getAttribute("data-deadline-ms");

const look = (of, name) => looksRight(of, `control-${name}`);

before(async () => {
  browser = await launchBrowser();
  ({ server, rest, room, teacher: ada } = await liveRoom(browser, { names: NAMES, exam: { duration_seconds: 3600 }, verbs: ["open"] }));
  bob = await colleague(browser, server, rest, room.id, { name: "Bob", rights: ["watch", "message", "time"] });
  for (const who of NAMES.slice(0, 3)) {
    page[who] = await device(browser, server.base);
    await enter(page[who], room.people[who].code);
  }
  const others = await crowd(browser, server.base);
  for (const who of NAMES.slice(3)) await others.join(room.people[who].code);
  await says(ada.locator(".counts a[data-show=here]"), /5\s*here/);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("what cannot be done now says why: on focus, to a screen reader, and when it is pressed", async () => {
  const pause = button(ada, "Pause");
  assert.equal(await pause.getAttribute("aria-disabled"), "true");
  await pause.focus();
  await says(ada.locator("#why-pause"), /Not possible now: the room is .Open./);
  assert.equal(await ada.locator("#why-pause").isVisible(), true);
  await ada.keyboard.press("Enter");
  await says(ada.locator("#say-status"), "Not possible now");
  await why("terminate", /Select students first\./);
  assert.equal(await button(ada, "Start").getAttribute("aria-disabled"), null);
  // REST stands by the same rule.
  const offered = await rest.get(`/rooms/${room.id}/commands`);
  const reasons = Object.fromEntries(offered.items.map((item) => [item.verb, item.why ?? null]));
  for (const [name, reason] of Object.entries({ start: null, pause: "wrong_phase", open: "already", terminate: "needs_candidates" })) assert.equal(reasons[name], reason, name);
  await look(ada, "open");
  await command(ada, "Start");
  await says(ada.locator("#head .chip"), "Running");
  assert.equal(await button(ada, "Pause").getAttribute("aria-disabled"), null);
  // A colleague without the right sees no button that needs it.
  const visible = (verb) => bob.locator(`.toolbar button[value=${verb}]`).isVisible();
  assert.deepEqual([await visible("start"), await visible("pause")], [false, true]);
});

test("a time change while a candidate is away: undelivered, delivered, seen, without a reload anywhere", async () => {
  for (const who of NAMES.slice(0, 3)) await page[who].getByRole("timer").waitFor();
  for (const of of [ada, bob, ...Object.values(page)]) await of.evaluate(() => (globalThis.notReloaded = true));
  await page["Li Na"].context().setOffline(true);
  await says(page["Li Na"].locator("#conn"), "No connection");
  assert.match(await command(ada, "Add minutes", { minutes: 5, reason: "fire alarm" }), /\+5 min, fire alarm\. Done for 5 students\./);
  await says(ada.locator(".delivery"), /4 of 5 have the new time\..*Not yet: 1 Li Na; they get it when they reconnect\./s);
  await says(bob.locator(".delivery"), /4 of 5 have the new time/);
  await says(reach("Li Na"), "not delivered yet");
  await says(reach("Wang Fang"), "delivered");
  await says(page["Wang Fang"].locator("#time-text"), /Your end time is now .*: 5 min more\. Reason: fire alarm\. You have/);
  // One more, which the one who is away does not know either.
  await until(() => button(ada, "Add minutes").isEnabled(), "the page to have the first change");
  await command(ada, "Add minutes", { minutes: 2, reason: "fire alarm" });
  await until(async () => (await ada.locator(".delivery").count()) === 2, "both changes are shown while somebody lacks them");
  await ada.locator(".delivery").first().getByRole("link", { name: "Show them" }).click();
  await until(async () => (await ada.locator("tr[data-id]:visible .name").allTextContents()).join() === "Li Na", "only who lacks it");
  await look(ada, "away");
  const each = await ada.context().newPage();
  each.setDefaultTimeout(WAIT_MS);
  await each.goto(await ada.locator(".delivery").first().getByRole("link", { name: "Each student" }).getAttribute("href"));
  const line = (who) => each.getByRole("row", { name: new RegExp(who) });
  await says(line("Li Na"), /\d\d:\d\d:\d\d.*\d\d:\d\d:\d\d.*not delivered yet/s);
  await says(each.locator(".tally"), /Not delivered yet: 1/);
  await look(each, "change");
  await page["Li Na"].context().setOffline(false);
  await says(page["Li Na"].locator("#time-text"), /Your end time is now .*: 7 min more\. Reason: fire alarm/);
  await says(each.locator(".tally"), /Not delivered yet: 0/);
  await ada.locator("#show").selectOption("all");
  await says(reach("Li Na"), "delivered");
  await says(ada.locator(".delivery"), /5 of 5 have the new time\. 0 said they saw it/);
  assert.equal(await ada.locator(".delivery").count(), 1, "what everybody has needs no line");
  for (const who of NAMES.slice(0, 2)) await page[who].locator("#time-seen").click();
  await says(reach("Li Na"), "seen");
  await says(line("Li Na"), "seen");
  await says(ada.locator(".delivery"), "2 said they saw it");
  await says(bob.locator(".delivery"), "2 said they saw it");
  for (const of of [ada, bob, ...Object.values(page)]) assert.equal(await of.evaluate(() => globalThis.notReloaded), true);
  await each.close();
});

test("two teachers who hear one alarm do not give its minutes twice; what was given is undone by one press, and the student reads it", async () => {
  const before = await deadline("Wang Fang");
  await bob.locator("#head [name=minutes]").fill("4");
  // Bob's page is behind by one change: what he sees is not what is.
  await bob.evaluate(() => document.getElementById("hold").click());
  await command(ada, "Add minutes", { minutes: 4, reason: "fire alarm" });
  await button(bob, "Add minutes").click();
  await says(bob.getByRole("dialog"), "Somebody changed the time after your preview. Nothing was done.");
  await bob.keyboard.press("Escape");
  await bob.evaluate(() => document.getElementById("hold").click());
  await until(async () => Number(await deadline("Wang Fang")) - Number(before) === 4 * 60_000, "four minutes, once");
  await says(page["Wang Fang"].locator("#time-text"), "4 min more");
  await ada.locator("#done").getByRole("button", { name: "Undo" }).click();
  await until(async () => (await deadline("Wang Fang")) === before, "the time is taken back");
  await says(page["Wang Fang"].locator("#time-text"), /More time was withdrawn: your end time is .* again \(was .*\), 4 min less\. Reason: our mistake\./);
  await page["Wang Fang"].locator("#time-seen").click();
});

test("taking time, and giving much of it, is looked at first", async () => {
  for (const minutes of [-1, 45]) {
    await ada.locator("#head [name=minutes]").fill(String(minutes));
    await button(ada, "Add minutes").click();
    await ada.getByRole("dialog").getByRole("heading", { name: "Change the time" }).waitFor();
    await ada.keyboard.press("Escape");
    await ada.getByRole("dialog").waitFor({ state: "hidden" });
  }
  await ada.locator("#head [name=minutes]").fill("5");
});

test("extra time, credit, end and reopen for a selection, with what does not fit refused in words", async () => {
  await pick("Zhang Wei");
  await why("start", /This is for the whole room\. Clear the selection first\./);
  await why("reopen", /Not possible for the selected students now: Working/);
  const before = Number(await deadline("Zhang Wei"));
  assert.match(await command(ada, "Extra time…", { reason: "accommodation" }), /For 1 selected student.*3 Zhang Wei/);
  await until(async () => Number(await deadline("Zhang Wei")) - before === 15 * 60_000, "a quarter of an hour more");
  await command(ada, "Give time back", { minutes: 3, reason: "trouble with a computer" });
  await until(async () => Number(await deadline("Zhang Wei")) - before === 18 * 60_000, "three minutes given back");
  await says(page["Zhang Wei"].locator("#time-text"), "3 min more. Reason: trouble with a computer.");
  // Ending somebody is typed: the seat of a single student.
  await button(ada, "End for selected…").click();
  const dialog = ada.getByRole("dialog");
  await says(dialog, "Type the seat of the student who ends: 3");
  await dialog.getByLabel("Reason", { exact: true }).selectOption({ label: "conduct" });
  await dialog.locator("[name=typed]").fill("4");
  await dialog.locator("[data-confirm]").click();
  await says(dialog, "What you typed is not what stands beside the field. Nothing was done.");
  assert.equal((await rest.get(`/rooms/${room.id}/candidates/${room.people["Zhang Wei"].id}`)).phase, "working");
  await look(ada, "typed");
  // Digits as a Chinese keyboard writes them.
  await dialog.locator("[name=typed]").fill("3");
  await dialog.locator("[data-confirm]").click();
  await dialog.waitFor({ state: "hidden" });
  await says(page["Zhang Wei"].getByRole("heading", { level: 1 }).first(), /./);
  await says(row("Zhang Wei").locator(".state"), "Ended by staff");
  await why("extend", /Not possible for the selected students now/);
  assert.equal(await button(ada, "Reopen…").getAttribute("aria-disabled"), null);
  await command(ada, "Reopen…", { reason: "our mistake" });
  await says(row("Zhang Wei").locator(".state"), "Working");
  await page["Zhang Wei"].getByRole("timer").waitFor();
  await pick("Zhang Wei", false);
});

test("the end of the room is counted, typed and done", async () => {
  await button(ada, "End…").click();
  const dialog = ada.getByRole("dialog");
  await says(dialog, "Type the number of students who end: 5");
  await ada.keyboard.press("Escape");
  await ada.goto(`/staff/rooms/${room.id}?lang=zh-CN`);
  await says(ada.locator("#conn"), "实时");
  await look(ada, "zh");
  await button(ada, "结束…").click();
  await says(dialog, /请输入将结束的考生人数.5/);
  await look(ada, "typed-zh");
  await ada.keyboard.press("Escape");
  await ada.goto(`/staff/rooms/${room.id}?lang=en`);
  await says(ada.locator("#conn"), "Live");
  await button(ada, "End…").click();
  await dialog.locator("[name=spare][value=false]").check();
  await until(async () => (await dialog.locator("[data-confirm]").isEnabled()) && (await dialog.locator("[name=spare][value=false]").isChecked()), "the preview of all");
  await dialog.locator("[name=typed]").fill("5");
  await dialog.locator("[data-confirm]").click();
  await says(ada.locator("#head .chip"), "Ended");
  await why("end", /Not possible now/);
  for (const of of [ada, bob, ...Object.values(page)]) assert.deepEqual(of.complaints, []);
});
