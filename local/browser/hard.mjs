// What is large, deep, broken, or written from right to left.

import assert from "node:assert/strict";
import { call, newID } from "./seed.mjs";
import { base, complaining, fits, open, page, step } from "./stage.mjs";

const HARD = "hard cases";
const now = new Date().toISOString();

/** Stores a trace and opens it. */
async function show(row) {
  const id = newID();
  await call(base, "POST", "/traces", { id, project_name: HARD, name: "hard", start_time: now, end_time: now, ...row });
  await open(`#/trace/${id}`);
  await page.locator(".pane .entry").waitFor();
  return id;
}

await step("a deep or wide value is opened step by step", async () => {
  let deep = "bottom";
  for (let i = 0; i < 200; i++) deep = { [`level${i}`]: deep, n: i };
  const wide = (levels) => (levels ? Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k${i}`, wide(levels - 1)])) : "leaf");
  await show({ input: deep, output: wide(5) });
  assert.ok(await page.locator("main *").count() < 1500);
  assert.ok(await fits());
  await page.locator(".json summary", { hasText: "level197" }).first().click();
  await page.locator(".json .key", { hasText: "level197:" }).waitFor();
});

await step("of a long conversation the beginning and the end are drawn", async () => {
  const messages = Array.from({ length: 500 }, (_, i) => ({ role: i % 2 ? "assistant" : "user", content: `number ${i}.` }));
  await show({ input: { messages } });
  assert.equal(await page.locator(".message").count(), 70);
  await page.getByRole("button", { name: "Show 430 more messages" }).click();
  assert.deepEqual(await page.locator(".message .markdown").allTextContents(), messages.map(({ content }) => content));
});

await step("long names take no more room than they need", async () => {
  const long = "a very long name ".repeat(60);
  await show({ name: long, thread_id: long, input: { [long]: long }, tags: [long] });
  assert.ok(await fits());
  assert.ok((await page.locator(".entry h2").boundingBox()).height < 120);
  const { id } = await call(base, "POST", "/projects/retrieve", { name: HARD });
  await open(`#/project/${id}/traces`);
  const name = page.locator("tr[data-id] .name", { hasText: "a very long name" });
  assert.ok((await name.boundingBox()).height < 60);
  assert.ok(await fits());
});

await step("Arabic is written from the right", async () => {
  await show({ name: "إجابة", input: "كم تكلفة ثلاث ليال في Porto؟", output: "- الغرفة\n- الضريبة" });
  const box = await page.locator(".value .markdown").first().boundingBox();
  const end = await page.locator(".value .markdown p").first().evaluate((text) => { const range = document.createRange(); range.selectNodeContents(text); return range.getBoundingClientRect().right; });
  assert.ok(box.x + box.width - end < 20, "the text ends where the box does");
  assert.equal(await page.locator(".markdown ul").evaluate((list) => getComputedStyle(list).direction), "rtl");
});

await step("a picture that is none and a mistyped address leave the page as it is", async () => {
  await complaining(async () => {
    await show({ input: { picture: `data:image/png;base64,${"A".repeat(300)}` } });
    await page.getByText("an image that cannot be shown").waitFor();
    await open("#/project/%E0%A4%A/traces");
    await page.getByText("No traces in this project yet.").waitFor();
    await open(`#/trace/${newID()}`);
    await page.getByText("This trace cannot be shown").waitFor();
    await page.getByRole("link", { name: "Back to all traces" }).click();
    await page.locator("tr[data-id]").first().waitFor();
  });
});

await step("every thread can be reached", async () => {
  const traces = Array.from({ length: 130 }, (_, i) => ({ id: newID(), project_name: "talks", name: "t", thread_id: `talk ${i}`, start_time: now, end_time: now, input: `hi ${i}` }));
  await call(base, "POST", "/traces/batch", { traces });
  const { id } = await call(base, "POST", "/projects/retrieve", { name: "talks" });
  await open(`#/project/${id}/threads`);
  await page.getByRole("button", { name: "Show more of 130 threads" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".card").length === 130);
});

await step("a tab that is not in sight holds no connection, and catches up", async () => {
  const id = await show({ name: "before" });
  const sight = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await sight(true);
  await call(base, "PATCH", `/traces/${id}`, { project_name: HARD, name: "after" });
  await page.waitForTimeout(1000);
  assert.equal(await page.locator(".entry h2").textContent(), "before");
  await sight(false);
  await page.locator(".entry h2", { hasText: "after" }).waitFor();
});
