// What this computer keeps of a candidate's answers: each is written here, and the write is on the disk, before it is sent.
//
// It stays for a day after the server saved it. A server that was restored from a backup has another epoch; then everything is sent again.
//
// Values are encrypted where the browser can (a secure context). The key comes with the page, for this candidate alone, and is never
// stored here. That protects what is left on a shared computer from the next student and from whoever reads its disk; it does not
// protect from somebody who enters as this candidate, from a browser that is tampered with while the page is open, or from whoever has
// the server's secret. On plain HTTP at a LAN address there is no crypto.subtle: there the values lie here as plain text, and `forget`
// removes the saved ones when the student finishes.
import { Disk, all } from "./disk.js";

/** How long a saved answer stays, ms. */
export const STAYS_MS = 24 * 3600 * 1000;

const encode = (value) => new TextEncoder().encode(value);
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

export class Outbox {
  #key = null;

  /** `key` is 64 hex digits from the server, or empty. `wall()` is the wall clock: it must mean something after a restart. */
  constructor({ room, candidate, key = "", disk = new Disk(), subtle = globalThis.crypto?.subtle, wall = Date.now }) {
    Object.assign(this, { room, candidate, disk, subtle, wall });
    if (subtle && key) this.#key = subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    this.#key?.catch(() => {});
  }

  /** Whether others at this computer cannot read what is kept. */
  get sealed() {
    return this.#key !== null;
  }

  #id({ pen, seq }) {
    return [this.room, this.candidate, pen, seq];
  }

  /** An entry as it lies on the disk. What it belongs to is bound to it: a row moved to another number does not open. */
  async #row(entry, state) {
    const { pen, seq, question, value, proof = null } = entry;
    const row = { room: this.room, candidate: this.candidate, pen, seq, state, made_ms: this.wall() };
    const body = { question, value, proof };
    if (!this.#key) return { ...row, body };
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv, additionalData: encode(this.#id(entry).join("\n")) };
    return { ...row, iv, box: await this.subtle.encrypt(how, await this.#key, encode(JSON.stringify(body))) };
  }

  async #entry(row) {
    const { pen, seq, state } = row;
    const entry = (body) => ({ pen, seq, state, ...body, proof: row.proof ?? body.proof });
    if (row.body) return entry(row.body);
    try {
      const how = { name: "AES-GCM", iv: row.iv, additionalData: encode(this.#id(row).join("\n")) };
      return entry(JSON.parse(new TextDecoder().decode(await this.subtle.decrypt(how, await this.#key, row.box))));
    } catch {
      // Kept under another key: it stays where it is, and nobody here can read it.
      return null;
    }
  }

  /** Keeps an entry; `instead` are entries that it replaces and that were never sent. Done when it is on the disk. */
  async keep(entry, instead = []) {
    const row = await this.#row(entry, "waiting");
    return this.disk.write(({ rows }) => {
      rows.put(row);
      for (const old of instead) rows.delete(this.#id(old));
    });
  }

  /**
   * The server said what became of these: `state` is `saved` or `refused`. What it saved comes with a proof of its time; that is no secret
   * and stands beside the row, for a server that has to be told again.
   */
  settle(entries, state) {
    return this.disk.write(async ({ rows, get }) => {
      for (const entry of entries) {
        const row = await get(rows.get(this.#id(entry)));
        if (row) rows.put({ ...row, state, settled_ms: this.wall(), ...(entry.proof ? { proof: entry.proof } : {}) });
      }
    });
  }

  /** What waits to be sent, oldest first; what is older than a day is removed, whosever it is. */
  async load() {
    const old = IDBKeyRange.upperBound(this.wall() - STAYS_MS);
    const rows = await this.disk.write(async ({ rows: store, get }) => {
      for (const key of await get(store.index("settled_ms").getAllKeys(old))) store.delete(key);
      return get(store.getAll(IDBKeyRange.bound(...all(this.room, this.candidate))));
    });
    return this.#entries(rows.filter((row) => row.state === "waiting"));
  }

  async #entries(rows) {
    return (await Promise.all(rows.map((row) => this.#entry(row)))).filter((entry) => entry !== null);
  }

  /**
   * The server's epoch as it says. If another one is remembered the server was restored: everything it saved since waits again, and is
   * given back to be sent. The first epoch ever heard is only remembered.
   */
  async renew(epoch) {
    if (!epoch) return [];
    const rows = await this.disk.write(async ({ rows: store, epochs, get }) => {
      const own = [this.room, this.candidate];
      const known = await get(epochs.get(own));
      if (known?.epoch === epoch) return [];
      epochs.put({ room: this.room, candidate: this.candidate, epoch });
      if (!known) return [];
      const mine = await get(store.getAll(IDBKeyRange.bound(...all(...own))));
      const again = mine.filter((row) => row.state === "saved").map(({ settled_ms: _, ...row }) => ({ ...row, state: "waiting" }));
      for (const row of again) store.put(row);
      return again;
    });
    return this.#entries(rows);
  }

  /** Where others could read it: removes what is saved. What is not saved stays, whatever it costs. */
  forget() {
    return this.disk.write(async ({ rows: store, get }) => {
      const mine = await get(store.getAll(IDBKeyRange.bound(...all(this.room, this.candidate))));
      for (const row of mine) if (row.state !== "waiting") store.delete(this.#id(row));
    });
  }
}
