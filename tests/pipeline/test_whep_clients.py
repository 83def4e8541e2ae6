# SPDX-License-Identifier: LGPL-2.1-or-later
"""What WebRTC clients that are not ours decode of a millwhepsink's stream: GStreamer's webrtcbin, and aiortc."""

import pytest
from whep_players import Player
from whep_stream import CAMERA, H264, MICROPHONE, OPUS, VP8, Stream

X264 = f"{CAMERA} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30"
VIDEO = {
    "H.264 constrained baseline": H264,
    "H.264 high": f"{X264} dct8x8=true ! video/x-h264,profile=high ! h264parse ! queue ! rtc.video_0",
    "H.265": f"{CAMERA} ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! h265parse ! "
    "queue ! rtc.video_0",
    "VP8": VP8,
    "VP9": f"{CAMERA},format=I420 ! vp9enc deadline=1 cpu-used=8 keyframe-max-dist=30 ! queue ! rtc.video_0",
}
AUDIO = {
    "Opus": OPUS,
    "AAC": f"{MICROPHONE} ! avenc_aac ! aacparse ! queue ! rtc.audio_0",
    "MP3": f"{MICROPHONE} ! lamemp3enc ! mpegaudioparse ! queue ! rtc.audio_0",
    "raw": f"{MICROPHONE} ! queue ! rtc.audio_0",
    "raw 44100 Hz mono": "audiotestsrc is-live=true ! audio/x-raw,rate=44100,channels=1 ! queue ! rtc.audio_0",
}


@pytest.fixture
def stream():
    """stream(branches, **properties) is on the air until the end of the test."""
    running = []

    def stream(branches, **properties):
        running.append(Stream(branches, **properties))
        return running[-1].start().wait_ready()

    yield stream
    for one in running:
        one.stop()


@pytest.fixture
def player():
    """player(program, url, kinds) plays until the end of the test."""
    playing = []

    def player(*arguments):
        playing.append(Player(*arguments))
        return playing[-1]

    yield player
    for one in playing:
        one.kill()


def assert_whole(player):
    """Every picture is of the size that was encoded and nothing is broken; the sound is a tone."""
    video, audio = player.frames("video"), player.frames("audio")
    assert {tuple(frame["size"]) for frame in video} <= {(320, 240)}
    assert not [frame for frame in video + audio if frame.get("corrupt")]
    assert not audio or [frame for frame in audio if not frame["silent"]], "all of the sound is silence"


@pytest.mark.parametrize("codec", VIDEO)
def test_webrtcbin_decodes_the_video(stream, player, codec):
    running = stream(VIDEO[codec])
    client = player("webrtcbin", running.url, ["video"])
    client.wait_frames(video=60)
    assert_whole(client)


@pytest.mark.parametrize("codec", AUDIO)
def test_webrtcbin_decodes_the_sound(stream, player, codec):
    running = stream(AUDIO[codec])
    client = player("webrtcbin", running.url, ["audio"])
    client.wait_frames(audio=100)
    assert_whole(client)


@pytest.mark.parametrize("program", ["webrtcbin", "aiortc"])
@pytest.mark.parametrize("video", ["VP8", "H.264 constrained baseline"])
def test_picture_and_sound_are_decoded_together(stream, player, program, video):
    running = stream(f"{VIDEO[video]} {AUDIO['AAC']}")
    client = player(program, running.url)
    client.wait_frames(video=90, audio=100)
    assert_whole(client)


@pytest.mark.parametrize("program", ["webrtcbin", "aiortc"])
@pytest.mark.parametrize("kind", ["video", "audio"])
def test_a_client_that_wants_one_track_of_two_gets_that_one(stream, player, program, kind):
    running = stream(f"{VP8} {OPUS}")
    client = player(program, running.url, [kind])
    client.wait_frames(**{kind: 60})
    assert_whole(client)


@pytest.mark.parametrize("program", ["webrtcbin", "aiortc"])
def test_who_asks_for_two_tracks_plays_the_one_there_is(stream, player, program):
    running = stream(VP8)
    client = player(program, running.url)
    client.wait_frames(video=60)
    assert client.frames("audio") == []


def test_different_clients_watch_one_stream_side_by_side(stream, player):
    running = stream(f"{VP8} {OPUS}")
    clients = [player(program, running.url) for program in ("webrtcbin", "aiortc", "webrtcbin")]
    for client in clients:
        client.wait_frames(video=60, audio=60)
        assert_whole(client)
    assert running.stats()["viewers"] == 3


@pytest.mark.parametrize("program", ["webrtcbin", "aiortc"])
def test_a_client_that_joins_in_the_middle_of_a_long_group_of_pictures_sees_all_of_it(stream, player, program):
    running = stream(VP8.replace("keyframe-max-dist=30", "keyframe-max-dist=10000"))
    first = player(program, running.url, ["video"])
    first.wait_frames(video=30)
    second = player(program, running.url, ["video"])
    second.wait_frames(video=30)
    assert_whole(second)
    first.wait_more(video=10)
