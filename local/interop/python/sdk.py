"""What the real Python SDK reads back from opik-local is what it wrote. Exits with 1 at the first difference."""

import base64
import datetime
import os
import pathlib
import re
import tempfile

import httpx
import opik
from opik import Attachment, exceptions, id_helpers, opik_context

from check import equal

PROJECT = "interop-python"
client = opik.Opik(project_name=PROJECT)


def tracked():
    """Decorators: nested spans, types, scores and tags of the current trace, a generator, an error."""

    @opik.track(type="tool", project_name=PROJECT)
    def retrieve(question):
        return {"facts": [question, 1, None, 1.5, {"ümlaut": "✓"}]}

    @opik.track(type="llm", project_name=PROJECT)
    def complete(facts):
        opik_context.update_current_span(
            model="gpt-4o-mini", provider="openai", usage={"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        )
        yield "one "
        yield "two"

    @opik.track(project_name=PROJECT, name="answer")
    def answer(question):
        opik_context.update_current_trace(
            thread_id="talk", tags=["a", "b"], metadata={"version": 3}, feedback_scores=[{"name": "good", "value": 0.5, "reason": "so"}]
        )
        return "".join(complete(retrieve(question)))

    @opik.track(project_name=PROJECT)
    def fail():
        raise ValueError("boom")

    answer("why?")
    try:
        fail()
    except ValueError:
        pass
    opik.flush_tracker()

    (trace,) = client.search_traces(project_name=PROJECT, filter_string='name = "answer"', wait_for_at_least=1)
    equal("trace input", trace.input, {"question": "why?"})
    equal("trace output", trace.output, {"output": "one two"})
    equal("trace tags", sorted(trace.tags), ["a", "b"])
    equal("trace thread", trace.thread_id, "talk")
    equal("trace metadata", trace.metadata["version"], 3)
    equal("trace score", [(s.name, s.value, s.reason) for s in trace.feedback_scores], [("good", 0.5, "so")])
    equal("trace usage", trace.usage["total_tokens"], 1100)
    equal("trace cost", round(trace.total_estimated_cost, 9), round((1000 * 0.15 + 100 * 0.6) / 1e6, 9))
    spans = {span.name: span for span in client.search_spans(project_name=PROJECT, trace_id=trace.id)}
    equal("span names", sorted(spans), ["answer", "complete", "retrieve"])
    equal("span parents", {spans["retrieve"].parent_span_id, spans["complete"].parent_span_id}, {spans["answer"].id})
    equal("span types", [spans[name].type for name in ("answer", "complete", "retrieve")], ["general", "llm", "tool"])
    equal("span output", spans["retrieve"].output, {"facts": ["why?", 1, None, 1.5, {"ümlaut": "✓"}]})
    equal("model", (spans["complete"].model, spans["complete"].provider), ("gpt-4o-mini", "openai"))
    (failed,) = client.search_traces(project_name=PROJECT, filter_string='name = "fail"', wait_for_at_least=1)
    equal("error", (failed.error_info.exception_type, failed.error_info.message), ("ValueError", "boom"))
    return trace


def update_before_create():
    """An update that comes before its create makes a partial row, which a single create completes."""
    spans, now = client.rest_client.spans, datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, datetime.timezone.utc)
    trace_id, span_id = id_helpers.generate_id(), id_helpers.generate_id()
    spans.update_span(span_id, trace_id=trace_id, project_name=PROJECT, output={"late": True}, tags=["x"])
    partial = client.get_span_content(span_id)
    equal("partial start", partial.start_time.year, 1970)
    spans.create_span(id=span_id, trace_id=trace_id, project_name=PROJECT, name="created", start_time=now, input={"q": 1}, output={"early": True})
    whole = client.get_span_content(span_id)
    equal("merged", (whole.name, whole.input, whole.output, whole.tags, whole.start_time), ("created", {"q": 1}, {"late": True}, ["x"], now))
    client.update_span(id=span_id, trace_id=trace_id, parent_span_id=None, project_name=PROJECT, metadata={"m": 1})
    client.flush()
    equal("updated", client.get_span_content(span_id).metadata, {"m": 1})


def low_level():
    """Explicit traces and spans, scores in batches, and searches."""
    start = datetime.datetime(2026, 5, 6, 7, 8, 9, 123456, datetime.timezone.utc)
    trace = client.trace(name="low", start_time=start, end_time=start + datetime.timedelta(seconds=2), input={"a": 1}, metadata={"release": "v"})
    span = trace.span(name="inner", type="tool", start_time=start, end_time=start + datetime.timedelta(milliseconds=1.5), total_cost=0.25)
    client.log_traces_feedback_scores([{"id": trace.id, "name": "s1", "value": 1}, {"id": trace.id, "name": "s2", "value": -2.5}], project_name=PROJECT)
    client.log_spans_feedback_scores([{"id": span.id, "name": "s3", "value": 3, "category_name": "c"}], project_name=PROJECT)
    client.flush()
    got = client.get_trace_content(trace.id)
    equal("times", (got.start_time, got.duration), (start, 2000.0))
    equal("scores", [(s.name, s.value) for s in got.feedback_scores], [("s1", 1.0), ("s2", -2.5)])
    inner = client.get_span_content(span.id)
    equal("span score", [(s.name, s.value, s.category_name) for s in inner.feedback_scores], [("s3", 3.0, "c")])
    equal("cost", inner.total_estimated_cost, 0.25)
    for query in ('metadata.release = "v"', "feedback_scores.s2 < -2", "duration >= 2000 and feedback_scores.s1 = 1", 'start_time > "2026-05-06T07:00:00Z" and name = "low"'):
        equal(f"search {query}", [t.id for t in client.search_traces(project_name=PROJECT, filter_string=query, wait_for_at_least=1)], [trace.id])
    client.delete_trace_feedback_score(trace.id, "s1")
    equal("score deleted", [s.name for s in client.get_trace_content(trace.id).feedback_scores], ["s2"])
    for i in range(25):
        client.trace(name=f"many {i}", start_time=start, end_time=start)
    client.flush()
    equal("all found", len(client.search_traces(project_name=PROJECT, filter_string='name starts_with "many"', max_results=100, wait_for_at_least=25)), 25)


def threads():
    """Threads: found, scored, closed, opened."""
    (thread,) = client.search_threads(project_name=PROJECT, filter_string='id = "talk"')
    equal("thread", (thread.number_of_messages, thread.status, thread.first_message), (2, "active", {"question": "why?"}))
    client.log_threads_feedback_scores([{"id": "talk", "name": "polite", "value": 1}], project_name=PROJECT)
    client.flush()
    client.get_threads_client().close_thread("talk", PROJECT)
    (thread,) = client.search_threads(project_name=PROJECT, filter_string='status = "inactive"')
    equal("thread closed and scored", [(s.name, s.value) for s in thread.feedback_scores], [("polite", 1.0)])
    client.rest_client.traces.open_trace_thread(project_name=PROJECT, thread_id="talk")
    equal("thread opened", len(client.search_threads(project_name=PROJECT, filter_string='status = "active"')), 1)


def attachments():
    """A file goes up in the background, is listed, and comes down as it was."""
    content = os.urandom(9 << 20)  # more than one chunk of the SDK
    path = pathlib.Path(tempfile.mkdtemp()) / "picture.png"
    path.write_bytes(content)
    trace = client.trace(name="with file", attachments=[Attachment(data=str(path), content_type="image/png")])
    trace.span(name="in span", attachments=[Attachment(data=str(path), file_name="../other name.png")]).end()
    client.flush()
    files = client.get_attachment_client()
    (listed,) = files.get_attachment_list(project_name=PROJECT, entity_id=trace.id, entity_type="trace")
    equal("attachment", (listed.file_name, listed.file_size, listed.mime_type), ("picture.png", len(content), "image/png"))
    got = b"".join(files.download_attachment(PROJECT, "trace", trace.id, "picture.png", "image/png"))
    equal("attachment content", got == content, True)


def prompts():
    """Prompts: versions by number and commit, as a text and as a chat, and what a trace notes of the one it uses."""
    first = client.create_prompt("greeting", "Hello {{name}}", metadata={"tone": "warm"}, change_description="first", tags=["a"])
    second = client.create_prompt("greeting", "Good day {{name}}", metadata={"tone": "cool"}, tags=["a"])
    equal("prompt", (first.prompt, first.metadata, first.version, first.change_description, first.tags), ("Hello {{name}}", {"tone": "warm"}, "v1", "first", ["a"]))
    equal("same prompt", client.create_prompt("greeting", "Good day {{name}}", metadata={"tone": "cool"}).commit, second.commit)
    for which, want in (({}, second), ({"version": "v1"}, first), ({"version": "v2"}, second), ({"commit": first.commit}, first)):
        got = client.get_prompt("greeting", no_cache=True, **which)
        equal(f"prompt by {which}", (got.prompt, got.metadata, got.version, got.commit, got.version_id), (want.prompt, want.metadata, want.version, want.commit, want.version_id))
    equal("prompt filled in", client.get_prompt("greeting").format(name="Ana"), "Good day Ana")
    equal("no prompt", [client.get_prompt("none"), client.get_prompt("greeting", version="v9"), client.get_prompt("greeting", project_name="elsewhere")], [None] * 3)
    equal("history", [one.prompt for one in client.get_prompt_history("greeting")], [second.prompt, first.prompt])

    messages = [{"role": "system", "content": "Be {{how}}."}, {"role": "user", "content": "{{question}}"}]
    client.create_chat_prompt("answering", messages)
    chat = client.get_chat_prompt("answering")
    equal("chat prompt", (chat.template, chat.format({"how": "short", "question": "?"})[0]["content"]), (messages, "Be short."))
    try:
        client.get_prompt("answering")
    except exceptions.PromptTemplateStructureMismatch:
        print("ok a chat is no text")
    equal("prompts of a tag", [(one.name, one.version) for one in client.search_prompts('tags contains "a"')], [("greeting", "v2")])

    @opik.track(project_name=PROJECT)
    def greet():
        return client.get_prompt("greeting").format(name="Ana")

    greet()
    opik.flush_tracker()
    (trace,) = client.search_traces(project_name=PROJECT, filter_string='name = "greet"', wait_for_at_least=1)
    equal("prompt of a trace", [(one["name"], one["version"]["commit"]) for one in trace.metadata["opik_prompts"]], [("greeting", second.commit)])


def environments():
    """Environments: made, changed, carried by traces and spans, deleted."""
    made = client.create_environment("canary", description="few users", color="#ff8800")
    equal("environment", (made.name, made.description, made.color), ("canary", "few users", "#ff8800"))
    try:
        client.create_environment("canary")
    except exceptions.EnvironmentAlreadyExists:
        print("ok one of a name")
    changed = client.update_environment("canary", description="fewer users")
    equal("environment changed", (changed.id, changed.description, changed.color), (made.id, "fewer users", "#ff8800"))
    client.trace(name="in canary", environment="canary").span(name="inner")
    client.flush()
    (trace,) = client.search_traces(project_name=PROJECT, filter_string='environment = "canary"', wait_for_at_least=1)
    (span,) = client.search_spans(project_name=PROJECT, filter_string='environment = "canary"', wait_for_at_least=1)
    equal("environment of rows", (trace.name, trace.environment, span.name, span.environment), ("in canary", "canary", "inner", "canary"))
    equal("environments", sorted(one.name for one in client.get_environments()), ["canary", "development", "production", "staging"])
    client.delete_environment("canary")
    equal("environments left", "canary" in [one.name for one in client.get_environments()], False)


def files_of(kind, entity):
    """The files of a row: what they are called, what type they are said to be of, and their content in base64."""
    files = client.get_attachment_client()
    listed = files.get_attachment_list(project_name=PROJECT, entity_id=entity, entity_type=kind)
    return [(one.file_name, one.mime_type, base64.b64encode(b"".join(files.download_attachment(PROJECT, kind, entity, one.file_name, one.mime_type))).decode()) for one in listed]


def embedded():
    """Encoded files become attachments: the SDK takes them out of what it sends, and the server out of what others send."""
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + os.urandom(600_000)).decode()
    report = base64.b64encode(b"%PDF-1.7\n" + os.urandom(200_000)).decode()
    message = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}]
    now = datetime.datetime.now(datetime.timezone.utc)  # the SDK looks only into what has ended
    trace = client.trace(name="embedded", end_time=now, input={"content": message}, metadata={"small": picture[:1000]})
    span = trace.span(name="reads", end_time=now, output={"report": f"see {report} there"})
    client.flush()
    for kind, row, document, mime, content in (("trace", trace, "input", "image/png", picture), ("span", span, "output", "application/pdf", report)):
        read = getattr(client, f"get_{kind}_content")(row.id)
        ((name, listed, got),) = files_of(kind, row.id)
        equal(f"{kind}: file taken out by the SDK", (re.sub(r"\d+", "N", name), listed, got == content), (f"{document}-attachment-N-N-sdk.{mime[-3:]}", mime, True))
        equal(f"{kind}: reference to it", f"[{name}]" in str(getattr(read, document)), True)
    equal("small content stays", client.get_trace_content(trace.id).metadata["small"], picture[:1000])

    plain = {"id": id_helpers.generate_id(), "project_name": PROJECT, "name": "plain", "start_time": "2026-01-02T03:04:05Z", "input": {"content": message}, "output": {"report": f"see {report} there"}}
    equal("plain request", httpx.post(os.environ["OPIK_URL_OVERRIDE"] + "/v1/private/traces", json=plain, timeout=60).status_code, 201)
    read = client.get_trace_content(plain["id"])
    equal("plain request read back", (read.input == plain["input"], read.output == plain["output"]), (True, True))
    files = files_of("trace", plain["id"])
    equal("files taken out by the server", sorted((mime, content == {"image/png": picture, "application/pdf": report}[mime]) for _, mime, content in files), [("application/pdf", True), ("image/png", True)])
    short = client.rest_client.traces.get_trace_by_id(plain["id"], strip_attachments=True)
    equal("references to them", all(f"[{name}]" in f"{short.input} {short.output}" for name, _, _ in files), True)


def the_rest(trace):
    """Comments, projects, names, deletion."""
    api = client.rest_client
    api.traces.add_trace_comment(trace.id, text="hm")
    equal("comment", [c.text for c in client.get_trace_content(trace.id).comments], ["hm"])
    project = api.projects.retrieve_project(name=PROJECT.upper())
    equal("project", (project.name, client.get_project(project.id).name), (PROJECT, PROJECT))
    equal("stats", [s.value for s in api.traces.get_trace_stats(project_name=PROJECT).stats if s.name == "error_count"], [1])
    equal("auth", client.auth_check(), None)
    api.traces.delete_traces(ids=[trace.id])
    equal("deleted", client.search_spans(project_name=PROJECT, trace_id=trace.id), [])


whole = tracked()
update_before_create()
low_level()
threads()
attachments()
prompts()
environments()
embedded()
the_rest(whole)
client.end()
print("python: all that was written was read back")
