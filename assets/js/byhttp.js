// The whole way without a socket: where a proxy blocks or buffers it, the page joins, reads the paper, answers and asks for the time by
// HTTP, and gives the rest of the page the same frames that the socket would bring.

/** How often the time is asked for, ms: what staff do reaches the page that fast, and the server hears that it is there. */
const POLL_MS = 2000;
/** The way works as long as its last success is no older, ms. */
const FRESH_MS = 8000;
/** Pause after a request that failed, ms. */
const AGAIN_MS = 1000;

export class ByHttp {
  #busy = false;
  #joined = false;
  #polled = -Infinity;
  #failed = -Infinity;
  #worked = -Infinity;
  /** Which messages the page has, as the server calls them. */
  #mail = null;

  /**
   * @param http    calls of the page's own addresses
   * @param now     local time
   * @param answers the queue
   * @param page    {pen(), rev(), lacksPaper(), receive(frame, at), refused(problem), settled()}
   */
  constructor({ http, now, answers, page }) {
    Object.assign(this, { http, now, answers, page });
  }

  get works() {
    return this.#joined && this.now() - this.#worked < FRESH_MS;
  }

  /** The socket does it again, or the page has no more to do here. */
  rest() {
    this.#joined = false;
    this.#polled = -Infinity;
  }

  /** One step; called about once a second, and whenever there is something to send. */
  async turn() {
    if (this.#busy || this.now() - this.#failed < AGAIN_MS) return;
    this.#busy = true;
    try {
      if (!this.#joined) await this.#join();
      if (this.#joined) await this.#send();
      if (this.#joined && this.now() - this.#polled >= POLL_MS) await this.#poll();
    } finally {
      this.#busy = false;
    }
  }

  /** Only sends what waits: for a page that no longer writes, and for one that goes. */
  async leftovers(leaving = false) {
    if (this.#busy && !leaving) return;
    this.#busy = true;
    await this.#send(leaving).finally(() => (this.#busy = false));
  }

  async #call(method, path, body, options) {
    const got = await this.http.call(method, path, body, options);
    if (got.ok) this.#worked = this.now();
    else this.#failed = this.now();
    return got;
  }

  async #join() {
    const pen = this.page.pen();
    const got = await this.#call("POST", "/join", pen === null ? {} : { pen });
    if (got.ok) {
      this.#joined = true;
      this.page.receive({ type: "welcome", ...got.body }, this.now());
      await this.#paper(got.body.clock?.phase);
    } else if (got.status >= 400 && got.status < 500) this.page.refused(got.body);
  }

  async #paper(phase) {
    if (!["working", "paused"].includes(phase) || this.page.pen() === null || !this.page.lacksPaper()) return;
    const got = await this.#call("GET", "/paper?as=html");
    if (got.ok) this.page.receive({ type: "paper", ...got.body }, this.now());
  }

  /** The answers, a window at a time, until none is ready or the way fails. */
  async #send(leaving = false) {
    for (;;) {
      const batch = this.answers.batch(this.now(), leaving);
      if (!batch.length) return;
      const got = await this.#call("POST", "/answers", { answers: batch }, { keepalive: leaving });
      if (!got.ok) return;
      for (const item of got.body.items ?? []) {
        if (item.code) this.answers.refused(item.pen, item, this.now());
        else this.answers.saved(item.pen, [{ ...item, received_ms: Date.parse(item.received_at) }]);
      }
      this.page.settled();
      if (leaving) return;
    }
  }

  async #messages(version) {
    const got = await this.#call("GET", "/messages");
    if (!got.ok) return;
    this.#mail = version;
    this.page.receive({ type: "mail", ...got.body }, this.now());
  }

  async #poll() {
    this.#polled = this.now();
    const t0 = this.now();
    const got = await this.#call("POST", "/sync", { rev: this.page.rev() });
    if (!got.ok) {
      if (got.status >= 400 && got.status < 500) this.page.refused(got.body);
      return;
    }
    const { clock, holds, submitted, received_ms: t1, now_ms: t2, mail, hand, incidents } = got.body;
    this.page.receive({ type: "sync", t0, t1, t2 }, this.now());
    this.page.receive({ type: "clock", ...clock }, this.now());
    if (hand) this.page.receive({ type: "hand", ...hand }, this.now());
    if (incidents) this.page.receive({ type: "incidents", items: incidents }, this.now());
    if (mail !== undefined && mail !== this.#mail) await this.#messages(mail);
    if (submitted) this.page.receive({ type: "submitted", ...submitted }, this.now());
    // The pen has come to us, or it has gone: a join says which.
    else if (holds !== (this.page.pen() !== null)) this.#joined = false;
    else await this.#paper(clock.phase);
  }
}
