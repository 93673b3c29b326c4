// A browser that can be killed like a computer that loses power to one program: in a process group of its own, with a profile that stays.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import { browserPath } from "./harness.mjs";

/** How long a browser may take to start, ms. */
const READY_MS = 60_000;

export function profile() {
  const dir = mkdtempSync(join(tmpdir(), "invigil-profile-"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }) };
}

/** Starts it on a profile: `{ browser, context, kill() }`. The port it is spoken to on is its own choice, so it cannot be a leftover's. */
export async function startKillable({ dir }) {
  const file = join(dir, "DevToolsActivePort");
  rmSync(file, { force: true });
  rmSync(join(dir, "SingletonLock"), { force: true });
  const child = spawn(
    browserPath(),
    ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
      "--disable-sync", "--remote-debugging-port=0", `--user-data-dir=${dir}`, "--lang=en-GB", "about:blank"],
    { detached: true, stdio: "ignore" },
  );
  let ended = false;
  child.once("exit", () => (ended = true));
  const kill = () => {
    try {
      // The group is the browser's own: it was started as its leader.
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It is gone.
    }
  };
  process.once("exit", kill);
  const until = performance.now() + READY_MS;
  let address;
  while (!address) {
    if (ended) throw new Error("the browser ended at its start");
    if (performance.now() > until) throw new Error(`the browser was not ready within ${READY_MS} ms`);
    await pause(50);
    try {
      const [port, path] = readFileSync(file, "utf8").trim().split("\n");
      if (path) address = `ws://127.0.0.1:${port}${path}`;
    } catch {
      // Not there yet.
    }
  }
  const browser = await chromium.connectOverCDP(address);
  return {
    browser,
    pid: child.pid,
    context: browser.contexts()[0],
    kill: async () => {
      kill();
      while (!ended) await pause(20);
      process.removeListener("exit", kill);
    },
  };
}
