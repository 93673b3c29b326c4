// Incidents on the student's page: what staff show, and the answer to it. And what a rule of the exam looks at: how much was pasted at once.
import { freshKey } from "./key.js";
import { $, announce, data, say, time } from "./page.js";
import { Pane } from "./pane.js";

/** A paste of fewer characters than this is nothing that any exam could ask about. */
const LEAST = 20;
const SEEN = `invigil:cases:${data.candidate}`;

/** What staff have said of one so far: as long as it is the same there is nothing new to read. */
function told(one) {
  return JSON.stringify([one.title, one.state, one.because ?? "", one.text, one.replies.filter((reply) => !reply.own).length]);
}

function seenBefore() {
  try {
    return new Map(Object.entries(JSON.parse(sessionStorage.getItem(SEEN) ?? "{}")));
  } catch {
    // Without storage they are new once more after a reload.
    return new Map();
  }
}

export class Cases {
  #http;
  /** By id, the one with the greatest rev. */
  #known = new Map();
  /** Answers that were begun, by id: drawing anew must not lose them. */
  #drafts = new Map();
  #keys = new Map();
  /** What was read of each, by id. */
  #seen = seenBefore();
  /** Those that were new when the list was opened: they look so until it is closed. */
  #fresh = new Set();
  #pane = new Pane("cases", () => this.#turned());

  constructor({ http, paper }) {
    this.#http = http;
    paper.addEventListener("paste", (event) => this.#pasted(event));
  }

  /** A `welcome`, or the list as it came by HTTP: there are no others. */
  whole(incidents) {
    const there = new Set((incidents ?? []).map((one) => one.id));
    let changed = false;
    for (const id of [...this.#known.keys()]) if (!there.has(id)) changed = this.#known.delete(id);
    for (const one of incidents ?? []) changed = this.#put(one) || changed;
    if (changed) this.#draw();
  }

  /** An `incident` frame. */
  take(one) {
    const fresh = one.shown && !this.#known.has(one.id);
    const before = this.#known.get(one.id);
    if (!this.#put(one)) return;
    this.#draw();
    const answered = before && one.shown && one.replies.length > before.replies.length && !one.replies.at(-1).own;
    if (fresh || answered) announce("status", say(fresh ? "case-new" : "case-answered", { title: one.title }));
  }

  #put(one) {
    if (!one.shown) return this.#known.delete(one.id);
    if ((this.#known.get(one.id)?.rev ?? 0) >= one.rev) return false;
    this.#known.set(one.id, one);
    return true;
  }

  #turned() {
    this.#fresh.clear();
    this.#draw();
  }

  #draw() {
    const all = [...this.#known.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    const news = all.filter((one) => this.#seen.get(one.id) !== told(one));
    if (this.#pane.isOpen) this.#read(news);
    this.#count(all.length, this.#pane.isOpen ? 0 : news.length);
    const list = $("case-list");
    const field = list.contains(document.activeElement) ? document.activeElement : null;
    const at = [field?.selectionStart ?? 0, field?.selectionEnd ?? 0];
    list.replaceChildren(...all.map((one) => this.#item(one)));
    const again = field?.id ? $(field.id) : null;
    again?.focus();
    again?.setSelectionRange?.(...at);
  }

  #read(news) {
    for (const one of news) {
      this.#fresh.add(one.id);
      this.#seen.set(one.id, told(one));
    }
    try {
      if (news.length) sessionStorage.setItem(SEEN, JSON.stringify(Object.fromEntries(this.#seen)));
    } catch {
      // They are read here, and new once more after a reload.
    }
  }

  /** Where there is nothing there is no button. */
  #count(all, news) {
    $("cases-open").hidden = all === 0;
    $("cases-n").textContent = news ? String(news) : "";
    $("cases-n").hidden = news === 0;
    $("cases-unread").textContent = news ? say("case-unread", { n: news }) : "";
    if (all || !this.#pane.isOpen) return;
    const within = $("cases").contains(document.activeElement);
    this.#pane.hide();
    if (within) $("mail-open").focus();
  }

  #line(className, text) {
    const line = document.createElement("p");
    line.className = className;
    line.textContent = text;
    return line;
  }

  #item(one) {
    const item = document.createElement("li");
    item.dataset.caseId = one.id;
    if (this.#fresh.has(one.id)) item.dataset.unread = "true";
    const title = document.createElement("h3");
    title.textContent = one.title;
    item.append(title, this.#line("muted", `${time(one.made_ms)} · ${say(`case-${one.state}`)}`));
    for (const text of [one.because, one.text]) if (text) item.append(this.#line("mail-text", text));
    for (const reply of one.replies) {
      const line = this.#line("mail-text", reply.text);
      line.prepend(Object.assign(document.createElement("strong"), { textContent: `${reply.own ? say("mail-own") : reply.author} ` }));
      item.append(line);
    }
    item.append(this.#form(one));
    return item;
  }

  #form(one) {
    const form = document.createElement("form");
    const id = `case-words-${one.id}`;
    const label = Object.assign(document.createElement("label"), { htmlFor: id, textContent: say("case-reply") });
    const field = Object.assign(document.createElement("textarea"), { id, rows: 2, maxLength: 2000, value: this.#drafts.get(one.id) ?? "" });
    const said = this.#line("help", "");
    said.setAttribute("role", "status");
    const button = Object.assign(document.createElement("button"), { textContent: say("case-send") });
    field.addEventListener("input", () => this.#drafts.set(one.id, field.value));
    button.className = "small";
    button.id = `case-send-${one.id}`;
    form.append(label, field, said, button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#reply(one.id, field, said);
    });
    return form;
  }

  /** The same words are sent under the same key until they have arrived. */
  async #reply(id, field, said) {
    const text = field.value.trim();
    if (!text) return;
    if (this.#keys.get(id)?.text !== text) this.#keys.set(id, { text, key: freshKey() });
    said.textContent = say("mail-sending");
    const sent = await this.#http.call("POST", `/incidents/${id}`, { text, key: this.#keys.get(id).key });
    if (!sent.ok) {
      said.textContent = say("mail-failed", { why: sent.body.detail ?? "" });
      return;
    }
    said.textContent = "";
    this.#keys.delete(id);
    // The frame that brings the answer back may have drawn the field anew before this.
    if ((this.#drafts.get(id) ?? "").trim() === text) this.#drafts.delete(id);
    this.#put(sent.body);
    this.#draw();
  }

  #pasted(event) {
    const chars = event.clipboardData?.getData("text/plain")?.length ?? 0;
    if (chars < LEAST) return;
    const question = event.target.closest?.("[data-q]")?.dataset.q;
    // Whether it is much is the exam's to say; what is not is kept nowhere.
    this.#http.call("POST", "/signal", { chars, question, key: freshKey() });
  }
}
