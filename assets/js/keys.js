// Keys of the live room. Each is one character, so they can be turned off, and they never act where somebody types.

const STORE = "invigil:keys";
/** What takes characters of its own. */
const TYPES = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

function stored() {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
}

export class Keys {
  #say;
  #announce;
  #select;
  #on = stored();
  /** The row that keys act on. */
  #current = null;

  /** `select(box)` after a box was ticked or unticked by a key. */
  constructor({ say, announce, select }) {
    this.#say = say;
    this.#announce = announce;
    this.#select = select;
    const [dialog, open, use] = ["keys", "keys-open", "keys-on"].map((id) => document.getElementById(id));
    open.hidden = false;
    open.addEventListener("click", () => dialog.showModal());
    use.checked = this.#on;
    use.addEventListener("change", () => this.#turn(use.checked));
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    document.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("focusin", ({ target }) => this.#mark(target.closest?.("tr[data-id]")?.dataset.id ?? this.#current));
  }

  #turn(on) {
    this.#on = on;
    try {
      localStorage.setItem(STORE, on ? "on" : "off");
    } catch {
      // Without storage it holds until the page is left.
    }
  }

  #pressed(event) {
    const { target, key } = event;
    if (!this.#on || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const searching = target.id === "q";
    if (target.matches(TYPES) && !(searching && (key === "ArrowDown" || key === "Escape"))) return;
    const act = { "/": this.#search, x: this.#tick, e: this.#extend, m: this.#message, "?": this.#help, Escape: this.#leave }[key];
    if (act) {
      if (act.call(this, target) !== false) event.preventDefault();
    } else if ((key === "ArrowDown" || key === "ArrowUp") && this.#moves(target, searching)) {
      this.#step(key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
    }
  }

  /** Lists that scroll keep their arrows. */
  #moves(target, searching) {
    return searching || target === document.body || target.id === "main" || target.closest("tr[data-id]") !== null;
  }

  #rows() {
    return [...document.querySelectorAll("tr[data-id]:not([hidden])")];
  }

  #row() {
    return this.#rows().find((row) => row.dataset.id === this.#current) ?? null;
  }

  #mark(id) {
    this.#current = id;
  }

  #step(by) {
    const rows = this.#rows();
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.dataset.id === this.#current);
    const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
    next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  #search() {
    document.getElementById("q").focus();
    document.getElementById("q").select();
  }

  #leave(target) {
    if (target.id !== "q") return false;
    target.value = "";
    target.dispatchEvent(new Event("input"));
    this.#step(0);
    return true;
  }

  #tick() {
    const row = this.#row();
    if (!row) {
      this.#announce(this.#say("keys-no-row"));
      return;
    }
    const box = row.querySelector("input[name=candidate]");
    box.checked = !box.checked;
    this.#select();
    this.#announce(`${row.querySelector(".name").textContent}: ${this.#say(box.checked ? "keys-picked" : "keys-unpicked")}. ${document.getElementById("for").textContent}`);
  }

  /** With nobody selected a command is for the row that has the focus, if one has. */
  #aim(target) {
    const row = target.closest("tr[data-id]");
    if (!row || document.querySelector("tr[data-id] input[name=candidate]:checked")) return;
    row.querySelector("input[name=candidate]").checked = true;
    this.#select();
  }

  #extend(target) {
    this.#aim(target);
    const field = document.querySelector(".toolbar [name=minutes]");
    field.scrollIntoView({ block: "nearest" });
    field.focus();
    field.select();
    this.#announce(document.getElementById("for").textContent);
  }

  #message(target) {
    this.#aim(target);
    document.querySelector(".table-head button[form=commands]").click();
  }

  #help() {
    document.getElementById("keys-open").click();
  }
}
