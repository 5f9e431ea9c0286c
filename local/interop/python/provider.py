"""Providers of models, on the loopback interface. They answer with the responses that interop/ compares usage with.

provider.py FOLDER prints the address where it listens. A model named "missing" is answered with an error.
"""

import http.server
import json
import pathlib
import sys

responses = {path.stem: json.loads(path.read_text()) for path in pathlib.Path(sys.argv[1]).glob("*.json")}
chat, answer, message, content = (responses[name] for name in ("openai-chat", "openai-responses", "anthropic-cache", "google-thoughts"))
WORDS = ["In ", "Portugal."]


def chat_events():
    head = {"id": chat["id"], "object": "chat.completion.chunk", "created": chat["created"], "model": chat["model"]}
    for word in WORDS:
        yield None, head | {"choices": [{"index": 0, "delta": {"role": "assistant", "content": word}, "finish_reason": None}]}
    yield None, head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    yield None, head | {"choices": [], "usage": chat["usage"]}


def answer_events():
    yield "response.created", {"response": answer | {"status": "in_progress", "output": [], "usage": None}}
    for word in WORDS:
        yield "response.output_text.delta", {"item_id": "msg_1", "output_index": 1, "content_index": 0, "delta": word, "logprobs": []}
    yield "response.completed", {"response": answer}


def message_events():
    counted = message["usage"]
    yield "message_start", {"message": message | {"content": [], "stop_reason": None, "usage": counted | {"output_tokens": 1}}}
    yield "content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}
    for word in WORDS:
        yield "content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": word}}
    yield "content_block_stop", {"index": 0}
    yield "message_delta", {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": counted["output_tokens"]}}
    yield "message_stop", {}


def content_events():
    first, last = ([{"content": {"parts": [{"text": word}], "role": "model"}, "index": 0}] for word in WORDS)
    yield None, {"candidates": first, "modelVersion": content["modelVersion"]}
    yield None, content | {"candidates": [last[0] | {"finishReason": "STOP"}]}


def stream(events):
    """Makes server-sent events."""
    for number, (name, data) in enumerate(events()):
        if name:
            data = {"type": name, "sequence_number": number} | data
            yield f"event: {name}\n".encode()
        yield f"data: {json.dumps(data)}\n\n".encode()


ROUTES = {
    "/v1/chat/completions": (chat, chat_events),
    "/v1/responses": (answer, answer_events),
    "/v1/messages": (message, message_events),
    "/v1beta/models/gemini-2.5-flash:generateContent": (content, None),
    "/v1beta/models/gemini-2.5-flash:streamGenerateContent": (None, content_events),
}


class Provider(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        asked = json.loads(self.rfile.read(length))
        whole, events = ROUTES[self.path.partition("?")[0]]
        if asked.get("model") == "missing":
            said = {"type": "not_found_error", "message": "there is no model of that name"}
            return self.answer(404, "application/json", [json.dumps({"type": "error", "error": said}).encode()])
        if whole is None or asked.get("stream"):
            return self.answer(200, "text/event-stream", stream(events))
        return self.answer(200, "application/json", [json.dumps(whole).encode()])

    def answer(self, status, kind, parts):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        for part in parts:
            self.wfile.write(part)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
