// The page in a browser: what a person does with it, and what it must not do with what programs send.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chromium } from "playwright";
import { call, newID, seed } from "./seed.mjs";

const { BASE: base, DEMO: demo, SHOTS: shots } = process.env;
const PROJECT = "support";

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

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1200, height: 720 }, permissions: ["clipboard-read", "clipboard-write"], reducedMotion: "reduce" });
const page = await context.newPage();
page.setDefaultTimeout(10000);
const problems = [];
let nowhere = false; // the page is at an address that leads nowhere, which the browser notes, too
page.on("pageerror", (error) => problems.push(String(error)));
page.on("dialog", (dialog) => { problems.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
page.on("console", (message) => { if (message.type() === "error" && !nowhere) problems.push(message.text()); });
page.on("request", (request) => { if (!request.url().startsWith(base) && !/^(data|about|blob):/.test(request.url())) problems.push(`a request to ${request.url()}`); });

/** Runs one step and says so. */
async function step(name, run) {
  await run();
  assert.deepEqual(problems, [], `${name}: the browser complained`);
  console.log("ok", name);
}

/** Takes a picture for the README. */
async function shot(name) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
}

/** Goes to an address of the page. */
async function open(hash) {
  await page.goto("about:blank");
  await page.goto(`${base}/${hash}`);
}

await step("the empty page tells what to do", async () => {
  await page.goto(base);
  await page.getByText(`export OPIK_URL_OVERRIDE=${base}/api`).waitFor();
});

await step("the demo's trace appears by itself", async () => {
  execFileSync(demo, { stdio: "ignore" });
  await page.getByRole("link", { name: "quickstart" }).first().waitFor();
  await page.locator("tr[data-id] a.name", { hasText: "answer" }).waitFor();
});

await step("a trace opens as a tree, folds and unfolds", async () => {
  await page.locator("a.name").first().click();
  await page.getByRole("treeitem", { name: /Completer.Complete/ }).first().waitFor();
  const rows = await page.getByRole("treeitem").count();
  await page.getByRole("button", { name: "fold", exact: true }).first().click();
  assert.ok(await page.getByRole("treeitem").count() < rows);
  await page.getByRole("button", { name: "unfold" }).first().click();
  assert.equal(await page.getByRole("treeitem").count(), rows);
});

await step("a failed span shows its error, an answer its conversation", async () => {
  await page.getByRole("treeitem", { name: /Completer.Complete.*✗/ }).first().click();
  await page.locator(".failure", { hasText: "overloaded" }).waitFor();
  await page.getByRole("treeitem", { name: /Completer.Complete gpt/ }).first().click();
  await page.locator(".message.user", { hasText: "What do three nights in Porto cost" }).first().waitFor();
  await page.locator(".fact", { hasText: "gpt-4o-mini" }).waitFor();
});

await step("the keyboard walks through the tree", async () => {
  await page.locator(".waterfall").focus();
  const before = await page.locator("[aria-selected=true]").getAttribute("data-id");
  await page.keyboard.press("ArrowUp");
  await page.waitForFunction((id) => document.querySelector("[aria-selected=true]").dataset.id !== id, before);
});

await step("a span's address and JSON can be taken along", async () => {
  const title = await page.locator(".entry h2").textContent();
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Copied").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole("button", { name: "Copy as JSON" }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith("{"));
  const span = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  assert.ok(link.endsWith(span.id));
  await page.goto("about:blank");
  await page.goto(link);
  await page.locator(".entry h2", { hasText: title }).waitFor();
});

await step("a score and a comment are given", async () => {
  const id = /trace\/([^/]+)/.exec(page.url())[1];
  await page.getByRole("treeitem").first().click();
  await page.locator(".badge.trace").waitFor();
  await page.getByLabel("Name of the score").fill("correct");
  await page.getByLabel("Value").fill("0.75");
  await page.getByLabel("Reason").fill("nearly");
  await page.getByRole("button", { name: "Give score" }).click();
  await page.locator(".given", { hasText: "nearly" }).waitFor();
  await page.getByLabel("Comment", { exact: true }).fill("look here");
  await page.getByRole("button", { name: "Comment", exact: true }).click();
  await page.locator(".given", { hasText: "look here" }).waitFor();
  const trace = await call(base, "GET", `/traces/${id}`);
  assert.deepEqual([trace.feedback_scores[0].value, trace.feedback_scores[0].source, trace.comments[0].text], [0.75, "ui", "look here"]);
});

await seed(base, PROJECT);
const { id: project } = await call(base, "POST", "/projects/retrieve", { name: PROJECT });

await step("the list is sorted, filtered and searched", async () => {
  await open(`#/project/${project}/traces`);
  const rows = page.locator("tr[data-id]");
  await page.getByText("40 traces").waitFor();
  await shot("list");
  await page.getByRole("button", { name: "Duration" }).click();
  await page.waitForFunction(() => location.hash.includes("sort=duration"));
  await page.getByRole("button", { name: "Errors" }).click();
  await page.getByText("3 traces").waitFor();
  assert.equal(await rows.count(), 3);
  await page.getByRole("button", { name: "Errors" }).click();
  await page.getByText("+ Filter").click();
  await page.getByLabel("Field").selectOption({ label: "score" });
  await page.getByLabel("Key").fill("correct");
  await page.getByLabel("Operator").selectOption("=");
  await page.getByLabel("Value", { exact: true }).fill("1");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByText("5 traces").waitFor();
  await page.getByRole("button", { name: /score correct = 1/ }).click();
  await page.keyboard.press("/");
  await page.keyboard.type("breakfast euros");
  await page.getByText("8 traces").waitFor();
  await page.reload();
  await page.getByText("8 traces").waitFor();
});

await step("the list is walked with the keyboard", async () => {
  await open(`#/project/${project}/traces`);
  await page.getByText("40 traces").waitFor();
  for (const key of ["j", "j", "k", "j", "Enter"]) await page.keyboard.press(key);
  await page.locator(".trace-view").waitFor();
  await page.getByRole("treeitem", { name: /complete/ }).click();
  await page.locator(".message.tool").waitFor();
  await shot("trace");
  await page.keyboard.press("Escape");
  await page.getByText("40 traces").waitFor();
});

await step("a running trace is followed", async () => {
  const [trace, span, start] = [newID(), newID(), new Date().toISOString()];
  await call(base, "POST", "/traces", { id: trace, project_name: PROJECT, name: "running", start_time: start });
  await page.locator("tr[data-id]", { hasText: "running" }).first().click();
  await call(base, "POST", "/spans", { id: span, trace_id: trace, project_name: PROJECT, name: "first step", type: "tool", start_time: start });
  await page.getByRole("treeitem", { name: /first step/ }).waitFor();
  await page.locator(".bar.running").first().waitFor();
  await call(base, "PATCH", `/spans/${span}`, { trace_id: trace, project_name: PROJECT, end_time: new Date().toISOString(), output: { done: 1 } });
  await call(base, "PATCH", `/traces/${trace}`, { project_name: PROJECT, end_time: new Date().toISOString(), output: { reply: "finished now" } });
  await page.getByText("finished now").waitFor();
  await page.waitForFunction(() => !document.querySelector(".bar.running"));
});

await step("threads read as conversations", async () => {
  await open(`#/project/${project}/threads`);
  await page.locator(".card", { hasText: "guest-03" }).click();
  await page.locator(".turn").nth(4).waitFor();
  await page.locator(".message.user", { hasText: "And with breakfast?" }).waitFor();
  await shot("thread");
  await page.getByLabel("Name of the score").fill("polite");
  await page.getByLabel("Value").fill("1");
  await page.getByRole("button", { name: "Give score" }).click();
  await page.locator(".given", { hasText: "polite" }).waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Open again" }).waitFor();
});

await step("charts are drawn", async () => {
  await open(`#/project/${project}/charts`);
  await page.locator("figure.chart svg .fill, figure.chart svg .point").first().waitFor();
  assert.equal(await page.locator("figure.chart").count(), 4);
  await shot("charts");
});

await step("dark, and a phone's width", async () => {
  await page.emulateMedia({ colorScheme: "dark" });
  const [red] = (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/g).map(Number);
  assert.ok(red < 60);
  await page.setViewportSize({ width: 375, height: 760 });
  for (const hash of [`#/project/${project}/traces`, `#/project/${project}/threads`, `#/project/${project}/charts`]) {
    await open(hash);
    await page.locator("tr[data-id], .card, figure").first().waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector("main").scrollWidth <= innerWidth), `${hash} is wider than a phone`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1200, height: 720 });
});

await step("nothing that a program sends is executed", async () => {
  const evil = [
    "<script>window.pwned=1;alert(1)</script>", "<img src=x onerror=\"window.pwned=1;alert(1)\">", "\"><svg onload=alert(1)>", "javascript:alert(1)",
    "[click](javascript:alert(1)) <javascript:alert(1)> ![x](https://example.com/spy.png)", "data:text/html,<script>alert(1)</script>", "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+",
    "```\n</code></pre><script>alert(1)</script>\n```", "{{constructor.constructor('alert(1)')()}}",
  ];
  const now = new Date().toISOString();
  for (const text of evil) {
    const [trace, span] = [newID(), newID()];
    const whole = { name: text, project_name: "evil", start_time: now, end_time: now, input: { [text]: text, messages: [{ role: text, content: text, tool_calls: [{ function: { name: text, arguments: text } }] }] }, output: text, metadata: { __proto__: null, [text]: [text] }, tags: [text], error_info: { exception_type: text, message: text, traceback: text } };
    await call(base, "POST", "/traces", { ...whole, id: trace, thread_id: text });
    await call(base, "POST", "/spans", { ...whole, id: span, trace_id: trace, model: text, provider: text });
    await call(base, "PUT", `/traces/${trace}/feedback-scores`, { name: text, value: 1, reason: text, source: "ui" });
    await call(base, "POST", `/traces/${trace}/comments`, { text });
    const file = `/attachment/upload?entity_type=trace&entity_id=${trace}&project_name=evil&mime_type=text/html&file_name=${encodeURIComponent(text)}`;
    await fetch(`${base}/v1/private${file}`, { method: "PUT", body: "<script>window.pwned=1;alert(1)</script>" });
    await open(`#/trace/${trace}`);
    await page.locator(".pane .entry").waitFor();
    await page.getByRole("treeitem").nth(1).click();
    await page.locator(".pane .badge:not(.trace)").waitFor();
    for (const fold of await page.locator("details:not([open]) > summary").all()) await fold.click();
  }
  const { id } = await call(base, "POST", "/projects/retrieve", { name: "evil" });
  for (const view of ["traces", "threads", "charts"]) {
    await open(`#/project/${id}/${view}`);
    await page.locator("tr[data-id], .card, figure").first().waitFor();
  }
  nowhere = true;
  await page.goto(`${base}/#/project/${encodeURIComponent("<img src=x onerror=alert(1)>")}/thread/${encodeURIComponent("<script>alert(1)</script>")}`);
  await page.locator(".problem").waitFor();
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.deepEqual(await page.$$eval("a[href]", (links) => links.map((link) => link.protocol).filter((protocol) => !/^https?:$/.test(protocol))), []);
  await page.goto("about:blank");
  nowhere = false;
});

await step("a trace of 5,000 spans is usable", async () => {
  const [trace, start] = [newID(), Date.now()];
  const time = (ms) => new Date(start + ms).toISOString();
  await call(base, "POST", "/traces", { id: trace, project_name: "large", name: "large", start_time: time(0), end_time: time(50000) });
  let parent;
  for (let from = 0; from < 5000; from += 1000) {
    const spans = Array.from({ length: 1000 }, (_, i) => {
      const n = from + i;
      const id = newID();
      const span = { id, trace_id: trace, parent_span_id: n % 50 ? parent : undefined, project_name: "large", name: `step ${n}`, type: "tool", start_time: time(n * 10), end_time: time(n * 10 + 9) };
      if (n % 50 === 0) parent = id;
      return span;
    });
    await call(base, "POST", "/spans/batch", { spans });
  }
  const before = performance.now();
  await open(`#/trace/${trace}`);
  await page.getByRole("treeitem", { name: /step 3/ }).first().waitFor();
  const opened = performance.now() - before;
  const moved = performance.now();
  await page.locator(".waterfall").focus();
  await page.keyboard.press("End");
  await page.getByRole("treeitem", { name: /step 4999/ }).waitFor();
  console.log(`   opened in ${opened.toFixed(0)} ms, jumped to the end in ${(performance.now() - moved).toFixed(0)} ms`);
  assert.ok(opened < 3000);
  assert.ok(await page.getByRole("treeitem").count() < 100, "only what is in sight exists");
});

await browser.close();
console.log("the page does what it should");
