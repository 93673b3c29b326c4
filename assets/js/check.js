// Tries what an exam needs of this computer, with the exam's own parts where there are such, and tells the check whose code it has.
import { Disk, within } from "./disk.js";

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const say = (key) => data.texts[`check-${key}`];
/** Longest that one trial may take, ms. */
const TRIAL_MS = 6000;
/** Questions for the time, of which the quickest counts. */
const LOOKS = 4;
const REMEMBERED = "invigil-computer";

document.documentElement.dataset.tried = "yes";

// ---------------------------------------------------------------- who this computer is
/** A random name that it gives itself, so that a second try replaces the first, and what people call it. */
function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(REMEMBERED));
    if (kept?.computer) return kept;
  } catch {
    // A browser that keeps nothing gets another name each time.
  }
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return { computer: [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""), name: "" };
}

function remember() {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(me));
  } catch {
    // As above.
  }
}

// ---------------------------------------------------------------- trials
/** Whether a socket opens, and whether what goes in comes back. */
function socket() {
  return new Promise((tell) => {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    let opened = false;
    let line;
    const over = (how) => {
      clearTimeout(timer);
      line?.close();
      tell(how);
    };
    const timer = setTimeout(() => over(opened ? "silent" : "blocked"), TRIAL_MS);
    try {
      line = new WebSocket(`${scheme}//${location.host}/ws/check`, ["invigil.v1"]);
    } catch {
      return over("blocked");
    }
    const word = String(Math.random());
    line.onopen = () => {
      opened = true;
      line.send(word);
    };
    line.onmessage = (event) => event.data === word && over("carries");
    line.onclose = () => over(opened ? "silent" : "blocked");
  });
}

/** Whether what is written where answers are kept is there for another opening of it. */
async function keeps() {
  const row = { room: "check", candidate: "check", pen: 0, seq: 1, value: String(Math.random()) };
  const key = [row.room, row.candidate, row.pen, row.seq];
  try {
    await new Disk().write(({ rows }) => rows.put(row));
    const found = await new Disk().read(({ rows, get }) => get(rows.get(key)));
    await new Disk().write(({ rows }) => rows.delete(key));
    return found?.value === row.value;
  } catch {
    return false;
  }
}

async function space() {
  try {
    const { quota, usage } = await within(TRIAL_MS, navigator.storage.estimate());
    return Math.floor((quota - usage) / 1e6);
  } catch {
    return null;
  }
}

/** This computer's clock less the server's, ms, from the quickest of some questions. */
async function clockOff() {
  let best = null;
  for (let n = 0; n < LOOKS; n += 1) {
    const from = performance.now();
    const answer = await fetch("/check/now", { cache: "no-store" });
    const { now_ms: theirs } = await answer.json();
    const took = performance.now() - from;
    const off = Math.round(Date.now() - took / 2 - theirs);
    if (best === null || took < best.took) best = { took, off };
  }
  return best.off;
}

async function encrypts() {
  try {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
    return Boolean(key);
  } catch {
    return false;
  }
}

async function measure() {
  const [carried, kept, room, off, sealed] = await Promise.all([socket(), keeps(), space(), clockOff().catch(() => 0), encrypts()]);
  const width = Math.round(window.innerWidth);
  return { scripts: "run", socket: carried, keeps: kept, space_mb: room, clock_off_ms: off, encrypts: sealed, cookies: navigator.cookieEnabled, width };
}

// ---------------------------------------------------------------- result
function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function item(line) {
  const made = element("li", "", { "data-state": line.state });
  const words = element("div", "");
  words.append(element("p", line.says));
  if (line.do) words.append(element("p", line.do, { class: "fix" }));
  made.append(element("span", `${say(line.state)}: `, { class: "vh" }), words);
  return made;
}

function show(found, told) {
  const state = found.ready ? "good" : "bad";
  const list = element("ul", "", { class: "ready-list" });
  list.append(...found.lines.map(item));
  $("result").replaceChildren(element("p", say(found.ready ? "ready" : "not-ready"), { class: "ready-headline", "data-state": state }), list);
  if (told) $("result").append(element("p", me.name ? say("told-as").replace("{name}", me.name) : say("told")));
}

async function send(code, measured) {
  const body = JSON.stringify({ code, computer: me.computer, name: me.name, measured });
  const answer = await fetch("/check", { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

let turn = 0;

async function tryAll() {
  const mine = (turn += 1);
  const code = $("code").value.trim();
  $("result").replaceChildren(element("p", say("trying")));
  const measured = await measure();
  if (mine !== turn) return;
  try {
    show(await send(code, measured), code !== "");
  } catch (error) {
    // What it found is worth knowing also when nobody can be told.
    const found = code && (await send("", measured).catch(() => null));
    if (found) show(found, false);
    else $("result").replaceChildren();
    $("result").append(element("p", `${say("not-told")} ${error.message}`, { class: "notice bad" }));
  }
}

// ---------------------------------------------------------------- start
const me = remembered();
$("name").value ||= me.name;
$("check").addEventListener("submit", (event) => {
  event.preventDefault();
  me.name = $("name").value.trim().slice(0, 40);
  remember();
  tryAll();
});
if ($("result")) tryAll();
