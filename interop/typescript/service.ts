// A service on Opik's TypeScript SDK.
//
// GET /receive?next=URL continues the trace that the headers of the request name, and calls URL within it.
// GET /start?next=URL starts a trace of its own, and calls URL within it.
//
// It prints the address where it listens, and answers when its rows are delivered.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { flushAll, generateId, getDistributedTraceHeaders, getGlobalClient, Opik, setGlobalClient, track } from "opik";

setGlobalClient(new Opik());

async function call(url: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(url, { headers });
  return response.text();
}

const start = track({ name: "typescript" }, (url: string) => call(url, { ...getDistributedTraceHeaders() }));

// The SDK makes headers and has no function that takes them, so the span is made by hand.
async function receive(request: IncomingMessage, url: string): Promise<string> {
  const id = generateId();
  const traceId = String(request.headers["opik_trace_id"]);
  const startTime = new Date();
  const reply = await call(url, { opik_trace_id: traceId, opik_parent_span_id: id });
  getGlobalClient().spanBatchQueue.create({
    id,
    traceId,
    parentSpanId: String(request.headers["opik_parent_span_id"]),
    name: "typescript",
    type: "general",
    projectName: "interop",
    startTime,
    endTime: new Date(),
  });
  return reply;
}

const server = createServer(async (request, response) => {
  const address = new URL(request.url ?? "/", "http://localhost");
  const next = address.searchParams.get("next") ?? "";
  try {
    const reply = address.pathname === "/receive" ? await receive(request, next) : await start(next);
    await flushAll();
    await getGlobalClient().flush();
    response.end(reply);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});

server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
