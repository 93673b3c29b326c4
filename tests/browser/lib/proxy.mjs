// A TCP proxy with a bad temper: delay per direction with jitter, a black hole, cuts, and sockets that are blocked or buffered.
// The kernels we test on have no netem; this one needs no root and gives its figures back.
import { connect, createServer } from "node:net";

/** A small generator with a seed, so that a failure can be seen again. */
export function random(seed) {
  let x = seed >>> 0;
  return () => ((x = (Math.imul(x, 1664525) + 1013904223) >>> 0) / 2 ** 32);
}

/** One direction of a connection: pieces leave in order, each after its delay, and none while the hole is open. */
class Pipe {
  #queue = [];
  #last = 0;
  #timer = 0;

  constructor(from, to, delay, state) {
    Object.assign(this, { to, delay, state });
    from.on("data", (chunk) => this.put(chunk));
    from.on("end", () => this.put(null));
  }

  put(chunk) {
    const [ms, jitter] = this.delay();
    const due = Math.max(this.#last, performance.now() + ms + (this.state.random() * 2 - 1) * jitter);
    this.#last = due;
    this.#queue.push({ due, chunk });
    this.flush();
  }

  flush() {
    clearTimeout(this.#timer);
    while (!this.state.hole && this.#queue.length && this.#queue[0].due <= performance.now()) {
      const { chunk } = this.#queue.shift();
      if (this.to.destroyed) continue;
      if (chunk === null) this.to.end();
      else this.to.write(chunk);
    }
    if (!this.state.hole && this.#queue.length) this.#timer = setTimeout(() => this.flush(), Math.max(1, this.#queue[0].due - performance.now()));
  }
}

/**
 * `startProxy(port)` in front of a port of the loopback address. Gives `{ base, port, set(), blackHole(on), cut(), stop(), upgrades() }`.
 * `set({up, down})`: `[delay ms, jitter ms]` towards the server and back. `set({sockets})`: `open`; `blocked` refuses the upgrade as
 * filtering proxies do; `buffered` says yes to it and carries nothing.
 */
export async function startProxy(target, { seed = 1, up = [0, 0], down = [0, 0], sockets = "open" } = {}) {
  const state = { hole: false, up, down, sockets, random: random(seed), upgrades: 0 };
  const pairs = new Set();
  const server = createServer((client) => {
    const there = connect(target, "127.0.0.1");
    client.setNoDelay(true);
    there.setNoDelay(true);
    const pair = { client, there };
    pairs.add(pair);
    const gone = () => {
      pairs.delete(pair);
      client.destroy();
      there.destroy();
    };
    for (const end of [client, there]) end.on("error", gone).on("close", gone);
    client.prependListener("data", (chunk) => {
      if (!chunk.subarray(0, 8).equals(Buffer.from("GET /ws/"))) return;
      state.upgrades += 1;
      if (state.sockets === "blocked") client.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      if (state.sockets === "buffered") pair.mute = true;
    });
    const forward = { write: (chunk) => state.sockets !== "blocked" || !chunk.subarray(0, 8).equals(Buffer.from("GET /ws/")) ? there.write(chunk) : 0, end: () => there.end(), get destroyed() { return there.destroyed; } };
    // Of a buffered socket the browser gets the head of the answer, so that it opens, and nothing after it.
    let head = false;
    const back = {
      write(chunk) {
        if (!pair.mute) return client.write(chunk);
        const at = head ? -1 : chunk.indexOf("\r\n\r\n");
        if (at >= 0) head = client.write(chunk.subarray(0, at + 4)) || true;
        return true;
      },
      end: () => client.end(),
      get destroyed() {
        return client.destroyed;
      },
    };
    pair.pipes = [new Pipe(client, forward, () => state.up, state), new Pipe(there, back, () => state.down, state)];
  });
  await new Promise((done, fail) => server.once("error", fail).listen(0, "127.0.0.1", done));
  const { port } = server.address();
  const cut = () => [...pairs].forEach(({ client, there }) => (client.destroy(), there.destroy()));
  return {
    base: `http://127.0.0.1:${port}`,
    port,
    set: (changes) => Object.assign(state, changes),
    /** What is under way is held; whatever comes is held; nobody is told. */
    blackHole(on) {
      state.hole = on;
      if (!on) for (const { pipes } of pairs) pipes.forEach((pipe) => pipe.flush());
    },
    cut,
    upgrades: () => state.upgrades,
    stop: () =>
      new Promise((done) => {
        server.close(done);
        cut();
      }),
  };
}
