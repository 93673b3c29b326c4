// The harness itself, without the server: each look finds what is wrong on a page made for it, and is silent on a good one.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Refused, api, axe, clipped, contrast, launchBrowser, newPage, screenshot, startServer } from "./lib/harness.mjs";

let browser;
let page;
before(async () => {
  browser = await launchBrowser();
  page = await newPage(browser);
});
after(() => browser?.close());

const html = (body, css = "") =>
  `<!doctype html><html lang="en"><head><title>A page</title><style>body{margin:0;background:#fff;color:#000;font:16px sans-serif}${css}</style></head>` +
  `<body><main><h1>Heading</h1>${body}</main></body></html>`;
const show = (body, css) => page.setContent(html(body, css));
const kinds = async () => (await clipped(page)).map(({ kind, where }) => `${kind} ${where}`);

test("axe is silent on a good page and names what is wrong on a bad one", async () => {
  await show('<label>Name <input></label><button>Send</button>');
  assert.deepEqual(await axe(page), []);
  await show('<input id="bare"><p id="pale">pale</p>', "#pale{color:#aaa}");
  const findings = await axe(page);
  assert.deepEqual(findings.map(({ id }) => id).sort(), ["color-contrast", "label"]);
  assert.deepEqual(findings.find(({ id }) => id === "label").targets, ["#bare"]);
  assert.deepEqual((await axe(page, { within: "#pale" })).map(({ id }) => id), ["color-contrast"]);
});

test("contrast is WCAG's, over what is behind", async () => {
  await show(
    '<p id="black">a</p><p id="pass">a</p><p id="fail">a</p><p id="large">a</p><div id="card"><p id="half">a</p></div><p id="faded">a</p><p id="picture">a</p>',
    "#pass{color:#767676}#fail{color:#777}#large{color:#777;font-size:24px}#card{background:#000}" +
      "#half{color:rgb(255 255 255/50%)}#faded{opacity:.5}#picture{background-image:linear-gradient(red,blue)}",
  );
  assert.deepEqual(await contrast(page, "#black"), { ratio: 21, needed: 4.5, ok: true, color: "#000000", background: "#ffffff" });
  assert.deepEqual([(await contrast(page, "#pass")).ratio, (await contrast(page, "#pass")).ok], [4.54, true]);
  assert.deepEqual([(await contrast(page, "#fail")).ratio, (await contrast(page, "#fail")).ok], [4.48, false]);
  assert.deepEqual([(await contrast(page, "#large")).needed, (await contrast(page, "#large")).ok], [3, true]);
  const half = await contrast(page, "#half");
  assert.deepEqual([half.background, half.color], ["#000000", "#808080"]);
  assert.equal((await contrast(page, "#faded")).color, "#808080");
  await assert.rejects(contrast(page, "#picture"), /background image/);
});

test("clipped is silent where text fits, scrolls or is hidden on purpose", async () => {
  await show(
    '<p id="fits">fits</p><pre id="scrolls">' + "long ".repeat(100) + '</pre><span id="reader">only for screen readers</span>' +
      '<p hidden>' + "gone".repeat(400) + '</p><p>中文标签在窄屏上也要完整显示,不得截断</p>',
    "#scrolls{overflow-x:auto}#reader{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}",
  );
  assert.deepEqual(await kinds(), []);
});

test("clipped names text that is cut, that sticks out, and a page that scrolls sideways", async () => {
  const long = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(2);
  await show(`<p id="dots">${long}</p>`, "#dots{width:9em;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}");
  assert.deepEqual(await kinds(), ["clipped #dots"]);
  await show(`<div id="frame"><b id="inner">${long}</b></div>`, "#frame{width:9em;overflow:clip}");
  assert.deepEqual(await kinds(), ["clipped #inner"]);
  await show(`<p id="out">${long}</p>`, "#out{width:9em}");
  assert.deepEqual(await kinds(), ["overflows #out"]);
  await show('<div id="wide">wide</div>', "#wide{width:2000px}");
  const [finding] = await clipped(page);
  assert.deepEqual(finding, { kind: "page", where: "#wide", text: "wide", by: 2000 - 1280 });
});

test("the looks work under the strictest content policy, and a violation is a complaint", async () => {
  const policy = "default-src 'none'; style-src 'self'; script-src 'self'";
  const server = createServer((_, answer) => {
    answer.writeHead(200, { "content-type": "text/html", "content-security-policy": policy });
    answer.end('<!doctype html><html lang="en"><title>A page</title><main><h1 id="h">Heading</h1><input></main>');
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const base = `http://127.0.0.1:${server.address().port}`;
  const strict = await newPage(browser, { base });
  await strict.goto("/");
  assert.deepEqual((await axe(strict)).map(({ id }) => id), ["label"]);
  assert.equal((await contrast(strict, "#h")).ratio, 21);
  assert.deepEqual(await clipped(strict), []);
  assert.deepEqual(strict.complaints, []);
  await strict.evaluate(() => document.body.append(Object.assign(document.createElement("script"), { textContent: "1" })));
  await strict.waitForTimeout(100);
  assert.equal(strict.complaints.length, 1);
  assert.match(strict.complaints[0], /^policy: /);
  await strict.context().close();
  server.close();
});

test("a picture is a PNG under its name", async () => {
  await show("<p>picture</p>");
  const path = await screenshot(page, "self test/picture");
  assert.match(path, /self_test_picture\.png$/);
  assert.equal(readFileSync(path).subarray(1, 4).toString(), "PNG");
});

/** A stand-in for the binary: ready at the third question, tells its arguments, and stops when told to. */
function standIn(dir, extra = "") {
  const path = join(dir, "stand-in.mjs");
  const code = `#!${process.execPath}
import { createServer } from "node:http";
console.log("arguments", process.argv.slice(2).join(" "), "organisation", process.env.INVIGIL_ORGANISATION);
${extra}
let asked = 0;
const port = process.argv[process.argv.indexOf("--listen") + 1].split(":")[1];
createServer((request, answer) => {
  if (request.url === "/health/ready") { answer.writeHead(++asked < 3 ? 503 : 200); return answer.end(); }
  const ok = request.headers.authorization === "Bearer t";
  answer.writeHead(ok ? 200 : 401, { "content-type": ok ? "application/json" : "application/problem+json" });
  answer.end(JSON.stringify(ok ? { path: request.url, method: request.method } : { code: "token_missing", detail: "Sign in." }));
}).listen(port, "127.0.0.1");
process.on("SIGTERM", () => { console.log("told to stop"); process.exit(0); });
`;
  writeFileSync(path, code);
  chmodSync(path, 0o755);
  return path;
}

test("the server is started, waited for, asked and stopped", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "invigil-stand-in-"));
  t.after(() => rmSync(dir, { recursive: true }));
  process.env.INVIGIL_ORGANISATION = "must not reach the server";
  t.after(() => delete process.env.INVIGIL_ORGANISATION);
  const server = await startServer({ bin: standIn(dir) });
  assert.match(server.logs(), new RegExp(`arguments serve --listen 127.0.0.1:${server.port} --database-url .* organisation undefined`));
  const rest = api(server.base, "t");
  assert.deepEqual(await rest.get("/me"), { path: "/api/v1/me", method: "GET" });
  await assert.rejects(rest.as(undefined).post("/rooms", {}), (error) => error instanceof Refused && error.code === "token_missing");
  assert.equal((await api(server.base).ask("GET", "/me")).status, 401);
  await server.stop();
  assert.match(server.logs(), /told to stop/);
  assert.throws(() => process.kill(server.pids[0], 0), { code: "ESRCH" });
  assert.equal(existsSync(server.dir), false);
});

test("a server that ends or is never ready fails at once, with what it said", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "invigil-stand-in-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const ends = standIn(dir, 'console.error("the disk is full"); process.exit(3);');
  await assert.rejects(startServer({ bin: ends }), /ended with 3[^]*the disk is full/);
  await assert.rejects(startServer({ bin: standIn(dir, "await new Promise(() => setInterval(() => {}, 1000));"), readyMs: 600 }), /not ready after 600 ms/);
  await assert.rejects(startServer({ bin: join(dir, "nothing") }), /could not start/);
});
