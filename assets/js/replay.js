// The slider of the replay: the page shows the room as it was, and asks again when somebody has moved it and stopped for a moment.
const form = document.getElementById("replay");
const at = document.getElementById("at");
const then = document.getElementById("then");
const state = document.getElementById("replay-state");
/** Pause after the last move before the server is asked, ms. */
const SETTLE_MS = 150;
let wanted = 0;
let timer = 0;

async function show() {
  const mine = ++wanted;
  state.textContent = form.dataset.busy;
  try {
    const answer = await fetch(`?at=${at.value}`, { headers: { "x-fragment": "1" }, signal: AbortSignal.timeout(20000) });
    const html = await answer.text();
    if (mine !== wanted) return;
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const template = document.createElement("template");
    template.innerHTML = html;
    then.replaceChildren(template.content);
    history.replaceState(null, "", `?at=${at.value}`);
    state.textContent = "";
  } catch {
    if (mine === wanted) state.textContent = form.dataset.failed;
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(show, SETTLE_MS);
}

at.addEventListener("input", soon);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  soon();
});
for (const button of form.querySelectorAll("[data-step]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    at.value = String(Number(at.value) + Number(button.dataset.step));
    soon();
  });
}
document.getElementById("show-at").hidden = true;
