// The emergency file on the student's page: saved when answers cannot be, taken in again here or on another computer.
import { read, write } from "./file.js";
import { announce, data, say } from "./page.js";

export class Emergency {
  #answers;

  /** `took()` after a file was taken in. */
  constructor({ answers, took }) {
    this.#answers = answers;
    this.took = took;
    for (const button of document.querySelectorAll("[data-file-save]")) button.addEventListener("click", () => this.save());
    for (const input of document.querySelectorAll("[data-file-take]")) input.addEventListener("change", () => this.take(input));
  }

  save() {
    const { room, candidate, name } = data;
    const made = new Date();
    const text = write({ room, candidate, name, made_at: made.toISOString(), answers: this.#answers.unsavedEntries() });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `invigil ${name} ${made.toISOString().slice(0, 19).replaceAll(":", "-")}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  async take(input) {
    const [file] = input.files;
    if (!file) return;
    const { answers, wrong } = read(await file.text(), data);
    if (answers) {
      this.#answers.adopt(answers, false);
      this.took();
    }
    const text = answers ? say("file-taken", { n: answers.length }) : say(`file-${wrong}`);
    input.closest("[data-file]").querySelector("[data-file-said]").textContent = text;
    announce("status", text);
    input.value = "";
  }
}
