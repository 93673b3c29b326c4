// What opens from the desk above the paper. One is open at a time; Escape closes it, and the button that opened it has the focus again.
import { $ } from "./page.js";

const all = [];

export class Pane {
  #name;
  #opened;

  /** `name` begins the ids: of the pane itself, of its `-title` and `-close`, of the button `-open`. `opened` draws what is in it. */
  constructor(name, opened) {
    this.#name = name;
    this.#opened = opened;
    all.push(this);
    $(`${name}-open`).addEventListener("click", () => this.open(!this.isOpen));
    $(`${name}-close`).addEventListener("click", () => this.open(false));
    $(name).addEventListener("keydown", (event) => event.key === "Escape" && this.open(false));
  }

  get isOpen() {
    return !$(this.#name).hidden;
  }

  open(open) {
    for (const other of all) if (open && other !== this) other.hide();
    $(this.#name).hidden = !open;
    $(`${this.#name}-open`).setAttribute("aria-expanded", String(open));
    $(`${this.#name}-${open ? "title" : "open"}`).focus();
    this.#opened(open);
  }

  /** Is closed, and the focus is left where it is. */
  hide() {
    $(this.#name).hidden = true;
    $(`${this.#name}-open`).setAttribute("aria-expanded", "false");
  }
}
