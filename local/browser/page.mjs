// The page in a browser: what a person does with it, and what it must not do with what programs send.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { call, newID, seed } from "./seed.mjs";
import { base, browser, complaining, demo, fits, open, page, PROJECT, shot, step } from "./stage.mjs";

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
  await page.waitForFunction(() => location.hash.includes("sort=duration") && document.querySelector("th[aria-sort=descending]").textContent.includes("Duration"));
  const durations = () => rows.locator("td:nth-child(3)").allTextContents().then((all) => all.map((text) => (text.endsWith(" ms") ? parseFloat(text) : parseFloat(text) * 1000)));
  await page.waitForFunction(() => document.querySelector("tr[data-id] td:nth-child(3)").textContent === "3.68 s");
  assert.deepEqual(await durations(), (await durations()).toSorted((a, b) => b - a));
  await page.getByRole("button", { name: "Duration" }).click();
  await page.waitForFunction(() => document.querySelector("tr[data-id] td:nth-child(3)").textContent === "380 ms");
  await page.getByRole("button", { name: "Errors" }).click();
  await page.getByText("3 traces").waitFor();
  assert.equal(await rows.count(), 3);
  await page.getByRole("button", { name: "Errors" }).click();
  await page.getByText("+ Filter").click();
  await page.keyboard.press("Escape");
  await page.getByLabel("Field").waitFor({ state: "hidden" });
  await page.keyboard.press("Enter");
  await page.getByLabel("Field").selectOption({ label: "score" });
  await page.getByLabel("Key", { exact: true }).fill("correct");
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
  await page.getByRole("img", { name: /^Latency, at most .* s$/ }).waitFor();
  assert.equal(await page.locator("rect.bad").count(), 3);
  await shot("charts");
  const tokens = "figure:nth-child(3) rect";
  assert.ok(await page.locator(tokens).count() > 30);
  await page.getByRole("button", { name: "1 h" }).click();
  await page.waitForFunction((bars) => document.querySelector("[aria-pressed=true]").textContent === "1 h" && document.querySelectorAll(bars).length < 12, tokens);
});

await import("./reading.mjs");
await import("./access.mjs");
await import("./hard.mjs");

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
  await complaining(async () => {
    await page.goto(`${base}/#/project/${encodeURIComponent("<img src=x onerror=alert(1)>")}/thread/${encodeURIComponent("<script>alert(1)</script>")}`);
    await page.locator(".problem").waitFor();
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    assert.deepEqual(await page.$$eval("a[href]", (links) => links.map((link) => link.protocol).filter((protocol) => !/^https?:$/.test(protocol))), []);
  });
});

await step("what slipped through would not run either", async () => {
  const { headers } = await fetch(base);
  for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) assert.ok(headers.get("content-security-policy").split("; ").includes(rule), rule);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  await complaining(async () => {
    await page.goto(base);
    const ran = await page.evaluate(async () => {
      const tries = [() => { document.body.innerHTML = "<img src=x onerror='window.pwned=1'>"; }, () => { const script = document.createElement("script"); script.textContent = "window.pwned=1"; document.head.append(script); },
        () => { const link = document.createElement("a"); link.href = "javascript:window.pwned=1"; document.body.append(link); link.click(); }, () => setTimeout("window.pwned=1")];
      for (const attempt of tries) try { attempt(); } catch { /* refused, as it should be */ }
      await new Promise((done) => setTimeout(done, 200));
      return window.pwned;
    });
    assert.equal(ran, undefined);
  });
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
  const [small] = (await call(base, "GET", `/traces?project_id=${project}&size=1`)).content;
  const began = performance.now();
  await open(`#/trace/${small.id}`);
  await page.locator(".pane .entry").waitFor();
  const least = performance.now() - began; // what any trace takes on this machine at this moment
  const before = performance.now();
  await open(`#/trace/${trace}`);
  await page.getByRole("treeitem", { name: /step 3/ }).first().waitFor();
  const opened = performance.now() - before;
  const moved = performance.now();
  await page.locator(".waterfall").focus();
  await page.keyboard.press("End");
  await page.getByRole("treeitem", { name: /step 4999/ }).waitFor();
  console.log(`   opened in ${opened.toFixed(0)} ms, a small one in ${least.toFixed(0)} ms, jumped to the end in ${(performance.now() - moved).toFixed(0)} ms`);
  assert.ok(opened < 1500 + 6 * least);
  assert.ok(await page.getByRole("treeitem").count() < 100, "only what is in sight exists");
});

await browser.close();
console.log("the page does what it should");
