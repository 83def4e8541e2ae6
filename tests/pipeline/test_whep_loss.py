# SPDX-License-Identifier: LGPL-2.1-or-later
"""A path that loses one datagram in twenty: viewers ask again, get it again, and go on seeing whole pictures."""

import pytest
from lossy_path import LossyPath
from whep_players import Player
from whep_stream import H264, OPUS, VP8, Stream, free_udp_port

LOSS = 0.05


@pytest.fixture
def lossy():
    """lossy(branches) is a stream and the path that its viewers take to it."""
    opened = []

    def lossy(branches):
        port = free_udp_port()
        path = LossyPath(port)
        opened.append(path.close)
        stream = Stream(branches, udp_port=port, advertise=f"127.0.0.1:{path.port}")
        opened.append(stream.stop)
        return stream.start().wait_ready(), path

    yield lossy
    for close in reversed(opened):
        close()


@pytest.mark.parametrize("program", ["webrtcbin", "aiortc"])
@pytest.mark.parametrize("video", [VP8, H264], ids=["VP8", "H.264"])
def test_lost_packets_are_sent_again_and_the_player_goes_on(lossy, program, video):
    # Some packets a picture, so that there is something to lose.
    stream, path = lossy(f"{video.replace('pattern=ball', 'pattern=snow')} {OPUS}")
    player = Player(program, stream.url)
    try:
        player.wait_frames(video=10, audio=10)
        assert stream.stats()["resent"] == 0
        path.loss = LOSS
        player.wait_more(video=120, audio=120)
        assert path.lost > 10
        stream.wait_stats(lambda stats: stats["resent"] >= 10, 20, "packets were sent again")
        assert {tuple(frame["size"]) for frame in player.frames("video")} == {(320, 240)}
        assert stream.stats()["viewers"] == 1
        path.loss = 0.0
        player.wait_more(video=30, audio=30)
    finally:
        player.kill()


@pytest.mark.parametrize("program", ["webrtcbin", "aiortc"])
def test_a_viewer_joins_over_a_path_that_loses_a_tenth(lossy, program):
    stream, path = lossy(f"{VP8} {OPUS}")
    path.loss = 0.1
    player = Player(program, stream.url)
    try:
        player.wait_frames(video=60, audio=60)
    finally:
        player.kill()
