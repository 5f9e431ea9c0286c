// Inputs and outputs as they are made to be read.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { call, newID } from "./seed.mjs";
import { base, open, page, PROJECT, step } from "./stage.mjs";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const REPLY = "## Porto\n\nIt is **in Portugal**, see [the map](https://example.com/map) or [this](javascript:alert(1)).\n\n1. Ribeira\n2. Foz\n\n> by the sea\n\n```go\nfmt.Println(\"olá\")\n```";
const STACK = "Traceback (most recent call last):\n  File \"agent.py\", line 1, in look_up\nKeyError: 'Porto'";
const [trace, llm, tool] = [newID(), newID(), newID()];
const begin = Date.now();
const at = (ms) => new Date(begin + ms).toISOString();
const input = {
  system: "Be short.", temperature: 0.5,
  messages: [
    { role: "user", content: [{ type: "text", text: "Where is this?" }, { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } }, { type: "image_url", image_url: { url: "data:image/svg+xml;base64,PHN2Zy8+" } }] },
    { role: "assistant", content: null, tool_calls: [{ id: "1", type: "function", function: { name: "look_up", arguments: "{\"place\":\"Porto\"}" } }] },
    { role: "tool", content: "{\"country\":\"Portugal\"}" },
  ],
};
const metadata = { deep: { er: { and: { deeper: "found" } } }, list: Array.from({ length: 150 }, (_, i) => i) };
const common = { project_name: PROJECT, start_time: at(0), end_time: at(50) };
await call(base, "POST", "/traces", { ...common, id: trace, name: "reading" });
await call(base, "POST", "/spans", { ...common, id: llm, trace_id: trace, name: "call", type: "llm", model: "gpt-4o-mini", provider: "openai", input, output: { choices: [{ index: 0, message: { role: "assistant", content: REPLY } }] }, metadata, usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
await call(base, "POST", "/spans", { ...common, id: tool, trace_id: trace, name: "look_up", type: "tool", input: { place: "Porto" }, error_info: { exception_type: "KeyError", message: "'Porto'", traceback: STACK } });

/** Whether a picture was decoded. */
const isDrawn = (picture) => picture.evaluate((image) => image.decode().then(() => image.naturalWidth > 0));

await step("a conversation has its roles, pictures and calls", async () => {
  await open(`#/trace/${trace}/span/${llm}`);
  const said = page.locator(".part", { hasText: "Input" }).first();
  await said.locator(".message").first().waitFor();
  assert.deepEqual(await said.locator(".message .role").allTextContents(), ["system", "user", "assistant", "tool"]);
  assert.ok(await isDrawn(said.locator("img.picture")));
  assert.equal(await said.locator("img").count(), 1, "an SVG stays text");
  assert.equal(await said.locator(".call code").textContent(), "look_up()");
  await said.locator(".call", { hasText: "Porto" }).waitFor();
  await said.locator(".message.tool .key", { hasText: "country" }).waitFor();
  await said.locator(".rest", { hasText: "temperature" }).waitFor();
});

await step("Markdown becomes elements, and links lead only to the web", async () => {
  const reply = page.locator(".part", { hasText: "Output" }).last().locator(".markdown").first();
  assert.equal(await reply.locator("h4").textContent(), "Porto");
  assert.equal(await reply.locator("strong").textContent(), "in Portugal");
  assert.deepEqual(await reply.locator("ol > li").allTextContents(), ["Ribeira", "Foz"]);
  assert.equal(await reply.locator("blockquote").textContent(), "by the sea");
  assert.equal(await reply.locator("pre code").textContent(), "fmt.Println(\"olá\")");
  assert.deepEqual(await reply.locator("a").evaluateAll((links) => links.map((link) => [link.href, link.rel])), [["https://example.com/map", "noopener noreferrer"]]);
});

await step("JSON folds, and is shown raw", async () => {
  await page.locator("summary", { hasText: "Metadata" }).click();
  const shown = page.locator("details", { hasText: "Metadata" }).last();
  for (const name of ["er:", "and:"]) {
    await shown.locator(".json details:not([open]) > summary", { hasText: name }).click();
  }
  await page.locator(".json .string", { hasText: "found" }).waitFor();
  await shown.page().locator(".json summary", { hasText: "[150]" }).click();
  await page.getByRole("button", { name: "50 more" }).click();
  await page.locator(".json .leaf", { hasText: "149: 149" }).waitFor();
  const said = page.locator(".part", { hasText: "Input" }).first();
  await said.getByRole("button", { name: "JSON" }).click();
  assert.deepEqual(JSON.parse(await said.locator("pre.raw").textContent()), input);
  await said.getByRole("button", { name: "Copy" }).click();
  await page.getByText("Copied").waitFor();
  assert.deepEqual(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), input);
});

await step("usage is listed, and an error shows its stack", async () => {
  await page.locator("summary", { hasText: "Usage" }).click();
  assert.deepEqual(await page.locator(".counts tr").allTextContents(), ["completion_tokens5", "prompt_tokens10", "total_tokens15"]);
  await page.getByRole("treeitem", { name: /look_up/ }).click();
  const failure = page.locator(".failure");
  await failure.locator("strong", { hasText: "KeyError" }).waitFor();
  assert.equal(await failure.locator("pre").textContent(), STACK);
});

await step("attached pictures are shown, and files downloaded", async () => {
  const send = (name, type, body) => fetch(`${base}/v1/private/attachment/upload?entity_type=span&entity_id=${tool}&project_name=${PROJECT}&mime_type=${encodeURIComponent(type)}&file_name=${name}`, { method: "PUT", body });
  await send("pixel.png", "image/png", Buffer.from(PIXEL, "base64"));
  await send("evil.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>window.pwned=1;alert(1)</script></svg>");
  await open(`#/trace/${trace}/span/${tool}`);
  const file = page.locator("a.file", { hasText: "pixel.png" });
  assert.ok(await isDrawn(file.locator("img")));
  const [download] = await Promise.all([page.waitForEvent("download"), file.click()]);
  assert.equal(download.suggestedFilename(), "pixel.png");
  assert.equal((await readFile(await download.path())).toString("base64"), PIXEL);
  const evil = await page.locator("a.file", { hasText: "evil.svg" }).getAttribute("href");
  const { headers } = await fetch(base + evil);
  assert.match(headers.get("content-disposition"), /^attachment/);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
});

/** What providers and frameworks send, and the words that have to be read as a conversation: role, text, role, text ... */
const LAYOUTS = {
  "Anthropic's blocks": [{ content: [{ type: "thinking", thinking: "hm" }, { type: "text", text: "hello" }, { type: "tool_use", id: "1", name: "look", input: { a: "b" } }] }, "assistant hm hello look() a b"],
  "OpenAI's responses": [{ output: [{ type: "reasoning", id: "r", summary: [] }, { type: "message", role: "assistant", content: [{ type: "output_text", text: "hello", annotations: [] }] }, { type: "function_call", name: "look", arguments: "{\"a\":\"b\"}", call_id: "1" }] }, "assistant hello assistant look() a b"],
  "Google's candidates": [{ candidates: [{ content: { role: "model", parts: [{ text: "hello" }, { functionCall: { name: "look", args: { a: "b" } } }] }, finishReason: "STOP" }] }, "model hello look() a b"],
  "LangChain's messages": [{ messages: [[{ type: "system", content: "short" }, { type: "human", content: "hi" }]] }, "system short user hi"],
  "LangChain's generations": [{ generations: [[{ text: "hello", message: { lc: 1, type: "constructor", kwargs: { type: "ai", content: "hello", tool_calls: [{ name: "look", args: { a: "b" } }] } } }]], run: null }, "assistant hello look() a b"],
  "OpenTelemetry's messages": [{ "gen_ai.output.messages": [{ role: "assistant", parts: [{ type: "text", content: "hello" }, { type: "tool_call", name: "look", arguments: { a: "b" } }] }] }, "assistant hello look() a b"],
};

await step("what providers and frameworks send reads as a conversation", async () => {
  for (const [name, [output, want]] of Object.entries(LAYOUTS)) {
    const id = newID();
    await call(base, "POST", "/traces", { ...common, id, name, output });
    await open(`#/trace/${id}`);
    await page.locator(".talk .message").first().waitFor();
    const got = (await page.locator(".talk .message").evaluateAll((messages) => messages.map((message) => message.innerText).join(" "))).replace(/\s+/g, " ");
    assert.equal(got, want, name);
  }
});
