// The commands of the live room: which can be given now to whom, and why not. The table of what is possible when comes from the server.
import { freshKey } from "./key.js";

/** Time given up to this many minutes is given at once and can be taken back; the server's own limit. */
const LIGHT_MINUTES = 30;

export class Control {
  #matrix;
  #say;
  #announce;
  #room;

  /** `matrix`: verb, phase of the room, phase of a candidate or `room`: how it stands; what is missing is in a wrong phase. */
  constructor({ room, matrix, say, announce }) {
    this.#room = room;
    this.#matrix = matrix;
    this.#say = say;
    this.#announce = announce;
    // Enter would press the first button that belongs to the form, which may be one that takes a change back.
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || !event.target.matches(".toolbar [name=minutes]")) return;
      event.preventDefault();
      document.querySelector(".toolbar button[value=extend]").click();
    });
  }

  /** Says of every button whether it can be pressed, for these rows or, with none, for the room. */
  draw(rows) {
    const phase = document.getElementById("head").dataset.phase;
    for (const button of document.querySelectorAll(".toolbar button[name=verb]")) {
      const why = this.#refusal(button, phase, rows);
      if (why === null) button.removeAttribute("aria-disabled");
      else button.setAttribute("aria-disabled", "true");
      const text = why ?? button.dataset.help;
      const note = document.getElementById(button.getAttribute("aria-describedby"));
      if (note.textContent !== text) note.textContent = text;
    }
  }

  /** Why not, in words, or null. */
  #refusal(button, phase, rows) {
    // What the server said of the whole room stands in the page as it came.
    button.dataset.room ??= button.getAttribute("aria-disabled") === "true" ? document.getElementById(button.getAttribute("aria-describedby")).textContent : "";
    const stands = this.#matrix[button.value]?.[phase] ?? {};
    if (!rows.length) return button.dataset.room || null;
    const found = rows.map((row) => stands[row.dataset.phase] ?? "wrong_phase");
    if (found.includes("possible")) return null;
    if (found.includes("room_only")) return this.#say("cannot-room");
    if (stands.room === undefined) return button.dataset.room || null;
    const phases = new Set(rows.map((row) => row.querySelector(".state .chip").textContent.trim()));
    return this.#say("cannot-some", { phases: [...phases].join(", ") });
  }

  /** Somebody pressed what cannot be pressed now. */
  refuse(button) {
    // A finger on a screen hovers over nothing: for it the reason is shown until it goes elsewhere.
    button.dataset.told = "true";
    button.addEventListener("blur", () => delete button.dataset.told, { once: true });
    this.#announce(document.getElementById(button.getAttribute("aria-describedby")).textContent);
  }

  /** The address of a command that harms nobody and has a way back; null for what is looked at first. */
  atOnce(body) {
    const verb = body.get("verb");
    const minutes = Number(body.get("minutes"));
    if (!["extend", "credit"].includes(verb) || !(minutes > 0 && minutes <= LIGHT_MINUTES)) return null;
    // Whoever else changed the time meanwhile is not overlooked: then the preview comes instead.
    body.set("expected_rev", document.getElementById("head").dataset.rev);
    body.set("key", freshKey());
    return `/staff/rooms/${encodeURIComponent(this.#room)}/${verb}`;
  }
}
