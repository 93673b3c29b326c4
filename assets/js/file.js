// The emergency file: what this computer keeps and could not get to the server, for another page of the same candidate or for staff.
import { sha256 } from "./sha256.js";

export const FORMAT = "invigil-answers-1";

/** JSON with the members of every object in order, so that two programs get one text. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** Tells a damaged file from a whole one. It is no signature: whoever writes answers can write a file. */
export function hash({ room, candidate, answers }) {
  const lines = answers.map(({ pen, seq, question, value, proof }) => `${pen},${seq},${question},${proof ?? ""},${canonical(value)}\n`);
  return `h1:${sha256(`${FORMAT}\n${room}\n${candidate}\n${lines.join("")}`)}`;
}

/** `answers`: [{pen, seq, question, value, proof?}]. The name and the time are for people only. */
export function write({ room, candidate, name, made_at, answers }) {
  return JSON.stringify({ format: FORMAT, room, candidate, name, made_at, hash: hash({ room, candidate, answers }), answers }, null, 1);
}

const whole = (n) => Number.isSafeInteger(n) && n > 0;
const isAnswer = (a) => whole(a?.pen) && whole(a.seq) && typeof a.question === "string" && a.value !== undefined;

/** `{answers}`, or `{wrong}`: `unreadable`, `other` (another candidate's or room's), `damaged`. */
export function read(text, { room, candidate }) {
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    return { wrong: "unreadable" };
  }
  if (file?.format !== FORMAT || !Array.isArray(file.answers) || !file.answers.every(isAnswer)) return { wrong: "unreadable" };
  if (file.room !== room || file.candidate !== candidate) return { wrong: "other" };
  if (file.hash !== hash(file)) return { wrong: "damaged" };
  return { answers: file.answers };
}
