// One key says how things stand, whenever somebody asks: the time that is left, what is saved, whether there is a line.
import { $, announce, say, view } from "./page.js";
import { words } from "./text.js";

/** No character, so it works while somebody types; browsers and screen readers leave it alone. */
const KEY = "F8";

/** `left()`: ms, or null before the time begins. */
export function aloud(left) {
  const speak = () => {
    const ms = left();
    const time = view.state === "waiting" ? $("countdown").textContent : ms === null ? "" : say(view.phase === "paused" ? "aloud-paused" : "left", { length: words(say, ms) });
    const parts = view.state === "ended" ? [document.querySelector("[data-for=ended] h1").textContent] : [time, $("save").textContent, $("conn").textContent];
    announce("status", parts.map((part) => part.trim().replace(/[.。]$/, "")).filter(Boolean).join(". "));
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== KEY || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    speak();
  });
  // A phone has no such key, and no room for what stands beside the paper: there the same button is found beside the clock by whoever listens.
  const near = $("aloud").cloneNode(true);
  near.id = "aloud-near";
  $("clock-toggle").after(near);
  for (const button of [$("aloud"), near]) button.addEventListener("click", speak);
}
