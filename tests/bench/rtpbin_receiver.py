# SPDX-License-Identifier: LGPL-2.1-or-later
"""GStreamer's own way to receive what a WHIP publisher sends, but for ICE and DTLS: one rtpbin for each port.

rtpbin_receiver.py PORT COUNT [LATENCY_MS]
"""

import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

RATES = {96: ("video", 90000, "H264"), 97: ("video", 90000, "RTX"), 111: ("audio", 48000, "OPUS")}
BRANCHES = {
    96: "rtph264depay ! h264parse ! video/x-h264,stream-format=avc,alignment=au ! fakesink sync=false async=false",
    111: "rtpopusdepay ! opusparse ! fakesink sync=false async=false",
}
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
KEY = bytes([42] * 28).hex()  # a key of 16 bytes and a salt of 12
LINE = (
    "rtpbin name=bin latency={latency} do-retransmission=true rtp-profile=savpf "
    'udpsrc port={port} address=127.0.0.1 buffer-size=2000000 caps="application/x-srtp" ! srtpdec name=srtp ! '
    "bin.recv_rtp_sink_0 bin.send_rtcp_src_0 ! fakesink sync=false async=false"
)
KEYS = (
    f"application/x-srtp, srtp-key=(buffer){KEY}, srtp-cipher=(string)aes-128-gcm, srtp-auth=(string)null, "
    "srtcp-cipher=(string)aes-128-gcm, srtcp-auth=(string)null, roc=(uint)0"
)


def caps_of(_bin, _session, payload_type):
    media, rate, encoding = RATES[payload_type]
    feedback = "rtcp-fb-nack=true,rtcp-fb-nack-pli=true,rtcp-fb-transport-cc=true" if media == "video" else ""
    return Gst.Caps.from_string(
        f"application/x-rtp,media={media},clock-rate={rate},encoding-name={encoding},payload={payload_type},"
        f"extmap-3=(string){TRANSPORT_CC}" + (f",{feedback}" if feedback else "")
    )


def retransmissions(_bin, session):
    """An element that puts what RTX brings (RFC 4588) back into its stream."""
    wrapped = Gst.Bin()
    receive = Gst.ElementFactory.make("rtprtxreceive")
    receive.set_property("payload-type-map", Gst.Structure.from_string("map, 96=(uint)97")[0])
    wrapped.add(receive)
    for direction in ("src", "sink"):
        wrapped.add_pad(Gst.GhostPad.new(f"{direction}_{session}", receive.get_static_pad(direction)))
    return wrapped


def receive(port, latency):
    pipeline = Gst.parse_launch(LINE.format(port=port, latency=latency))

    def on_pad(_bin, pad):
        if not pad.get_name().startswith("recv_rtp_src"):
            return
        payload_type = int(pad.get_name().rsplit("_", 1)[1])
        branch = Gst.parse_bin_from_description(BRANCHES[payload_type], True)
        pipeline.add(branch)
        branch.sync_state_with_parent()
        pad.link(branch.get_static_pad("sink"))
        print(f"receives {payload_type} at {port}", flush=True)

    pipeline.get_by_name("srtp").connect("request-key", lambda _srtp, _ssrc: Gst.Caps.from_string(KEYS))
    rtp = pipeline.get_by_name("bin")
    rtp.connect("request-pt-map", caps_of)
    rtp.connect("request-aux-receiver", retransmissions)
    rtp.connect("pad-added", on_pad)
    pipeline.set_state(Gst.State.PLAYING)
    return pipeline


def main():
    Gst.init(None)
    first, count = int(sys.argv[1]), int(sys.argv[2])
    latency = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    pipelines = [receive(port, latency) for port in range(first, first + count)]
    print("listening", flush=True)
    GLib.MainLoop().run()
    return pipelines


if __name__ == "__main__":
    main()
