# SPDX-License-Identifier: LGPL-2.1-or-later
"""An HTTP proxy in front of one origin that changes what passes, so that tests can see whether a lie is found out.

Knows HTTP alone. `before` may change the request, `after` the answer.
"""

import gzip
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import http_rules


@dataclass
class Request:
    target: str  # path and query


class TamperingProxy:
    def __init__(self, origin, before=lambda request: None, after=lambda request, reply: None):
        """`origin`: http://host:port. `before` sees each request, `after` each answer with its body unpacked."""
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                proxy.forward(self, origin, before, after)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def forward(handler, origin, before, after):
        request = Request(handler.path)
        before(request)
        accepted = handler.headers.get("Accept-Encoding", "")
        reply = http_rules.get(origin + request.target, accept_encoding=accepted)
        after(request, reply)
        packed = reply.headers.get("content-encoding") == "gzip"
        body = gzip.compress(reply.body, 1) if packed else reply.body
        handler.send_response_only(reply.status)
        for name, value in reply.headers.items():
            if name not in ("content-length", "connection", "transfer-encoding"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
