# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of millwhepsink and millwhipsrc share: a pipeline around one in this process, and requests to its server.

The signals of the element, its counters and what it says on the bus are at hand.
"""

import http.client
import socket
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import gi
from processes import free_port, wait_for

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

Gst.init(None)

WARNING, ERROR = Gst.MessageType.WARNING, Gst.MessageType.ERROR


def free_udp_port():
    """A UDP port of 127.0.0.1 nobody has. It is free again on return: take it soon."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Reply:
    status: int
    headers: list  # (name in lower case, value), as often as they came
    body: bytes

    def header(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    def all(self, name):
        return [value for key, value in self.headers if key == name]


def ask(method, url, body=None, timeout=20, **headers):
    """Header names are given with underscores: if_match="*"."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, parts.path, body, fields)
        reply = connection.getresponse()
        return Reply(reply.status, [(name.lower(), value) for name, value in reply.getheaders()], reply.read())
    finally:
        connection.close()


class RtcElement:
    """The element is "rtc" in the line that `line_of` makes of its settings; `endpoint` is the last of its URL."""

    def __init__(self, endpoint, line_of, path="live/test", http_port=None, udp_port=None, **properties):
        self.http_port, self.udp_port = http_port or free_port(), udp_port or free_udp_port()
        self.url = f"http://127.0.0.1:{self.http_port}/{path}/{endpoint}"
        settings = {
            "path": path,
            "listen": f"127.0.0.1:{self.http_port}",
            "udp-listen": f"127.0.0.1:{self.udp_port}",
            **{name.replace("_", "-"): value for name, value in properties.items()},
        }
        parsed = Gst.parse_launch(line_of(" ".join(f'{name}="{value}"' for name, value in settings.items())))
        self.pipeline = parsed
        if not isinstance(parsed, Gst.Pipeline):  # a line of one element
            self.pipeline = Gst.Pipeline()
            self.pipeline.add(parsed)
        self.element = self.pipeline.get_by_name("rtc")
        self.bus = self.pipeline.get_bus()

    def start(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        return self

    def stop(self):
        self.pipeline.set_state(Gst.State.NULL)

    def offer(self, offer, **headers):
        """The reply to an offer. Nobody connects."""
        return ask("POST", self.url, offer, **{"content_type": "application/sdp", **headers})

    def session_of(self, reply):
        assert reply.status == 201, reply
        return urljoin(self.url, reply.header("location"))

    def stats(self):
        structure = self.element.get_property("stats")
        names = [structure.nth_field_name(index) for index in range(structure.n_fields())]
        return {name: structure.get_value(name) for name in names}

    def wait_stats(self, fact, timeout, what):
        """stats() once fact(stats) holds. Its counters of packets are a quarter of a second old at most."""
        try:
            return wait_for(lambda: (lambda now: fact(now) and now)(self.stats()), timeout, what)
        except AssertionError as late:
            raise AssertionError(f"{late}; stats: {self.stats()}") from None

    def message(self, kind, timeout=20):
        """The text of the next warning or error on the bus, or None."""
        message = self.bus.timed_pop_filtered(int(timeout * Gst.SECOND), kind)
        if message is None:
            return None
        parse = message.parse_warning if message.type == WARNING else message.parse_error
        error, _ = parse()
        return error.message

    def said(self, timeout=0):
        """All warnings and errors that are on the bus."""
        texts = []
        while text := self.message(WARNING | ERROR, timeout):
            texts.append(text)
        return texts
