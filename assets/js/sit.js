// The student's page: one state after the other, driven by the server's frames. It decides nothing about time or answers.
import { Answers } from "./answers.js";
import { Channel } from "./channel.js";
import { Countdown, Offset, crossed } from "./clock.js";
import { Http } from "./http.js";
import { pen as penOf } from "./keep.js";
import { Paper } from "./paper.js";
import { catalogue, clockText, reasonText as reasonIn, termText, timesIn, words } from "./text.js";

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const say = catalogue(data.texts);
const reasonText = (reason) => reasonIn(say, reason);
const time = timesIn(data.zone);
const http = new Http(data.room, data.csrf);
const kept = penOf(data.room, data.candidate);
const now = () => performance.now();

const offset = new Offset();
const clock = new Countdown(offset);
const answers = new Answers((frame) => channel.send(frame));
const paper = new Paper({ form: $("paper"), nav: $("navigator"), say, time, on: { edit, flush: () => pump(true), flag: keepFlags } });

let state = data.state;
let phase = data.paused ? "paused" : state === "paper" ? "working" : "waiting";
let penToShow = null;
let welcomed = false;
let lostAt = null;
let lostCount = 0;
let lastLeft = null;
let endShown = null;
let submitting = null;
let takeover = null;
let startsAt = data.starts_ms;
let httpBusy = false;
let attention = null;
let refetch = false;

// ---------------------------------------------------------------- words
function announce(kind, text) {
  const node = $(`say-${kind}`);
  node.textContent = "";
  // A reader speaks what changes: the same words twice need an empty moment between.
  setTimeout(() => (node.textContent = text), 60);
}

function show(next, focus = true) {
  if (state === next && document.body.dataset.state === next) return;
  state = next;
  document.body.dataset.state = next;
  for (const section of document.querySelectorAll("[data-for]")) section.hidden = section.dataset.for !== next;
  if (focus) document.querySelector(`[data-for="${next}"] h1`)?.focus({ preventScroll: next === "paper" });
  if (next !== "paper") scrollTo(0, 0);
}

function banner(id, text) {
  const node = $(`banner-${id}`);
  if (text === null) {
    node.hidden = true;
    return;
  }
  node.querySelector("p").textContent = text;
  node.hidden = false;
}

// ---------------------------------------------------------------- clock
function bySync(frame, at) {
  if (!offset.add(frame.t0, frame.t1, frame.t2, at)) burst();
}

let syncId = 0;
function sync() {
  channel.send({ type: "sync", id: (syncId += 1), t0: now() });
}
function burst() {
  for (let i = 0; i < 6; i += 1) setTimeout(sync, i * 150);
}

/** The page itself came from the server at a known time: that bounds the offset before the first exchange. */
function boundByNavigation() {
  const entry = performance.getEntriesByType?.("navigation")[0];
  if (entry && entry.responseStart > 0) offset.bound(data.now_ms - entry.responseStart, data.now_ms - entry.requestStart, now());
}

function serverNow() {
  const theta = offset.estimate(now());
  return theta === null ? null : now() + theta;
}

function takeClock(frame) {
  const before = clock.deadline;
  if (!clock.set(frame)) return;
  if (frame.starts_ms !== undefined) startsAt = frame.starts_ms;
  if (frame.phase) phase = frame.phase;
  if (frame.explain) explain(frame.explain);
  const paused = phase === "paused";
  $("clock").dataset.paused = String(paused);
  banner("paused", paused && clock.remaining !== null ? say("paused", { length: clockText(clock.remaining) }) : null);
  if (clock.deadline !== null && endShown === null) endShown = clock.deadline;
  if (frame.change) changed(frame, before);
}

function changed(frame, before) {
  const { kind, reason, before_ms: old = before, after_ms: next = clock.deadline } = frame.change;
  const why = reasonText(reason);
  let text;
  if (/pause/.test(kind) && phase === "paused") text = say("paused", { length: clockText(clock.remaining ?? 0) });
  else if (next === null || next === undefined || kind === "start" || kind === "open") return;
  else if (/resume/.test(kind)) text = say("resumed", { time: time.short(next) });
  else if (old === null || old === undefined) text = say("end-new", { new: time.short(next) });
  else if (old === next) return;
  else text = say(next > old ? "end-later" : "end-earlier", { new: time.short(next), old: time.short(old), length: words(say, next - old) });
  if (why) text += ` ${say("because", { reason: why })}`;
  const left = clock.left(now());
  if (phase !== "paused" && left !== null) text += ` ${say("left", { length: words(say, left) })}`;
  endShown = next ?? endShown;
  $("time-seen").dataset.rev = frame.rev;
  banner("time", text);
  announce("alert", text);
}

function explain(terms) {
  if (terms.length) $("explain").textContent = terms.filter((term) => term.ms !== 0 || term.kind === "multiplier").map((term) => termText(say, term)).join(" ");
}

function tick() {
  const at = now();
  const left = clock.left(at);
  const node = $("clock");
  if (left !== null && state !== "waiting") {
    node.dataset.leftMs = Math.round(left);
    const hidden = node.dataset.hidden === "true";
    const text = hidden ? say("clock-hidden") : clockText(left);
    if (node.textContent !== text) node.textContent = text;
    node.title = offset.error(at) > 1000 && Number.isFinite(offset.error(at)) ? say("clock-about", { n: Math.ceil(offset.error(at) / 1000) }) : "";
    if (state === "paper" || state === "review") {
      const said = crossed(lastLeft, left);
      if (said) announce("status", say(said));
      if (lastLeft !== null && lastLeft > 5000 && left <= 5000) pump(true);
      if (lastLeft !== null && lastLeft > 0 && left === 0) {
        pump(true);
        announce("alert", say("time-up"));
      }
    }
    lastLeft = left;
  }
  if (state === "waiting") waiting();
  if (at >= answers.due()) pump();
  connection(at);
}

function waiting() {
  const server = serverNow();
  let text = "";
  if (startsAt && server !== null) {
    const rest = startsAt - server;
    text = rest > 0 ? say("starts-in", { length: clockText(rest) }) : say("starts-soon");
  }
  if ($("countdown").textContent !== text) $("countdown").textContent = text;
}

// ---------------------------------------------------------------- answers
function edit(question, value, immediate) {
  const left = clock.left(now());
  answers.edit(question, value, now(), immediate || (left !== null && left <= 5000));
  pump();
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
  save.textContent = n ? say("unsaved-n", { n }) : last ? say("all-saved", { time: time(last) }) : say("nothing-yet");
  if (lostAt !== null) $("lost-text").textContent = n ? say("lost-n", { n }) : say("lost-none");
  unsent(n);
  if (submitting?.waiting) trySubmit();
}

function unsent(n) {
  const ended = $("ended-unsent");
  ended.hidden = n === 0 || state !== "ended";
  ended.textContent = n === 1 ? say("ended-unsent-one") : say("ended-unsent", { n });
  $("leave").hidden = n > 0 && state === "ended";
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
  on: { frame: receive, down, stop, ask: (slept) => (slept ? burst() : sync()), wake: () => burst() },
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
  if (down > 3000 && $("banner-lost").hidden && ["paper", "review", "waiting"].includes(state)) {
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
  const at = answers.lastSaved() ?? serverNow() ?? Date.now();
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
  else halt(say("stopped"), "");
  byHttp();
}

function superseded(at) {
  $("superseded-text").textContent = say("superseded", { time: time(at ?? serverNow() ?? Date.now()) });
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
  if (answers.unsaved().size && state === "superseded") setTimeout(leftovers, 3000);
}

// ---------------------------------------------------------------- frames
function receive(frame, at) {
  if (frame.type === "saved") answers.saved(frame.pen, frame.items);
  else if (frame.type === "refused") refused(frame);
  else if (frame.type === "sync") bySync(frame, at);
  else if (frame.type === "clock") {
    takeClock(frame);
    settleState();
  } else if (frame.type === "welcome") welcome(frame);
  else if (frame.type === "paper") gotPaper(frame);
  else if (frame.type === "submitted") ended(frame);
  else if (frame.type === "takeover") asked(frame);
  else if (frame.type === "bye" && frame.code === 4510) superseded(frame.at_ms ?? null);
  if (frame.type === "saved" || frame.type === "refused") pump();
}

function welcome(frame) {
  welcomed = true;
  takeClock({ ...frame.clock });
  burst();
  reportAttention(true);
  if (frame.pen === null && phase !== "ended") {
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
  const unknown = frame.answers.some((a) => answers.state(a.question).state === "none");
  if (!paper.empty && (changedPen || unknown || refetch)) fetchAnswers();
  resubmit();
  answers.pump(now());
  back();
  refresh();
}

function settleState() {
  if (["ended", "review", "superseded"].includes(state) && phase !== "working") return;
  if (phase === "waiting" || phase === "expected") show("waiting");
  else if ((phase === "working" || phase === "paused") && state !== "review" && !paper.empty) toPaper();
}

function toPaper() {
  if (state === "paper") return;
  const from = state;
  show("paper");
  if (from === "waiting") announce("alert", say("left", { length: words(say, clock.left(now()) ?? 0) }));
}

function gotPaper(frame) {
  if (paper.empty || (paper.version !== "" && paper.version !== String(frame.version))) {
    if (typeof frame.html !== "string") return;
    paper.replace(frame.html, frame.version);
    fetchAnswers();
  }
  if (state !== "review") toPaper();
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

// ---------------------------------------------------------------- handing in
function review() {
  pump(true);
  const open = paper.unanswered();
  const total = paper.cards().length;
  $("review-count").textContent = open.length === 0 ? say("review-all", { total }) : open.length === 1 ? say("review-one", { total }) : say("review-some", { n: open.length, total });
  $("review-list").replaceChildren(
    ...open.map(([question, n]) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `#q-${question}`;
      link.textContent = say("nav", { n, state: say("unanswered") });
      item.append(link);
      return item;
    }),
  );
  const n = answers.unsaved().size;
  $("review-unsaved").hidden = n === 0;
  $("review-unsaved").textContent = say("review-unsaved", { n });
  $("submit-state").textContent = "";
  show("review");
}

function submit() {
  pump(true);
  submitting ??= { waiting: true, seq: null };
  $("submit").disabled = true;
  trySubmit();
}

/** Handing in waits for the last answer to be settled, then says which ones the page stands for. */
function trySubmit() {
  const n = answers.unsaved().size;
  $("submit-state").textContent = n ? say("submit-waiting", { n }) : "";
  if (n > 0) return;
  submitting.waiting = false;
  submitting.seq ??= answers.next();
  submitting.have = answers.have();
  resubmit();
}

async function resubmit() {
  if (!submitting || submitting.waiting) return;
  const { seq, have } = submitting;
  if (channel.send({ type: "submit", seq, have })) return;
  const got = await http.call("POST", "/submit", { pen: answers.pen, seq, have });
  if (got.ok) ended(got.body);
  else if (got.body.code) refused({ ...got.body, pen: answers.pen, seq });
}

function refused(frame) {
  if (answers.refused(frame.pen, frame, now())) return;
  if (!submitting || frame.seq !== submitting.seq) return;
  // A new number: this one has its outcome. Missing answers are typed text the page still shows, so they go again.
  submitting = null;
  $("submit").disabled = false;
  $("submit-state").textContent = frame.missing?.length ? say("submit-missing") : (frame.detail ?? "");
  if (frame.missing?.length) {
    answers.reissue(frame.missing, (question) => paper.read(paper.card(question)));
    submit();
  } else if (frame.retry) setTimeout(submit, 1500);
}

function ended(frame) {
  submitting = null;
  const at = frame.at_ms ?? Date.parse(frame.at);
  const total = frame.questions ?? paper.cards().length;
  $("ended-text").textContent = say(`ended-${frame.by}`, { time: time(at) });
  if (total) $("ended-count").textContent = say("ended-count", { answered: frame.answered, total });
  $("receipt").textContent = frame.receipt_short ?? frame.receipt ?? "";
  phase = "ended";
  answers.pump(now(), true);
  for (const id of ["time", "takeover", "paused"]) banner(id, null);
  const first = state !== "ended";
  show("ended");
  if (first) announce("alert", `${$("ended-title").textContent}. ${$("ended-text").textContent}`);
  refresh();
}

// ---------------------------------------------------------------- entry
async function join(event) {
  event?.preventDefault();
  const got = await http.call("POST", "/join", {});
  if (!got.ok) {
    const box = $("join-problem");
    box.className = "notice bad";
    box.textContent = got.body.title ? `${got.body.title}. ${got.body.detail ?? ""}` : say("conn-lost");
    if (state !== "confirm") halt(got.body.title ?? say("conn-lost"), got.body.detail ?? "");
    return;
  }
  banner("stop", null);
  penToShow = got.body.pen ?? null;
  if (state === "confirm" || state === "superseded") show(penToShow === null ? "asking" : "waiting");
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
  if (!channel.isOpen && answers.unsaved().size) byHttp(true);
  if (penToShow !== null && state !== "superseded" && state !== "ended") kept.leave({ pen: penToShow, seq: answers.seq });
}

function start() {
  boundByNavigation();
  clock.set({ rev: data.rev, deadline_ms: data.deadline_ms, remaining_ms: data.remaining_ms });
  endShown = data.deadline_ms;
  $("join")?.addEventListener("submit", join);
  $("hand-in").addEventListener("click", review);
  document.querySelector("[data-hand-in]").addEventListener("click", review);
  $("review-back").addEventListener("click", () => show("paper"));
  $("review-list").addEventListener("click", (event) => event.target.closest("a") && show("paper", false));
  $("submit").addEventListener("click", submit);
  $("continue-here").addEventListener("click", join);
  $("stop-again").addEventListener("click", join);
  $("takeover-yes").addEventListener("click", () => answerTakeover(true));
  $("takeover-no").addEventListener("click", () => answerTakeover(false));
  $("time-seen").addEventListener("click", (event) => {
    channel.send({ type: "seen", rev: Number(event.target.dataset.rev) });
    banner("time", null);
  });
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => ($(button.dataset.close).hidden = true));
  $("clock-toggle").addEventListener("click", () => {
    const hidden = $("clock").dataset.hidden !== "true";
    $("clock").dataset.hidden = String(hidden);
    $("clock-toggle").ariaPressed = String(hidden);
    $("clock-toggle").textContent = say(hidden ? "clock-show" : "clock-hide");
    tick();
  });
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
    answers.take(left.pen, left.seq);
  }
  for (const card of paper.cards()) {
    const line = card.querySelector("[data-state-for]");
    if (line.dataset.savedMs) answers.restore(card.dataset.q, { value: paper.read(card), received_ms: Number(line.dataset.savedMs), counts: true });
  }
  setInterval(tick, 250);
  setInterval(() => channel.isOpen && sync(), 20000);
  if (state !== "confirm" && state !== "superseded") channel.open();
  tick();
}

start();
