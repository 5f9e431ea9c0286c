// What Opik's integrations for TypeScript write is read back. PROVIDER is the address of provider.py. Exits with 1 at the first difference.

import assert from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { GoogleGenAI } from "@google/genai";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { generateText, streamText } from "ai";
import OpenAI from "openai";
import { Opik } from "opik";
import { trackGemini } from "opik-gemini";
import { OpikCallbackHandler } from "opik-langchain";
import { trackOpenAI } from "opik-openai";
import { OpikExporter } from "opik-vercel";
import { z } from "zod";

const PROJECT = "interop-integrations-typescript";
const { OPIK_URL_OVERRIDE: apiUrl, PROVIDER: provider } = process.env;
const client = new Opik({ projectName: PROJECT, apiUrl });
const MESSAGES = [{ role: "user", content: "Where is Porto?" }];

/** Compares what was read back with what was written. */
function equal(what, got, want) {
  assert.deepEqual(got, want, what);
  console.log("ok", what);
}

/** Runs an async iterator to its end. */
async function drain(stream) {
  for await (const _ of stream);
}

/** A trace of a name with its spans, in the order in which they began. */
async function read(name) {
  const [trace] = await client.searchTraces({ projectName: PROJECT, filterString: `name = "${name}"`, waitForAtLeast: 1 });
  const spans = await client.searchSpans({ projectName: PROJECT, filterString: `trace_id = "${trace.id}"`, waitForAtLeast: trace.spanCount });
  return { trace, spans: spans.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

const dollars = (amount) => Number(amount?.toFixed(9));

/** Chats and responses, whole and streamed, in one trace, and one that fails. */
async function withOpenAI() {
  const parent = client.trace({ name: "openai", threadId: "openai-talk", input: { question: "where" } });
  const options = (generationName) => ({ client, parent, generationName, traceMetadata: { tags: ["integration"], version: 3 } });
  const sdk = new OpenAI({ apiKey: "none", baseURL: `${provider}/v1`, maxRetries: 0 });
  const asked = { model: "gpt-5-mini", messages: MESSAGES, temperature: 0.5 };
  await trackOpenAI(sdk, options("chat")).chat.completions.create(asked);
  await drain(await trackOpenAI(sdk, options("stream")).chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } }));
  await trackOpenAI(sdk, options("response")).responses.create({ model: "gpt-5-mini", input: "Where is Porto?" });
  await assert.rejects(async () => trackOpenAI(sdk, options("failed")).chat.completions.create({ ...asked, model: "missing" }), /no model of that name/);
  parent.update({ output: { done: true } }).end();
  await client.flush();

  const { trace, spans } = await read("openai");
  equal("openai: trace", [trace.threadId, trace.input, trace.output], ["openai-talk", { question: "where" }, { done: true }]);
  const { chat, stream, response, failed } = Object.fromEntries(spans.map((span) => [span.name, span]));
  for (const [what, span] of Object.entries({ chat, stream })) {
    // Of a stream, the integration keeps the model that was asked.
    equal(`openai ${what}: model and provider`, [span.model, span.provider], [what === "chat" ? "gpt-5-mini-2025-08-07" : "gpt-5-mini", "openai"]);
    equal(`openai ${what}: usage`, ["prompt_tokens", "completion_tokens", "total_tokens", "original_usage.prompt_tokens_details.cached_tokens"].map((name) => span.usage[name]), [1500, 120, 1620, 1280]);
    equal(`openai ${what}: cost`, dollars(span.totalEstimatedCost), dollars((220 * 0.25 + 1280 * 0.025 + 120 * 2) / 1e6));
    equal(`openai ${what}: input`, span.input, { messages: MESSAGES });
    equal(`openai ${what}: tags and metadata`, [span.tags, span.metadata.version, span.metadata.temperature], [["integration"], 3, 0.5]);
  }
  equal("openai chat: output", chat.output.content, "In Portugal.");
  equal("openai stream: output", stream.output, { message: "In Portugal." });
  equal("openai response: usage as it was", ["input_tokens", "output_tokens", "output_tokens_details.reasoning_tokens"].map((name) => response.usage[`original_usage.${name}`]), [1500, 120, 64]);
  equal("openai failure", [failed.errorInfo.exceptionType, /no model of that name/.test(failed.errorInfo.message), failed.errorInfo.traceback.includes("at ")], ["Error", true, true]);
}

/** Contents, whole and streamed. Each call makes a trace. */
async function withGemini() {
  const sdk = new GoogleGenAI({ apiKey: "none", httpOptions: { baseUrl: provider } });
  const asked = { model: "gemini-2.5-flash", contents: "Where is Porto?", config: { temperature: 0.5 } };
  const options = (generationName) => ({ client, generationName, traceMetadata: { tags: ["integration"] } });
  await trackGemini(sdk, options("gemini")).models.generateContent(asked);
  await drain(await trackGemini(sdk, options("gemini stream")).models.generateContentStream(asked));
  await client.flush();
  for (const name of ["gemini", "gemini stream"]) {
    const { trace, spans: [span] } = await read(name);
    equal(`${name}: type, model, provider`, [span.type, span.model, span.provider], ["llm", "gemini-2.5-flash", "google_ai"]);
    equal(`${name}: usage`, ["prompt_tokens", "completion_tokens", "total_tokens", "original_usage.thoughtsTokenCount"].map((key) => span.usage[key]), [1500, 56, 1620, 64]);
    equal(`${name}: priced`, span.totalEstimatedCost > 0, true);
    equal(`${name}: input, tags, metadata`, [span.input.contents, span.tags, span.metadata.temperature], ["Where is Porto?", ["genai", "integration"], 0.5]);
    equal(`${name}: output`, trace.output.candidates[0].content.parts, [{ text: "In Portugal." }]);
  }
}

/** A chain of a prompt, a model and a tool, with a thread, a part of it streamed, and a model that fails. */
async function withLangChain() {
  const modelOf = (model) => new ChatOpenAI({ model, apiKey: "none", maxRetries: 0, configuration: { baseURL: `${provider}/v1` } });
  const lookUp = tool(({ place }) => `${place} was said.`, { name: "look_up", description: "looks a place up", schema: z.object({ place: z.string() }) });
  const ask = ChatPromptTemplate.fromMessages([["system", "Be short."], ["user", "{question}"]]).pipe(modelOf("gpt-5-mini")).withConfig({ runName: "ask" });
  const chain = ask.pipe(RunnableLambda.from((said) => ({ place: said.content }))).pipe(lookUp);
  const handler = new OpikCallbackHandler({ client, projectName: PROJECT, tags: ["chain"], metadata: { version: 3 }, threadId: "chain-talk" });
  const run = (runName) => ({ callbacks: [handler], runName });
  const asked = { question: "Where is Porto?" };
  equal("langchain: result", await chain.invoke(asked, run("langchain")), "In Portugal. was said.");
  await drain(await ask.stream(asked, run("langchain stream")));
  await assert.rejects(modelOf("missing").invoke("Where is Porto?", run("langchain failed")), /no model of that name/);
  await handler.flushAsync();

  // The integration writes a text as {value: text}.
  for (const [name, output] of [["langchain", { output: { value: "In Portugal. was said." } }], ["langchain stream", { value: "In Portugal." }]]) {
    const { trace, spans } = await read(name);
    equal(`${name}: thread, tags, metadata`, [trace.threadId, trace.tags, trace.metadata.version], ["chain-talk", ["chain"], 3]);
    equal(`${name}: input and output`, [trace.input, trace.output], [{ question: { value: "Where is Porto?" } }, output]);
    const call = spans.find((span) => span.name === "ChatOpenAI");
    equal(`${name}: type, model, provider`, [call.type, call.model, call.provider], ["llm", "gpt-5-mini", "openai"]);
    equal(`${name}: usage`, call.usage, { prompt_tokens: 1500, completion_tokens: 120, total_tokens: 1620 });
    equal(`${name}: cost`, [call, trace].map((one) => dollars(one.totalEstimatedCost)), Array(2).fill(dollars((1500 * 0.25 + 120 * 2) / 1e6)));
    equal(`${name}: messages`, call.input.messages.map(({ value }) => value), ["Be short.", "Where is Porto?"]);
    equal(`${name}: answer`, call.output.generations, [{ role: "assistant", content: "In Portugal." }]);
  }
  const { spans } = await read("langchain");
  const named = Object.fromEntries(spans.map((span) => [span.name, span]));
  const parents = Object.fromEntries(spans.map((span) => [span.name, spans.find(({ id }) => id === span.parentSpanId)?.name]));
  equal("langchain: nesting", parents, { langchain: undefined, ask: "langchain", ChatPromptTemplate: "ask", ChatOpenAI: "ask", RunnableLambda: "langchain", look_up: "langchain" });
  equal("langchain: types", ["look_up", "ask", "ChatPromptTemplate"].map((name) => named[name].type), ["tool", "general", "general"]);
  const { trace, spans: [failed] } = await read("langchain failed");
  equal("langchain failure", [trace, failed].map(({ errorInfo }) => [errorInfo.exceptionType, /no model of that name/.test(errorInfo.message), errorInfo.traceback.includes("at ")]), Array(2).fill(["Error", true, true]));
}

/** The AI SDK of Vercel, whose spans Opik's exporter for OpenTelemetry sends. */
async function withVercel() {
  const spans = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OpikExporter({ client, tags: ["integration"], metadata: { version: 3 } }))] });
  spans.register();
  const model = createOpenAI({ apiKey: "none", baseURL: `${provider}/v1` }).chat("gpt-5-mini");
  const telemetry = (name) => ({ ...OpikExporter.getSettings({ name, metadata: { threadId: "vercel-talk" } }) });
  await generateText({ model, prompt: "Where is Porto?", experimental_telemetry: telemetry("vercel") });
  await streamText({ model, prompt: "Where is Porto?", experimental_telemetry: telemetry("vercel stream") }).consumeStream();
  await spans.forceFlush();
  await client.flush();
  for (const name of ["vercel", "vercel stream"]) {
    const { trace, spans: found } = await read(name);
    equal(`${name}: thread, tags, metadata`, [trace.threadId, trace.tags, trace.metadata.version], ["vercel-talk", ["integration"], 3]);
    equal(`${name}: input`, JSON.stringify(trace.input).includes("Where is Porto?"), true);
    equal(`${name}: output`, trace.output, { text: "In Portugal." });
    equal(`${name}: spans`, found.map((span) => [span.type, span.usage?.prompt_tokens, span.usage?.completion_tokens]), [["llm", 1500, 120]]);
  }
}

/** The standard exporter of OpenTelemetry, which sends OTLP's JSON. */
async function withOpenTelemetry() {
  const exporter = new OTLPTraceExporter({ url: `${apiUrl}/v1/private/otel/v1/traces`, headers: { projectName: PROJECT } });
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.getTracer("agent").startSpan("otlp", { attributes: { "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5-mini", "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100,
    "gen_ai.conversation.id": "otel-talk", "gen_ai.input.messages": JSON.stringify(MESSAGES), "opik.tags": ["a", "b"] } }).end();
  await provider.forceFlush();
  const { trace, spans: [span] } = await read("otlp");
  equal("otlp: thread and tags", [trace.threadId, trace.tags], ["otel-talk", ["a", "b"]]);
  equal("otlp: type, model, provider, input", [span.type, span.model, span.provider, span.input], ["llm", "gpt-5-mini", "openai", { "gen_ai.input.messages": MESSAGES }]);
  equal("otlp: usage and cost", [span.usage, dollars(span.totalEstimatedCost)], [{ prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }, dollars((1000 * 0.25 + 100 * 2) / 1e6)]);
}

await withOpenAI();
await withGemini();
await withLangChain();
await withVercel();
await withOpenTelemetry();
console.log("typescript integrations: all that was written was read back");
process.exit(0);
