# SPDX-License-Identifier: LGPL-2.1-or-later
"""A ladder through the launcher, with real publishers: strict HLS readers and WebRTC players that are not ours."""

import publishers
import pytest
from conftest import Origin
from whep_players import Player

STREAMS = """
listen: {{http: "127.0.0.1:{http}", rtmp: "127.0.0.1:{rtmp}"}}
streams:
  live/*:
    nodes:
      in:     {{element: millrtmpsrc}}
      ladder: {{element: millladder, from: in, renditions: RENDITIONS, speed: ultrafast}}
      hls:    {{element: millhlssink, from: ladder}}
      webrtc: {{element: millwhepsink, from: ladder, udp-listen: "127.0.0.1:0"}}
"""


@pytest.fixture
def ladder(start, tmp_path, request):
    return Origin(start, tmp_path, STREAMS.replace("RENDITIONS", request.param))


@pytest.fixture
def player():
    playing = []

    def player(url, *kinds):
        playing.append(Player("aiortc", url, kinds))
        return playing[-1]

    yield player
    for one in playing:
        one.kill()


def publish(start, ladder, clip, name):
    start(publishers.ffmpeg(clip(name), ladder.rtmp("live/cam1")))
    ladder.wait_live("live/cam1")


def names_of(client):
    return {seen.name.split("/")[0] for seen in client.seen}


THREE = pytest.mark.parametrize("ladder", ["[copy, 180p@400k, 90p@150k]"], indirect=True, ids=["ladder"])
COPY = pytest.mark.parametrize("ladder", ["[copy]"], indirect=True, ids=["copy"])


@THREE
@pytest.mark.parametrize("name", ["plain", "bframes", "29.97fps"])
def test_every_rendition_satisfies_a_strict_player(start, ladder, clip, play, name):
    publish(start, ladder, clip, name)
    client = play(ladder.hls("live/cam1"))
    assert client.wait_parts(20)
    assert client.join(10).lines() == []
    assert names_of(client) == {"copy", "180p", "90p", "audio"}
    assert all(seen.gaps == 0 and seen.discontinuities == 0 for seen in client.seen), client.seen


@THREE
def test_a_publisher_with_b_frames_plays_by_webrtc_from_an_encoded_rendition(start, ladder, clip, player):
    publish(start, ladder, clip, "bframes")
    viewer = player(ladder.url("live/cam1/whep"), "video", "audio")
    viewer.wait_frames(video=30, audio=50)
    assert {tuple(frame["size"]) for frame in viewer.frames("video")} <= {(320, 180), (160, 90)}


@COPY
def test_of_a_copy_with_b_frames_one_is_encoded_for_webrtc_alone(start, ladder, clip, play, player):
    publish(start, ladder, clip, "bframes")
    viewer = player(ladder.url("live/cam1/whep"), "video")
    viewer.wait_frames(video=30)
    assert {tuple(frame["size"]) for frame in viewer.frames("video")} == {(640, 360)}
    client = play(ladder.hls("live/cam1"))
    assert client.wait_parts(10)
    assert client.join(5).lines() == []
    assert names_of(client) == {"copy", "audio"}, "HLS has no use for the other"
