// The student's page: one state after the other, driven by the server's frames. It decides nothing about time or answers.
import { Answers } from "./answers.js";
import { Channel } from "./channel.js";
import { HandIn } from "./handin.js";
import { Http } from "./http.js";
import { pen as penOf } from "./keep.js";
import { $, announce, banner, data, now, say, show, time, view } from "./page.js";
import { Paper } from "./paper.js";
import { words } from "./text.js";
import { Timekeeper } from "./timekeeper.js";

const http = new Http(data.room, data.csrf);
const kept = penOf(data.room, data.candidate);
const send = (frame) => channel.send(frame);
const answers = new Answers(send);
const paper = new Paper({ form: $("paper"), nav: $("navigator"), say, time, on: { edit, flush: () => pump(true), flag: keepFlags } });
const clock = new Timekeeper(send, () => pump(true));
const handIn = new HandIn({ answers, paper, send, http, pump });

let penToShow = null;
let welcomed = false;
let lostAt = null;
let lostCount = 0;
let takeover = null;
let httpBusy = false;
let attention = null;
let refetch = false;
/** What the server last complained about: the reason, if it then closes for good. */
let lastError = "";
/** The greatest number that the page before a reload used. */
let leftSeq = 0;
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
  connection(at);
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
  paper.refresh((question) => answers.state(question));
  const n = answers.unsaved().size;
  const refused = paper.cards().some((card) => answers.state(card.dataset.q).state === "refused");
  const last = answers.lastSaved();
  const save = $("save");
  save.dataset.state = refused ? "refused" : n ? "dirty" : last ? "saved" : "none";
  save.textContent = refused ? say("some-refused") : n ? say("unsaved-n", { n }) : last ? say("all-saved", { time: time(last) }) : say("nothing-yet");
  if (lostAt !== null) $("lost-text").textContent = n ? say("lost-n", { n }) : say("lost-none");
  unsent(n);
  handIn.progress();
}

function unsent(n) {
  const ended = $("ended-unsent");
  ended.hidden = n === 0 || view.state !== "ended";
  ended.textContent = n === 1 ? say("ended-unsent-one") : say("ended-unsent", { n });
  $("leave").hidden = n > 0 && view.state === "ended";
  const superseded = $("superseded-unsent");
  superseded.hidden = n === 0;
  superseded.textContent = say("superseded-unsent", { n });
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
    answers.restore(a.question, { value: a.value, received_ms: a.received_ms ?? Date.parse(a.received_at), counts: a.counts ?? true, why: a.why });
    paper.write(a.question, a.value ?? null);
  }
  refresh();
}

/** Answers travel on any way that works: after 5 s without a socket they go over HTTP. */
async function byHttp(keepalive = false) {
  if (httpBusy && !keepalive) return;
  const batch = answers.batch();
  if (!batch.length) return;
  httpBusy = true;
  const got = await http.call("POST", "/answers", { answers: batch }, { keepalive });
  httpBusy = false;
  if (!got.ok) return;
  for (const item of got.body.items ?? got.body.answers ?? []) {
    const its = item.pen ?? batch.find((b) => b.seq === item.seq)?.pen;
    if (item.code) answers.refused(its, item, now());
    else answers.saved(its, [{ ...item, received_ms: item.received_ms ?? Date.parse(item.received_at) }]);
  }
  refresh();
}

// ---------------------------------------------------------------- connection
const channel = new Channel({
  url: () => `/ws/exam-clock?room=${encodeURIComponent(data.room)}&as=html&lang=${data.lang}${penToShow === null ? "" : `&pen=${penToShow}`}`,
  protocols: ["invigil.v1"],
  on: { frame: receive, down, stop, ask: (slept) => (slept ? clock.burst() : clock.sync()), wake: () => clock.burst() },
});

function connection(at) {
  const down = lostAt !== null ? at - lostAt : 0;
  const name = channel.isOpen && welcomed ? "ok" : down > 3000 ? (httpBusy ? "http" : "lost") : "connecting";
  for (const node of [$("conn"), $("conn-waiting")]) {
    if (node.dataset.state === name) continue;
    node.dataset.state = name;
    node.textContent = say(`conn-${name}`);
  }
  // The words wait a little, so that a blink is not an alarm; the sending never waits.
  if (down > 3000 && $("banner-lost").hidden && ["paper", "review", "waiting"].includes(view.state)) {
    lostCount = answers.unsaved().size;
    banner("lost", lostCount ? say("lost-n", { n: lostCount }) : say("lost-none"));
    banner("back", null);
    announce("alert", `${say("conn-lost")}. ${$("lost-text").textContent}`);
  }
  if (down > 5000 && answers.unsaved().size) {
    answers.pump(at, true);
    byHttp();
  }
}

function down(code, opened) {
  welcomed = false;
  lostAt ??= now();
  answers.lost();
  // The socket was refused before it opened, and a page cannot read why: the same question over HTTP can.
  if (!opened && channel.refusals >= 2 && channel.refusals % 4 === 2) explainRefusal();
  refresh();
}

async function explainRefusal() {
  const got = await http.call("POST", "/join", penToShow === null ? {} : { pen: penToShow });
  if (got.status >= 400 && got.status < 500 && got.body.title) halt(got.body.title, got.body.detail ?? "");
}

function back() {
  if (lostAt === null) return;
  lostAt = null;
  if ($("banner-lost").hidden) return;
  banner("lost", null);
  backWhenSaved(answers.unsaved().size);
}

/** Trouble is over for a student when the answers are saved, not when a socket is open. */
function backWhenSaved(n) {
  if (answers.unsaved().size && channel.isOpen) {
    setTimeout(() => backWhenSaved(Math.max(n, lostCount)), 200);
    return;
  }
  if (!channel.isOpen) return;
  const at = answers.lastSaved() ?? clock.serverNow() ?? Date.now();
  const text = n > 1 ? say("back-n", { n, time: time(at) }) : n === 1 ? say("back-one", { time: time(at) }) : say("back-none");
  banner("back", text);
  announce("status", text);
  setTimeout(() => banner("back", null), 20000);
}

function halt(title, detail) {
  channel.close();
  banner("lost", null);
  $("stop-title").textContent = title;
  banner("stop", detail);
  announce("alert", `${title}. ${detail}`);
}

function stop(code) {
  lostAt = null;
  banner("lost", null);
  if (code === 4510) superseded(null);
  else if (code === 4511) halt(say("stopped"), say("room-over"));
  else if (code === 4503) halt(say("stopped"), say("revoked"));
  else halt(say("stopped"), lastError);
  byHttp();
}

function superseded(at) {
  $("superseded-text").textContent = say("superseded", { time: time(at ?? clock.serverNow() ?? Date.now()) });
  penToShow = null;
  for (const id of ["takeover", "time", "back", "lost"]) banner(id, null);
  answers.pump(now(), true);
  show("superseded");
  announce("alert", $("superseded-text").textContent);
  leftovers();
}

/** What the old page still holds goes by HTTP under its own pen, until it is gone. */
async function leftovers() {
  await byHttp();
  if (answers.unsaved().size && view.state === "superseded") setTimeout(leftovers, 3000);
}

// ---------------------------------------------------------------- frames
function receive(frame, at) {
  if (frame.type === "error") lastError = frame.detail ?? "";
  else if (frame.type === "saved") answers.saved(frame.pen, frame.items);
  else if (frame.type === "refused") {
    if (!answers.refused(frame.pen, frame, now())) handIn.refused(frame);
  }
  else if (frame.type === "sync") clock.synced(frame, at);
  else if (frame.type === "clock") {
    clock.take(frame);
    settleState();
  } else if (frame.type === "welcome") welcome(frame);
  else if (frame.type === "paper") gotPaper(frame);
  else if (frame.type === "submitted") handIn.ended(frame);
  else if (frame.type === "takeover") asked(frame);
  else if (frame.type === "bye" && frame.code === 4510) superseded(frame.at_ms ?? null);
  if (frame.type === "saved" || frame.type === "refused") pump();
}

function welcome(frame) {
  welcomed = true;
  clock.take(frame.clock);
  clock.burst();
  reportAttention(true);
  if (frame.pen === null && view.phase !== "ended") {
    takeover = frame.takeover ?? {};
    show("asking");
    back();
    return;
  }
  if (frame.pen === null) {
    // After the end there is no pen; `submitted` follows.
    back();
    return;
  }
  penToShow = frame.pen;
  const own = frame.answers.filter((a) => a.pen === frame.pen).map((a) => a.seq);
  const changedPen = frame.pen !== answers.pen;
  answers.take(frame.pen, Math.max(0, ...own));
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
  answers.pump(now());
  back();
  refresh();
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
  channel.send({ type: "takeover", id: takeover?.id, allow });
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
  channel.open();
}

// ---------------------------------------------------------------- attention, leaving, coming back
function reportAttention(always = false) {
  const next = document.visibilityState === "visible" && document.hasFocus() ? "here" : "away";
  if (next === attention && !always) return;
  if (channel.send({ type: "attention", state: next })) attention = next;
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
  if (answers.unsaved().size) byHttp(true);
  if (penToShow !== null && view.state !== "superseded" && view.state !== "ended") kept.leave({ pen: penToShow, seq: answers.seq });
}

function start() {
  $("join")?.addEventListener("submit", join);
  $("continue-here").addEventListener("click", join);
  $("stop-again").addEventListener("click", join);
  $("takeover-yes").addEventListener("click", () => answerTakeover(true));
  $("takeover-no").addEventListener("click", () => answerTakeover(false));
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => ($(button.dataset.close).hidden = true));
  $("leave").addEventListener("submit", () => {
    try {
      sessionStorage.clear();
    } catch {
      // Nothing was stored.
    }
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
  const left = kept.take();
  if (left) {
    penToShow = left.pen;
    leftSeq = left.seq;
    answers.take(left.pen, left.seq);
  }
  for (const card of paper.cards()) {
    const line = card.querySelector("[data-state-for]");
    if (line.dataset.savedMs) answers.restore(card.dataset.q, { value: paper.read(card), received_ms: Number(line.dataset.savedMs), counts: true });
  }
  setInterval(tick, 250);
  if (view.state !== "confirm" && view.state !== "superseded") channel.open();
  tick();
}

start();
