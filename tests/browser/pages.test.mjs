// Every page, in both languages, at three widths, light and dark: nothing clipped, nothing that axe calls serious, a clock that can be
// read, no broken policy. With INVIGIL_SHOTS set, a picture of each for people to look at.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { axe, clipped, contrast, launchBrowser, newPage, screenshot, startServer } from "./lib/harness.mjs";
import {
  PAPER, PAPER_ZH, addRoom, crowd, device, enter, enterCode, firstAccount, makeRoom, question, rowOf, setupSecret, signIn, staffApi, until, verb,
} from "./lib/exam.mjs";

const WIDTHS = [360, 768, 1440];
const SCHEMES = ["light", "dark"];
const CLOCK_CONTRAST = 4.5;

const WORLD = {
  en: {
    locale: "en-GB",
    exam: { title: "Geography, term 1", instructions: "Six questions. Your answers are saved by themselves.\n\n- Write numbers with digits.\n- Essays are read by a person." },
    paper: PAPER,
    place: "Hall 2, north wing",
    reason: { code: "fire_alarm", text: "" },
    names: ["Li Na", "Wang Fang", "Alexandra Konstantinopoulou-Fitzgerald", "Zhang Wei", "Ada Abend", "Bo Berg", "Chen Costa", "Dana Demir", "Elif Evans", "Finn Fischer", "Greta Garcia", "Hana Ito"],
    class: "7b",
  },
  "zh-CN": {
    locale: "zh-CN",
    exam: { title: "地理第一学期期末考试", instructions: "共六题,答案会自动保存。\n\n- 数字请用阿拉伯数字。\n- 作文由老师批改。" },
    paper: PAPER_ZH,
    place: "教学楼二层 204 教室",
    reason: { code: "fire_alarm", text: "" },
    names: ["李娜", "王芳", "古丽扎尔·买买提·阿卜杜热合曼", "张伟", "陈洁", "刘洋", "赵敏", "孙丽", "周杰", "吴磊", "郑爽", "冯涛"],
    class: "高一(3)班",
  },
};

let browser;
let server;
let setUp;
/** Stops looked at so far, so that none is forgotten. */
const seen = new Set();

/**
 * Looks at a page in every width and scheme. `name` is that of the picture; `clock` a selector whose contrast is measured.
 * `whole` is false where the viewport is all there is to see.
 */
async function look(page, lang, name, { clock, within } = {}) {
  seen.add(`${lang} ${name}`);
  const wrong = [];
  const note = (where, found) => wrong.push(...found.map((one) => `${where}: ${JSON.stringify(one)}`));
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of SCHEMES) {
      const where = `${name} ${lang} ${width} ${colorScheme}`;
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.evaluate(() => scrollTo(0, 0));
      // What fits does not depend on the colours.
      if (colorScheme === SCHEMES[0]) note(where, await clipped(page));
      note(where, await axe(page, { within }));
      if (clock) {
        const measured = await contrast(page, clock);
        if (measured.ratio < CLOCK_CONTRAST) note(where, [measured]);
      }
      if (process.env.INVIGIL_SHOTS) await screenshot(page, `${name}-${lang}-${width}-${colorScheme}`);
    }
  }
  note(name, page.complaints.splice(0));
  assert.deepEqual(wrong, []);
}

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
  setUp = await newPage(browser, { base: server.base, locale: "en-GB" });
  await setUp.goto("/staff/setup");
  for (const lang of Object.keys(WORLD)) {
    const page = await device(browser, server.base, { locale: WORLD[lang].locale });
    await page.goto("/staff/setup");
    await page.locator("#secret").fill("AAAA");
    WORLD[lang].setup = page;
  }
  assert.ok(setupSecret(server));
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("the set-up page, before there is an account", async () => {
  for (const lang of Object.keys(WORLD)) {
    await look(WORLD[lang].setup, lang, "setup");
    await WORLD[lang].setup.context().close();
  }
  await firstAccount(setUp, server);
});

for (const [lang, world] of Object.entries(WORLD)) {
  describe(lang, () => {
    let rest;
    let room;
    let later;
    let teacher;
    let student;
    let others;
    const lines = [];
    const who = (n) => room.people[world.names[n]];

    before(async () => {
      rest = await staffApi(server);
      const roster = world.names.map((name, i) => `${name},${2001 + i},${world.class},${i + 1},${i % 5 === 3 ? 25 : ""}`);
      room = await makeRoom(rest, { exam: { duration_seconds: 1800, ...world.exam }, paper: world.paper, room: { location: world.place }, roster });
      later = await addRoom(rest, room.exam, {
        room: { location: world.place, starts_at: new Date(Date.now() + 600_000).toISOString() },
        roster: roster.slice(0, 5),
      });
      await verb(rest, later.id, "open");
      await verb(rest, room.id, "open");
      teacher = await device(browser, server.base, { locale: world.locale });
      student = await device(browser, server.base, { locale: world.locale });
      others = await crowd(browser, server.base);
    });
    after(async () => {
      for (const page of [teacher, student, others?.page]) await page?.context().close();
    });

    test("the front door, and a code that does not work", async () => {
      await student.goto("/");
      await look(student, lang, "home");
      await student.locator("#code").fill("AAAA-BBBB-CCCC");
      await student.locator("#enter button").click();
      await student.getByRole("alert").waitFor();
      await look(student, lang, "home-refused");
    });

    test("an address that leads nowhere", async () => {
      await student.goto("/nowhere");
      await student.getByRole("heading", { level: 1 }).waitFor();
      await look(student, lang, "error-404");
    });

    test("is this you, and the waiting room", async () => {
      await enterCode(student, later.people[world.names[2]].code);
      await look(student, lang, "confirm");
      await student.locator("#join button").click();
      await student.locator("[data-for=waiting] h1").waitFor();
      await until(async () => (await student.locator("#countdown").textContent()) !== "", "the countdown");
      await look(student, lang, "waiting");
      await student.context().clearCookies();
    });

    test("the paper", async () => {
      await verb(rest, room.id, "start");
      await enter(student, who(0).code);
      await student.getByRole("timer").waitFor();
      await question(student, 1).getByRole("radio").nth(1).check();
      await question(student, 2).getByRole("checkbox").nth(0).check();
      await question(student, 5).getByRole("textbox").fill(lang === "en" ? "Volga" : "伏尔加河");
      await question(student, 4).locator("[data-flag-for]").click();
      await until(async () => (await student.locator("#save").getAttribute("data-state")) === "saved", "all to be saved");
      await look(student, lang, "paper", { clock: "#clock" });
    });

    test("the paper in trouble: time changed, another computer asks, no connection", async () => {
      await verb(rest, room.id, "extend", { seconds: 300, reason: world.reason, candidates: [who(0).id] });
      await student.locator("#banner-time").waitFor();
      const second = await device(browser, server.base, { locale: world.locale });
      await enter(second, who(0).code);
      await second.locator("[data-for=asking] h1").waitFor();
      await student.locator("#banner-takeover").waitFor();
      await look(second, lang, "asking");
      await student.context().setOffline(true);
      await student.evaluate(() => scrollTo(0, 0));
      await question(student, 4).getByRole("textbox").fill("8849");
      await student.locator("#banner-lost").waitFor();
      await look(student, lang, "paper-banners", { clock: "#clock" });
      await student.context().setOffline(false);
      await student.locator("#banner-lost").waitFor({ state: "hidden" });
      await student.locator("#banner-back").waitFor();
      await student.locator("#takeover-yes").click();
      await second.getByRole("timer").waitFor();
      await student.locator("[data-for=superseded] h1").waitFor();
      await look(student, lang, "superseded");
      await verb(rest, room.id, "pause", { candidates: [who(0).id], reason: { code: "device", text: "" } });
      await second.locator("#banner-paused").waitFor();
      await look(second, lang, "paper-paused", { clock: "#clock" });
      await verb(rest, room.id, "resume", { candidates: [who(0).id] });
      await second.locator("#banner-paused").waitFor({ state: "hidden" });
      await second.locator("#hand-in").click();
      await look(second, lang, "review", { clock: "#clock" });
      await second.locator("#submit").click();
      await second.locator("[data-for=ended] h1").waitFor();
      await look(second, lang, "submitted");
      await second.context().close();
    });

    test("staff sign in, and their rooms", async () => {
      await teacher.goto("/staff");
      await teacher.waitForURL(/login/);
      await look(teacher, lang, "login");
      await teacher.locator("#login").fill("ada");
      await teacher.locator("#password").fill("wrong password");
      await teacher.locator("form[action='/staff/login'] button").click();
      await teacher.getByRole("alert").waitFor();
      await look(teacher, lang, "login-refused");
      await signIn(teacher, "/staff");
      await look(teacher, lang, "rooms");
    });

    test("the live room with everything that can be on it", async () => {
      for (let n = 1; n < 9; n += 1) lines[n] = await others.join(who(n).code);
      const options = { 1: ["can"], 2: ["n2", "n13"], 3: ["f"] };
      for (let n = 1; n < 9; n += 1) {
        await lines[n].answer("capital", options[1]);
        if (n % 2) await lines[n].answer("primes", options[2]);
        if (n % 3) await lines[n].answer("height", "8849");
      }
      await lines[1].tell({ type: "attention", state: "away" });
      await lines[4].handIn([[1, 2]]);
      await lines[5].drop();
      await verb(rest, room.id, "extend", { seconds: 300, reason: world.reason });
      // The same student at another computer, who has to wait.
      const asks = others.join(who(6).code);
      await teacher.goto(`/staff/rooms/${room.id}`);
      await until(async () => (await rowOf(teacher, who(5).id).getAttribute("data-presence")) === "lost", "the cut line to be seen", 30_000);
      await until(async () => (await rowOf(teacher, who(6).id).locator("[form=takeover]").count()) > 0, "somebody to ask");
      await until(async () => (await teacher.locator("#conn").getAttribute("data-state")) === "ok", "the page to be live");
      await look(teacher, lang, "live", { clock: "#room-clock" });
      await asks;
    });

    test("a command's preview, as a dialog and as a page", async () => {
      await teacher.locator("#commands").waitFor({ state: "attached" });
      // More than half an hour is looked at first.
      await teacher.locator("#head [name=minutes]").fill("45");
      await teacher.locator("#head button[value=extend]").click();
      await teacher.getByRole("dialog").getByRole("heading").waitFor();
      await look(teacher, lang, "preview", { within: "#preview" });
      await teacher.locator("#preview [data-cancel]").click();
      await teacher.locator("#head button[value=end]").click();
      await teacher.locator("#preview[open] [name=spare]").first().waitFor();
      await look(teacher, lang, "preview-end", { within: "#preview" });
      await teacher.keyboard.press("Escape");
    });

    test("slips with entry codes, on the screen and on paper", async () => {
      await teacher.goto(`/staff/rooms/${later.id}/codes`);
      await look(teacher, lang, "codes");
      await teacher.emulateMedia({ media: "print", colorScheme: "light" });
      await teacher.setViewportSize({ width: 768, height: 900 });
      assert.deepEqual(await clipped(teacher), []);
      assert.equal(await teacher.locator(".top").isVisible(), false, "only the slips are printed");
      assert.equal(await teacher.locator(".slip").first().isVisible(), true);
      if (process.env.INVIGIL_SHOTS) await screenshot(teacher, `codes-${lang}-print`);
      await teacher.emulateMedia({ media: "screen" });
    });

    test("who is here and who works here, what rules look for and found, whether all is ready, and the projector", async () => {
      for (const name of ["attendance", "staff", "rules", "incidents", "readiness", "check", "rehearsal", "board"]) {
        await teacher.goto(`/staff/rooms/${room.id}/${name}`);
        await teacher.getByRole("heading", { level: 1 }).waitFor();
        await look(teacher, lang, name, { clock: name === "board" ? "#board-clock" : undefined });
      }
    });

    test("results and timeline of a room that is over", async () => {
      await verb(rest, room.id, "end", { spare: false, reason: { code: "other", text: "" } });
      await until(async () => (await rest.get(`/rooms/${room.id}`)).phase === "ended", "the room to be over");
      await teacher.goto(`/staff/rooms/${room.id}/results`);
      await look(teacher, lang, "results");
      await teacher.goto(`/staff/rooms/${room.id}/timeline`);
      await look(teacher, lang, "timeline");
      await teacher.goto(`/staff/rooms/${room.id}`);
      await look(teacher, lang, "live-ended");
    });

    test("answers that came after the end, and one student's own page", async () => {
      for (const n of [1, 2]) assert.equal((await lines[n].post("height", "29029", 100)).counts, false);
      await teacher.goto(`/staff/rooms/${room.id}/accept`);
      await look(teacher, lang, "accept");
      await teacher.locator("[name=answer]").first().uncheck();
      await teacher.locator("[data-verb=accept] [data-confirm]").click();
      await teacher.locator("[data-verb=withdraw]").waitFor();
      await look(teacher, lang, "accept-some");
      await teacher.goto(`/staff/rooms/${room.id}/candidates/${who(1).id}`);
      await teacher.locator("#file-text").waitFor({ state: "attached" });
      await look(teacher, lang, "candidate");
    });
  });
}

test("no page was forgotten in one of the languages", () => {
  const of = (lang) => [...seen].filter((name) => name.startsWith(`${lang} `)).map((name) => name.slice(lang.length + 1)).sort();
  assert.deepEqual(of("zh-CN"), of("en"));
  assert.equal(of("en").length, 34);
});
