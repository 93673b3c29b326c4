// The student's path on plain HTTP at an address that is not loopback: a real school. There browsers have no crypto.subtle and no Secure
// cookies, and the outbox has to work all the same. The sitting runs in a network namespace of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

test("on plain HTTP at a LAN address: answered, kept over a kill, saved, handed in", { timeout: 240_000 }, async (t) => {
  const child = spawn("bash", [here("../netns.sh"), process.execPath, here("./lan/sitting.mjs")], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const out of [child.stdout, child.stderr]) out.on("data", (chunk) => (said += chunk));
  const code = await new Promise((done) => child.once("close", done));
  assert.equal(code, 0, said);
  for (const line of said.trim().split("\n")) t.diagnostic(line);
});
