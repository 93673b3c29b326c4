// What the live room says aloud: trouble at once, marks of the room's time when there is a moment. The clock itself and saved answers are silent.
import { crossed } from "./clock.js";

/** Many lose their line together: one sentence for all that come within this, ms. */
const TOGETHER_MS = 1200;
/** So many are named; more are counted. */
const NAMED = 3;
const ALARMS = ["lost", "takeover", "unsent"];

export class Alarms {
  #say;
  #status;
  #found = new Map();
  #timer = null;
  #left = null;

  constructor({ say, status }) {
    this.#say = say;
    this.#status = status;
  }

  /** A row takes the place of another. */
  changed(old, row) {
    const kinds = (of) => [...(of?.querySelectorAll(".trouble") ?? [])].filter((node) => ALARMS.includes(node.dataset.kind));
    const before = new Set(kinds(old).map((node) => node.dataset.kind));
    const fresh = kinds(row).filter((node) => !before.has(node.dataset.kind));
    if (!old || !fresh.length) return;
    const text = fresh.map((node) => node.querySelector("span").textContent.trim()).join(" ");
    this.#found.set(row.dataset.id, `${row.cells[1].textContent} ${row.querySelector(".name").textContent}: ${text}`.trim());
    this.#timer ??= setTimeout(() => this.#tell(), TOGETHER_MS);
  }

  #tell() {
    this.#timer = null;
    const all = [...this.#found.values()];
    this.#found.clear();
    const node = document.getElementById("say-alert");
    node.textContent = "";
    const text = all.length > NAMED ? this.#say("alarm-many", { n: all.length }) : all.join(". ");
    setTimeout(() => (node.textContent = text), 60);
  }

  /** What is left of the room's time, ms; null where it does not run. */
  time(left) {
    const mark = crossed(this.#left, left);
    if (mark) this.#status(this.#say(mark));
    this.#left = left;
  }
}
