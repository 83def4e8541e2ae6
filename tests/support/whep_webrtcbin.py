# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WHEP player on GStreamer's webrtcbin: decodes what it gets and prints a line of JSON a frame, until it is killed.

whep_webrtcbin.py URL [video] [audio]
"""

import sys

import gi
from webrtcbin_peer import Peer

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstWebRTC  # noqa: E402

FEEDBACK = "rtcp-fb-nack-pli=(boolean)true"
H264 = "encoding-name=H264,packetization-mode=(string)1,profile-level-id=(string)"
RECEIVES = {
    "video": [
        f"{H264}42e01f",
        f"{H264}640c1f",
        f"{H264}64001f",
        "encoding-name=VP8",
        "encoding-name=VP9",
        "encoding-name=H265",
    ],
    "audio": ["encoding-name=OPUS,encoding-params=(string)2"],
}
CLOCK_RATES = {"video": 90000, "audio": 48000}


def caps_of(kind, first_payload):
    return ";".join(
        f"application/x-rtp,media=(string){kind},payload=(int){first_payload + index},"
        f"clock-rate=(int){CLOCK_RATES[kind]},{FEEDBACK},{codec}"
        for index, codec in enumerate(RECEIVES[kind])
    )


class Player(Peer):
    def __init__(self, url, kinds):
        super().__init__(url)
        self.frames = {}
        for index, kind in enumerate(kinds):
            transceiver = self.webrtc.emit(
                "add-transceiver",
                GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY,
                Gst.Caps.from_string(caps_of(kind, 96 + 12 * index)),
            )
            transceiver.set_property("do-nack", True)  # of all in a bundle, or webrtcbin asks for nothing again
        self.webrtc.connect("pad-added", self.on_stream)

    def on_stream(self, _, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        decoder = Gst.ElementFactory.make("decodebin")
        decoder.connect("pad-added", self.on_decoded)
        self.pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    def on_decoded(self, _, pad):
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("sync", False)
        sink.set_property("async", False)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        kind = pad.get_current_caps().get_structure(0).get_name().split("/")[0]
        pad.add_probe(Gst.PadProbeType.BUFFER, self.on_frame, kind)
        pad.link(sink.get_static_pad("sink"))

    def on_frame(self, pad, info, kind):
        buffer = info.get_buffer()
        facts = {"corrupt": buffer.has_flags(Gst.BufferFlags.CORRUPTED)}
        if kind == "video":
            structure = pad.get_current_caps().get_structure(0)
            facts["size"] = [structure.get_value("width"), structure.get_value("height")]
        else:
            facts["silent"] = not any(buffer.extract_dup(0, buffer.get_size()))
        self.frames[kind] = self.frames.get(kind, 0) + 1
        self.say(kind=kind, frames=self.frames[kind], **facts)
        return Gst.PadProbeReturn.OK


def main():
    loop = GLib.MainLoop()
    player = Player(sys.argv[1], sys.argv[2:] or ["video", "audio"])
    bus = player.pipeline.get_bus()
    bus.add_signal_watch()

    def failed(_, message):
        player.say(error=message.parse_error()[0].message)
        loop.quit()

    bus.connect("message::error", failed)
    player.start()
    loop.run()


if __name__ == "__main__":
    main()
