// Whether a room is ready, in real browsers: a checklist that mends itself before the teacher's eyes, and computers that report to one page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, clipped, launchBrowser, newPage, screenshot, startServer } from "./lib/harness.mjs";
import { device, firstAccount, makeRoom, says, staffApi, until } from "./lib/exam.mjs";

const PEOPLE = ["Li Na,2001,7b,19,", "Wang Fang,2002,7b,20,25"];

let browser;
let server;
let teacher;
let rest;
let room;

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
  teacher = await newPage(browser, { base: server.base, locale: "en-GB" });
  teacher.setDefaultTimeout(30_000);
  await firstAccount(teacher, server);
  rest = await staffApi(server);
  room = await makeRoom(rest, { exam: { duration_seconds: 5400 }, roster: PEOPLE });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page as people see it: two widths, two schemes, nothing cut off, nothing that axe minds. */
async function look(page, name) {
  const wrong = [];
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    wrong.push(...(await clipped(page)));
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      wrong.push(...(await axe(page)));
      if (process.env.INVIGIL_SHOTS) await screenshot(page, `${name}-${width}-${colorScheme}`);
    }
  }
  assert.deepEqual(wrong, [], name);
  assert.deepEqual(page.complaints, [], name);
}

const line = (text) => teacher.locator("#readiness li", { hasText: text });

test("the checklist says what to do and sees that it was done", async () => {
  const bare = await rest.post("/rooms", { exam: room.exam, location: "Hall 3", zone: "UTC" });
  await teacher.goto(`/staff/rooms/${bare.id}`);
  await teacher.getByRole("link", { name: "Readiness" }).click();
  await says(line("Nobody is on the roster."), /Import the list of students/);
  await says(line("The clock of this computer agrees"), /agrees/);
  await look(teacher, "readiness-bare");
  await rest.post(`/rooms/${bare.id}/candidates`, { name: "Li Na" });
  // Nobody reloads the page.
  await says(line("One student has no entry code."), /print the slips/);
  await line("One student has no entry code.").getByRole("link", { name: "Entry codes" }).click();
  await teacher.getByRole("button", { name: "Make", exact: false }).click();
  await teacher.goto(`/staff/rooms/${bare.id}/readiness?lang=zh-CN`);
  await says(line("每个人都能进入"), /每个人都能进入/);
  await look(teacher, "readiness-zh");
  await teacher.goto("/staff?lang=en");
});

test("computers report to one page, good and bad, and keep their names", async () => {
  await teacher.goto(`/staff/rooms/${room.id}/check`);
  await teacher.getByRole("button", { name: "Begin a check" }).click();
  const address = await says(teacher.locator(".check-address"), /\/check\/[0-9A-Z]{6}$/);
  await says(teacher.locator("#check-count"), "No computer has reported.");

  const good = await device(browser, server.base);
  await good.goto(address);
  await says(good.locator("#result"), /This computer is ready\..*The live connection \(WebSocket\) works\..*Your teacher has been told\./s);
  await says(teacher.locator("#check-count"), "1 of 1 ready");
  await says(teacher.locator("#computers li"), /A computer without a name/);
  await good.locator("#name").fill("12");
  await good.getByRole("button", { name: "Try again and report" }).click();
  await says(good.locator("#result"), /as “12”/);
  await look(good, "check-ready");

  const blocked = await device(browser, server.base);
  await blocked.addInitScript(() => {
    globalThis.WebSocket = class {
      constructor() {
        setTimeout(() => this.onclose?.({}), 10);
      }
      close() {}
    };
  });
  await blocked.goto(address);
  await says(blocked.locator("#result"), /This computer is not ready\..*WebSocket\) is blocked/s);
  await blocked.locator("#name").fill("30");
  await blocked.getByRole("button", { name: "Try again and report" }).click();
  await says(teacher.locator("#check-count"), "1 of 2 ready");
  await says(teacher.locator("#computers li").first(), /30 is not ready.*WebSocket\) is blocked/s);
  await until(async () => (await teacher.title()).startsWith("1 of 2 ready"), "the count in the title");
  await look(teacher, "check-staff");

  // It is the same computer tomorrow, and it still knows its number.
  await good.goto(`${server.base}/check`);
  await says(good.locator("#result"), "This computer is ready.");
  assert.equal(await good.locator("#name").inputValue(), "12");
  assert.doesNotMatch(await good.locator("#result").textContent(), /teacher has been told/);

  await teacher.getByRole("button", { name: "Take no more reports" }).click();
  await says(teacher.locator("h2"), "No check is open");
  await good.goto(address);
  await says(good.locator("#result"), /This computer is ready.*Your teacher has not been told: Compare the code/s);
  await says(teacher.locator("#check-count"), "1 of 2 ready");
});

test("a browser that is too old says so, on its page and to the staff", async () => {
  await teacher.goto(`/staff/rooms/${room.id}/check`);
  await teacher.getByRole("button", { name: "Begin a check" }).click();
  const address = await says(teacher.locator(".check-address"), /\/check\/[0-9A-Z]{6}$/);

  // A browser that does not understand the module never runs it.
  const old = await device(browser, server.base);
  await old.route("**/assets/js/check.js", (route) => route.fulfill({ contentType: "text/javascript", body: "this is no script" }));
  await old.goto(address);
  await says(old.locator("#old"), /too old for the exam/);
  await says(teacher.locator("#check-count"), "0 of 1 ready");
  await old.locator("#name").fill("30");
  await old.getByRole("button", { name: "Try again and report" }).click();
  await says(old.locator("main"), /This computer is not ready\..*This browser is too old\./s);
  await says(teacher.locator("#computers li"), /30 is not ready.*This browser is too old/s);
  await says(teacher.locator("#check-count"), "0 of 1 ready");

  const bare = await device(browser, server.base, { javaScriptEnabled: false });
  await bare.goto(address);
  await says(bare.locator("noscript, .notice"), /Scripts are switched off/);
  await bare.locator("#name").fill("31");
  await bare.getByRole("button", { name: "Try again and report" }).click();
  await says(bare.locator("main"), /Scripts do not run in this browser/);
  await says(teacher.locator("#check-count"), "0 of 2 ready");
});
