// Whether a room is ready, in real browsers: a checklist that mends itself before the teacher's eyes, and computers that report to one page.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { axe, clipped, launchBrowser, newPage, screenshot, startServer } from "./lib/harness.mjs";
import { rowsOf } from "./lib/database.mjs";
import { colleague, device, firstAccount, makeRoom, says, staffApi, until } from "./lib/exam.mjs";

const PEOPLE = ["Li Na,2001,7b,19,", "Wang Fang,2002,7b,20,25", "Zhang Wei,2003,7b,21,", "Chen Jie,2004,7b,22,", "Bo Berg,2005,7b,23,"];

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

/** Ids of the processes that the server's have started; children belong to the thread that began them. */
const children = ({ pids }) => pids.flatMap(childrenOf);
const childrenOf = (pid) =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number));

/** Whether a process is still there; one that is only not yet buried is not. */
function alive(pid) {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
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

  // A colleague follows the same page while the other computers of the room report.
  const bob = await colleague(browser, server, rest, room.id, { name: "Bob", rights: ["watch"] });
  await bob.goto(`/staff/rooms/${room.id}/check`);
  await says(bob.locator("#check-count"), "1 of 2 ready");
  for (const name of ["13", "14", "15"]) {
    const another = await device(browser, server.base, { locale: "zh-CN" });
    await another.goto(address);
    await another.locator("#name").fill(name);
    await another.getByRole("button", { name: "重新检测并报告" }).click();
    await says(another.locator("#result"), new RegExp(`已告诉老师，名称为“${name}”`));
    if (name === "15") await look(another, "check-ready-zh");
    await another.context().close();
  }
  for (const of of [teacher, bob]) await says(of.locator("#check-count"), "4 of 5 ready");
  assert.equal(await bob.getByRole("button", { name: "Take no more reports" }).count(), 0, "who may only watch");
  await bob.context().close();

  // It is the same computer tomorrow, and it still knows its number.
  await good.goto(`${server.base}/check`);
  await says(good.locator("#result"), "This computer is ready.");
  assert.equal(await good.locator("#name").inputValue(), "12");
  assert.doesNotMatch(await good.locator("#result").textContent(), /teacher has been told/);

  await teacher.getByRole("button", { name: "Take no more reports" }).click();
  await says(teacher.locator("h2"), "No check is open");
  await good.goto(address);
  await says(good.locator("#result"), /This computer is ready.*Your teacher has not been told: Compare the code/s);
  await says(teacher.locator("#check-count"), "4 of 5 ready");
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

test("a simulated class rehearses in a room of its own, and nothing is left of it", async () => {
  // A short exam is rehearsed for half of its time.
  const room = await makeRoom(rest, { exam: { duration_seconds: 20 }, roster: PEOPLE });
  const real = rowsOf(server, "candidates");
  await teacher.goto(`/staff/rooms/${room.id}/readiness`);
  await line("Nobody has rehearsed.").getByRole("link", { name: "Rehearsal" }).click();
  await teacher.getByLabel("Simulated students").fill("6");
  await teacher.getByRole("button", { name: "Begin the rehearsal" }).click();
  await says(teacher.locator("#rehearsal"), /6 of 6 simulated students are in/);
  // No list shows its room, and no second one begins beside it.
  assert.deepEqual((await rest.get("/rooms")).items.filter(({ location }) => /Rehearsal/.test(location)), []);
  await assert.rejects(rest.post(`/rooms/${room.id}/rehearsal`, {}), { code: "rehearsal_running" });
  await until(async () => (await rest.get(`/rooms/${room.id}/rehearsal`)).state === "done", "the end of the rehearsal", 90_000);
  const found = await says(teacher.locator("#rehearsal"), /went well|deserves a look|mended/);
  assert.match(found, /All 6 simulated students came in\..*answers were saved and found in the database, none was lost\..*Everybody handed in\./s);
  await look(teacher, "rehearsal");
  await until(async () => rowsOf(server, "rooms where rehearsal_of is not null") === 0, "its room to be erased");
  for (const table of ["answers", "sessions where candidate_id is not null"]) assert.equal(rowsOf(server, table), 0, table);
  assert.equal(rowsOf(server, "candidates"), real, "the real students");

  await teacher.getByRole("button", { name: "Begin the rehearsal" }).click();
  await says(teacher.locator("#rehearsal"), /5 of 5 simulated students are in/);
  const [child] = children(server);
  assert.ok(child, "the crowd is a process of its own");
  await teacher.getByRole("button", { name: "Stop and erase it" }).click();
  await says(teacher.locator("#rehearsal"), /It was stopped/);
  await until(() => !alive(child), "the crowd to be gone");
  await until(async () => rowsOf(server, "rooms where rehearsal_of is not null") === 0, "its room to be erased");
});

test("a server that stops, or is killed, leaves no crowd behind", async () => {
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    await until(async () => (await rest.ask("POST", `/rooms/${room.id}/rehearsal`, { people: 2 })).status === 200, "a rehearsal to begin");
    await until(async () => (await rest.get(`/rooms/${room.id}/rehearsal`)).entered === 2, "the crowd to be in");
    const [child] = children(server);
    const { dir, port } = server;
    await server.stop({ signal, keepDir: true });
    await until(() => !alive(child), `the crowd to be gone after ${signal}`);
    server = await startServer({ dir, port });
    // Who goes in order erases it on the way out; what a server that was killed has left is erased on demand.
    if (signal === "SIGKILL") assert.equal((await rest.delete(`/rooms/${room.id}/rehearsal`)).state, "stopped");
    assert.equal(rowsOf(server, "rooms where rehearsal_of is not null"), 0);
  }
});
