// The way without a socket: the page's own addresses, with the cookie and the CSRF header.

export class Http {
  constructor(room, csrf) {
    this.base = `/sit/${room}`;
    this.csrf = csrf;
  }

  /** {ok, status, body}; a broken network reads as {ok: false, status: 0}. */
  async call(method, path, body, { keepalive = false } = {}) {
    try {
      const answer = await fetch(this.base + path, {
        method,
        keepalive,
        credentials: "same-origin",
        cache: "no-store",
        headers: { Accept: "application/json", "X-CSRF": this.csrf, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout?.(15000),
      });
      const text = await answer.text();
      let value = null;
      try {
        value = text ? JSON.parse(text) : {};
      } catch {
        value = {};
      }
      return { ok: answer.ok, status: answer.status, body: value };
    } catch {
      return { ok: false, status: 0, body: {} };
    }
  }
}
