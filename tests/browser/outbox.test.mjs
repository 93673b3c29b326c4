// What this computer keeps: a browser is killed behind a black hole with answers kept and not saved; started again, all of them reach
// the server. INVIGIL_KILLS sets the number of rounds (2 in the suite, 20 in soak). INVIGIL_WEAKEN_PAGE=local_storage serves the page an
// outbox of the kind that does not survive a kill: this test must then be red.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { binary, launchBrowser, newPage, startServer } from "./lib/harness.mjs";
import { WAIT_MS, device, enter, firstAccount, makeRoom, question, says, staffApi, stateOf, until, verb } from "./lib/exam.mjs";
import { profile, startKillable } from "./lib/killable.mjs";
import { random, startProxy } from "./lib/proxy.mjs";

const ROUNDS = Number(process.env.INVIGIL_KILLS ?? 2);
/** So many rounds of twenty have to be worth something: at least five answers kept and not saved at the kill. */
const DEEP = 0.75;
const SEED = Number(process.env.INVIGIL_SEED ?? 7);
/** How long the hole swallows everything before the kill at most, ms. */
const HOLE_MS = 1000;
const QUESTIONS = 14;

const PAPER = {
  questions: Array.from({ length: QUESTIONS }, (_, i) => ({
    id: `q${i + 1}`, kind: "single", points: 1, body: `Question ${i + 1}`,
    options: ["a", "b", "c", "d"].map((id) => ({ id, body: id })), key: { options: ["a"] },
  })),
};

/** An outbox as it must not be. What localStorage was given is lost when the browser is killed. */
const WEAKENED = `
const KEY = "invigil-outbox";
export const all = (room, candidate) => [[room, candidate], [room, candidate, []]];
const req = (result) => result;
export class Disk {
  async #run(work) {
    const data = new Map(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
    const id = (key) => JSON.stringify(key);
    const rows = {
      put: (row) => data.set(id([row.room, row.candidate, row.pen, row.seq]), { ...row, iv: [...(row.iv ?? [])], box: row.box && (Array.isArray(row.box) ? row.box : [...new Uint8Array(row.box)]) }),
      delete: (key) => data.delete(id(key)),
      get: (key) => data.get(id(key)),
      getAll: () => [...data.values()].map((row) => ({ ...row, iv: Uint8Array.from(row.iv), box: row.box && Uint8Array.from(row.box) })),
      index: () => ({ getAllKeys: () => [] }),
    };
    const result = await work({ rows, epochs: { get: () => undefined, put: () => {} }, get: async (x) => x });
    localStorage.setItem(KEY, JSON.stringify([...data]));
    return result;
  }
  write(work) { return this.#run(work); }
  read(work) { return this.#run(work); }
}`;

let server;
let proxy;
let rest;
let teacher;

before(async () => {
  server = await startServer();
  proxy = await startProxy(server.port);
  teacher = await launchBrowser();
  await firstAccount(await newPage(teacher, { base: server.base, locale: "en-GB" }), server);
  rest = await staffApi(server);
});
after(async () => {
  await teacher?.close();
  await proxy?.stop();
  await server?.stop();
});

/** A room that runs, with one student. */
async function running(paper = PAPER, exam = {}) {
  const room = await makeRoom(rest, { exam: { duration_seconds: 1800, ...exam }, paper, roster: ["Li Na,2001,7b,19,"] });
  await verb(rest, room.id, "open");
  await verb(rest, room.id, "start");
  const { id: candidate, code } = room.people["Li Na"];
  return { ...room, candidate, code };
}

const stored = async (room) => {
  const { items } = await rest.get(`/rooms/${room.id}/candidates/${room.candidate}/answers`);
  return items;
};

async function sitIn({ context }, room) {
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  if (process.env.INVIGIL_WEAKEN_PAGE === "local_storage") {
    await page.route("**/assets/js/disk.js", (route) => route.fulfill({ contentType: "text/javascript", body: WEAKENED }));
  }
  await page.goto(`${proxy.base}/`);
  await page.locator("#code").fill(room.code);
  await page.locator("#enter button").click();
  await page.waitForURL(/\/sit\//);
  await page.locator("#join button").click();
  await page.getByRole("article").first().waitFor();
  await says(page.locator("#conn"), "Connected");
  return page;
}

/** Question -> option for every answer the page calls kept: what it promises. */
const keptIn = (page) =>
  page.evaluate(() => {
    const cards = [...document.querySelectorAll("[data-q]")];
    const kept = cards.filter((card) => card.querySelector("[data-state-for]").dataset.state === "kept");
    return Object.fromEntries(kept.map((card) => [card.dataset.q, card.querySelector("input:checked").value]));
  });

test(`a browser killed ${ROUNDS} times behind a black hole loses nothing that it kept`, { timeout: ROUNDS * 120_000 }, async (t) => {
  const rand = random(SEED);
  const depths = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const room = await running();
    const home = profile();
    const first = await startKillable(home);
    try {
      const page = await sitIn(first, room);
      // Something is saved before, so that what is kept is not all there is.
      await question(page, QUESTIONS).getByRole("radio").first().check();
      await says(stateOf(page, QUESTIONS), /^Saved/);
      proxy.blackHole(true);
      const hole = performance.now();
      const n = 6 + Math.floor(rand() * 7);
      const picks = Array.from({ length: n }, (_, i) => [`q${i + 1}`, "abcd"[Math.floor(rand() * 4)]]);
      for (const [id, option] of picks) {
        await page.evaluate(([q, o]) => document.querySelector(`[data-q="${q}"] input[value="${o}"]`).click(), [id, option]);
      }
      await pause(Math.max(0, Math.min(HOLE_MS, HOLE_MS * rand()) - (performance.now() - hole)));
      const promised = await keptIn(page);
      await first.kill();
      // What was under way when the browser died is gone with it.
      proxy.cut();
      proxy.blackHole(false);
      depths.push(Object.keys(promised).length);
      const before = new Set((await stored(room)).map(({ question: id }) => id));
      assert.deepEqual(Object.keys(promised).filter((id) => before.has(id)), [], "behind the hole nothing is saved");

      const again = await startKillable(home);
      try {
        const next = await sitIn(again, room);
        await until(async () => (await stored(room)).length > Object.keys(promised).length, `round ${round}: what was kept to be saved`).catch(() => {});
        const rows = await stored(room);
        const lost = Object.entries(promised).filter(([id, option]) => !rows.some((row) => row.question === id && row.value[0] === option && row.counts));
        assert.deepEqual(lost, [], `round ${round}: kept on this computer and lost`);
        const keys = rows.map(({ pen, seq }) => `${pen}/${seq}`);
        assert.equal(new Set(keys).size, keys.length, "none twice");
        for (const [id, option] of Object.entries(promised)) {
          await until(() => next.locator(`[data-q=${id}] input[value=${option}]`).isChecked(), `${id} to stand in the page again`);
        }
        await says(next.locator("#save"), /^Everything saved/);
      } finally {
        await again.kill();
      }
    } finally {
      proxy.blackHole(false);
      await first.kill();
      home.remove();
    }
  }
  const deep = depths.filter((n) => n >= 5).length;
  t.diagnostic(`kills ${ROUNDS}, kept and not saved at the kill: [${depths.join(", ")}], at least five in ${deep}; lost 0`);
  assert.ok(deep >= Math.floor(ROUNDS * DEEP), `at least five were kept and not saved in ${deep} of ${ROUNDS} rounds only`);
});

test("a server restored from a backup gets again what it had saved since, with its time", { timeout: 180_000 }, async (t) => {
  let own = await startServer();
  const browser = await launchBrowser();
  try {
    await firstAccount(await newPage(browser, { base: own.base, locale: "en-GB" }), own);
    let staff = await staffApi(own);
    const room = await makeRoom(staff, { exam: { duration_seconds: 1800 }, paper: PAPER, roster: ["Li Na,2001,7b,19,"] });
    const { id, code } = room.people["Li Na"];
    await verb(staff, room.id, "start");
    const page = await device(browser, own.base);
    await enter(page, code);
    await says(page.locator("#conn"), "Connected");
    const pick = async (n) => {
      await question(page, n).getByRole("radio").nth(1).check();
      await says(stateOf(page, n), /^Saved/);
    };
    const rows = async () =>
      (await staff.get(`/rooms/${room.id}/candidates/${id}/answers`)).items.map((a) => [a.question, a.received_at, a.counts]).sort();
    for (const n of [1, 2]) await pick(n);
    const copies = join(own.dir, "copies");
    execFileSync(binary(), ["backup", "--to", copies, "--database-url", own.database], { cwd: own.dir });
    for (const n of [3, 4, 5]) await pick(n);
    const before = await rows();
    assert.equal(before.length, 5);
    const { dir, port, database } = own;
    await own.stop({ keepDir: true });
    const copy = join(copies, readdirSync(copies).find((name) => /\.(db|dump)$/.test(name)));
    execFileSync(binary(), ["restore", copy, "--force", "--database-url", database], { cwd: dir });
    own = await startServer({ dir, port });
    staff = await staffApi(own);
    await until(async () => (await rows()).length === 5, "what was saved after the backup to come back", 60_000);
    assert.deepEqual(await rows(), before, "the same answers, received when they were received first, and they count");
    await says(page.locator("#save"), /^Everything saved/);
    t.diagnostic("3 answers saved after the backup came back with their times");
    // And the exam goes on.
    await pick(6);
    assert.deepEqual(page.complaints, []);
  } finally {
    await browser.close();
    await own.stop({ keepDir: false });
  }
});
