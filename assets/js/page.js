// What every part of the student's page shares: its data, its words, its state, its announcements.
import { catalogue, reasonText as reasonIn, timesIn } from "./text.js";

export const $ = (id) => document.getElementById(id);
export const data = JSON.parse($("data").textContent);
export const say = catalogue(data.texts);
export const time = timesIn(data.zone);
export const now = () => performance.now();
export const reasonText = (reason) => reasonIn(say, reason);

/** `state` is what is shown; `phase` is the candidate's, as the server last said. */
export const view = {
  state: data.state,
  phase: data.paused ? "paused" : data.state === "paper" ? "working" : data.state === "ended" ? "ended" : "waiting",
};

/** `kind` is `status` (when there is a moment) or `alert` (at once). A reader speaks what changes, so it is emptied first. */
export function announce(kind, text) {
  const node = $(`say-${kind}`);
  node.textContent = "";
  setTimeout(() => (node.textContent = text), 60);
}

/** Shows one section and moves the focus to its heading. */
export function show(next, focus = true) {
  if (view.state === next && document.body.dataset.state === next) return;
  view.state = next;
  document.body.dataset.state = next;
  for (const section of document.querySelectorAll("[data-for]")) section.hidden = section.dataset.for !== next;
  if (focus) document.querySelector(`[data-for="${next}"] h1`)?.focus({ preventScroll: next === "paper" });
  if (next !== "paper") scrollTo(0, 0);
}

/** Shows a banner with its text, or hides it with null. */
export function banner(id, text) {
  const node = $(`banner-${id}`);
  if (text !== null) node.querySelector("p").textContent = text;
  node.hidden = text === null;
}

/** What sticks below the head needs its height, which grows with a long title. */
const head = document.querySelector(".sit-top");
new ResizeObserver(() => document.documentElement.style.setProperty("--head", `${head.offsetHeight}px`)).observe(head);
