// How the answers stand, in words: beside each question, in the head, and where something must not be overlooked.
import { $, announce, say, time, view } from "./page.js";

const put = (node, text) => node.textContent !== text && (node.textContent = text);

export class Standing {
  #answers;
  #paper;

  constructor(answers, paper) {
    this.#answers = answers;
    this.#paper = paper;
  }

  /** `failing`: this computer keeps nothing; `lost`: nor can the server be reached. Gives the number of questions that are not saved. */
  draw(failing, lost) {
    // What is not kept and on its way to the server is only not saved yet; it becomes an alarm with the line.
    const stateOf = (question) => {
      const its = this.#answers.state(question);
      return its.state === "unkept" && !lost ? { state: "dirty" } : its;
    };
    this.#paper.refresh(stateOf);
    const n = this.#answers.unsaved().size;
    const unkept = lost ? this.#answers.unkept() : 0;
    const refused = this.#paper.cards().some((card) => stateOf(card.dataset.q).state === "refused");
    const [state, text] = this.#head(n, unkept, refused);
    $("save").dataset.state = state;
    put($("save"), text);
    this.#keeping(unkept, failing);
    this.#unsent(n);
    return n;
  }

  #head(n, unkept, refused) {
    const last = this.#answers.lastSaved();
    if (unkept) return ["refused", say("unkept-n", { n: unkept })];
    if (refused) return ["refused", say("some-refused")];
    if (n) return ["dirty", say("unsaved-n", { n })];
    return last ? ["saved", say("all-saved", { time: time(last) })] : ["none", say("nothing-yet")];
  }

  /** Not kept here is no loss while the server saves it. Neither of the two is the worst there is, and is said at once. */
  #keeping(unkept, failing) {
    const sits = ["paper", "review"].includes(view.state);
    const worst = unkept > 0 && sits;
    if (worst && $("banner-unkept").hidden) announce("alert", $("banner-unkept").textContent);
    $("banner-unkept").hidden = !worst;
    $("keeps-nothing").hidden = !failing || worst || !sits;
  }

  #unsent(n) {
    const ended = $("ended-unsent");
    ended.hidden = n === 0 || view.state !== "ended";
    put(ended.firstElementChild, n === 1 ? say("ended-unsent-one") : say("ended-unsent", { n }));
    $("leave").hidden = n > 0 && view.state === "ended";
    const superseded = $("superseded-unsent");
    superseded.hidden = n === 0;
    put(superseded.firstElementChild, say("superseded-unsent", { n }));
  }
}
