// What happened, newest first. It waits while somebody reads it: on a press of its button, with the focus in it, or scrolled down.

const MOST = 60;

export class Feed {
  #list = document.getElementById("feed");
  #pause = document.getElementById("feed-pause");
  #more = document.getElementById("feed-new");
  #held = false;
  #waiting = [];
  #say;

  constructor({ say }) {
    this.#say = say;
    this.#pause.hidden = false;
    this.#pause.addEventListener("click", () => {
      this.#held = !this.#held;
      this.#settle();
    });
    this.#more.addEventListener("click", () => {
      this.#list.scrollTop = 0;
      this.#show();
      this.#draw();
      this.#list.focus({ preventScroll: true });
    });
    this.#list.addEventListener("scroll", () => this.#settle(), { passive: true });
    this.#list.addEventListener("focusout", () => setTimeout(() => this.#settle()));
  }

  /** Lines, newest first; `whole`: in place of all that are there. */
  take(items, whole) {
    if (whole) {
      this.#waiting = [];
      this.#list.replaceChildren(...items);
    } else {
      const known = (item) => this.#list.querySelector(`[data-event="${CSS.escape(item.dataset.event)}"]`);
      this.#waiting = [...items.filter((item) => !known(item)), ...this.#waiting].slice(0, MOST);
    }
    this.#settle();
  }

  get #reading() {
    return this.#held || this.#list.scrollTop > 0 || this.#list.contains(document.activeElement);
  }

  #settle() {
    if (!this.#reading) this.#show();
    this.#draw();
  }

  #show() {
    this.#list.prepend(...this.#waiting);
    this.#waiting = [];
    while (this.#list.children.length > MOST) this.#list.lastElementChild.remove();
  }

  #draw() {
    const n = this.#waiting.length;
    this.#pause.ariaPressed = String(this.#held);
    this.#pause.textContent = this.#say(this.#held ? "feed-go" : "feed-pause");
    this.#more.hidden = n === 0;
    this.#more.textContent = n ? this.#say("feed-new", { n }) : "";
  }
}
