// The live room: fragments replace rows by id; selection, focus, search and minutes typed stay where they were.
import { Channel } from "./channel.js";
import { Alarms } from "./alarms.js";
import { charge } from "./charge.js";
import { Offset } from "./clock.js";
import { Control } from "./control.js";
import { Feed } from "./feed.js";
import { Keys } from "./keys.js";
import { incidents } from "./incidents.js";
import { preview } from "./preview.js";
import { agoText, catalogue, clockText, words } from "./text.js";

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const say = catalogue(data.texts);
const now = () => performance.now();
const offset = new Offset();

let lastFrame = now();
let live = false;
let stopped = false;
let seq = null;
let held = null;
const picked = new Set();
const announce = (text) => put($("say-status"), text);
const control = new Control({ room: data.room, matrix: data.matrix, say, announce });
const alarms = new Alarms({ say, status: announce });
const lines = new Feed({ say });
new Keys({ say, announce, select: () => selection() });

// ---------------------------------------------------------------- time
/** A frame's own instant is at most as old as its journey: it bounds the server's time from below. */
function hear(frame, at) {
  lastFrame = at;
  if (frame.now_ms !== undefined) offset.bound(frame.now_ms - at, frame.now_ms - at + 10000, at);
}

function serverNow() {
  const range = offset.range(now());
  return range === null ? data.now_ms : now() + range.low;
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function everySecond() {
  const server = serverNow();
  for (const node of document.querySelectorAll("[data-deadline-ms]")) put(node, clockText(Number(node.dataset.deadlineMs) - server));
  for (const node of document.querySelectorAll("[data-age-from-ms]")) put(node, words(say, Math.max(0, server - Number(node.dataset.ageFromMs))));
  for (const node of document.querySelectorAll("[data-clock-from-ms]")) put(node, agoText(server - Number(node.dataset.clockFromMs)));
  const ends = $("room-clock")?.dataset.deadlineMs;
  alarms.time(ends && live ? Math.max(0, Number(ends) - server) : null);
  const age = Math.floor((now() - lastFrame) / 1000);
  const state = stopped ? "lost" : live && age < 8 ? "ok" : "stale";
  $("conn").dataset.state = state;
  put($("conn"), stopped ? say("live-stopped") : state === "ok" ? say("live-ok") : say("live-stale", { n: age }));
}

// ---------------------------------------------------------------- fragments
function nodes(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function place(html) {
  const row = nodes(html).querySelector("tr");
  if (!row) return;
  const old = $(row.id);
  alarms.changed(old, row);
  const focus = old?.contains(document.activeElement) ? describe(document.activeElement) : null;
  const box = row.querySelector("input[type=checkbox]");
  if (box) box.checked = picked.has(row.dataset.id);
  const home = row.dataset.trouble ? $("trouble") : $("rows");
  row.dataset.order = old?.dataset.order ?? String(document.querySelectorAll("tr[data-id]").length);
  // A row somebody works in stays where it is; it moves with its next change.
  if (old && (old.parentElement === home || focus)) old.replaceWith(row);
  else {
    old?.remove();
    const after = [...home.children].find((other) => Number(other.dataset.order) > Number(row.dataset.order));
    home.insertBefore(row, after ?? null);
  }
  if (focus === "TR") row.tabIndex = -1;
  if (focus) (focus === "TR" ? row : row.querySelector(focus))?.focus({ preventScroll: true });
}

function describe(node) {
  return node.matches("button") ? `button[value="${CSS.escape(node.value)}"]` : node.matches("input") ? `input[name="${node.name}"]` : node.tagName;
}

/** The parts of the head as they came last: what is the same is not touched, so a list that is open stays open. */
const parts = new Map();

function head(html) {
  const next = nodes(html).querySelector("#head");
  const old = $("head");
  if (!next) return;
  const phased = old.dataset.phase !== next.dataset.phase;
  Object.assign(old.dataset, next.dataset);
  for (const fresh of [...next.children]) {
    const name = fresh.classList[0];
    const text = fresh.outerHTML;
    // Minutes and reason that somebody is choosing are nobody else's business; only another phase makes another toolbar.
    if (name === "toolbar" ? !phased : parts.get(name) === text) continue;
    parts.set(name, text);
    const place = old.querySelector(`:scope > .${name}`);
    const chosen = [...place.querySelectorAll("input, select")].map((field) => [field.name, field.value]);
    const focus = place.contains(document.activeElement) ? describe(document.activeElement) : null;
    place.replaceWith(fresh);
    for (const [field, value] of chosen) fresh.querySelector(`[name=${field}]`).value = value;
    if (focus) fresh.querySelector(focus)?.focus();
  }
}

function feed(html, whole) {
  // On the wire the newest is last; on the page it is first.
  const text = Array.isArray(html) ? html.map((item) => item.html ?? item).reverse().join("") : html;
  const items = [...nodes(text).querySelectorAll("li")];
  lines.take(items, whole);
}

/** Messages, oldest first on the wire; on the page the newest is first. */
function letters(items, whole) {
  const list = $("letters");
  if (whole) list.replaceChildren();
  for (const { html } of items) {
    const item = nodes(html).querySelector("li");
    if (!item) continue;
    const old = $(item.id);
    const focus = old?.contains(document.activeElement) ? describe(document.activeElement) : null;
    if (old) old.replaceWith(item);
    else list.prepend(item);
    if (focus) item.querySelector(focus)?.focus();
  }
  while (list.children.length > 200) list.lastElementChild.remove();
  $("letters-none").hidden = list.children.length > 0;
}

/** The page's title without the hands that were up when it was loaded. */
const TITLE = $("hands").dataset.n === "0" ? document.title : document.title.slice(document.title.indexOf(" · ") + 3);

/** The queue of hands; how many there are stands in the page's title too. */
function hands(html) {
  const next = nodes(html).querySelector("#hands");
  const old = $("hands");
  if (!next || !old) return;
  const [n, before] = [Number(next.dataset.n), Number(old.dataset.n)];
  const focus = old.contains(document.activeElement) ? describe(document.activeElement) : null;
  old.replaceWith(next);
  if (focus) next.querySelector(focus)?.focus();
  const said = next.querySelector("h2").textContent;
  if (n > before) put($("say-status"), said);
  document.title = n ? `${said} · ${TITLE}` : TITLE;
}

function apply(frame) {
  if (frame.type === "snapshot") {
    const present = new Set((frame.rows ?? []).map((row) => row.id));
    for (const row of document.querySelectorAll("tr[data-id]")) if (!present.has(row.dataset.id)) row.remove();
  }
  if (frame.head) head(frame.head);
  for (const row of frame.rows ?? []) place(row.html);
  if (frame.feed) feed(frame.feed, frame.type === "snapshot");
  if (frame.messages) letters(frame.messages, frame.type === "snapshot");
  if (frame.incidents) incidents(frame.incidents, frame.type === "snapshot", (text) => put($("say-status"), text));
  if (frame.hands) hands(frame.hands);
  charge(frame, data.room, (text) => put($("say-status"), text));
  filter();
  selection();
  everySecond();
}

function receive(frame, at) {
  hear(frame, at);
  if (frame.type === "snapshot") {
    live = true;
    seq = frame.seq;
  } else if (frame.type === "delta") {
    if (seq === null || frame.seq <= seq) return;
    if (frame.seq !== seq + 1) {
      // Something was missed: only a fresh snapshot is the truth.
      seq = null;
      channel.close();
      channel.open();
      return;
    }
    seq = frame.seq;
  } else return;
  if (held) {
    held.push(frame);
    put($("hold"), `${say("live-go")} (${say("live-held", { n: held.length })})`);
  } else apply(frame);
}

// ---------------------------------------------------------------- search, filter, selection
const tests = {
  all: () => true,
  trouble: (row) => row.dataset.trouble === "true",
  here: (row) => ["connected", "slow", "unsteady"].includes(row.dataset.presence),
  working: (row) => ["working", "paused"].includes(row.dataset.phase),
  ended: (row) => row.dataset.phase === "ended",
  absent: (row) => row.dataset.presence === "never",
  waiting: (row) => row.querySelector(".delivered")?.dataset.delivery === "queued",
};

function filter() {
  const q = $("q").value.trim().toLowerCase();
  const show = tests[$("show").value] ?? tests.all;
  const rows = [...document.querySelectorAll("tr[data-id]")];
  let shown = 0;
  for (const row of rows) {
    const fits = show(row) && row.dataset.find.includes(q);
    row.hidden = !fits;
    if (fits) shown += 1;
  }
  $("none").hidden = rows.length > 0;
  put($("shown"), shown === rows.length ? "" : say("rows-shown", { n: shown, total: rows.length }));
  for (const link of document.querySelectorAll("[data-show]")) {
    if (link.dataset.show === $("show").value && $("show").value !== "all") link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function selection() {
  const boxes = [...document.querySelectorAll("tr[data-id] input[name=candidate]")];
  picked.clear();
  for (const box of boxes) if (box.checked) picked.add(box.value);
  const text = picked.size ? say("for-some", { n: picked.size }) : say("for-all", { n: boxes.length });
  if ($("for")) put($("for"), text);
  $("picked").hidden = picked.size === 0;
  put($("picked-n"), picked.size ? text : "");
  const visible = boxes.filter((box) => !box.closest("tr").hidden);
  const all = $("pick-all");
  all.checked = visible.length > 0 && visible.every((box) => box.checked);
  all.indeterminate = !all.checked && picked.size > 0;
  control.draw(boxes.filter((box) => box.checked).map((box) => box.closest("tr")));
}

// ---------------------------------------------------------------- start
const channel = new Channel({
  url: () => `/ws/rooms/${encodeURIComponent(data.room)}?as=html&lang=${data.lang}`,
  protocols: ["invigil.v1"],
  on: {
    frame: receive,
    down: () => (live = false),
    stop: () => (stopped = true),
  },
});

function hold() {
  if (held) {
    const waiting = held;
    held = null;
    for (const frame of waiting) apply(frame);
  } else held = [];
  $("hold").ariaPressed = String(held !== null);
  put($("hold"), say(held ? "live-go" : "live-hold"));
}

function start() {
  const entry = performance.getEntriesByType?.("navigation")[0];
  if (entry?.responseStart > 0) offset.bound(data.now_ms - entry.responseStart, data.now_ms - entry.requestStart, now());
  [...document.querySelectorAll("tr[data-id]")]
    .sort((a, b) => a.cells[1].textContent.localeCompare(b.cells[1].textContent, undefined, { numeric: true }))
    .forEach((row, i) => (row.dataset.order = String(i)));
  $("hold").hidden = false;
  $("hold").addEventListener("click", hold);
  $("filter-go").hidden = true;
  $("filter").addEventListener("submit", (event) => event.preventDefault());
  $("q").addEventListener("input", filter);
  $("show").addEventListener("change", () => {
    filter();
    selection();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-show]");
    if (!link) return;
    event.preventDefault();
    $("show").value = link.dataset.show;
    filter();
    selection();
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "pick-all") {
      for (const row of document.querySelectorAll("tr[data-id]:not([hidden])")) row.querySelector("input[name=candidate]").checked = event.target.checked;
    }
    selection();
  });
  $("picked-clear").addEventListener("click", () => {
    for (const box of document.querySelectorAll("tr[data-id] input[name=candidate]")) box.checked = false;
    selection();
    $("pick-all").focus();
  });
  preview({ say, announce, refuse: (button) => control.refuse(button), atOnce: (body) => control.atOnce(body) });
  setInterval(everySecond, 1000);
  filter();
  selection();
  channel.open();
}

start();
