// The checklist is looked at again and again, so that what was mended shows by itself. The reader's clock goes along to be compared.

/** Between two looks, ms. */
const AGAIN_MS = 10000;
const room = document.body.dataset.room;

async function look() {
  try {
    const address = `/staff/rooms/${encodeURIComponent(room)}/readiness?client_now_ms=${Date.now()}`;
    const answer = await fetch(address, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const old = document.getElementById("readiness");
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const next = template.content.getElementById("readiness");
    // Who reads a line with the keyboard is not thrown off it.
    if (next && next.textContent !== old.textContent && !old.contains(document.activeElement)) old.replaceWith(next);
  } catch {
    // The next look may find the server again.
  }
}

look();
setInterval(look, AGAIN_MS);
