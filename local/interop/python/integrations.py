"""What Opik's integrations for Python write is read back. PROVIDER is the address of provider.py. Ends at the first difference."""

import json
import os
import pathlib
import sys

import anthropic
import openai
import opik
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from opik.integrations.anthropic import track_anthropic
from opik.integrations.langchain import OpikTracer
from opik.integrations.openai import track_openai
from opik.llm_usage import build_opik_usage

from check import equal

PROJECT = "interop-integrations"
PROVIDER = os.environ["PROVIDER"]
MESSAGES = [{"role": "user", "content": "Where is Porto?"}]
# What the two responses of OpenAI cost: the server does not know the cached tokens of the newer API.
CACHED, UNCACHED = (220 * 0.25 + 1280 * 0.025 + 120 * 2) / 1e6, (1500 * 0.25 + 120 * 2) / 1e6
client = opik.Opik(project_name=PROJECT)


def usage_of(provider, file):
    """The counts that Opik's SDK makes of a response, which interop/ compares with those of generated wrappers."""
    body = json.loads((pathlib.Path(sys.argv[1]) / f"{file}.json").read_text())
    return build_opik_usage(provider, body["usage"]).to_backend_compatible_full_usage_dict()


def spans_of(trace_name):
    """The trace of a name, and its spans in the order in which they began."""
    opik.flush_tracker()
    (trace,) = client.search_traces(project_name=PROJECT, filter_string=f'name = "{trace_name}"', wait_for_at_least=1)
    spans = client.search_spans(project_name=PROJECT, trace_id=trace.id, wait_for_at_least=trace.span_count)
    return trace, sorted(spans, key=lambda span: (span.start_time, span.id))


def check_call(what, span, model, provider, usage, cost):
    """What every call of a model has to tell."""
    equal(f"{what}: type, model, provider", (span.type, span.model, span.provider), ("llm", model, provider))
    equal(f"{what}: usage", span.usage, usage)
    equal(f"{what}: cost", round(span.total_estimated_cost, 9), round(cost, 9))
    equal(f"{what}: ended", span.end_time is not None and span.error_info is None, True)


def with_openai():
    """Chats and responses, whole and streamed, within a function that is tracked, and one that fails."""
    sdk = track_openai(openai.OpenAI(api_key="none", base_url=PROVIDER + "/v1", max_retries=0), project_name=PROJECT, provider="openai")

    @opik.track(project_name=PROJECT)
    def with_openai_sdk():
        opik.opik_context.update_current_trace(thread_id="openai-talk", tags=["integration"])
        sdk.chat.completions.create(model="gpt-5-mini", messages=MESSAGES, temperature=0.5)
        list(sdk.chat.completions.create(model="gpt-5-mini", messages=MESSAGES, stream=True, stream_options={"include_usage": True}))
        sdk.responses.create(model="gpt-5-mini", input="Where is Porto?", instructions="Be short.")
        list(sdk.responses.create(model="gpt-5-mini", input="Where is Porto?", stream=True))
        try:
            sdk.chat.completions.create(model="missing", messages=MESSAGES)
        except openai.NotFoundError:
            pass

    with_openai_sdk()
    trace, (outer, *calls) = spans_of("with_openai_sdk")
    equal("openai: thread and tags of the trace", (trace.thread_id, trace.tags), ("openai-talk", ["integration"]))
    equal("openai: nesting", {call.parent_span_id for call in calls}, {outer.id})
    plain, streamed, response, response_stream, failed = calls
    for what, call in {"chat": plain, "chat stream": streamed}.items():
        check_call(f"openai {what}", call, "gpt-5-mini-2025-08-07", "openai", usage_of("openai", "openai-chat"), CACHED)
        equal(f"openai {what}: input", call.input, {"messages": MESSAGES})
        equal(f"openai {what}: output", call.output["choices"][0]["message"]["content"], "In Portugal.")
        equal(f"openai {what}: tags", call.tags, ["openai"])
    equal("openai chat: metadata", [plain.metadata[key] for key in ("created_from", "type", "temperature")], ["openai", "openai_chat", 0.5])
    for what, call in {"response": response, "response stream": response_stream}.items():
        check_call(f"openai {what}", call, "gpt-5-mini-2025-08-07", "openai", usage_of("openai", "openai-responses"), UNCACHED)
        equal(f"openai {what}: output", call.output["output"][1]["content"][0]["text"], "In Portugal.")
    equal("openai response: input", response.input, {"input": "Where is Porto?", "instructions": "Be short."})
    equal("openai failure", (failed.error_info.exception_type, "no model of that name" in failed.error_info.message), ("NotFoundError", True))
    equal("openai failure: stack", "Traceback" in failed.error_info.traceback, True)
    equal("openai: usage of the trace", (trace.usage["prompt_tokens"], trace.usage["completion_tokens"]), (6000, 480))
    equal("openai: cost of the trace", round(trace.total_estimated_cost, 9), round(2 * CACHED + 2 * UNCACHED, 9))


def with_anthropic():
    """Messages, whole, streamed by create, and streamed by stream, and one that fails."""
    sdk = track_anthropic(anthropic.Anthropic(api_key="none", base_url=PROVIDER, max_retries=0), project_name=PROJECT)
    asked = {"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": MESSAGES, "system": "Be short."}

    @opik.track(project_name=PROJECT)
    def with_anthropic_sdk():
        sdk.messages.create(**asked)
        list(sdk.messages.create(**asked, stream=True))
        with sdk.messages.stream(**asked) as streamed:
            streamed.get_final_message()
        try:
            sdk.messages.create(**asked | {"model": "missing"})
        except anthropic.NotFoundError:
            pass

    with_anthropic_sdk()
    _, (outer, *calls) = spans_of("with_anthropic_sdk")
    *calls, failed = calls
    equal("anthropic: nesting", {call.parent_span_id for call in [*calls, failed]}, {outer.id})
    cost = (9 * 3 + 248 * 3.75 + 1111 * 0.3 + 50 * 15) / 1e6
    for what, call in zip(("message", "message stream", "stream"), calls, strict=True):
        check_call(f"anthropic {what}", call, "claude-sonnet-4-5-20250929", "anthropic", usage_of("anthropic", "anthropic-cache"), cost)
        equal(f"anthropic {what}: input", (call.input["messages"], call.input["system"]), (MESSAGES, "Be short."))
        equal(f"anthropic {what}: output", call.output["content"][0]["text"], "In Portugal.")
        equal(f"anthropic {what}: tags", call.tags, ["anthropic"])
    equal("anthropic failure", (failed.error_info.exception_type, "no model of that name" in failed.error_info.message), ("NotFoundError", True))


@tool
def look_up(place: str) -> str:
    """Finds a place."""
    return f"{place} was said."


def with_langchain():
    """A chain of a prompt, a model and a tool, with a thread, and one that fails."""
    model = ChatOpenAI(model="gpt-5-mini", api_key="none", base_url=PROVIDER + "/v1", max_retries=0)
    ask = ChatPromptTemplate.from_messages([("system", "Be short."), ("user", "{question}")]) | model
    chain = ask.with_config(run_name="ask") | RunnableLambda(lambda one: one.content) | look_up
    tracer = OpikTracer(project_name=PROJECT, tags=["chain"], metadata={"version": 3}, thread_id="chain-talk")
    equal("langchain result", chain.invoke({"question": "Where is Porto?"}, config={"callbacks": [tracer], "run_name": "with_langchain"}), "In Portugal. was said.")
    tracer.flush()

    trace, spans = spans_of("with_langchain")
    equal("langchain: thread, tags, metadata", (trace.thread_id, trace.tags, trace.metadata["version"]), ("chain-talk", ["chain"], 3))
    equal("langchain: input", trace.input, {"question": "Where is Porto?"})
    equal("langchain: output", trace.output, {"output": "In Portugal. was said."})
    named = {span.name: span for span in spans}
    equal("langchain: nesting", [named[name].parent_span_id for name in ("ask", "look_up", "ChatOpenAI")], [None, None, named["ask"].id])
    equal("langchain: types", {name: named[name].type for name in ("ChatOpenAI", "look_up", "ChatPromptTemplate")},
          {"ChatOpenAI": "llm", "look_up": "tool", "ChatPromptTemplate": "tool"})
    call = named["ChatOpenAI"]
    equal("langchain: messages", [message["type"] for message in call.input["messages"][0]], ["system", "human"])
    check_call("langchain call", call, "gpt-5-mini-2025-08-07", "openai", usage_of("openai", "openai-chat"), CACHED)

    def fail(_):
        raise ValueError("boom")

    try:
        RunnableLambda(fail).invoke("x", config={"callbacks": [tracer], "run_name": "langchain_fails"})
    except ValueError:
        pass
    tracer.flush()
    trace, _ = spans_of("langchain_fails")
    equal("langchain failure", (trace.error_info.exception_type, "ValueError('boom')" in trace.error_info.traceback), ("Exception", True))


with_openai()
with_anthropic()
with_langchain()
client.end()
print("python integrations: all that was written was read back")
