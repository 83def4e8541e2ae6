# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WHEP player on GStreamer's webrtcbin: decodes what it gets and prints a line of JSON a frame, until it is killed.

whep_webrtcbin.py URL [video] [audio]
"""

import json
import sys
import threading
import urllib.error
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

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


class Player:
    def __init__(self, url, kinds):
        self.url = url
        self.frames = {}
        self.lock = threading.Lock()
        self.pipeline = Gst.Pipeline()
        self.webrtc = Gst.ElementFactory.make("webrtcbin")
        self.webrtc.set_property("bundle-policy", "max-bundle")
        self.pipeline.add(self.webrtc)
        # Gathering skips the loopback interface; tests have nothing else to rely on. The agent is kept because its
        # reference is a floating one, which Python takes: letting go of it would end webrtcbin's.
        self.agent = self.webrtc.get_property("ice-agent")
        self.agent.emit("add-local-ip-address", "127.0.0.1")
        for index, kind in enumerate(kinds):
            transceiver = self.webrtc.emit(
                "add-transceiver",
                GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY,
                Gst.Caps.from_string(caps_of(kind, 96 + 12 * index)),
            )
            transceiver.set_property("do-nack", True)  # of all in a bundle, or webrtcbin asks for nothing again
        self.webrtc.connect("notify::ice-gathering-state", self.on_gathering)
        self.webrtc.connect("pad-added", self.on_stream)

    def say(self, **facts):
        with self.lock:
            print(json.dumps(facts), flush=True)

    # ---- joining ----

    def play(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        self.webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_offer))

    def on_offer(self, promise):
        reply = promise.get_reply()
        self.webrtc.emit("set-local-description", reply.get_value("offer"), None)

    def on_gathering(self, *_):
        complete = GstWebRTC.WebRTCICEGatheringState.COMPLETE
        if self.webrtc.get_property("ice-gathering-state") == complete:
            threading.Thread(target=self.join, daemon=True).start()

    def join(self):
        # Held while it is read: what is inside goes with it.
        offer = self.webrtc.get_property("local-description")
        request = urllib.request.Request(self.url, offer.sdp.as_text().encode(), {"Content-Type": "application/sdp"})
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                answer = reply.read().decode()
                self.say(session=reply.headers["Location"])
        except urllib.error.HTTPError as error:
            self.say(status=error.code, problem=error.read().decode())
            return
        _, sdp = GstSdp.SDPMessage.new_from_text(answer)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.webrtc.emit("set-remote-description", description, None)

    # ---- playing ----

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
    Gst.init(None)
    loop = GLib.MainLoop()
    player = Player(sys.argv[1], sys.argv[2:] or ["video", "audio"])
    bus = player.pipeline.get_bus()
    bus.add_signal_watch()

    def failed(_, message):
        player.say(error=message.parse_error()[0].message)
        loop.quit()

    bus.connect("message::error", failed)
    player.play()
    loop.run()


if __name__ == "__main__":
    main()
