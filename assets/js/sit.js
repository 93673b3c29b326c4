// The student's page: one state after the other, driven by the server's frames. It decides nothing about time or answers.
import { aloud } from "./aloud.js";
import { Answers } from "./answers.js";
import { Cases } from "./cases.js";
import { Emergency } from "./emergency.js";
import { HandIn } from "./handin.js";
import { Http } from "./http.js";
import { pen as penOf } from "./keep.js";
import { Keeper } from "./keeper.js";
import { Line } from "./line.js";
import { Mail } from "./mail.js";
import { Outbox } from "./outbox.js";
import { $, announce, banner, data, now, say, show, time, view } from "./page.js";
import { Paper } from "./paper.js";
import { beats } from "./pulse.js";
import { Standing } from "./standing.js";
import { words } from "./text.js";
import { Timekeeper } from "./timekeeper.js";

const http = new Http(data.room, data.csrf);
const kept = penOf(data.room, data.candidate);
const send = (frame) => line.send(frame);
const keeper = new Keeper(new Outbox({ room: data.room, candidate: data.candidate, key: data.outbox_key }), () => pump());
const answers = new Answers(send, { keep: (entry, instead) => keeper.keep(entry, instead), settled: (entry, state) => keeper.settled(entry, state) });
const paper = new Paper({ form: $("paper"), nav: $("navigator"), say, time, on: { edit, flush: () => pump(true), flag: keepFlags } });
const clock = new Timekeeper(send, () => pump(true));
const line = new Line({
  url: () => `/ws/exam-clock?room=${encodeURIComponent(data.room)}&as=html&lang=${data.lang}${penToShow === null ? "" : `&pen=${penToShow}`}`,
  http,
  answers,
  clock,
  page: { pen: () => penToShow, rev: () => clock.clock.rev, lacksPaper: () => paper.empty, receive, refused, settled: () => pump(), closed },
});
const handIn = new HandIn({ answers, paper, send, http, pump });
const mail = new Mail({ send, http });
const cases = new Cases({ http, paper: $("paper") });
const standing = new Standing(answers, paper);
aloud(() => clock.left());
new Emergency({ answers, took: () => (showKept(), pump()) });

let penToShow = null;
/** The store behind the server, as the last welcome named it. */
let epoch = null;
let takeover = null;
let attention = null;
let refetch = false;
/** What the server last complained about: the reason, if it then closes for good. */
let lastError = "";
/** The greatest number that the page before a reload used. */
let leftSeq = 0;
/** Something of an older pen waits: what counts is known once it is saved. */
let adopted = false;
/** What could not be kept is tried again after this, ms. */
const KEEP_AGAIN_MS = 5000;
let keptAgain = 0;
/** A request that outlives its page is there after this, ms. */
const LATE_MS = 1500;

// ---------------------------------------------------------------- answers
function edit(question, value, immediate) {
  const left = clock.left();
  answers.edit(question, value, now(), immediate || (left !== null && left <= 5000));
  pump();
}

function tick() {
  const at = now();
  clock.tick();
  if (at >= answers.due()) pump();
  if (keeper.failing && at - keptAgain > KEEP_AGAIN_MS) {
    keptAgain = at;
    answers.keepAgain();
  }
  line.tick(at);
}

function pump(all = false) {
  if (all) paper.settle();
  answers.pump(now(), all);
  refresh();
}

let refreshing = false;
function refresh() {
  if (refreshing) return;
  refreshing = true;
  requestAnimationFrame(draw);
  // A page in the background draws no frames, but its words must stay true.
  if (document.hidden) draw();
}

function draw() {
  refreshing = false;
  const n = standing.draw(keeper.failing, line.lost);
  handIn.progress();
  if (adopted && !n) {
    adopted = false;
    fetchAnswers();
  }
}

async function fetchAnswers() {
  const got = await http.call("GET", "/answers");
  if (!got.ok) {
    refetch = true;
    return;
  }
  refetch = false;
  const open = answers.unsaved();
  for (const a of got.body.answers ?? got.body.items ?? []) {
    if (a.pen === answers.pen) answers.take(a.pen, a.seq);
    if (open.has(a.question)) continue;
    const received_ms = a.received_ms ?? Date.parse(a.received_at);
    answers.restore(a.question, { value: a.value, received_ms, counts: a.counts ?? true, why: a.why, pen: a.pen, seq: a.seq });
    paper.write(a.question, a.value ?? null);
  }
  refresh();
}

/** What this computer kept over a restart stands in the page again. */
function showKept() {
  for (const [question, value] of answers.waiting()) {
    if (paper.card(question) && !paper.touched(question)) paper.write(question, value);
  }
}

// ---------------------------------------------------------------- the line's ends
/** The server says no, in words, to a join by HTTP. */
function refused({ code, status, title, detail }) {
  if (code === "pen_superseded") superseded(null);
  else if (title && status !== 429 && status !== 408) halt(title, detail ?? "");
}

function halt(title, detail) {
  line.close();
  $("stop-title").textContent = title;
  banner("stop", detail);
  announce("alert", `${title}. ${detail}`);
}

function closed(code) {
  if (code === 4510) superseded(null);
  else if (code === 4511) halt(say("stopped"), say("room-over"));
  else if (code === 4503) halt(say("stopped"), say("revoked"));
  else halt(say("stopped"), lastError);
}

/** What the old page still holds goes by HTTP under its own pen, until it is gone. */
function superseded(at) {
  line.close();
  $("superseded-text").textContent = say("superseded", { time: time(at ?? clock.serverNow() ?? Date.now()) });
  penToShow = null;
  for (const id of ["takeover", "time", "back"]) banner(id, null);
  answers.pump(now(), true);
  show("superseded");
  announce("alert", $("superseded-text").textContent);
}

// ---------------------------------------------------------------- frames
function receive(frame, at, socket = false) {
  if (frame.type === "error") lastError = frame.detail ?? "";
  else if (frame.type === "saved") answers.saved(frame.pen, frame.items);
  else if (frame.type === "refused") {
    if (!answers.refused(frame.pen, frame, now())) handIn.refused(frame);
  }
  else if (frame.type === "sync") clock.synced(frame, at);
  else if (frame.type === "clock") {
    clock.take(frame);
    settleState();
  } else if (frame.type === "welcome") {
    welcome(frame);
    mail.welcome(frame, socket);
    if (frame.incidents) cases.whole(frame.incidents);
  } else if (frame.type === "message") mail.take(frame);
  else if (frame.type === "hand") mail.hand(frame);
  else if (frame.type === "incident") cases.take(frame);
  else if (frame.type === "incidents") cases.whole(frame.items);
  else if (frame.type === "mail") mail.welcome(frame, false);
  else if (frame.type === "paper") gotPaper(frame);
  else if (frame.type === "submitted") handIn.ended(frame);
  else if (frame.type === "takeover") asked(frame);
  else if (frame.type === "bye" && frame.code === 4510) superseded(frame.at_ms ?? null);
  if (frame.type === "saved" || frame.type === "refused") pump();
}

function welcome(frame) {
  if (epoch !== null && frame.epoch !== epoch) clock.clock.forget();
  epoch = frame.epoch ?? null;
  clock.take(frame.clock);
  keeper.renew(frame.epoch);
  clock.burst();
  reportAttention(true);
  if (frame.pen === null && view.phase !== "ended") {
    takeover = frame.takeover ?? {};
    show("asking");
    return;
  }
  // After the end there is no pen; `submitted` follows.
  if (frame.pen === null) return;
  penToShow = frame.pen;
  const own = frame.answers.filter((a) => a.pen === frame.pen).map((a) => a.seq);
  const changedPen = frame.pen !== answers.pen;
  answers.take(frame.pen, Math.max(0, ...own));
  adopted = answers.unsavedEntries().some((entry) => entry.pen !== frame.pen);
  banner("stop", null);
  settleState();
  const unknown = frame.answers.some((a) => {
    const its = answers.state(a.question);
    return its.state === "none" || (its.state === "saved" && its.received_ms !== a.received_ms);
  });
  if (!paper.empty && (changedPen || unknown || refetch)) fetchAnswers();
  // What the page before a reload sent in its last moment may arrive after this.
  if (Math.max(0, ...own) < leftSeq) setTimeout(fetchAnswers, LATE_MS);
  leftSeq = 0;
  handIn.again();
  pump();
}

function settleState() {
  if (["ended", "review", "superseded"].includes(view.state) && view.phase !== "working") return;
  if (view.phase === "waiting" || view.phase === "expected") show("waiting");
  else if ((view.phase === "working" || view.phase === "paused") && view.state !== "review" && !paper.empty) toPaper();
}

function toPaper() {
  if (view.state === "paper") return;
  const from = view.state;
  show("paper");
  if (from === "waiting") announce("alert", say("left", { length: words(say, clock.left() ?? 0) }));
}

function gotPaper(frame) {
  if (paper.empty || (paper.version !== "" && paper.version !== String(frame.version))) {
    if (typeof frame.html !== "string") return;
    paper.replace(frame.html, frame.version);
    showKept();
    fetchAnswers();
  }
  if (view.state !== "review") toPaper();
  refresh();
}

function asked(frame) {
  takeover = frame;
  $("banner-takeover").hidden = false;
  announce("alert", $("banner-takeover").innerText);
}

function answerTakeover(allow) {
  send({ type: "takeover", id: takeover?.id, allow });
  $("banner-takeover").hidden = true;
  announce("status", say(allow ? "takeover-allowed" : "takeover-refused"));
}

// ---------------------------------------------------------------- entry
async function join(event) {
  event?.preventDefault();
  const got = await http.call("POST", "/join", {});
  if (!got.ok) {
    const box = $("join-problem");
    box.className = "notice bad";
    box.textContent = got.body.title ? `${got.body.title}. ${got.body.detail ?? ""}` : say("conn-lost");
    if (view.state !== "confirm") halt(got.body.title ?? say("conn-lost"), got.body.detail ?? "");
    return;
  }
  banner("stop", null);
  penToShow = got.body.pen ?? null;
  if (view.state === "confirm" || view.state === "superseded") show(penToShow === null ? "asking" : "waiting");
  line.open();
}

// ---------------------------------------------------------------- attention, leaving, coming back
function reportAttention(always = false) {
  const next = document.visibilityState === "visible" && document.hasFocus() ? "here" : "away";
  if (next === attention && !always) return;
  if (send({ type: "attention", state: next })) attention = next;
}

function keepFlags() {
  try {
    sessionStorage.setItem(`invigil:flags:${data.candidate}`, JSON.stringify(paper.flags));
  } catch {
    // A mark is a convenience; without storage it lasts until a reload.
  }
}

function leaving() {
  pump(true);
  // A socket that closes with its page may take its last frames along; twice is once, by the answer's number.
  if (answers.unsaved().size) line.byHttp.leftovers(true);
  if (penToShow !== null && view.state !== "superseded" && view.state !== "ended") kept.leave({ pen: penToShow, seq: answers.seq });
}

async function start() {
  $("join")?.addEventListener("submit", join);
  $("continue-here").addEventListener("click", join);
  $("stop-again").addEventListener("click", join);
  $("takeover-yes").addEventListener("click", () => answerTakeover(true));
  $("takeover-no").addEventListener("click", () => answerTakeover(false));
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => ($(button.dataset.close).hidden = true));
  $("leave").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      sessionStorage.clear();
    } catch {
      // Nothing was stored.
    }
    await keeper.finish();
    event.target.submit();
  });
  for (const [name, target] of [["visibilitychange", document], ["focus", window], ["blur", window]]) target.addEventListener(name, () => setTimeout(reportAttention, 300));
  addEventListener("pagehide", leaving);
  addEventListener("blur", () => pump(true));
  document.addEventListener("visibilitychange", () => (document.hidden ? pump(true) : tick()));
  addEventListener("pageshow", (event) => event.persisted && kept.take());
  addEventListener("beforeunload", (event) => answers.unsaved().size && event.preventDefault());
  try {
    paper.flags = JSON.parse(sessionStorage.getItem(`invigil:flags:${data.candidate}`) ?? "[]");
  } catch {
    // No marks.
  }
  for (const card of paper.cards()) {
    const state = card.querySelector("[data-state-for]");
    if (state.dataset.savedMs) answers.restore(card.dataset.q, { value: paper.read(card), received_ms: Number(state.dataset.savedMs), counts: true });
  }
  const left = kept.take();
  // Nothing gets a number before it is known which ones an earlier page has used.
  await keeper.begin(answers);
  if (left) {
    penToShow = left.pen;
    leftSeq = left.seq;
    answers.take(left.pen, left.seq);
  }
  showKept();
  if (view.state !== "confirm" && view.state !== "superseded") line.open();
  beats(tick);
}

start();
