// Who is in charge of the room, and what the reader may do there now: fetched again when either has changed.

const kinds = /data-kind="(handover|staff)\./;

/** `frame` is a watcher's, with fragments; `room` its room; `say` speaks politely. */
export function charge(frame, room, say) {
  if (frame.type !== "snapshot" && !(frame.feed ?? []).some((item) => kinds.test(item.html ?? item))) return;
  look(room, say);
}

async function look(room, say) {
  try {
    const answer = await fetch(`/staff/rooms/${encodeURIComponent(room)}/charge`, { headers: { "X-Fragment": "1" }, credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const [next, old] = [template.content.getElementById("charge"), document.getElementById("charge")];
    if (!next || next.innerHTML === old.innerHTML && next.dataset.rights === old.dataset.rights) return;
    document.body.dataset.rights = next.dataset.rights;
    const focused = old.contains(document.activeElement);
    const said = next.querySelector(".notice p")?.textContent ?? next.querySelector(".charge-now span").textContent;
    old.replaceWith(next);
    if (focused) (next.querySelector("button") ?? next.querySelector("a")).focus();
    say(said.trim());
  } catch {
    // The next snapshot brings us here again.
  }
}
