# SPDX-License-Identifier: LGPL-2.1-or-later
"""A path that loses one datagram in twenty: a publisher is asked again, and what comes out decodes without an error."""

import subprocess

import pytest
from lossy_path import LossyPath
from whip_publishers import Publisher
from whip_source import Source, assert_whole, free_udp_port

LOSS = 0.05
START_CODE = bytes([0, 0, 0, 1])


@pytest.mark.parametrize("codec, program", [("H264", "webrtcbin"), ("VP8", "webrtcbin"), ("H264", "aiortc")])
def test_what_is_lost_comes_again_and_what_comes_out_is_whole(codec, program, tmp_path):
    port = free_udp_port()
    way = LossyPath(port)
    publisher = None
    try:
        with Source(keeps=True, udp_port=port, advertise=f"127.0.0.1:{way.port}") as source:
            # Some packets a picture, so that there is something to lose.
            publisher = Publisher(program, source.url, codec, "OPUS", *(["snow"] if program == "webrtcbin" else []))
            publisher.wait_connected()
            source.wait_frames(video_0=10, audio_0=10)
            way.loss = LOSS
            source.wait_more(video_0=120, audio_0=120)
            stats = source.wait_stats(lambda stats: stats["recovered"] >= 5 and way.lost > 10, 20, "they came again")
            way.loss = 0.0
            source.wait_more(video_0=30, audio_0=30)
            assert stats["lost"] > 0
            for track in source.tracks.values():
                assert_whole(track)
            assert source.said() == []
            if codec == "H264":
                assert complaints(source.tracks["video_0"], tmp_path / "stream.h264") == ""
    finally:
        if publisher:
            publisher.kill()
        way.close()


def complaints(track, file):
    """What ffmpeg says of the H.264 in a track: nothing where every picture and all it refers to are there."""
    with open(file, "wb") as stream:
        for unit in parameter_sets(track.caps[-1].get_value("codec_data")):
            stream.write(START_CODE + unit)
        for frame in track.frames:
            for unit in units_of(frame.data):
                stream.write(START_CODE + unit)
    command = ["ffmpeg", "-v", "warning", "-nostdin", "-f", "h264", "-i", file, "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr
    return "\n".join(line for line in said.splitlines() if "h264 @" in line)


def units_of(frame):
    """The NAL units of an access unit with four bytes of length before each."""
    at = 0
    while at + 4 <= len(frame):
        size = int.from_bytes(frame[at : at + 4], "big")
        yield frame[at + 4 : at + 4 + size]
        at += 4 + size


def parameter_sets(codec_data):
    """Of an AVCDecoderConfigurationRecord (ISO 14496-15 5.3.3.1)."""
    record = codec_data.extract_dup(0, codec_data.get_size())
    at = 5
    for mask in (0x1F, 0xFF):
        count, at = record[at] & mask, at + 1
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2], "big")
            yield record[at + 2 : at + 2 + size]
            at += 2 + size
