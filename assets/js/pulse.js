// What drives the page: its own timer while it is in front, and a worker's, which goes on at its pace when the page is hidden and its
// timers are held back. Without workers the page's timer does it alone.

/** The clock is drawn this often, ms. */
const DRAW_MS = 100;

export function beats(turn) {
  setInterval(turn, DRAW_MS);
  try {
    new Worker("/assets/js/heart.js").onmessage = turn;
  } catch {
    // No workers here.
  }
}
