// One change of time: the table is fetched again until everybody has said that they saw it.

/** How often it is looked at, ms. */
const EVERY_MS = 2000;

async function look() {
  const old = document.getElementById("change");
  if (old.dataset.settled === "true" || document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const next = template.content.getElementById("change");
    if (!next) return;
    // Only what changed is touched, so that neither focus nor a reader's place is lost.
    const rows = old.querySelector("tbody");
    if (rows.innerHTML !== next.querySelector("tbody").innerHTML) rows.replaceWith(next.querySelector("tbody"));
    const tally = old.querySelector(".tally");
    if (tally.textContent !== next.querySelector(".tally").textContent) tally.textContent = next.querySelector(".tally").textContent;
    old.dataset.settled = next.dataset.settled;
  } catch {
    // The next look may find the server.
  }
}

setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);
