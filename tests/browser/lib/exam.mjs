// An exam as the scenarios need it: the first account, a room with its roster, students in browsers and students by the dozen.
import { api, newPage, startServer } from "./harness.mjs";

/** Waits of the scenarios, ms. Generous, because a busy machine must not turn a test red; what is fast stays fast. */
export const WAIT_MS = 30_000;

export const STAFF = { name: "Ada Byron", login: "ada", password: "correct horse battery" };

const choices = (list) => list.map(([id, body]) => ({ id, body }));

/** One question of every kind, with its key: 12 points, of which 9 need no person. */
export const PAPER = {
  questions: [
    { id: "capital", kind: "single", points: 2, body: "What is the capital of **Australia**?",
      options: choices([["syd", "Sydney"], ["can", "Canberra"], ["mel", "Melbourne"]]), key: { options: ["can"] } },
    { id: "primes", kind: "multiple", points: 2, body: "Which of these numbers are prime?",
      options: choices([["n2", "2"], ["n9", "9"], ["n13", "13"]]), key: { options: ["n2", "n13"] } },
    { id: "whale", kind: "true_false", points: 1, body: "A whale is a fish.",
      options: choices([["t", "True"], ["f", "False"]]), key: { options: ["f"] } },
    { id: "height", kind: "numeric", points: 2, body: "How high is Mount Everest, in metres?", key: { value: "8849", tolerance: "10" } },
    { id: "river", kind: "short", points: 2, body: "What is the longest river of Europe?", key: { accept: ["Volga", "伏尔加河"] } },
    { id: "essay", kind: "essay", points: 3, body: "Should schools start later in the morning? Give two reasons." },
  ],
};

/** The same in Chinese, for pages that are looked at. */
export const PAPER_ZH = {
  questions: [
    { id: "capital", kind: "single", points: 2, body: "**澳大利亚**的首都是哪里?",
      options: choices([["syd", "悉尼"], ["can", "堪培拉"], ["mel", "墨尔本"]]), key: { options: ["can"] } },
    { id: "primes", kind: "multiple", points: 2, body: "下列哪些数是质数?",
      options: choices([["n2", "2"], ["n9", "9"], ["n13", "13"]]), key: { options: ["n2", "n13"] } },
    { id: "whale", kind: "true_false", points: 1, body: "鲸是鱼类。", options: choices([["t", "正确"], ["f", "错误"]]), key: { options: ["f"] } },
    { id: "height", kind: "numeric", points: 2, body: "珠穆朗玛峰高多少米?", key: { value: "8849", tolerance: "10" } },
    { id: "river", kind: "short", points: 2, body: "欧洲最长的河流是哪条?", key: { accept: ["伏尔加河"] } },
    { id: "essay", kind: "essay", points: 3, body: "早上应该晚一点上课吗?请给出两个理由。" },
  ],
};

/** The one-time secret that a first `serve` prints. */
export function setupSecret(server) {
  const found = /one-time secret: (\S+)/.exec(server.logs());
  if (!found) throw new Error(`the server printed no one-time secret:\n${server.logs()}`);
  return found[1];
}

/** Makes the first account on its page; the page is then signed in and shows the rooms. */
export async function firstAccount(page, server) {
  await page.goto("/staff/setup");
  await page.getByLabel("One-time secret").fill(setupSecret(server));
  await page.getByLabel("Your name").fill(STAFF.name);
  await page.getByLabel("Login").fill(STAFF.login);
  await page.getByLabel("Password").fill(STAFF.password);
  await page.getByRole("button", { name: "Create account and sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Rooms" }).waitFor();
}

/** REST calls of the first account. */
export async function staffApi(server) {
  const { access_token: token } = await api(server.base).post("/auth/login", { login: STAFF.login, password: STAFF.password });
  return api(server.base, token);
}

/** Signs in on the page. */
export async function signIn(page, next = "/staff", login = STAFF.login) {
  await page.goto(next);
  await page.locator("#login").fill(login);
  await page.locator("#password").fill(STAFF.password);
  await page.locator("form[action='/staff/login'] button").click();
  await page.waitForURL((url) => url.pathname === next);
}

/**
 * Makes an exam and a room of it, with a roster and codes: `{ exam, id, people }`, `people` by name as `{ id, code }`.
 * `roster` is the lines of the CSV below its head.
 */
export async function makeRoom(rest, { exam = {}, paper = PAPER, room = {}, roster }) {
  const made = await rest.post("/exams", {
    title: "Geography, term 1", instructions: "Six questions. Your answers are saved by themselves.", duration_seconds: 240,
    grace_seconds: 1, timing: "with_room", takeover: "ask", ...exam,
  });
  await rest.put(`/exams/${made.id}/paper`, paper, { "if-match": '"v0"' });
  return addRoom(rest, made.id, { room, roster });
}

/** One more room of an exam. */
export async function addRoom(rest, exam, { room = {}, roster }) {
  const { id } = await rest.post("/rooms", { exam, location: "Hall 2", zone: "UTC", ...room });
  const csv = ["name,number,class,seat,extra percent", ...roster].join("\n");
  const { items } = await rest.post(`/rooms/${id}/candidates`, csv, { "content-type": "text/csv" });
  const codes = await rest.post(`/rooms/${id}/entry-codes`, {});
  const code = new Map(codes.items.map((item) => [item.candidate, item.code]));
  const people = Object.fromEntries(items.map(({ id: candidate, name }) => [name, { id: candidate, code: code.get(candidate) }]));
  return { exam, id, people };
}

/** A server with its first teacher on the live page of a room, in which these sit: `{ server, rest, room, teacher }`. */
export async function liveRoom(browser, { names, exam, verbs = ["open", "start"] }) {
  const server = await startServer();
  try {
    const teacher = await newPage(browser, { base: server.base, locale: "en-GB", viewport: { width: 1280, height: 900 } });
    teacher.setDefaultTimeout(WAIT_MS);
    await firstAccount(teacher, server);
    const rest = await staffApi(server);
    const room = await makeRoom(rest, { exam, roster: names.map((name, i) => `${name},${2001 + i},7b,${i + 1},`) });
    for (const name of verbs) await verb(rest, room.id, name);
    await teacher.goto(`/staff/rooms/${room.id}`);
    await says(teacher.locator("#conn"), "Live");
    return { server, rest, room, teacher };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** A command by REST. */
export function verb(rest, room, name, body = {}) {
  return rest.post(`/rooms/${room}/${name}`, body, { "idempotency-key": `${name}-${Math.random().toString(36).slice(2)}` });
}

/** A student's device. */
export async function device(browser, base, options = {}) {
  const page = await newPage(browser, { base, locale: "en-GB", ...options });
  page.setDefaultTimeout(WAIT_MS);
  return page;
}

/** Types the code at the front door; the page then asks "Is this you?". */
export async function enterCode(page, code) {
  await page.goto("/");
  await page.locator("#code").fill(code);
  await page.locator("#enter button").click();
  await page.waitForURL(/\/sit\//);
}

/** Types the code and says "this is me". */
export async function enter(page, code) {
  await enterCode(page, code);
  await page.locator("#join button").click();
}

/** The n-th question's card, counted from 1. */
export function question(page, n) {
  return page.getByRole("article").nth(n - 1);
}

/** What the page says about the n-th answer. */
export function stateOf(page, n) {
  return question(page, n).locator("[data-state-for]");
}

/** Waits until the element says it; gives its text. */
export async function says(locator, text) {
  const found = locator.filter({ hasText: text }).first();
  await found.waitFor({ timeout: WAIT_MS }).catch(async (error) => {
    const now = await locator.first().textContent({ timeout: 500 }).catch(() => "nothing");
    throw new Error(`waited for ${text}, but it says: ${now}`, { cause: error });
  });
  // What was said for a moment may be gone already.
  const said = await found.textContent({ timeout: 500 }).catch(() => locator.first().textContent());
  return said.replace(/\s+/g, " ").trim();
}

/** Waits until `look` gives something true; gives it. */
export async function until(look, what, ms = WAIT_MS) {
  const end = performance.now() + ms;
  let last;
  while (performance.now() < end) {
    try {
      last = await look();
      if (last) return last;
    } catch (error) {
      last = error.message;
    }
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error(`waited ${ms} ms for ${what}; last: ${JSON.stringify(last)}`);
}

/**
 * Gives a command on the live page: presses the button, and where there is a preview reads it, says why, types what has to be typed, confirms.
 * Gives the preview's text, or what the page says of what was done at once. `minutes` and `reason` go into the fields beside the button.
 */
export async function command(page, label, { minutes, reason, text } = {}) {
  const done = page.locator("#done");
  if (await done.count()) await done.getByRole("button", { name: "Close" }).click();
  if (minutes !== undefined) await page.locator("#head").getByLabel("Minutes").fill(String(minutes));
  if (reason) await page.locator("#head").getByLabel("Reason").selectOption({ label: reason });
  await page.getByRole("button", { name: label, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await done.or(dialog.getByRole("heading", { level: 1 })).first().waitFor();
  if (await done.count()) return (await done.locator("p").innerText()).replace(/\s+/g, " ");
  const shown = await dialog.innerText();
  if (reason) await dialog.getByLabel("Reason", { exact: true }).selectOption({ label: reason });
  if (text) await dialog.getByLabel("In your words").fill(text);
  const wanted = dialog.locator("[name=wanted]");
  if (await wanted.count()) await dialog.locator("[name=typed]").fill(await wanted.inputValue());
  await dialog.locator("[data-confirm]").click();
  await dialog.waitFor({ state: "hidden" });
  return shown.replace(/\s+/g, " ");
}

/** A teacher of their own, with these rights in a room, signed in on a page there. */
export async function colleague(browser, server, rest, room, { name, rights }) {
  const login = name.toLowerCase().replace(/\W+/g, "");
  const user = await rest.post("/users", { login, name, role: "teacher", password: STAFF.password });
  await rest.put(`/rooms/${room}/staff/${user.id}`, { rights });
  const page = await newPage(browser, { base: server.base, locale: "en-GB", viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(WAIT_MS);
  await signIn(page, `/staff/rooms/${room}`, login);
  await says(page.locator("#conn"), "Live");
  return page;
}

/** The row of a student in the live table. */
export function rowOf(page, candidate) {
  return page.locator(`#row-${candidate}`);
}

/**
 * Students without pages: one browser page that holds their sockets. `join(code)` gives
 * `{ answer(question, value), post(question, value, seq), tell(frame), handIn(have), drop(), back() }`; `answer` waits for `saved` and gives its item.
 */
export async function crowd(browser, base) {
  const page = await newPage(browser, { base });
  await page.goto("/");
  await page.evaluate(() => {
    const lines = [];
    const open = (room, token, pen) =>
      new Promise((ready, fail) => {
        const line = { waits: new Map(), seq: 0 };
        const shown = pen ? `&pen=${pen}` : "";
        line.socket = new WebSocket(`ws://${location.host}/ws/exam-clock?room=${room}${shown}`, ["invigil.v1", `bearer.${token}`]);
        line.socket.onclose = () => fail(new Error("the socket was closed"));
        line.socket.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.type === "welcome") {
            line.seq = Math.max(0, ...frame.answers.filter((a) => a.pen === frame.pen).map((a) => a.seq));
            ready(lines.push(line) - 1);
          }
          for (const item of frame.items ?? (frame.seq === undefined ? [] : [frame])) line.waits.get(item.seq)?.({ type: frame.type, ...item });
        };
      });
    globalThis.crowd = {
      open,
      lines,
      numbered: (at, frame) =>
        new Promise((settled, fail) => {
          const line = lines[at];
          if (line.socket.readyState !== WebSocket.OPEN) fail(new Error("the socket is closed"));
          line.socket.addEventListener("close", ({ code }) => fail(new Error(`the socket was closed with ${code}`)));
          line.seq += 1;
          line.waits.set(line.seq, settled);
          line.socket.send(JSON.stringify({ ...frame, seq: line.seq }));
        }),
    };
  });
  const join = async (code) => {
    const entered = await api(base).post("/auth/entry", { code });
    const connect = (pen) => page.evaluate(([r, t, p]) => globalThis.crowd.open(r, t, p), [entered.room.id, entered.access_token, pen]);
    let at = await connect();
    return {
      answer: async (id, value) => {
        const frame = { type: "answer", question: id, value };
        const outcome = await page.evaluate(([line, f]) => globalThis.crowd.numbered(line, f), [at, frame]);
        if (outcome.type !== "saved") throw new Error(`not saved: ${JSON.stringify(outcome)}`);
        return outcome;
      },
      tell: (frame) => page.evaluate(([line, f]) => globalThis.crowd.lines[line].socket.send(JSON.stringify(f)), [at, frame]),
      handIn: (have) => page.evaluate(([line, f]) => void globalThis.crowd.numbered(line, f), [at, { type: "submit", have }]),
      /** Without a socket, which is closed when the exam is over; gives what became of it. */
      post: async (id, value, seq) => {
        const mine = api(base, entered.access_token);
        const { items } = await mine.post(`/rooms/${entered.room.id}/candidates/me/answers`, { answers: [{ pen: 1, seq, question: id, value }] });
        return items[0];
      },
      /** The same device, with its first pen. */
      back: async () => (at = await connect(1)),
      drop: () => page.evaluate((line) => globalThis.crowd.lines[line].socket.close(), at),
    };
  };
  return { page, join };
}
