// Times that were lost, for staff to decide: fetched again when something happened that may change what is proposed.

/** Many students come back together: one look is enough for all, ms. */
const QUIET_MS = 1500;
const CONCERNED = new Set(["outage.proposed", "outage.dismissed", "clock.changed", "candidate.ended"]);

export class Proposals {
  #room;
  #timer = null;

  constructor(room) {
    this.#room = room;
  }

  /** Lines of the feed that have just come. */
  told(items) {
    if (items.some((item) => CONCERNED.has(item.dataset.kind))) this.#soon();
  }

  /** A row takes the place of another: whoever was away and is back may have lost time. */
  changed(old, row) {
    const away = ({ dataset }) => ["lost", "never"].includes(dataset.presence);
    if (old && away(old) && !away(row)) this.#soon();
  }

  #soon() {
    this.#timer ??= setTimeout(() => this.#look(), QUIET_MS);
  }

  async #look() {
    this.#timer = null;
    try {
      const answer = await fetch(`/staff/rooms/${encodeURIComponent(this.#room)}/proposals`, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
      if (answer.ok) this.#show(await answer.text());
    } catch {
      // The page says by itself that it is cut off, and what comes after that brings us here again.
    }
  }

  /** Whoever has the focus on a proposal keeps it; when that one is decided, the place where it stood has it. */
  #show(html) {
    const old = document.getElementById("proposals");
    const focus = old.contains(document.activeElement) ? document.activeElement : null;
    const template = document.createElement("template");
    template.innerHTML = html;
    const next = template.content.getElementById("proposals");
    const same = [...next.children].find((one) => one.dataset.key === focus?.closest("[data-key]")?.dataset.key);
    old.replaceWith(next);
    if (focus) (same?.querySelector(`button[value="${CSS.escape(focus.value)}"]`) ?? next).focus();
  }
}
