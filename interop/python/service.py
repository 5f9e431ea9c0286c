"""A service on Opik's Python SDK.

GET /receive?next=URL continues the trace that the headers of the request name, and calls URL within it.
GET /start?next=URL starts a trace of its own, and calls URL within it.

It prints the address where it listens, and answers when its rows are delivered.
"""

import http.server
import urllib.parse
import urllib.request

import opik
from opik import opik_context
from opik.decorator.context_manager import distributed_headers


@opik.track(name="python")
def call(url: str) -> str:
    headers = opik_context.get_distributed_trace_headers()
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request) as response:
        return response.read().decode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        url = urllib.parse.parse_qs(address.query)["next"][0]
        if address.path == "/receive":
            headers = {
                "opik_trace_id": self.headers["opik_trace_id"],
                "opik_parent_span_id": self.headers["opik_parent_span_id"],
            }
            with distributed_headers(headers):
                reply = call(url)
        else:
            reply = call(url)
        opik.flush_tracker()
        body = reply.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
