// What can be said of a page by looking at it: accessibility, contrast, text that does not fit, and pictures for people.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let shots;

/** Where pictures go: `$INVIGIL_SHOTS`, or a directory of this run. */
export function shotsDir() {
  shots ??= process.env.INVIGIL_SHOTS || mkdtempSync(join(tmpdir(), "invigil-shots-"));
  mkdirSync(shots, { recursive: true });
  return shots;
}

/** Takes a picture of the whole page; gives its path. */
export async function screenshot(page, name) {
  const path = join(shotsDir(), `${name.replace(/[^\w.-]+/g, "_")}.png`);
  await page.screenshot({ path, fullPage: true, animations: "disabled" });
  return path;
}

/** Serious and critical findings of axe: `[{ id, impact, help, targets }]`. `options` is axe's own, `within` a selector. */
export async function axe(page, { within, ...options } = {}) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const findings = await page.evaluate(
    async ([root, settings]) => {
      // What fades in is still pale.
      const ends = document.getAnimations().filter((a) => Number.isFinite(a.effect?.getComputedTiming().endTime));
      await Promise.all(ends.map((a) => a.finished.catch(() => {})));
      const { violations } = await globalThis.axe.run(root ?? document, { resultTypes: ["violations"], ...settings });
      return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, targets: nodes.map((n) => n.target.join(" ")) }));
    },
    [within, options],
  );
  return findings.filter(({ impact }) => impact === "serious" || impact === "critical");
}

/**
 * WCAG 2 contrast of the first element that fits the selector: `{ ratio, needed, ok, color, background }`. Translucent colours
 * and opacity are laid over what is behind them; behind an image nothing can be said, and it throws.
 */
export async function contrast(page, selector) {
  await page.locator(selector).first().waitFor({ state: "attached" });
  // Found and measured in one turn of the page: a live page may put another element in its place at any other time.
  return page.evaluate((wanted) => {
    const element = document.querySelector(wanted);
    const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const channels = (color) => {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = color;
      brush.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
      return { rgb: [r, g, b], alpha: a / 255 };
    };
    const over = (top, alpha, below) => top.map((value, i) => value * alpha + below[i] * (1 - alpha));
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const line = [];
    for (let at = element; at; at = at.parentElement) line.unshift(at);

    // From the root inwards: each element paints its background, then its group as a whole fades by its opacity.
    let below = [255, 255, 255];
    const fades = [];
    for (const at of line) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") throw new Error(`the contrast over a background image is not known: ${selectorOf(at)}`);
      const opacity = Number(style.opacity);
      if (opacity < 1) fades.push([opacity, below]);
      const { rgb, alpha } = channels(style.backgroundColor);
      below = over(rgb, alpha, below);
    }
    const style = getComputedStyle(element);
    const ink = channels(style.color);
    let front = over(ink.rgb, ink.alpha, below);
    let back = below;
    for (const [opacity, behind] of fades.reverse()) {
      front = over(front, opacity, behind);
      back = over(back, opacity, behind);
    }
    const [light, dark] = [luminance(front), luminance(back)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    // Large text, 3:1, is 24 px, or 18.66 px when bold.
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const hex = (rgb) => `#${rgb.map((v) => Math.round(v).toString(16).padStart(2, "0")).join("")}`;
    return { ratio: Math.round(ratio * 100) / 100, needed, ok: ratio >= needed, color: hex(front), background: hex(back) };

    function selectorOf(at) {
      return at.id ? `#${at.id}` : at.tagName.toLowerCase();
    }
  }, selector);
}

/**
 * What does not fit the present viewport: `[{ kind, where, text, by }]`, `by` in CSS pixels.
 * `page`: it scrolls sideways, because of this element. `clipped`: text is cut off and cannot be scrolled to. `overflows`: text
 * sticks out of its own box. What is hidden from sight on purpose (a 1 px box for screen readers) is not reported.
 */
export function clipped(page) {
  return page.evaluate(() => {
    const SLACK = 1; // px: rounding of the layout
    const name = (at) => {
      if (at.id) return `#${CSS.escape(at.id)}`;
      const own = at.tagName.toLowerCase() + [...at.classList].map((c) => `.${CSS.escape(c)}`).join("");
      return at.parentElement && at !== document.body ? `${name(at.parentElement)} > ${own}` : own;
    };
    const shown = (at) => at.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
    const hides = (style) => style.overflowX === "hidden" || style.overflowX === "clip";
    const scrolls = (style) => style.overflowX === "auto" || style.overflowX === "scroll";
    const tiny = (box) => box.width <= 1 || box.height <= 1;
    const found = [];

    const sideways = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (sideways > SLACK) {
      const right = (at) => at.getBoundingClientRect().right;
      const widest = [...document.body.querySelectorAll("*")].filter(shown).reduce((a, b) => (right(b) > right(a) ? b : a), document.body);
      found.push({ kind: "page", where: name(widest), text: widest.textContent.trim().slice(0, 60), by: sideways });
    }

    for (const element of document.body.querySelectorAll("*")) {
      const texts = [...element.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE && n.data.trim() !== "");
      if (texts.length === 0 || !shown(element) || element.closest("script, style, noscript, option")) continue;
      const range = document.createRange();
      const rects = texts.flatMap((text) => {
        range.selectNodeContents(text);
        return [...range.getClientRects()];
      });
      if (rects.length === 0) continue;
      const left = Math.min(...rects.map((r) => r.left));
      const right = Math.max(...rects.map((r) => r.right));
      const beyond = (box) => Math.max(box.left - left, right - box.right);
      const report = (kind, by) => {
        const text = texts.map((t) => t.data.trim()).join(" ").slice(0, 60);
        found.push({ kind, where: name(element), text, by: Math.round(by) });
      };
      const own = getComputedStyle(element);
      const boxed = own.display !== "inline" && own.display !== "contents";
      let cut = 0;
      let aside = false;
      for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
        const style = getComputedStyle(at);
        const box = at.getBoundingClientRect();
        if ((hides(style) && tiny(box)) || style.clipPath !== "none") aside = true;
        // Inside something that scrolls, text can be reached.
        if (scrolls(style)) break;
        if (hides(style) && at !== document.body) cut = Math.max(cut, beyond(box));
      }
      if (aside) continue;
      if (cut > SLACK) report("clipped", cut);
      else if (boxed && !scrolls(own) && beyond(element.getBoundingClientRect()) > SLACK) {
        report("overflows", beyond(element.getBoundingClientRect()));
      }
    }
    return found;
  });
}

/**
 * On a phone and on a wide screen, light and dark: nothing clipped, nothing that axe calls serious. With INVIGIL_SHOTS set, a picture of each.
 * `within` is a selector: only what is in it.
 */
export async function looksRight(page, name, { within } = {}) {
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      assert.deepEqual([await clipped(page), await axe(page, { within })], [[], []], `${name} ${width} ${colorScheme}`);
      if (process.env.INVIGIL_SHOTS) await screenshot(page, `${name}-${width}-${colorScheme}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}
