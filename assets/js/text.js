// Words and numbers as people read them. The texts come from the server's catalogue, in the page's language.

/** Fills `{name}` in a text. */
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

/** A catalogue of texts: `say("left", {length})`. A missing text reads as its key. */
export function catalogue(texts) {
  return (key, values) => fill(texts[key] ?? key, values);
}

/** What is left, whole seconds rounded up, so that 0:00 is the end and nothing earlier: "42:10", "1:02:05". */
export function clockText(ms) {
  return digits(Math.ceil(Math.max(0, ms) / 1000));
}

/** A length that has passed, rounded down: "0:40". */
export function agoText(ms) {
  return digits(Math.floor(Math.max(0, ms) / 1000));
}

function digits(seconds) {
  const h = Math.floor(seconds / 3600);
  const m = Math.floor(seconds / 60) % 60;
  const s = String(seconds % 60).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** A length in words: "3 min 20 s". Parts that are zero are left out. */
export function words(say, ms) {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const parts = [["h", Math.floor(seconds / 3600)], ["m", Math.floor(seconds / 60) % 60], ["s", seconds % 60]];
  const said = parts.filter(([, n]) => n > 0).map(([unit, n]) => say(unit, { n }));
  return said.length ? said.join(" ") : say("s", { n: 0 });
}

/** A reason {code, text}: the words a person wrote, else the words of its code, else nothing. */
export function reasonText(say, reason) {
  if (!reason) return "";
  if (reason.text?.trim()) return reason.text.trim();
  if (reason.code === "other") return "";
  const key = `reason-${reason.code}`;
  const words = say(key);
  return words === key ? "" : words;
}

/** One term of a deadline, as the server puts it: "1:30:00", "× 1.25", "+ 5:00 fire alarm". */
export function termText(say, { kind, ms, multiplier_bp: factor, reason }) {
  if (kind === "base") return agoText(ms);
  if (kind === "multiplier" && factor) return `× ${factor / 10000}`;
  return `${ms < 0 ? "−" : "+"} ${agoText(Math.abs(ms))} ${reasonText(say, reason) || say(`explain-${kind}`)}`;
}

/** Times of day in the room's zone: `time(ms)` "10:35:00", `time.short(ms)` "10:35" on whole minutes. */
export function timesIn(zone) {
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  let format;
  try {
    format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
  } catch {
    format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
  }
  const time = (ms) => format.format(new Date(ms));
  time.short = (ms) => (((ms % 60000) + 60000) % 60000 < 1000 ? time(ms).slice(0, 5) : time(ms));
  return time;
}
