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
await theRest(id);
console.log("typescript: all that was written was read back");
process.exit(0);
