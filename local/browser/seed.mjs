// Traces of a travel agent, sent as an SDK sends them.

import { randomBytes } from "node:crypto";

/** Mints an id of version 7 that belongs to a moment. */
export function newID(moment = Date.now()) {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Math.floor(moment), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Calls the API. */
export async function call(base, method, path, body) {
  const response = await fetch(`${base}/v1/private${path}`, { method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

const TALKS = [
  ["What do three nights in Porto cost for two, city tax included?", "Three nights in Porto cost **300 euros** for two, city tax included.\n\n- room: 3 × 96 euros\n- city tax: 3 × 2 × 2 euros"],
  ["And with breakfast?", "With breakfast it is **354 euros**: 9 euros a morning for each of you."],
  ["Can we bring our dog?", "Yes. Dogs stay for free; please tell us their size."],
  ["Which room has a sea view?", "Rooms `204` and `305` look at the sea. Room 305 is free for your dates."],
  ["Then book room 305, please.", "Done: room 305, three nights, breakfast included. See https://example.com/bookings."],
];

/** Stores conversations, one of whose answers failed. */
export async function seed(base, project, count = 40) {
  const [traces, spans, scores] = [[], [], []];
  for (let i = 0; i < count; i++) {
    const start = Date.now() - (count - i) * 7 * 60000;
    const took = 380 + ((i * 7919) % 31) * 110;
    const [question, reply] = TALKS[i % TALKS.length];
    const failed = i % 13 === 8;
    const at = (share) => new Date(start + took * share).toISOString();
    const id = newID(start);
    const prompt = 180 + ((i * 37) % 700);
    const completion = 20 + ((i * 53) % 180);
    traces.push({ id, project_name: project, name: "answer", start_time: at(0), end_time: at(1), thread_id: `guest-${String(Math.floor(i / 5) + 1).padStart(2, "0")}`, tags: [i % 3 ? "prod" : "beta"], metadata: { version: "1.4.2" },
      input: { question }, output: failed ? undefined : { reply }, error_info: failed ? timeout : undefined });
    const call = newID(start);
    spans.push({ id: newID(start), trace_id: id, name: "retrieve", type: "tool", start_time: at(0.01), end_time: at(0.18), input: { question }, output: { facts: [{ text: "A double room in Porto costs 96 euros a night.", score: 2 }, { text: "City tax is 2 euros a night.", score: 1 }] } });
    spans.push({ id: call, trace_id: id, name: "complete", type: "llm", start_time: at(0.2), end_time: at(0.97), model: "gpt-4o-mini", provider: "openai", usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
      input: { messages: [{ role: "system", content: "You are a travel agent. Calculate with the calculator." }, { role: "user", content: question },
        { role: "assistant", content: "", tool_calls: [{ id: "call_1", type: "function", function: { name: "calculate", arguments: '{"expression":"3 * (96 + 2*2)"}' } }] }, { role: "tool", content: "300" }], temperature: 0.2 },
      output: { choices: [{ index: 0, message: { role: "assistant", content: reply } }] }, error_info: failed ? timeout : undefined });
    spans.push({ id: newID(start), trace_id: id, parent_span_id: call, name: "calculate", type: "tool", start_time: at(0.4), end_time: at(0.46), input: { expression: "3 * (96 + 2*2)" }, output: { output: "300" } });
    if (i % 4 === 3) scores.push({ id, project_name: project, name: "correct", value: i % 8 === 3 ? 1 : 0, source: "ui", reason: "checked by hand" });
  }
  for (const span of spans) span.project_name = project;
  await call(base, "POST", "/traces/batch", { traces });
  await call(base, "POST", "/spans/batch", { spans });
  await call(base, "PUT", "/traces/feedback-scores", { scores });
}

const timeout = {
  exception_type: "TimeoutError", message: "the model server did not answer within 3 s",
  traceback: 'Traceback (most recent call last):\n  File "agent.py", line 42, in answer\n    reply = complete(messages)\n  File "agent.py", line 17, in complete\n    raise TimeoutError("the model server did not answer within 3 s")',
};
