// What the real TypeScript SDK reads back from opik-local is what it wrote. Exits with 1 at the first difference.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { flushAll, generateId, getTrackContext, Opik, track } from "opik";

const PROJECT = "interop-typescript";
process.env.OPIK_PROJECT_NAME = PROJECT;
const base = process.env.OPIK_URL_OVERRIDE;
const client = new Opik({ projectName: PROJECT, apiUrl: base });

/** Compares what was read back with what was written. */
function equal(what, got, want) {
  assert.deepEqual(got, want, what);
  console.log("ok", what);
}

/** The spans of a trace by their names. */
async function spansOf(trace) {
  const spans = await client.searchSpans({ projectName: PROJECT, filterString: `trace_id = "${trace.id}"`, waitForAtLeast: 1 });
  return Object.fromEntries(spans.map((span) => [span.name, span]));
}

/** The decorator's function form: nested spans, and an error. */
async function tracked() {
  const retrieve = track({ name: "retrieve", type: "tool", projectName: PROJECT }, async (question) => ({ facts: [question, "✓"] }));
  const answer = track({ name: "answer", type: "general", projectName: PROJECT }, async (question) => {
    getTrackContext().trace.update({ threadId: "talk", tags: ["a", "b"], metadata: { version: 3 } });
    return { reply: (await retrieve(question)).facts.length };
  });
  const fail = track({ name: "fail", projectName: PROJECT }, async () => { throw new TypeError("boom"); });
  await answer("why?");
  await fail().catch(() => {});
  await flushAll();

  const [trace] = await client.searchTraces({ projectName: PROJECT, filterString: 'name = "answer"', waitForAtLeast: 1 });
  equal("trace output", trace.output, { reply: 2 });
  equal("trace thread, tags, metadata", [trace.threadId, [...trace.tags].sort(), trace.metadata.version], ["talk", ["a", "b"], 3]);
  const spans = await spansOf(trace);
  equal("span names", Object.keys(spans).sort(), ["answer", "retrieve"]);
  equal("span parent", spans.retrieve.parentSpanId, spans.answer.id);
  equal("span type and output", [spans.retrieve.type, spans.retrieve.output], ["tool", { facts: ["why?", "✓"] }]);
  const [failed] = await client.searchTraces({ projectName: PROJECT, filterString: 'name = "fail"', waitForAtLeast: 1 });
  equal("error", failed.errorInfo.message, "boom");
}

/** Explicit traces and spans with updates, usage, scores and searches. */
async function lowLevel() {
  const start = new Date("2026-05-06T07:08:09.123Z");
  const trace = client.trace({ name: "low", startTime: start, input: { a: 1 }, metadata: { release: "v" } });
  const span = trace.span({ name: "inner", type: "llm", startTime: start, model: "gpt-4o-mini", provider: "openai", usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } });
  span.update({ output: { text: "hi" }, endTime: new Date(start.getTime() + 1500) });
  trace.update({ output: { done: true }, endTime: new Date(start.getTime() + 2000), tags: ["x"] });
  trace.score({ name: "s1", value: 1, reason: "so" });
  span.score({ name: "s2", value: -2.5, categoryName: "c" });
  await client.flush();
  trace.update({ tags: ["x", "later"] });
  await client.flush();

  const got = await client.api.traces.getTraceById(trace.data.id);
  equal("trace", [got.name, got.input, got.output, got.duration, [...got.tags].sort()], ["low", { a: 1 }, { done: true }, 2000, ["later", "x"]]);
  equal("trace start", new Date(got.startTime).getTime(), start.getTime());
  equal("trace score", got.feedbackScores.map((score) => [score.name, score.value, score.reason]), [["s1", 1, "so"]]);
  equal("trace cost", Number(got.totalEstimatedCost.toFixed(9)), 0.00021);
  const inner = await client.api.spans.getSpanById(span.data.id);
  equal("span", [inner.output, inner.usage, inner.model], [{ text: "hi" }, { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }, "gpt-4o-mini"]);
  equal("span score", inner.feedbackScores.map((score) => [score.name, score.value, score.categoryName]), [["s2", -2.5, "c"]]);
  for (const filterString of ['metadata.release = "v"', "feedback_scores.s1 = 1 AND duration >= 2000"]) {
    equal(`search ${filterString}`, (await client.searchTraces({ projectName: PROJECT, filterString, waitForAtLeast: 1 })).map(({ id }) => id), [trace.data.id]);
  }
  return trace.data.id;
}

/** An update that comes before its create makes a partial row, which a single create completes. */
async function updateBeforeCreate() {
  const [id, traceId] = [generateId(), generateId()];
  await client.api.spans.updateSpan(id, { body: { traceId, projectName: PROJECT, output: { late: true } } });
  equal("partial start", new Date((await client.api.spans.getSpanById(id)).startTime).getTime(), 0);
  await client.api.spans.createSpan({ id, traceId, projectName: PROJECT, name: "created", startTime: new Date(1.8e12), output: { early: true }, input: { q: 1 } });
  const whole = await client.api.spans.getSpanById(id);
  equal("merged", [whole.name, whole.input, whole.output, new Date(whole.startTime).getTime()], ["created", { q: 1 }, { late: true }, 1.8e12]);
}

/** Threads: found, scored, closed. */
async function threads() {
  const [thread] = await client.searchThreads({ projectName: PROJECT, filterString: 'id = "talk"', waitForAtLeast: 1 });
  equal("thread", [thread.numberOfMessages, thread.status], [2, "active"]);
  await client.api.traces.scoreBatchOfThreads({ scores: [{ threadId: "talk", projectName: PROJECT, name: "polite", value: 1, source: "sdk" }] });
  await client.api.traces.closeTraceThread({ projectName: PROJECT, threadId: "talk" });
  const closed = await client.api.traces.getTraceThread({ projectName: PROJECT, threadId: "talk" });
  equal("thread closed and scored", [closed.status, closed.feedbackScores.map(({ name, value }) => [name, value])], ["inactive", [["polite", 1]]]);
}

/** A file goes up, is listed, and comes down as it was. */
async function attachments(entityId) {
  const content = randomBytes(3 << 20);
  const path = Buffer.from(base).toString("base64");
  const file = { fileName: "../a b.bin", mimeType: "application/octet-stream", entityType: "trace", entityId };
  const started = await client.api.attachments.startMultiPartUpload({ ...file, numOfFileParts: 1, projectName: PROJECT, path });
  equal("direct upload", started.uploadId, "BEMinIO");
  equal("uploaded", (await fetch(started.preSignUrls[0], { method: "PUT", body: content })).status, 204);
  const { projectId } = await client.api.traces.getTraceById(entityId);
  const { content: [listed] } = await client.api.attachments.attachmentList({ projectId, entityType: "trace", entityId, path });
  equal("attachment", [listed.fileName, listed.fileSize, listed.mimeType], [file.fileName, content.length, file.mimeType]);
  const got = Buffer.from(await (await fetch(listed.link)).arrayBuffer());
  equal("attachment content", got.equals(content), true);
}

/** Prompts: versions by commit and restored, as a text and as a chat. */
async function prompts() {
  const name = "salute"; // of no other project: this SDK looks for it in all of them
  const first = await client.createPrompt({ name, prompt: "Hello {{name}}", metadata: { tone: "warm" }, tags: ["typed"] });
  const second = await client.createPrompt({ name, prompt: "Good day {{name}}", metadata: { tone: "cool" }, tags: ["typed"] });
  equal("prompt", [first.prompt, first.metadata, first.tags], ["Hello {{name}}", { tone: "warm" }, ["typed"]]);
  equal("same prompt", (await client.createPrompt({ name, prompt: "Good day {{name}}", metadata: { tone: "cool" } })).commit, second.commit);
  for (const [commit, want] of [[undefined, second], [first.commit, first], [second.commit, second]]) {
    const got = await client.getPrompt({ name, commit, projectName: PROJECT });
    equal(`prompt by ${commit ? "commit" : "name"}`, [got.prompt, got.metadata, got.commit, got.versionId], [want.prompt, want.metadata, want.commit, want.versionId]);
  }
  equal("prompt filled in", second.format({ name: "Ana" }), "Good day Ana");
  equal("no prompt", await client.getPrompt({ name: "none" }), null);
  equal("versions", (await second.getVersions()).map(({ commit }) => commit), [second.commit, first.commit]);
  equal("version restored", (await second.useVersion((await second.getVersions())[1])).prompt, first.prompt);

  const messages = [{ role: "system", content: "Be {{how}}." }, { role: "user", content: "{{question}}" }];
  await client.createChatPrompt({ name: "replying", messages });
  const chat = await client.getChatPrompt({ name: "replying", projectName: PROJECT });
  equal("chat prompt", [chat.messages, chat.format({ how: "short", question: "?" })[0].content], [messages, "Be short."]);
  await assert.rejects(client.getPrompt({ name: "replying", projectName: PROJECT }), /structure/i);
  console.log("ok a chat is no text");
  equal("prompts of a tag", (await client.searchPrompts('tags contains "typed"')).map((one) => one.name), [name]);
}

/** Environments: made, changed, carried by traces, deleted. */
async function environments() {
  const made = await client.createEnvironment("preview", { description: "few users", color: "#ff8800" });
  equal("environment", [made.name, made.description, made.color], ["preview", "few users", "#ff8800"]);
  await assert.rejects(client.createEnvironment("preview"), /exists/);
  console.log("ok one of a name");
  const changed = await client.updateEnvironment("preview", { description: "fewer users" });
  equal("environment changed", [changed.id, changed.description, changed.color], [made.id, "fewer users", "#ff8800"]);
  client.trace({ name: "in preview", environment: "preview" });
  await client.flush();
  const [trace] = await client.searchTraces({ projectName: PROJECT, filterString: 'environment = "preview"', waitForAtLeast: 1 });
  equal("environment of a trace", [trace.name, trace.environment], ["in preview", "preview"]);
  equal("environments", (await client.getEnvironments()).map(({ name }) => name).sort(), ["development", "preview", "production", "staging"]);
  await client.deleteEnvironment("preview");
  equal("environments left", (await client.getEnvironments()).some(({ name }) => name === "preview"), false);
}

/** Encoded files, which this SDK leaves in its rows: the server makes attachments of them, and puts them back on reading. */
async function embedded() {
  const picture = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), randomBytes(600_000)]);
  const input = { content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${picture.toString("base64")}` } }] };
  const trace = client.trace({ name: "embedded", input, metadata: { small: picture.toString("base64", 0, 900) } });
  const span = trace.span({ name: "reads", output: { report: `see ${picture.toString("base64")} there` } });
  await client.flush();

  const read = await client.api.traces.getTraceById(trace.data.id);
  equal("embedded file read back", [read.input, read.metadata], [trace.data.input, trace.data.metadata]);
  equal("embedded file of a span read back", (await client.api.spans.getSpanById(span.data.id)).output, span.data.output);
  const [found] = await client.searchTraces({ projectName: PROJECT, filterString: 'name = "embedded"', truncate: false, waitForAtLeast: 1 });
  equal("embedded file found", found.input, trace.data.input);
  const { content: [file, ...rest] } = await client.api.attachments.attachmentList({ projectId: read.projectId, entityType: "trace", entityId: read.id, path: Buffer.from(base).toString("base64") });
  equal("embedded file is an attachment", [file.mimeType, file.fileSize, rest.length], ["image/png", picture.length, 0]);
  equal("embedded file downloaded", Buffer.from(await (await fetch(file.link)).arrayBuffer()).equals(picture), true);
  const { input: { content: [{ image_url: { url } }] } } = await client.api.traces.getTraceById(read.id, { stripAttachments: true });
  equal("reference to it", url, `data:image/png;base64,[${file.fileName}]`);
}

/** Comments, projects, deletion. */
async function theRest(id) {
  await client.api.traces.addTraceComment(id, { body: { text: "hm" } });
  equal("comment", (await client.api.traces.getTraceById(id)).comments.map(({ text }) => text), ["hm"]);
  equal("project", (await client.api.projects.retrieveProject({ name: PROJECT })).name, PROJECT);
  await client.api.traces.deleteTraces({ ids: [id] });
  await assert.rejects(client.api.traces.getTraceById(id), /404/);
  console.log("ok deleted");
}

await tracked();
const id = await lowLevel();
await updateBeforeCreate();
await threads();
await attachments(id);
await prompts();
await environments();
await embedded();
await theRest(id);
console.log("typescript: all that was written was read back");
process.exit(0);
