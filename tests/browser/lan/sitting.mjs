// One student on plain HTTP at $INVIGIL_LAN; started by ../lan.test.mjs inside a network namespace.
import assert from "node:assert/strict";
import { STAFF, WAIT_MS, makeRoom, question, says, setupSecret, stateOf, until, verb } from "../lib/exam.mjs";
import { api, startServer } from "../lib/harness.mjs";
import { profile, startKillable } from "../lib/killable.mjs";

const port = 8080;
const base = `http://${process.env.INVIGIL_LAN}:${port}`;
const server = await startServer({ port, host: "0.0.0.0", args: ["--public-urls", base, "--allow-plain"] });
const home = profile();
const open = [];

async function sit(code) {
  const started = await startKillable(home);
  open.push(started);
  const page = await started.context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(`${base}/`);
  await page.locator("#code").fill(code);
  await page.locator("#enter button").click();
  await page.waitForURL(/\/sit\//);
  await page.locator("#join button").click();
  await page.getByRole("timer").waitFor();
  await says(page.locator("#conn"), "Connected");
  return { started, page };
}

try {
  const form = new URLSearchParams({ secret: setupSecret(server), ...STAFF });
  await fetch(`${base}/staff/setup`, { method: "POST", body: form, headers: { origin: base }, redirect: "manual" });
  const { access_token: token } = await api(base).post("/auth/login", { login: STAFF.login, password: STAFF.password });
  const rest = api(base, token);
  const room = await makeRoom(rest, { exam: { duration_seconds: 1800 }, roster: ["Li Na,2001,7b,19,"] });
  const { id, code } = room.people["Li Na"];
  await verb(rest, room.id, "start");

  const first = await sit(code);
  const missing = await first.page.evaluate(() => [isSecureContext, typeof crypto.subtle, typeof navigator.locks]);
  assert.deepEqual(missing, [false, "undefined", "undefined"], "this is no secure context");
  await question(first.page, 1).getByLabel("Canberra").check();
  await says(stateOf(first.page, 1), /^Saved/);
  // Cut off: the browser alone is told that it is offline, the outbox is all there is.
  await first.page.context().setOffline(true);
  await question(first.page, 3).getByLabel("False").check();
  await question(first.page, 5).getByRole("textbox").fill("Volga");
  for (const n of [3, 5]) await says(stateOf(first.page, n), "Kept on this computer, not saved yet");
  await first.started.kill();

  const { page, started } = await sit(code);
  const stored = async () => (await rest.get(`/rooms/${room.id}/candidates/${id}/answers`)).items;
  await until(async () => (await stored()).length === 3, "what was kept to be saved");
  assert.deepEqual((await stored()).map((a) => [a.pen, a.question, a.counts]).sort(), [[1, "capital", true], [1, "river", true], [1, "whale", true]]);
  await says(page.locator("#save"), /^Everything saved/);
  assert.equal(await question(page, 5).getByRole("textbox").inputValue(), "Volga");
  await page.locator("#hand-in").click();
  await page.getByRole("button", { name: "Hand in now" }).click();
  await says(page.locator("#ended-count"), "3 of 6 questions answered, all of them saved.");
  // Nothing encrypts here, so finishing removes what is saved.
  await page.getByRole("button", { name: "Finish: next student" }).click();
  await page.getByRole("heading", { name: "Enter your exam" }).waitFor();
  const left = await page.evaluate(async () => {
    const request = indexedDB.open("invigil-outbox");
    const db = await new Promise((ok) => (request.onsuccess = () => ok(request.result)));
    const rows = db.transaction("rows").objectStore("rows").count();
    return new Promise((ok) => (rows.onsuccess = () => ok(rows.result)));
  });
  assert.equal(left, 0, "the next student finds answers in plain text");
  await started.kill();
  console.log(`plain HTTP at ${base}: no crypto.subtle; 2 answers kept over a kill, all 3 saved, handed in, nothing left in plain text`);
} finally {
  for (const one of open) await one.kill();
  home.remove();
  await server.stop();
}
