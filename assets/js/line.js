// The line to the server as the student sees it: the socket, the way without one, and what is said when neither works.
import { ByHttp } from "./byhttp.js";
import { Channel } from "./channel.js";
import { $, announce, banner, now, say, time, view } from "./page.js";

/** Without a socket that has said `welcome` for so long, everything goes by HTTP, ms. */
const BY_HTTP_MS = 5000;
/** A blink is no alarm: a line that was up is called lost after this, ms. */
const LOST_MS = 3000;
/** A page that has just opened first tries both ways, ms. */
const FIRST_MS = 8000;
/** Trouble that lasts: now a file with the answers is offered, ms. */
const FILE_MS = 15000;
/** What an old page holds is offered again after this, ms. */
const LEFTOVERS_MS = 3000;
/** States in which the page wants a line. */
const WANTS = ["waiting", "asking", "paper", "review"];

export class Line {
  #answers;
  #since = null;
  #first = true;
  #most = 0;
  #offered = -Infinity;
  #socket = false;
  #wanted = false;
  /** Neither way has worked for so long that it is said. */
  lost = false;

  /** `page`: {pen(), rev(), lacksPaper(), receive(frame, at), refused(problem), settled(), closed(code)}; `clock`: sync() and burst(). */
  constructor({ url, http, answers, clock, page }) {
    this.#answers = answers;
    this.page = page;
    this.byHttp = new ByHttp({ http, now, answers, page: { ...page, receive: (frame, at) => this.#heard(frame, at, false) } });
    this.channel = new Channel({
      url,
      protocols: ["invigil.v1"],
      on: {
        frame: (frame, at) => this.#heard(frame, at, true),
        down: () => this.#down(),
        stop: (code) => this.#stopped(code),
        ask: (slept) => (slept ? clock.burst() : clock.sync()),
        wake: () => clock.burst(),
      },
    });
  }

  open() {
    this.#since ??= now();
    this.#wanted = true;
    this.channel.open();
  }

  /** For good, or until `open`. What is not saved goes on trying. */
  close() {
    this.channel.close();
    this.byHttp.rest();
    this.#socket = false;
    this.#wanted = false;
    this.#since = null;
    banner("lost", null);
  }

  send(frame) {
    return this.#socket && this.channel.send(frame);
  }

  get isUp() {
    return this.#socket || this.byHttp.works;
  }

  #heard(frame, at, socket) {
    if (frame.type === "welcome") {
      if (socket) {
        this.#socket = true;
        this.#since = null;
        this.byHttp.rest();
      }
      this.#first = false;
    }
    this.page.receive(frame, at, socket);
    if (frame.type === "welcome") this.#back();
  }

  #down() {
    this.#socket = false;
    this.#since ??= now();
    this.#answers.lost();
    this.page.settled();
  }

  #stopped(code) {
    this.close();
    this.page.closed(code);
  }

  /** About ten times a second; the requests pace themselves. */
  tick(at) {
    const down = this.#since === null ? 0 : at - this.#since;
    const wants = this.#wanted && WANTS.includes(view.state);
    this.channel.look(at);
    if (wants && down > BY_HTTP_MS) this.byHttp.turn();
    else if (!wants && this.#answers.unsaved().size && at - this.#offered > LEFTOVERS_MS) {
      this.#offered = at;
      this.#answers.pump(at, true);
      this.byHttp.leftovers();
    }
    this.#say(down, wants);
  }

  #say(down, wants) {
    const lost = wants && !this.isUp && down > (this.#first ? FIRST_MS : LOST_MS);
    if (lost !== this.lost) {
      this.lost = lost;
      this.page.settled();
    }
    const name = this.#socket ? "ok" : this.byHttp.works ? "http" : lost ? "lost" : "connecting";
    for (const node of [$("conn"), $("conn-waiting")]) {
      if (node.dataset.state === name) continue;
      node.dataset.state = name;
      node.textContent = say(`conn-${name}`);
    }
    const n = this.#answers.unsaved().size;
    $("lost-file").hidden = n === 0 || down < FILE_MS;
    if (!lost) {
      if (!$("banner-lost").hidden && this.isUp) this.#back();
      return;
    }
    this.#most = Math.max(this.#most, n);
    // Nobody may read «kept on this computer» where nothing is.
    if (this.#answers.unkept()) {
      banner("lost", null);
      return;
    }
    const text = n ? say("lost-n", { n }) : say("lost-none");
    if ($("banner-lost").hidden) {
      banner("lost", text);
      banner("back", null);
      announce("alert", `${say("conn-lost")}. ${text}`);
    } else if ($("lost-text").textContent !== text) $("lost-text").textContent = text;
  }

  /** Trouble is over for a student when the answers are saved, not when a line is open. */
  #back() {
    if ($("banner-lost").hidden) return;
    banner("lost", null);
    this.#whenSaved();
  }

  #whenSaved() {
    if (!this.isUp) return;
    if (this.#answers.unsaved().size) {
      setTimeout(() => this.#whenSaved(), 200);
      return;
    }
    const [n, at] = [this.#most, this.#answers.lastSaved()];
    this.#most = 0;
    const when = at === null ? "" : time(at);
    const text = n > 1 ? say("back-n", { n, time: when }) : n === 1 ? say("back-one", { time: when }) : say("back-none");
    banner("back", text);
    announce("status", text);
    setTimeout(() => banner("back", null), 20000);
  }
}
