// The browser and its page, and what all steps do with them.

import assert from "node:assert/strict";
import { chromium } from "playwright";

export const { BASE: base, DEMO: demo, SHOTS: shots } = process.env;
export const PROJECT = "support";

/** Starts the browser that is there. */
async function launch() {
  if (process.env.CHROMIUM) return chromium.launch({ executablePath: process.env.CHROMIUM });
  try {
    return await chromium.launch();
  } catch {
    const packed = (await import("@sparticuz/chromium")).default;
    return chromium.launch({ executablePath: await packed.executablePath(), args: packed.args });
  }
}

export const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1200, height: 720 }, permissions: ["clipboard-read", "clipboard-write"], reducedMotion: "reduce" });
export const page = await context.newPage();
page.setDefaultTimeout(15000);
const problems = [];
let expected = false; // the browser has something to complain about, as at an address that leads nowhere
page.on("pageerror", (error) => problems.push(String(error)));
page.on("dialog", (dialog) => { problems.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
page.on("console", (message) => { if (message.type() === "error" && !expected) problems.push(message.text()); });
page.on("request", (request) => { if (!request.url().startsWith(base) && !/^(data|about|blob):/.test(request.url())) problems.push(`a request to ${request.url()}`); });

/** Runs one step and says so. */
export async function step(name, run) {
  await run();
  assert.deepEqual(problems, [], `${name}: the browser complained`);
  console.log("ok", name);
}

/** Runs what makes the browser complain as it should. */
export async function complaining(run) {
  expected = true;
  await run();
  await page.goto("about:blank");
  expected = false;
}

/** Takes a picture for the README. */
export async function shot(name) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
}

/** Goes to an address of the page. */
export async function open(hash) {
  await page.goto("about:blank");
  await page.goto(`${base}/${hash}`);
}

/** Whether all of the page fits into the window's width. */
export function fits() {
  return page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector("main").scrollWidth <= innerWidth);
}
