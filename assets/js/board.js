// The projector: what it shows is fetched every two seconds; between two looks the clock is drawn by itself.
import { clockText } from "./text.js";

const EVERY_MS = 2000;
/** Older than this, the page says so, ms. */
const STALE_MS = 10000;
let heard = performance.now();

function draw() {
  const { leftMs, runs } = document.getElementById("board").dataset;
  const passed = runs === "true" ? performance.now() - heard : 0;
  if (leftMs !== undefined) put("board-clock", clockText(Math.max(0, Number(leftMs) - passed)));
  put("board-stale", performance.now() - heard > STALE_MS ? document.getElementById("board-stale").dataset.text : "");
}

function put(id, text) {
  const node = document.getElementById(id);
  if (node.textContent !== text) node.textContent = text;
}

async function look() {
  const asked = performance.now();
  try {
    const answer = await fetch(location.pathname + location.search, { headers: { "X-Fragment": "1" }, credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const next = template.content.getElementById("board");
    if (!next) return;
    // Half of the way there and back: what is shown is at most so much off.
    heard = (asked + performance.now()) / 2;
    const words = document.querySelector(".board-words");
    const fresh = next.querySelector(".board-words");
    // What is the same stays, and what is new is added: a live region that is replaced is spoken again, or not at all.
    if (fresh.textContent !== words.textContent) words.replaceChildren(...fresh.children);
    fresh.replaceWith(words);
    document.getElementById("board").replaceWith(next);
    draw();
  } catch {
    // The page says by itself that it is old.
  }
}

// A projector does not go dark by itself, where the browser lets us ask for that.
navigator.wakeLock?.request("screen").catch(() => {});
setInterval(draw, 250);
setInterval(look, EVERY_MS);
