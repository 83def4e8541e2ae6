# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stream in millwhepsink, in this process: its tracks are gst-launch branches, its signals and counters at hand."""

import whep_offer
from processes import wait_for
from rtc_element import ERROR, WARNING, Gst, RtcElement, ask, free_udp_port  # noqa: F401, for the tests of this stream

CAMERA = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1"
MICROPHONE = "audiotestsrc is-live=true freq=440 ! audio/x-raw,rate=48000,channels=2"
VP8 = f"{CAMERA} ! vp8enc deadline=1 keyframe-max-dist=30 ! queue ! rtc.video_0"
H264 = (
    f"{CAMERA} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! "
    "video/x-h264,profile=constrained-baseline ! h264parse ! queue ! rtc.video_0"
)
OPUS = f"{MICROPHONE} ! opusenc ! queue ! rtc.audio_0"


class Stream(RtcElement):
    """Plays from the start; `wait_ready` before anybody joins, or use it as a context manager."""

    def __init__(self, branches, **settings):
        self.branches = branches
        super().__init__("whep", lambda properties: f"millwhepsink name=rtc {properties} {branches}", **settings)
        self.sink = self.element

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
        return self.offer(whep_offer.offer() if offer is None else offer, **headers)

    def wait_buffers(self, pad, count, timeout=20):
        """Until the pad of that name has got so many more."""
        left = [count]

        def one_less(*_):
            left[0] -= 1
            return Gst.PadProbeReturn.OK if left[0] > 0 else Gst.PadProbeReturn.REMOVE

        self.sink.get_static_pad(pad).add_probe(Gst.PadProbeType.BUFFER, one_less)
        wait_for(lambda: left[0] <= 0, timeout, f"{count} buffers at {pad}")
