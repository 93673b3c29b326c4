// The one owner of the socket: opens it, watches it, opens it again. Everything else only sends and listens.

const CAP_MS = 10000;
const SILENT_MS = 10000;
/** Half-way to silence we ask something, so that silence means trouble and not that there is nothing to say. */
const ASK_MS = 6000;
const CONNECT_MS = 8000;

/** Full jitter: somewhere between now and a bound that doubles. */
export function backoff(attempt, random = Math.random) {
  return random() * Math.min(CAP_MS, 500 * 2 ** attempt);
}

/** What a close code asks of us. */
export function afterClose(code) {
  return code >= 4500 && code <= 4999 ? "stop" : "again";
}

export class Channel {
  #socket = null;
  #attempt = 0;
  #timer = 0;
  #heard = 0;
  #looked = 0;
  #after = null;
  #wanted = false;
  #opening = 0;

  /**
   * @param url       address of the next attempt
   * @param protocols subprotocols, or none
   * @param on        {frame, open, down, stop, ask, wake}
   */
  constructor({ url, protocols = [], on }) {
    this.url = url;
    this.protocols = protocols;
    this.on = on;
    this.refusals = 0;
    this.#looked = performance.now();
    setInterval(() => this.look(), 1000);
    addEventListener("online", () => this.nudge());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.nudge());
    addEventListener("pageshow", (event) => event.persisted && this.nudge());
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open() {
    this.#wanted = true;
    this.#attempt = 0;
    this.#connect();
  }

  /** For good, or until `open`. */
  close() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** Says whether it went out. */
  send(frame) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Something good happened (network, wake, page in front): try at once. */
  nudge() {
    if (this.isOpen) this.on.wake?.();
    else if (this.#wanted && this.#socket?.readyState !== WebSocket.CONNECTING) {
      this.#attempt = 0;
      this.#connect();
    }
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#drop();
    if (!this.#wanted) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    let socket;
    try {
      socket = new WebSocket(`${scheme}//${location.host}${this.url()}`, this.protocols);
    } catch {
      this.#again();
      return;
    }
    this.#socket = socket;
    this.#opening = performance.now();
    let opened = false;
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      opened = true;
      this.refusals = 0;
      this.#heard = performance.now();
      this.on.open?.();
    };
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return;
      this.#heard = performance.now();
      let frame;
      try {
        frame = JSON.parse(event.data);
      } catch {
        return;
      }
      if (frame.type === "bye") this.#after = frame.after_ms ?? null;
      // Reset only once something useful came: a server that accepts and drops must not be hammered.
      if (frame.type === "welcome" || frame.type === "snapshot") this.#attempt = 0;
      this.on.frame(frame, this.#heard);
    };
    socket.onclose = (event) => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      if (!opened) this.refusals += 1;
      this.on.down?.(event.code, opened);
      if (afterClose(event.code) === "stop") {
        this.#wanted = false;
        this.on.stop?.(event.code);
      } else this.#again();
    };
  }

  #again() {
    if (!this.#wanted) return;
    const [from, to] = this.#after ?? [0, 0];
    const wait = this.#after ? from + Math.random() * (to - from) : backoff(this.#attempt);
    this.#after = null;
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  /** Lets go of the present socket; none of its later events are ours. */
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.close();
  }

  /** Whether the line has gone quiet. Looks by itself once a second where timers run; a page that is hidden calls it from elsewhere. */
  look(now = performance.now()) {
    const slept = now - this.#looked > 5000;
    this.#looked = now;
    if (!this.#socket) return;
    if (this.isOpen) {
      const quiet = now - this.#heard;
      if (quiet > SILENT_MS) this.#fail();
      else if (quiet > ASK_MS || slept) this.on.ask?.(slept);
    } else if (now - this.#opening > CONNECT_MS) this.#fail();
  }

  #fail() {
    this.#drop();
    this.on.down?.(4012, true);
    this.#again();
  }
}
