# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bench: what is missing of a publisher's picture whose network loses datagrams, both ways.

GStreamer's and aiortc's WebRTC publish 320x240 at 30 frames/s and Opus through a path that loses them; a hole is the time
from a picture that comes out of millwhipsrc to the next, in the stream. They send no fewer pictures on a busy machine, as
browsers do, so that what is missing was lost.
"""

import os
import time

import measure
from lossy_path import LossyPath
from whip_publishers import Publisher
from whip_source import Gst, Source, free_udp_port

SECONDS = int(os.environ.get("MILLRACE_BENCH_SECONDS", "60"))
ROWS = [("webrtcbin", "H264", 0), ("webrtcbin", "H264", 5), ("webrtcbin", "VP8", 5), ("webrtcbin", "VP9", 5),
        ("aiortc", "H264", 5), ("webrtcbin", "H264", 10), ("webrtcbin", "H264", 20)]
COLUMNS = ["publisher", "codec", "lost, %", "pictures", "longest hole, ms", "over 100 ms", "packets lost", "came again"]


def run(program, codec, percent):
    port = free_udp_port()
    way = LossyPath(port)
    publisher = None
    try:
        with Source(udp_port=port, advertise=f"127.0.0.1:{way.port}") as source:
            # Some packets a picture, so that there is something to lose.
            publisher = Publisher(program, source.url, codec, "OPUS", *(["snow"] if program == "webrtcbin" else []))
            publisher.wait_connected()
            source.wait_frames(video_0=30, audio_0=30)
            way.loss = percent / 100
            began, before = len(source.tracks["video_0"].frames) - 1, source.stats()
            time.sleep(SECONDS)
            times = [frame.pts for frame in source.tracks["video_0"].frames[began:]]
            stats = source.stats()
            assert source.said() == []
    finally:
        if publisher:
            publisher.kill()
        way.close()
    holes = [(late - early) // Gst.MSECOND for early, late in zip(times, times[1:])]
    return dict(zip(COLUMNS, [
        program, codec, percent, len(holes), max(holes), sum(hole > 100 for hole in holes),
        stats["lost"] - before["lost"], stats["recovered"] - before["recovered"],
    ]))


def main():
    measure.report("whip_loss", f"A publisher's pictures over a lossy network, {SECONDS} s each", COLUMNS,
                   [run(*row) for row in ROWS])


if __name__ == "__main__":
    main()
