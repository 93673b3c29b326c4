// Two nodes on PostgreSQL and NATS behind a door that sends each connection to the next of them: what `startServer` gives where
// INVIGIL_TEST_STACK is `nodes`.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const NODES = 2;

/** What nodes stand on, by the folder of their deployment: it outlives a stop that keeps the folder. */
const grounds = new Map();

/** A PostgreSQL that ends with this process; gives the port of it. */
async function postgres() {
  const child = spawn("bash", [join(ROOT, "tests/postgres.sh")], { stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const [said, port] = line.split(" ");
    // It ends with this process, which does not wait for it.
    for (const held of [child, child.stdin, child.stdout]) held.unref();
    if (said === "ready") return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, end: () => child.stdin.end() };
    throw new Error(`PostgreSQL does not start: ${line}`);
  }
  throw new Error("PostgreSQL does not start");
}

/** A NATS server that ends with this process. */
function nats(port) {
  const usual = "/usr/sbin/nats-server";
  const child = spawn(existsSync(usual) ? usual : "nats-server", ["-a", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  child.unref();
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  return { url: `nats://127.0.0.1:${port}`, end: () => (process.removeListener("exit", end), end()) };
}

/** Each connection goes to the next node that takes it, without regard to who comes. */
async function balance(host, port, nodes) {
  let turn = 0;
  const open = new Set();
  const server = createServer((client) => {
    open.add(client);
    client.on("error", () => {}).on("close", () => open.delete(client));
    turn += 1;
    const next = (n) => {
      if (n === nodes.length) return client.destroy();
      const there = connect(nodes[(turn + n) % nodes.length], "127.0.0.1");
      const refused = () => next(n + 1);
      there.once("error", refused).once("connect", () => {
        there.removeListener("error", refused).on("error", () => client.destroy());
        client.on("close", () => there.destroy());
        there.on("close", () => client.destroy());
        for (const end of [client, there]) end.setNoDelay(true);
        client.pipe(there).pipe(client);
      });
    };
    next(0);
  });
  await new Promise((done, fail) => server.once("error", fail).listen(port, host, done));
  return () =>
    new Promise((done) => {
      server.close(done);
      for (const client of open) client.destroy();
    });
}

/** `begin(options)` starts one node and gives what `startServer` gives. */
export async function startNodes({ begin, freePort, args, host, dir, port, ...rest }) {
  const home = dir ?? mkdtempSync(join(tmpdir(), "invigil-browser-"));
  const door = port ?? (await freePort());
  const ground = grounds.get(home) ?? { postgres: await postgres(), nats: nats(await freePort()) };
  grounds.set(home, ground);
  const base = `http://127.0.0.1:${door}`;
  const public_urls = args.includes("--public-urls") ? [] : ["--public-urls", base];
  const nodes = [];
  for (let n = 0; n < NODES; n += 1) {
    const more = ["--nats-url", ground.nats.url, ...public_urls, ...args];
    const node = await begin({ ...rest, args: more, dir: home, database: ground.postgres.url, host: "127.0.0.1", port: await freePort() });
    nodes.push(node);
    if (node.failure) break;
  }
  const failure = nodes.at(-1).failure;
  const close = failure ? () => {} : await balance(host, door, nodes.map((node) => node.port));
  const stop = async ({ signal = "SIGTERM", keepDir = dir !== undefined } = {}) => {
    await Promise.all(nodes.map((node) => node.stop({ signal, keepDir: true })));
    await close();
    if (keepDir) return;
    ground.postgres.end();
    ground.nats.end();
    grounds.delete(home);
    rmSync(home, { recursive: true, force: true });
  };
  if (failure) await stop();
  const logs = () => nodes.map((node) => node.logs()).join("");
  const pids = nodes.flatMap((node) => node.pids);
  const [{ database }] = nodes;
  return { base, port: door, pids, dir: home, database, logs, exited: () => nodes.map((node) => node.exited()).find(Boolean), stop, failure };
}
