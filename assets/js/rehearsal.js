// A rehearsal as it goes: looked at every second while it runs; when it is over the page is shown anew, with what it found.

/** Between two looks, ms. */
const AGAIN_MS = 1000;
const room = document.body.dataset.room;

async function look() {
  try {
    const answer = await fetch(`/staff/rooms/${encodeURIComponent(room)}/rehearsal`, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const [next, old] = [template.content.getElementById("rehearsal"), document.getElementById("rehearsal")];
    if (next.dataset.running !== "true") return location.reload();
    const [said, before] = [next.querySelector("p"), old.querySelector("p")];
    if (said.textContent !== before.textContent) before.textContent = said.textContent;
  } catch {
    // The next look may find the server again.
  }
}

if (document.getElementById("rehearsal").dataset.running === "true") setInterval(look, AGAIN_MS);
