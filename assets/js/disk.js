// The one place that knows IndexedDB. A write has happened when its transaction says so under strict durability, and not before:
// localStorage loses what it was given when the browser is killed, and a relaxed transaction may stop at the system's buffer.

const NAME = "invigil-outbox";
const VERSION = 1;
/** A browser that does not answer for so long has not kept anything, ms. */
const HANG_MS = 3000;

/** Fails when a promise takes too long: a store that hangs must not hold up the way to the server. */
export function within(ms, promise) {
  let timer = 0;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error("the store does not answer")), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const done = (request) =>
  new Promise((ok, fail) => {
    request.onsuccess = () => ok(request.result);
    request.onerror = () => fail(request.error);
  });

/** Everything of one candidate in one room. */
export const all = (room, candidate) => [[room, candidate], [room, candidate, []]];

export class Disk {
  #opening = null;

  #open() {
    this.#opening ??= new Promise((ok, fail) => {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = () => {
        const rows = request.result.createObjectStore("rows", { keyPath: ["room", "candidate", "pen", "seq"] });
        rows.createIndex("settled_ms", "settled_ms");
        request.result.createObjectStore("epochs", { keyPath: ["room", "candidate"] });
      };
      request.onblocked = () => fail(new Error("the store is blocked"));
      request.onerror = () => fail(request.error);
      request.onsuccess = () => {
        const db = request.result;
        // A newer page in another tab, or somebody who clears the storage: the next write opens it again.
        db.onversionchange = () => db.close();
        db.onclose = () => (this.#opening = null);
        ok(db);
      };
    }).catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /**
   * `work({rows, epochs, get})` inside one transaction; gives what it gives, once the transaction is on the disk.
   * Inside it only requests of this store may be awaited, or the transaction ends early.
   */
  write(work) {
    return within(HANG_MS, this.#run("readwrite", work));
  }

  read(work) {
    return within(HANG_MS, this.#run("readonly", work));
  }

  async #run(mode, work) {
    const db = await this.#open();
    let transaction;
    try {
      transaction = db.transaction(["rows", "epochs"], mode, { durability: "strict" });
    } catch (error) {
      this.#opening = null;
      throw error;
    }
    const complete = new Promise((ok, fail) => {
      transaction.oncomplete = ok;
      transaction.onabort = () => fail(transaction.error ?? new Error("the transaction was undone"));
    });
    const [result] = await Promise.all([
      work({ rows: transaction.objectStore("rows"), epochs: transaction.objectStore("epochs"), get: done }),
      complete,
    ]);
    return result;
  }
}
