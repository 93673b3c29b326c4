// Who is here: fetched again when something happens in the room. A click keeps its place.
import { Channel } from "./channel.js";

/** Many come together: one look is enough for all, ms. */
const QUIET_MS = 500;
const room = document.body.dataset.room;
/** What takes the place of a button that was pressed: the way back. */
const BACK = { confirm: "unconfirm", unconfirm: "confirm", here: "clear", missing: "clear" };
let timer = null;

function describe(node) {
  return node?.matches?.("#attendance button") ? [node.name, node.value] : null;
}

function show(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const next = template.content.getElementById("attendance");
  if (!next) return;
  const focus = describe(document.activeElement);
  document.getElementById("attendance").replaceWith(next);
  if (!focus) return;
  const own = [...next.querySelectorAll(`button[value="${CSS.escape(focus[1])}"]`)];
  const named = (name) => own.find((button) => button.name === name);
  (named(focus[0]) ?? named(BACK[focus[0]]) ?? own[0] ?? next).focus();
}

async function look() {
  timer = null;
  try {
    const answer = await fetch(location.pathname, { headers: { "X-Fragment": "1" }, credentials: "same-origin", cache: "no-store" });
    if (answer.ok) show(await answer.text());
  } catch {
    // What comes next brings us here again.
  }
}

function soon(wait = QUIET_MS) {
  timer ??= setTimeout(look, wait);
}

document.addEventListener("submit", async (event) => {
  if (event.target.id !== "attend") return;
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const failed = document.getElementById("attend-failed");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Fragment": "1" }, credentials: "same-origin", redirect: "manual" });
    // What went well leads back to the list, which is not followed here.
    failed.hidden = answer.ok || answer.type === "opaqueredirect";
  } catch {
    failed.hidden = false;
  }
  soon(0);
});

new Channel({
  url: () => `/ws/rooms/${encodeURIComponent(room)}?as=json`,
  protocols: ["invigil.v1"],
  on: { frame: (frame) => (frame.type === "snapshot" || frame.feed?.length) && soon(), down: () => {}, stop: () => {} },
}).open();
