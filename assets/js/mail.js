// Messages and the hand on the student's page. What people wrote is shown as text, never as markup.
import { freshKey } from "./key.js";
import { $, announce, say, time, view } from "./page.js";
import { Pane } from "./pane.js";

/** What could not be said by HTTP is said again after this, ms. */
const AGAIN_MS = 3000;
/** States in which somebody sits here and may be written to. */
const HERE = ["waiting", "paper", "review", "ended"];

export class Mail {
  #send;
  #http;
  /** By id, as the server said last. */
  #messages = new Map();
  /** Read here; the server may not know yet. */
  #seen = new Set();
  /** Withdrawn after they were shown here, and not confirmed. */
  #recalled = new Set();
  /** Known to the server to be on this device, or on their way to be. */
  #proven = new Set();
  #hand = { up: false };
  /** Which message stands in the banner. */
  #shown = null;
  #key = freshKey();
  #keyed = "";
  #pane = new Pane("mail", (open) => open && this.#draw());

  /** `send(frame)` over the socket, whether it went; `http` the way without one. */
  constructor({ send, http }) {
    this.#send = send;
    this.#http = http;
    $("hand").addEventListener("click", () => this.#raise(!this.#hand.up));
    $("message-seen").addEventListener("click", () => this.#confirm());
    $("mail-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#write();
    });
  }

  /** A `welcome`, or what came by HTTP. Only a socket proves by itself that it arrived. */
  welcome({ messages, hand }, socket) {
    for (const message of messages ?? []) this.#put(message);
    if (hand !== undefined || socket) this.hand(hand ?? { up: false });
    if (!socket) this.#prove();
    const unsaid = [...this.#seen].filter((id) => this.#messages.has(id) && !this.#messages.get(id).seen_ms);
    if (unsaid.length) this.#say(unsaid);
    this.#draw();
  }

  /** A `message` frame. */
  take(message) {
    this.#put(message);
    this.#proven.add(message.id);
    this.#draw();
  }

  /** A `hand` frame. */
  hand(hand) {
    this.#hand = hand;
    const { up, raised_ms: at, answered_ms: coming, place } = hand;
    $("hand").setAttribute("aria-pressed", String(Boolean(up)));
    $("hand-word").textContent = say(up ? "hand-lower" : "hand-raise");
    const text = !up ? "" : coming ? say("hand-coming", { time: time.short(at) }) : say("hand-up", { time: time.short(at), place: place ?? 1 });
    if ($("hand-text").textContent !== text) $("hand-text").textContent = text;
  }

  #put(message) {
    const before = this.#messages.get(message.id);
    this.#messages.set(message.id, { ...message, seen_ms: message.seen_ms ?? before?.seen_ms });
    if (message.seen_ms) this.#seen.add(message.id);
    if (before && !before.withdrawn_ms && message.withdrawn_ms && !this.#own(message)) this.#recalled.add(message.id);
  }

  #own(message) {
    return message.audience === "staff";
  }

  #unread() {
    return [...this.#messages.values()].filter((m) => !this.#own(m) && !m.withdrawn_ms && !this.#seen.has(m.id));
  }

  /** Newest first: ids sort by time. */
  #sorted() {
    return [...this.#messages.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  // -------------------------------------------------------------- what is shown
  #draw() {
    const unread = this.#unread();
    const n = unread.length;
    $("mail-n").textContent = n ? String(n) : "";
    $("mail-n").hidden = n === 0;
    $("mail-unread").textContent = n ? say("mail-unread", { n }) : "";
    $("mail-none").hidden = this.#messages.size > 0;
    $("mail-list").replaceChildren(...this.#sorted().map((message) => this.#item(message)));
    this.#banner(unread);
    if (this.#pane.isOpen) this.#read(unread);
  }

  #item(message) {
    const item = document.createElement("li");
    item.dataset.message = message.id;
    if (message.withdrawn_ms) item.dataset.withdrawn = "true";
    if (!this.#own(message) && !message.withdrawn_ms && !this.#seen.has(message.id)) item.dataset.unread = "true";
    const head = document.createElement("p");
    head.className = "muted";
    const at = document.createElement("time");
    at.textContent = time(message.sent_ms);
    head.append(at, ` ${this.#from(message)}`);
    const text = document.createElement(message.withdrawn_ms ? "s" : "span");
    text.textContent = message.text;
    const words = document.createElement("p");
    words.className = "mail-text";
    words.append(text);
    item.append(head, words);
    const state = this.#state(message);
    if (state) {
      const line = document.createElement("p");
      line.className = "muted";
      line.textContent = state;
      item.append(line);
    }
    return item;
  }

  #from(message) {
    if (this.#own(message)) return say("mail-own");
    return say(message.audience === "room" ? "mail-all" : "mail-you", { author: message.author });
  }

  #state(message) {
    if (message.withdrawn_ms) return say("mail-withdrawn", { time: time(message.withdrawn_ms) });
    if (!this.#own(message)) return "";
    return message.read_ms ? say("mail-read", { time: time(message.read_ms) }) : say("mail-sent");
  }

  /** What was taken back comes first, then the newest that is not read. */
  #banner(unread) {
    const recalled = this.#sorted().find((m) => this.#recalled.has(m.id));
    const next = recalled ?? unread.sort((a, b) => (a.id < b.id ? 1 : -1))[0];
    const node = $("banner-message");
    node.hidden = !next || !HERE.includes(view.state);
    const same = this.#shown?.id === next?.id && this.#shown?.withdrawn_ms === next?.withdrawn_ms;
    this.#shown = next ?? null;
    const more = unread.filter((m) => m !== next).length;
    $("message-more").textContent = more ? say("mail-more", { n: more }) : "";
    if (!next || same) return;
    $("message-from").textContent = this.#from(next);
    const text = document.createElement(next.withdrawn_ms ? "s" : "span");
    text.textContent = next.text;
    $("message-text").replaceChildren(text);
    $("message-state").textContent = this.#state(next);
  }

  // -------------------------------------------------------------- what is said
  #confirm() {
    const shown = this.#shown;
    if (!shown) return;
    this.#recalled.delete(shown.id);
    this.#read([shown]);
    this.#draw();
  }

  #read(messages) {
    const ids = messages.map((m) => m.id).filter((id) => !this.#seen.has(id));
    if (!ids.length) return;
    for (const id of ids) this.#seen.add(id);
    this.#say(ids);
    this.#draw();
  }

  async #say(ids) {
    if (this.#send({ type: "seen", messages: ids })) return;
    const said = await this.#http.call("POST", "/messages/mark", { messages: ids, seen: true });
    if (!said.ok && (said.status === 0 || said.status === 429 || said.status >= 500)) setTimeout(() => this.#say(ids), AGAIN_MS);
  }

  async #prove() {
    const ids = [...this.#messages.values()].filter((m) => !this.#own(m) && !this.#proven.has(m.id)).map((m) => m.id);
    if (!ids.length) return;
    for (const id of ids) this.#proven.add(id);
    const said = await this.#http.call("POST", "/messages/mark", { messages: ids });
    if (!said.ok) for (const id of ids) this.#proven.delete(id);
  }

  /** The same words are sent under the same key until they have arrived. */
  async #write() {
    const text = $("mail-words").value.trim();
    if (!text) return;
    if (text !== this.#keyed) [this.#key, this.#keyed] = [freshKey(), text];
    $("mail-said").textContent = say("mail-sending");
    const sent = await this.#http.call("POST", "/messages", { text, key: this.#key });
    if (!sent.ok) {
      $("mail-said").textContent = say("mail-failed", { why: sent.body.detail ?? "" });
      return;
    }
    this.#keyed = "";
    $("mail-said").textContent = "";
    if ($("mail-words").value.trim() === text) $("mail-words").value = "";
    if (!this.#messages.has(sent.body.id)) this.#put({ id: sent.body.id, audience: "staff", author: "", text, sent_ms: sent.body.sent_ms });
    this.#draw();
  }

  async #raise(up) {
    $("hand").setAttribute("aria-busy", "true");
    const said = await this.#http.call("POST", "/hand", { up });
    $("hand").removeAttribute("aria-busy");
    if (said.ok) {
      this.hand(said.body);
      if (!said.body.up) announce("status", say("hand-down"));
    } else {
      const text = [say("hand-failed"), said.body.detail ?? ""].join(" ").trim();
      $("hand-text").textContent = text;
      announce("alert", text);
    }
  }
}
