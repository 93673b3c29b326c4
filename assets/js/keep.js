// The pen of this page over a reload. While the page lives nothing is stored, so a duplicated tab finds no pen and
// asks for its own instead of writing under ours.

export function pen(room, candidate) {
  const key = `invigil:pen:${room}:${candidate}`;
  return {
    /** What a reload left behind; it is gone afterwards. */
    take() {
      try {
        const text = sessionStorage.getItem(key);
        sessionStorage.removeItem(key);
        const kept = JSON.parse(text);
        return Number.isInteger(kept?.pen) ? kept : null;
      } catch {
        return null;
      }
    },
    leave(value) {
      try {
        sessionStorage.setItem(key, JSON.stringify(value));
      } catch {
        // Without storage the reloaded page takes a new pen.
      }
    },
  };
}
