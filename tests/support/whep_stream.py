# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stream in millwhepsink, in this process: its tracks are gst-launch branches, its signals and counters at hand."""

import http.client
import socket
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import gi
import whep_offer
from processes import free_port, wait_for

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

Gst.init(None)

WARNING, ERROR = Gst.MessageType.WARNING, Gst.MessageType.ERROR

CAMERA = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1"
MICROPHONE = "audiotestsrc is-live=true freq=440 ! audio/x-raw,rate=48000,channels=2"
VP8 = f"{CAMERA} ! vp8enc deadline=1 keyframe-max-dist=30 ! queue ! rtc.video_0"
H264 = (
    f"{CAMERA} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! "
    "video/x-h264,profile=constrained-baseline ! h264parse ! queue ! rtc.video_0"
)
OPUS = f"{MICROPHONE} ! opusenc ! queue ! rtc.audio_0"


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


class Stream:
    """Plays from the start; `wait_ready` before anybody joins, or use it as a context manager."""

    def __init__(self, branches, path="live/test", http_port=None, udp_port=None, **properties):
        self.http_port, self.udp_port = http_port or free_port(), udp_port or free_udp_port()
        self.url = f"http://127.0.0.1:{self.http_port}/{path}/whep"
        settings = {
            "path": path,
            "listen": f"127.0.0.1:{self.http_port}",
            "udp-listen": f"127.0.0.1:{self.udp_port}",
            **{name.replace("_", "-"): value for name, value in properties.items()},
        }
        sink = " ".join(f'{name}="{value}"' for name, value in settings.items())
        self.branches = branches
        self.pipeline = Gst.parse_launch(f"millwhepsink name=rtc {sink} {branches}")
        self.sink = self.pipeline.get_by_name("rtc")
        self.bus = self.pipeline.get_bus()

    def start(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        return self

    def stop(self):
        self.pipeline.set_state(Gst.State.NULL)

    def end(self):
        """The publisher has no more to send."""
        assert self.pipeline.send_event(Gst.Event.new_eos())

    def __enter__(self):
        try:
            return self.start().wait_ready()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def wait_ready(self):
        """Until a viewer that joins is promised every track."""
        wanted = {kind for kind in ("video", "audio") if f"rtc.{kind}_" in self.branches}
        last = [None]

        def ready():
            reply = last[0] = self.join()
            if reply.status != 201:
                return False
            assert ask("DELETE", self.session_of(reply)).status == 200
            return wanted <= whep_offer.accepted(reply.body.decode())

        try:
            wait_for(ready, 30, f"{self.url} serves {wanted}")
        except AssertionError as late:
            raise AssertionError(f"{late}; last: {last[0]}; the bus: {self.said(0)}") from None
        return self

    def join(self, offer=None, **headers):
        """The reply to an offer, by default one as browsers make it. Nobody connects."""
        headers = {"content_type": "application/sdp", **headers}
        return ask("POST", self.url, whep_offer.offer() if offer is None else offer, **headers)

    def session_of(self, reply):
        assert reply.status == 201, reply
        return urljoin(self.url, reply.header("location"))

    def stats(self):
        structure = self.sink.get_property("stats")
        names = [structure.nth_field_name(index) for index in range(structure.n_fields())]
        return {name: structure.get_value(name) for name in names}

    def wait_stats(self, fact, timeout, what):
        """stats() once fact(stats) holds. Its counters of packets are a quarter of a second old at most."""
        try:
            return wait_for(lambda: (lambda now: fact(now) and now)(self.stats()), timeout, what)
        except AssertionError as late:
            raise AssertionError(f"{late}; stats: {self.stats()}") from None

    def wait_buffers(self, pad, count, timeout=20):
        """Until the pad of that name has got so many more."""
        left = [count]

        def one_less(*_):
            left[0] -= 1
            return Gst.PadProbeReturn.OK if left[0] > 0 else Gst.PadProbeReturn.REMOVE

        self.sink.get_static_pad(pad).add_probe(Gst.PadProbeType.BUFFER, one_less)
        wait_for(lambda: left[0] <= 0, timeout, f"{count} buffers at {pad}")

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
