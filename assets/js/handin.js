// Handing in: show what is unanswered, wait for the last answer, say which ones the page stands for, show the receipt.
import { $, announce, banner, now, say, show, time, view } from "./page.js";

/** A hand-in that got no answer is sent again after this, ms. */
const AGAIN_MS = 2000;

export class HandIn {
  #answers;
  #paper;
  #send;
  #http;
  #pump;
  /** null, or {waiting, seq, have}. */
  #pending = null;

  constructor({ answers, paper, send, http, pump }) {
    this.#answers = answers;
    this.#paper = paper;
    this.#send = send;
    this.#http = http;
    this.#pump = pump;
    for (const button of [$("hand-in"), document.querySelector("[data-hand-in]")]) button.addEventListener("click", () => this.review());
    $("review-back").addEventListener("click", () => show("paper"));
    $("review-list").addEventListener("click", (event) => event.target.closest("a") && show("paper", false));
    $("submit").addEventListener("click", () => this.submit());
  }

  review() {
    this.#pump(true);
    const open = this.#paper.unanswered();
    const total = this.#paper.cards().length;
    const key = open.length === 0 ? "review-all" : open.length === 1 ? "review-one" : "review-some";
    $("review-count").textContent = say(key, { n: open.length, total });
    $("review-list").replaceChildren(
      ...open.map(([question, n]) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = `#q-${question}`;
        link.textContent = say("nav", { n, state: say("unanswered") });
        item.append(link);
        return item;
      }),
    );
    $("submit").disabled = this.#pending !== null;
    $("submit-state").textContent = "";
    show("review");
    this.progress();
  }

  submit() {
    this.#pump(true);
    this.#pending ??= { waiting: true, seq: null };
    $("submit").disabled = true;
    this.progress();
  }

  /** Called whenever an answer was settled: the hand-in follows the last one. */
  progress() {
    const n = this.#answers.unsaved().size;
    $("review-unsaved").hidden = n === 0;
    $("review-unsaved").textContent = say("review-unsaved", { n });
    if (!this.#pending?.waiting) return;
    $("submit-state").textContent = n ? say("submit-waiting", { n }) : "";
    if (n > 0) return;
    this.#pending = { waiting: false, seq: this.#answers.next(), have: this.#answers.have() };
    this.again();
  }

  /** Sends what is pending by any way that works; also after a reconnect, with the same number. */
  async again() {
    if (!this.#pending || this.#pending.waiting) return;
    const { seq, have } = this.#pending;
    if (this.#send({ type: "submit", seq, have })) return;
    const got = await this.#http.call("POST", "/submit", { pen: this.#answers.pen, seq, have });
    if (got.ok) this.ended(got.body);
    else if (got.body.code) this.refused({ ...got.body, seq, retry: got.status >= 500 || got.status === 429 });
    // Nobody answered. Sent twice it is still one hand-in.
    else setTimeout(() => this.#pending?.seq === seq && this.again(), AGAIN_MS);
  }

  /** The hand-in itself was not taken: this number has its outcome, so the next try has another. */
  refused(frame) {
    if (frame.seq !== this.#pending?.seq) return;
    this.#pending = null;
    $("submit").disabled = false;
    const missing = frame.missing ?? [];
    $("submit-state").textContent = missing.length ? say("submit-missing") : (frame.detail ?? "");
    if (missing.length) {
      // Typed text that did not arrive is still on the page: it goes again under new numbers.
      this.#answers.reissue(missing, (question) => this.#paper.read(this.#paper.card(question)));
      this.submit();
    } else if (frame.retry) setTimeout(() => this.submit(), 1500);
  }

  /** The end, by whomever. */
  ended(frame) {
    this.#pending = null;
    const at = frame.at_ms ?? Date.parse(frame.at ?? frame.submitted_at);
    const total = frame.questions ?? this.#paper.cards().length;
    $("ended-text").textContent = say(`ended-${frame.by}`, { time: time(at) });
    $("ended-count").textContent = say("ended-count", { answered: frame.answered, total });
    $("receipt").textContent = frame.receipt_short ?? "";
    view.phase = "ended";
    this.#answers.pump(now(), true);
    for (const id of ["time", "takeover", "paused", "back"]) banner(id, null);
    const first = view.state !== "ended";
    show("ended");
    if (first) announce("alert", `${$("ended-title").textContent}. ${$("ended-text").textContent}`);
    this.#pump();
  }
}
