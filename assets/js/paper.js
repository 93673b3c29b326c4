// The questions in the page: reads and writes answers, shows per-answer state in words, keeps the navigator.

/** Characters as people count them. */
const length = (text) => [...text].length;

export class Paper {
  #form;
  #nav;
  #say;
  #time;
  #composing = null;
  #flags = new Set();
  /** Questions somebody changed in this page. */
  #touched = new Set();

  /** `on.edit(question, value, now)` for every change, `on.flush()` when somebody leaves a field. */
  constructor({ form, nav, say, time, on }) {
    this.#form = form;
    this.#nav = nav;
    this.#say = say;
    this.#time = time;
    this.on = on;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("compositionstart", (event) => (this.#composing = event.target));
    form.addEventListener("compositionend", (event) => {
      this.#composing = null;
      this.#edited(event.target, false);
      this.on.flush();
    });
    form.addEventListener("input", (event) => {
      this.#touched.add(event.target.closest("[data-q]")?.dataset.q);
      if (event.isComposing || this.#composing === event.target) return;
      this.#edited(event.target, event.target.matches("[type=radio], [type=checkbox]"));
    });
    form.addEventListener("focusout", (event) => {
      // Who leaves a field composes no more in it, whether or not the input method said so.
      if (this.#composing === event.target) {
        this.#composing = null;
        this.#edited(event.target, false);
      }
      this.on.flush();
    });
    form.addEventListener("focusin", (event) => this.#current(event.target.closest("[data-q]")?.dataset.q));
    form.addEventListener("click", (event) => this.#clicked(event.target));
    for (const card of this.cards()) this.#chars(card);
  }

  cards() {
    return [...this.#form.querySelectorAll("[data-q]")];
  }

  get empty() {
    return this.#form.querySelector("[data-q]") === null;
  }

  get version() {
    return this.#form.dataset.version ?? "";
  }

  /** The questions, as the server rendered them. */
  replace(html, version) {
    this.#form.innerHTML = html;
    this.#form.dataset.version = version;
    this.#nav.replaceChildren(
      ...this.cards().map((card, i) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = `#q-${card.dataset.q}`;
        link.dataset.nav = card.dataset.q;
        const number = document.createElement("span");
        number.textContent = i + 1;
        number.ariaHidden = "true";
        const hint = document.createElement("span");
        hint.className = "vh";
        link.append(number, hint);
        item.append(link);
        return item;
      }),
    );
    for (const card of this.cards()) this.#chars(card);
  }

  card(question) {
    return this.#form.querySelector(`[data-q="${CSS.escape(question)}"]`);
  }

  /** The answer of a card as it goes on the wire; null if there is none. */
  read(card) {
    const picked = [...card.querySelectorAll("input:checked")].map((input) => input.value);
    const field = card.querySelector("textarea, input[type=text]");
    if (!field) return picked.length ? picked : null;
    // Half a character, as some input methods leave behind, is no text that could be stored.
    return field.value === "" ? null : (field.value.toWellFormed?.() ?? field.value);
  }

  /** Puts a saved answer into the page; never under somebody's fingers while they compose. */
  write(question, value) {
    const card = this.card(question);
    if (!card || (this.#composing && card.contains(this.#composing))) return;
    const field = card.querySelector("textarea, input[type=text]");
    if (field) {
      const text = typeof value === "string" ? value : "";
      if (field.value !== text) field.value = text;
      this.#chars(card);
    } else {
      const picked = Array.isArray(value) ? value : [];
      for (const input of card.querySelectorAll("input")) input.checked = picked.includes(input.value);
    }
  }

  /** Whether somebody changed this answer in this page. */
  touched(question) {
    return this.#touched.has(question);
  }

  /** Questions without an answer in the page, as [id, number]. */
  unanswered() {
    return this.cards().flatMap((card, i) => (this.read(card) === null ? [[card.dataset.q, i + 1]] : []));
  }

  get flags() {
    return [...this.#flags];
  }

  set flags(list) {
    this.#flags = new Set(list);
    for (const card of this.cards()) this.#showFlag(card.dataset.q);
  }

  /** What is typed and was not reported yet, as after a text that a composition holds. */
  settle() {
    for (const field of this.#form.querySelectorAll("textarea, input[type=text]")) {
      if (field !== this.#composing && this.#touched.has(field.closest("[data-q]").dataset.q)) this.#edited(field, false, true);
    }
  }

  /** Shows each answer's state: words in the card, a shape in the navigator. */
  refresh(stateOf) {
    this.cards().forEach((card, i) => {
      const question = card.dataset.q;
      const its = stateOf(question);
      const empty = this.read(card) === null;
      const state = empty && its.state === "saved" ? "none" : its.state;
      const line = card.querySelector("[data-state-for]");
      const text = this.#words(its, empty);
      if (line.textContent !== text) line.textContent = text;
      line.dataset.state = its.state === "saved" && its.counts === false ? "refused" : state;
      const link = this.#nav.querySelector(`[data-nav="${CSS.escape(question)}"]`);
      if (!link) return;
      link.dataset.state = state;
      const flagged = this.#flags.has(question) ? `, ${this.#say("flagged")}` : "";
      link.lastElementChild.textContent = this.#say("nav", { n: i + 1, state: text + flagged });
    });
  }

  #words(its, empty) {
    if (its.state === "dirty") return this.#say("unsaved");
    if (its.state === "kept") return this.#say("kept");
    if (its.state === "unkept") return this.#say("unkept");
    if (its.state === "refused") return this.#say("refused", { why: its.detail });
    if (its.state === "none") return this.#say("unanswered");
    if (its.counts === false) return this.#say("not-counted", { why: its.why ? this.#say(`why-${its.why}`) : "" });
    const saved = its.received_ms ? this.#say("saved", { time: this.#time(its.received_ms) }) : this.#say("saved", { time: "" }).trim();
    return empty ? `${this.#say("unanswered")} · ${saved}` : saved;
  }

  #edited(target, now, quiet = false) {
    const card = target.closest?.("[data-q]");
    if (!card || !target.matches("input, textarea")) return;
    if (!quiet) this.#chars(card);
    this.on.edit(card.dataset.q, this.read(card), now);
  }

  #chars(card) {
    const field = card.querySelector("textarea");
    const line = card.querySelector("[data-chars]");
    if (!field || !line) return;
    line.textContent = this.#say("chars", { n: length(field.value), max: field.dataset.max });
  }

  #clicked(target) {
    const clear = target.closest("[data-clear]");
    const flag = target.closest("[data-flag-for]");
    if (clear) {
      const card = clear.closest("[data-q]");
      for (const input of card.querySelectorAll("input")) input.checked = false;
      this.on.edit(card.dataset.q, null, true);
      card.querySelector("input").focus();
    } else if (flag) {
      const question = flag.dataset.flagFor;
      if (!this.#flags.delete(question)) this.#flags.add(question);
      this.#showFlag(question);
      this.on.flag?.();
    }
  }

  #showFlag(question) {
    const on = this.#flags.has(question);
    const button = this.card(question)?.querySelector("[data-flag-for]");
    if (button) {
      button.ariaPressed = String(on);
      button.textContent = this.#say(on ? "unflag" : "flag");
    }
    const link = this.#nav.querySelector(`[data-nav="${CSS.escape(question)}"]`);
    if (link) link.dataset.flag = String(on);
  }

  #current(question) {
    for (const link of this.#nav.querySelectorAll("[data-nav]")) {
      if (link.dataset.nav === question) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
}
