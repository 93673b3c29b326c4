// The computers as they report: fetched every two seconds, from whatever node took the report.

/** Between two looks, ms. */
const AGAIN_MS = 2000;
const room = document.body.dataset.room;
const title = document.title;

async function look() {
  try {
    const answer = await fetch(`/staff/rooms/${encodeURIComponent(room)}/check`, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
    if (answer.ok) show(await answer.text());
  } catch {
    // The next look may find the server again.
  }
}

function show(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const [next, old] = [template.content.getElementById("computers"), document.getElementById("computers")];
  if (!next || !old || next.textContent === old.textContent) return;
  // The count is read aloud when it changes; the list is not.
  const [count, before] = [next.querySelector("#check-count"), old.querySelector("#check-count")];
  if (count.textContent !== before.textContent) before.textContent = count.textContent;
  const list = next.querySelector("ul");
  old.querySelector("ul")?.remove();
  if (list) old.append(list);
  document.title = list ? `${before.textContent} · ${title}` : title;
}

if (document.getElementById("computers")) {
  look();
  setInterval(look, AGAIN_MS);
}
