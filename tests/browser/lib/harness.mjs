// Everything a browser test needs: the server, a browser, REST calls. What looks at pages is in `looks.mjs`.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

import { startNodes } from "./nodes.mjs";

export { axe, clipped, contrast, looksRight, screenshot, shotsDir } from "./looks.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** On what the server under test stands: `one` is SQLite and nothing else, `nodes` are two nodes on PostgreSQL and NATS behind a door. */
const STACK = process.env.INVIGIL_TEST_STACK ?? "one";
if (!["one", "nodes"].includes(STACK)) throw new Error(`INVIGIL_TEST_STACK is ${STACK}: neither one nor nodes`);
/** How long a start may take, ms. A debug build on a busy machine needs some seconds. */
const READY_MS = 30_000;
/** How long an orderly stop may take before the process is killed, ms: the drain's 25 s and some air. */
const STOP_MS = 30_000;
/** How often a busy server is asked again, and after how long, ms. */
const BUSY_TRIES = 20;
const BUSY_MS = 500;
/** What the server has said, kept for the report of a failure; the oldest goes first. */
const LOG_BYTES = 1 << 20;

/** The binary under test: `$INVIGIL_BIN`, or the debug build. */
export function binary() {
  const path = resolve(process.env.INVIGIL_BIN ?? join(ROOT, "target/debug/invigil"));
  if (!existsSync(path)) throw new Error(`there is no ${path}: run \`cargo build\` first, or set INVIGIL_BIN`);
  return path;
}

/** A port of the loopback address that was free a moment ago. */
function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/** Settings of the person who runs the tests must not reach the server under test. */
function cleanEnv(extra) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("INVIGIL_"));
  return { ...Object.fromEntries(kept), ...extra };
}

/**
 * Starts `invigil serve` on a free loopback port with a database of its own and waits until it is ready.
 * Gives `{ base, port, pids, dir, database, logs(), exited(), stop() }`. With `dir` and `port` of a server that was stopped, it starts again
 * on what is there.
 */
export async function startServer({ args = [], env = {}, dir, port, host = "127.0.0.1", bin = binary(), readyMs = READY_MS } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const options = { args, env, dir, port: port ?? (await freePort()), host, bin, readyMs };
    const server = await (STACK === "nodes" && bin === binary() ? startNodes({ ...options, begin: startOnce, freePort }) : startOnce(options));
    if (!server.failure) return server;
    // Somebody else took the port between our look and the server's.
    if (port === undefined && attempt < 3 && /address.*in use/i.test(server.logs())) continue;
    throw new Error(`${server.failure}\n${server.logs()}`);
  }
}

async function startOnce({ args, env, dir, database, port, host, bin, readyMs }) {
  const own = dir === undefined;
  const home = dir ?? mkdtempSync(join(tmpdir(), "invigil-browser-"));
  database ??= join(home, "invigil.db");
  const flags = ["serve", "--listen", `${host}:${port}`, "--database-url", database, ...args];
  const child = spawn(bin, flags, { cwd: home, env: cleanEnv(env), stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  const keep = (chunk) => (log = (log + chunk).slice(-LOG_BYTES));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  let ended;
  const exit = new Promise((done) => {
    child.once("error", (error) => done((ended = `could not start ${bin}: ${error.message}`)));
    child.once("exit", (code, signal) => done((ended = `${bin} ended with ${signal ?? code}`)));
  });
  // A test that is cut short must not leave a server behind.
  const last = () => ended === undefined && child.kill("SIGKILL");
  process.once("exit", last);

  const stop = async ({ signal = "SIGTERM", keepDir = !own } = {}) => {
    if (ended === undefined) {
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await exit;
      clearTimeout(timer);
    }
    process.removeListener("exit", last);
    if (!keepDir) rmSync(home, { recursive: true, force: true });
  };
  const base = `http://127.0.0.1:${port}`;
  const failure = await becomesReady(`${base}/health/ready`, readyMs, () => ended);
  if (failure) await stop();
  return { base, port, pids: [child.pid], dir: home, database, logs: () => log, exited: () => ended, stop, failure };
}

/** Asks until the answer is 200; gives the reason if it never is. */
async function becomesReady(url, readyMs, ended) {
  const until = performance.now() + readyMs;
  let last = "no answer";
  while (performance.now() < until) {
    if (ended()) return ended();
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (answer.ok) return undefined;
      last = `${answer.status} ${await answer.text()}`;
    } catch (error) {
      last = error.cause?.code ?? error.message;
    }
    await pause(50);
  }
  return `not ready after ${readyMs} ms: ${last}`;
}

/** A refused REST call, with its problem body. */
export class Refused extends Error {
  constructor(method, path, status, body) {
    super(`${method} ${path}: ${status} ${body?.code ?? ""} ${body?.detail ?? JSON.stringify(body)}`);
    Object.assign(this, { status, body, code: body?.code });
  }
}

/**
 * REST calls: `api(base, token).post("/rooms", {…})` gives the body and throws `Refused` from 400 on.
 * `ask(method, path, body, headers)` gives `{ status, body, headers }` and never throws for a status. Paths are below `/api/v1`.
 */
export function api(base, token) {
  const ask = async (method, path, body, headers = {}) => {
    const typed = typeof body === "string" ? {} : { "content-type": "application/json" };
    const bearer = token ? { authorization: `Bearer ${token}` } : {};
    const answer = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: { ...(body === undefined ? {} : typed), ...bearer, ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    const json = /[/+]json\b/.test(answer.headers.get("content-type") ?? "");
    return { status: answer.status, body: json && text ? JSON.parse(text) : text, headers: answer.headers };
  };
  const call = (method) => async (path, body, headers) => {
    let answer = await ask(method, path, body, headers);
    // As a page does: who is told that the server is busy, and that nothing was done, asks again.
    for (let tries = 0; answer.status === 503 && tries < BUSY_TRIES; tries += 1) {
      await pause(BUSY_MS);
      answer = await ask(method, path, body, headers);
    }
    if (answer.status >= 400) throw new Refused(method, path, answer.status, answer.body);
    return answer.body;
  };
  return {
    ask,
    get: (path, headers) => call("GET")(path, undefined, headers),
    delete: (path, headers) => call("DELETE")(path, undefined, headers),
    post: call("POST"),
    put: call("PUT"),
    patch: call("PATCH"),
    /** The same server with another credential. */
    as: (other) => api(base, other),
  };
}

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The system's Chromium: `$CHROMIUM`, or the first of the usual names on the path. */
export function browserPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const dirs = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"];
  const found = NAMES.flatMap((name) => dirs.map((dir) => join(dir, name))).find((path) => existsSync(path));
  if (!found) throw new Error("no Chromium found: install the package `chromium`, or set CHROMIUM to the program");
  return found;
}

/** Starts the browser. Nothing that it does by itself reaches the network. */
export function launchBrowser(options = {}) {
  return chromium.launch({
    executablePath: browserPath(),
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    ...options,
  });
}

/**
 * A page in a browser context of its own, like another person's device. `page.complaints` collects what no page may have: errors
 * of scripts, violations of the content policy, requests to another origin than its own.
 */
export async function newPage(browser, { base, ...options } = {}) {
  const context = await browser.newContext({ baseURL: base, viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) page.complaints.push(`policy: ${message.text()}`);
  });
  page.on("request", (request) => {
    const foreign = base && /^(http|ws)/.test(request.url()) && new URL(request.url()).host !== new URL(base).host;
    if (foreign) page.complaints.push(`leaves: ${request.url()}`);
  });
  return page;
}
