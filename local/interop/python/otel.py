"""What the standard OTLP exporter of OpenTelemetry for Python sends is read back as Opik's rows. Ends at the first difference."""

import json
import os

import opik
from opentelemetry import trace as otel
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opik import opik_context
from opik.integrations.otel import OpikSpanProcessor, attach_to_parent

from check import equal

PROJECT = "interop-otel"
provider = TracerProvider()
exporter = OTLPSpanExporter(endpoint=os.environ["OPIK_URL_OVERRIDE"] + "/v1/private/otel/v1/traces", headers={"projectName": PROJECT, "Comet-Workspace": "default"}, compression=Compression.Gzip)
provider.add_span_processor(OpikSpanProcessor())
provider.add_span_processor(BatchSpanProcessor(exporter))
tracer = provider.get_tracer("agent")
client = opik.Opik(project_name=PROJECT)


def trace_of(name):
    """The trace of a name, and its spans by their names."""
    (trace,) = client.search_traces(project_name=PROJECT, filter_string=f'name = "{name}"', wait_for_at_least=1)
    return trace, {span.name: span for span in client.search_spans(project_name=PROJECT, trace_id=trace.id, wait_for_at_least=1)}


def conventions():
    """The attributes of the GenAI conventions, and an exception."""
    messages = [{"role": "user", "parts": [{"type": "text", "content": "Where is Porto?"}]}]
    replies = [{"role": "assistant", "parts": [{"type": "text", "content": "In Portugal."}], "finish_reason": "stop"}]
    with tracer.start_as_current_span("agent", attributes={"gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": "otel-talk", "opik.tags": ["a", "b"], "opik.metadata.version": 3}):
        with tracer.start_as_current_span("chat", kind=otel.SpanKind.CLIENT, attributes={
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5-mini", "gen_ai.response.model": "gpt-5-mini-2025-08-07",
            "gen_ai.request.temperature": 0.5, "gen_ai.response.finish_reasons": ["stop"], "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100,
            "gen_ai.input.messages": json.dumps(messages), "gen_ai.output.messages": json.dumps(replies),
        }):
            pass
        try:
            with tracer.start_as_current_span("tool", attributes={"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look_up", "gen_ai.tool.call.arguments": '{"place": "Porto"}'}):
                raise ValueError("boom")
        except ValueError:
            pass
    provider.force_flush()

    trace, spans = trace_of("agent")
    equal("otel: thread, tags, metadata", (trace.thread_id, sorted(trace.tags), trace.metadata["version"]), ("otel-talk", ["a", "b"], 3))
    equal("otel: nesting", {spans["chat"].parent_span_id, spans["tool"].parent_span_id}, {spans["agent"].id})
    chat, tool = spans["chat"], spans["tool"]
    equal("otel: type, model, provider", (chat.type, chat.model, chat.provider), ("llm", "gpt-5-mini-2025-08-07", "openai"))
    equal("otel: usage", chat.usage, {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100})
    equal("otel: cost", round(chat.total_estimated_cost, 9), round((1000 * 0.25 + 100 * 2) / 1e6, 9))
    equal("otel: input", chat.input["gen_ai.input.messages"], messages)
    equal("otel: output", chat.output["gen_ai.output.messages"], replies)
    equal("otel: metadata", chat.metadata["gen_ai.request.temperature"], 0.5)
    equal("otel: tool", (tool.type, tool.input["gen_ai.tool.call.arguments"]), ("tool", {"place": "Porto"}))
    equal("otel: failure", (tool.error_info.exception_type, tool.error_info.message, "Traceback" in tool.error_info.traceback), ("ValueError", "boom", True))


def joined():
    """A span of OpenTelemetry's within a trace that Opik's SDK made, in this program and through headers."""

    @opik.track(project_name=PROJECT)
    def outer():
        with tracer.start_as_current_span("beneath"), tracer.start_as_current_span("deeper"):
            pass
        headers = dict(opik_context.get_distributed_trace_headers())
        with tracer.start_as_current_span("elsewhere") as span:
            attach_to_parent(span, headers)

    outer()
    opik.flush_tracker()
    provider.force_flush()
    _, spans = trace_of("outer")
    equal("otel: joined", {name: spans[name].parent_span_id for name in ("beneath", "deeper", "elsewhere")},
          {"beneath": spans["outer"].id, "deeper": spans["beneath"].id, "elsewhere": spans["outer"].id})


conventions()
joined()
client.end()
print("opentelemetry: all that was written was read back")
