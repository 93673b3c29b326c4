// Words between two teachers and five students, and raised hands: at once, at return, withdrawn, read, without a reload on either side.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, looksRight, newPage } from "./lib/harness.mjs";
import { WAIT_MS, colleague, device, enter, liveRoom, rowOf, says, until } from "./lib/exam.mjs";

const NAMES = ["Li Na", "Wang Fang", "Zhang Wei", "Chen Jie", "Bo Berg"];
const LATE = "Zhang Wei";
const HERE = NAMES.filter((who) => who !== LATE);
const HOSTILE = "<img src=x onerror=alert(1)> Question 4: read “at least”.";

let browser;
let server;
let rest;
let room;
let teacher;
let bob;
const page = {};
const letters = (of = teacher) => of.locator("#letters > li");

const look = (of, name) => looksRight(of, `messages-${name}`);

/** Writes a message in the teacher's page to whoever is chosen there. */
async function write(text) {
  await teacher.getByLabel("Students").getByRole("button", { name: "Write a message…" }).click();
  const dialog = teacher.getByRole("dialog");
  await dialog.getByLabel("Message").fill(text);
  const lead = await dialog.locator(".lead").textContent();
  await dialog.getByRole("button", { name: "Send", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
  return lead;
}

before(async () => {
  browser = await launchBrowser();
  ({ server, rest, room, teacher } = await liveRoom(browser, { names: NAMES, exam: { duration_seconds: 1800 } }));
  bob = await colleague(browser, server, rest, room.id, { name: "Bob", rights: ["watch", "message"] });
  for (const who of HERE) {
    page[who] = await device(browser, server.base);
    await enter(page[who], room.people[who].code);
    await page[who].getByRole("timer").waitFor();
  }
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("an announcement is on every page at once, as text, and the teacher sees who has it", async () => {
  const lead = await write(HOSTILE);
  assert.match(lead, /everyone in the room: 5 students/);
  for (const who of HERE) {
    await says(page[who].locator("#message-text"), HOSTILE);
    assert.equal(await page[who].locator("#message-text img").count(), 0, "nothing becomes markup");
    await says(page[who].locator("#mail-n"), "1");
  }
  for (const of of [teacher, bob]) {
    await says(letters(of).first(), HOSTILE);
    await says(letters(of).first(), new RegExp(`Delivered 4 of 5, read by 0\\. Not yet: 3 ${LATE}`));
  }
  await look(page["Li Na"], "banner");
  await page["Li Na"].locator("#message-seen").click();
  await page["Li Na"].locator("#banner-message").waitFor({ state: "hidden" });
  for (const of of [teacher, bob]) await says(letters(of).first(), "read by 1");
});

test("whoever comes later finds it, and whoever is away gets it at return", async () => {
  await page["Wang Fang"].goto("about:blank");
  await write("Ten minutes left.");
  await says(letters().first(), /Not yet: 2 Wang Fang/);
  await page["Wang Fang"].goto(`/sit/${room.id}`);
  await says(page["Wang Fang"].locator("#message-text"), "Ten minutes left.");
  await says(letters().first(), "Delivered 4 of 5");
  const zhang = await device(browser, server.base);
  await enter(zhang, room.people[LATE].code);
  await says(zhang.locator("#mail-n"), "2");
  await says(letters().first(), "Delivered 5 of 5");
  await zhang.context().close();
});

test("words to a selection reach them and nobody else; taken back, that is shown", async () => {
  await rowOf(teacher, room.people["Wang Fang"].id).getByRole("checkbox").check();
  const lead = await write("Please put your phone away.");
  assert.match(lead, /To 2 Wang Fang/);
  await rowOf(teacher, room.people["Wang Fang"].id).getByRole("checkbox").uncheck();
  await says(page["Wang Fang"].locator("#message-text"), "Please put your phone away.");
  await says(letters().first(), "Delivered 1 of 1");
  await page["Wang Fang"].locator("#message-seen").click();
  await letters().first().getByRole("button", { name: "Withdraw" }).click();
  await says(letters().first(), "Withdrawn at");
  await says(letters(bob).first(), "Withdrawn at");
  await says(page["Wang Fang"].locator("#message-state"), "it no longer applies");
  assert.equal(await page["Wang Fang"].locator("#message-text s").textContent(), "Please put your phone away.");
  await page["Wang Fang"].locator("#message-seen").click();
  await page["Li Na"].locator("#mail-open").click();
  assert.equal(await page["Li Na"].locator("#mail-list li").count(), 2, "it was never hers");
  assert.doesNotMatch(await page["Li Na"].locator("#mail-list").textContent(), /phone/);
});

test("a student writes, the teacher reads and answers", async () => {
  const li = page["Li Na"];
  await li.locator("#mail-words").fill("The picture <b>does not</b> load.");
  await look(li, "panel");
  await li.locator("#mail-form").getByRole("button", { name: "Send" }).click();
  await says(li.locator("#mail-list li").first(), "Sent, not read yet");
  await says(letters().first(), "The picture <b>does not</b> load.");
  await says(letters().first(), "1 Li Na");
  await says(letters(bob).first(), "The picture <b>does not</b> load.");
  await letters().first().getByRole("button", { name: "Mark as read" }).click();
  await says(li.locator("#mail-list li").first(), /Read at \d\d:\d\d/);
  await letters().first().getByRole("button", { name: "Answer…" }).click();
  const dialog = teacher.getByRole("dialog");
  await says(dialog.locator(".lead"), "To 1 Li Na");
  await dialog.getByLabel("Message").fill("Reload the page.");
  await dialog.getByRole("button", { name: "Keep as a template" }).click();
  await says(dialog.locator(".notice"), "Kept as a template.");
  await look(teacher, "compose");
  await dialog.getByRole("button", { name: "Send", exact: true }).click();
  await says(li.locator("#mail-list li").first(), "Reload the page.");
  await says(letters().first(), "read by 1");
  // The other teacher sees that it is answered, and by whom.
  await says(letters(bob).first(), /Ada.*Reload the page\./s);
  await li.locator("#mail-close").click();
  await teacher.getByLabel("Students").getByRole("button", { name: "Write a message…" }).click();
  await dialog.getByRole("button", { name: "Reload the page.", exact: true }).click();
  await until(async () => (await dialog.getByLabel("Message").inputValue()) === "Reload the page.", "the template's words");
  await teacher.keyboard.press("Escape");
});

test("hands go up in order, somebody comes, and the title counts them", async () => {
  const [li, wang] = [page["Li Na"], page["Wang Fang"]];
  await li.getByRole("button", { name: "Raise hand" }).click();
  await says(li.locator("#hand-text"), /Your hand is up since \d\d:\d\d.* Place in the queue: 1\./);
  await wang.getByRole("button", { name: "Raise hand" }).click();
  await says(wang.locator("#hand-text"), "Place in the queue: 2");
  await until(async () => (await teacher.title()).startsWith("2 raised hands · Geography"), "the title to count two hands");
  const queue = teacher.locator("#hands li");
  assert.match((await queue.first().textContent()).replace(/\s+/g, " "), /1 Li Na \d+:\d\d/);
  await says(rowOf(teacher, room.people["Li Na"].id), "Hand up for");
  await look(teacher, "room");
  await look(li, "hand");
  await says(bob.locator("#hands li").first(), "Li Na");
  await queue.first().getByRole("button", { name: "I am coming" }).click();
  await says(li.locator("#hand-text"), "Somebody is coming to you.");
  await says(bob.locator("#hands li").first(), "on the way since");
  await says(bob.locator("#feed"), /Ada.*somebody is coming/s);
  await queue.first().getByRole("button", { name: "Done" }).click();
  await until(async () => (await li.locator("#hand-text").textContent()) === "", "the hand to be down");
  await says(wang.locator("#hand-text"), "Place in the queue: 1");
  await wang.getByRole("button", { name: "Lower hand" }).click();
  await until(async () => (await teacher.title()).startsWith("Geography"), "the title to be calm");
  assert.equal(await teacher.locator("#hands").isVisible(), false);
});

test("without scripts the teacher writes too, and in Chinese both pages are whole", async () => {
  const plain = await newPage(browser, { base: server.base, locale: "zh-CN", javaScriptEnabled: false });
  plain.setDefaultTimeout(WAIT_MS);
  await plain.goto(`/staff/login?next=/staff/rooms/${room.id}`);
  await plain.locator("#login").fill("ada");
  await plain.locator("#password").fill("correct horse battery");
  await plain.locator("form[action='/staff/login'] button").click();
  await plain.getByRole("button", { name: "写消息…" }).click();
  await plain.getByRole("heading", { level: 1, name: "写消息" }).waitFor();
  await plain.getByLabel("内容").fill("还剩十分钟。");
  await plain.getByRole("button", { name: "发送", exact: true }).click();
  await says(plain.locator("#letters > li").first(), "还剩十分钟。");
  await plain.context().close();
  await says(page["Wang Fang"].locator("#message-text"), "还剩十分钟。");
  const zh = await device(browser, server.base, { locale: "zh-CN" });
  await enter(zh, room.people[LATE].code);
  await says(zh.locator("#message-from"), "发给全体");
  await zh.getByRole("button", { name: "举手" }).click();
  await says(zh.locator("#hand-text"), "排在第 1 位");
  await zh.locator("#mail-open").click();
  await look(zh, "panel-zh");
  await teacher.goto(`/staff/rooms/${room.id}?lang=zh-CN`);
  await says(teacher.locator("#conn"), "实时");
  await look(teacher, "room-zh");
  for (const of of [teacher, bob, zh, ...Object.values(page)]) assert.deepEqual(of.complaints, []);
  await zh.context().close();
});
