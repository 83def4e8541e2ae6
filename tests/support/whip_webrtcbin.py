# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WHIP publisher on GStreamer's webrtcbin: sends a test picture and sound until SIGTERM, then DELETEs its session.

whip_webrtcbin.py URL [CODEC …]

The picture is a ball, or with "snow" noise, which takes some packets a picture.
"""

import signal
import sys

import gi
from webrtcbin_peer import Peer

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstWebRTC  # noqa: E402

PATTERNS = ("ball", "snow")
CAMERA = "videotestsrc is-live=true pattern={pattern} ! video/x-raw,format=I420,width=320,height=240,framerate=30/1"
MICROPHONE = "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2"
X264 = "x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000 key-int-max=60"
CODECS = {
    "H264": f"{CAMERA} ! {X264} ! video/x-h264,profile=constrained-baseline ! rtph264pay aggregate-mode=zero-latency "
    "config-interval=-1",
    "H265": f"{CAMERA} ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=60 ! "
    "rtph265pay config-interval=-1",
    "VP8": f"{CAMERA} ! vp8enc deadline=1 target-bitrate=1000000 keyframe-max-dist=60 ! "
    "rtpvp8pay picture-id-mode=15-bit",
    "VP9": f"{CAMERA} ! vp9enc deadline=1 cpu-used=8 keyframe-max-dist=60 ! rtpvp9pay picture-id-mode=15-bit",
    "OPUS": f"{MICROPHONE} ! opusenc audio-type=restricted-lowdelay ! rtpopuspay",
}


class Publisher(Peer):
    def __init__(self, url, codecs, pattern):
        super().__init__(url)
        # Its sender reports are of when things were made; else they name times that it has not sent by far.
        self.webrtc.get_by_name("rtpbin").set_property("rtcp-sync-send-time", False)
        for number, codec in enumerate(codecs):
            self._add(codec, 96 + 12 * number, pattern)  # webrtcbin takes the next for retransmissions
        for name in ("connection-state", "ice-connection-state"):
            self.webrtc.connect(f"notify::{name}", self._on_state, name)

    def _add(self, codec, payload, pattern):
        kind, more = ("audio", ",encoding-params=(string)2") if codec == "OPUS" else ("video", "")
        branch = Gst.parse_bin_from_description(
            f"{CODECS[codec].format(pattern=pattern)} pt={payload} ! queue ! "
            f"capsfilter caps=application/x-rtp,media={kind},encoding-name={codec},payload={payload}{more}",
            True,
        )
        self.pipeline.add(branch)
        pad = self.webrtc.request_pad_simple("sink_%u")
        branch.get_static_pad("src").link(pad)
        transceiver = pad.get_property("transceiver")
        transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        transceiver.set_property("do-nack", kind == "video")

    def _on_state(self, webrtc, _, name):
        self.say(**{name: webrtc.get_property(name).value_nick})


def main():
    loop = GLib.MainLoop()
    words = sys.argv[2:]
    pattern = next((word for word in words if word in PATTERNS), "ball")
    publisher = Publisher(sys.argv[1], [word for word in words if word not in PATTERNS], pattern)
    bus = publisher.pipeline.get_bus()
    bus.add_signal_watch()

    def failed(_, message):
        publisher.say(error=message.parse_error()[0].message)
        loop.quit()

    def told_to_leave():
        publisher.leave()
        loop.quit()

    bus.connect("message::error", failed)
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, told_to_leave)
    publisher.start()
    loop.run()


if __name__ == "__main__":
    main()
