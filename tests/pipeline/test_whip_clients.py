# SPDX-License-Identifier: LGPL-2.1-or-later
"""What comes out of a millwhipsrc when clients that are not ours publish: GStreamer's webrtcbin, and aiortc."""

import re

import pytest
from conftest import Origin, _starter
from processes import wait_for
from whep_players import Player
from whip_publishers import Publisher
from whip_source import Gst, Source, assert_whole

CAPS = {
    "H264": ("video/x-h264", {"stream-format": "avc", "alignment": "au", "width": 320, "height": 240}),
    "H265": ("video/x-h265", {"stream-format": "hvc1", "alignment": "au", "width": 320, "height": 240}),
    "VP8": ("video/x-vp8", {}),
    "VP9": ("video/x-vp9", {"alignment": "super-frame"}),
    "OPUS": ("audio/x-opus", {"rate": 48000, "channels": 2}),
}
WITH_CODEC_DATA = ("H264", "H265")
UNNOTICED = Gst.SECOND // 25  # 40 ms

STREAMS = """
listen:
  http: "127.0.0.1:{http}"
  rtmp: "127.0.0.1:{rtmp}"
streams:
  live/*:
    run: on-publish
    nodes:
      in:     {{element: millingestsrc}}
      hls:    {{element: millhlssink, from: in}}
      webrtc: {{element: millwhepsink, from: in}}
"""


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    start, end = _starter()
    yield Origin(start, tmp_path_factory.mktemp("whip"), STREAMS)
    end()


@pytest.fixture
def publisher():
    """publisher(program, url, *words) publishes until the end of the test."""
    publishing = []

    def publisher(*arguments):
        publishing.append(Publisher(*arguments))
        return publishing[-1].wait_connected()

    yield publisher
    for one in publishing:
        one.kill()


def assert_caps(track, codec):
    name, fields = CAPS[codec]
    assert len(track.caps) == 1, "they change while nothing changes"
    caps = track.caps[0]
    assert caps.get_name() == name
    assert {field: caps.get_value(field) for field in fields} == fields
    assert caps.has_field("codec_data") == (codec in WITH_CODEC_DATA)


@pytest.mark.parametrize(
    "program, codec",
    [*(("webrtcbin", codec) for codec in ("H264", "H265", "VP8", "VP9")), ("aiortc", "H264"), ("aiortc", "VP8")],
)
def test_the_video_that_is_published_comes_out_whole(publisher, program, codec):
    with Source() as source:
        publisher(program, source.url, codec)
        source.wait_frames(video_0=60)
        assert list(source.tracks) == ["video_0"]
        track = source.tracks["video_0"]
        assert_caps(track, codec)
        assert_whole(track)
        assert {one.size for one in track.decoded} == {(320, 240)}
        assert source.said() == []


@pytest.mark.parametrize("program", ["webrtcbin", "aiortc"])
def test_the_sound_that_is_published_comes_out_whole(publisher, program):
    with Source() as source:
        publisher(program, source.url, "OPUS")
        source.wait_frames(audio_0=100)
        assert list(source.tracks) == ["audio_0"]
        assert_caps(source.tracks["audio_0"], "OPUS")
        assert_whole(source.tracks["audio_0"])
        assert source.said() == []


@pytest.mark.parametrize("codec", ["H264", "VP8"])
@pytest.mark.parametrize("program", ["webrtcbin", "aiortc"])
def test_picture_and_sound_come_out_together(publisher, program, codec):
    with Source() as source:
        publisher(program, source.url, codec, "OPUS")
        source.wait_frames(video_0=60, audio_0=100)
        assert list(source.tracks) == ["video_0", "audio_0"]
        for track in source.tracks.values():
            assert_whole(track)
        stats = source.stats()
        assert stats["publishers"] == 1
        assert stats["refused-packets"] == 0
        assert stats["lost"] == 0
        assert [(event, facts.get_string("protocol")) for event, facts in source.heard] == [("connected", "whip")]


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_a_flash_and_a_tick_that_were_sent_together_come_out_together(publisher, codec):
    """By aiortc, whose sender reports are exact; webrtcbin's are not, and may do no harm."""
    with Source() as source:
        publisher("aiortc", source.url, codec, "OPUS", "flash")

        def signals():
            """When each flash and each tick came out. The first seconds are before the first sender report."""
            came = [source.tracks[name].signals() if name in source.tracks else [] for name in ("video_0", "audio_0")]
            return min(map(len, came)) >= 6 and came

        flashes, ticks = wait_for(signals, 40, "six flashes and ticks")
        apart = [min((flash - tick for flash in flashes), key=abs) for tick in ticks[2:5]]
        assert max(map(abs, apart)) < UNNOTICED, [time / Gst.MSECOND for time in apart]


@pytest.mark.parametrize("program", ["webrtcbin", "aiortc"])
def test_what_is_published_is_live_over_both_outputs_at_once(origin, publisher, play, path, program):
    publisher(program, origin.url(f"{path}/whip"), "H264", "OPUS")
    origin.wait_live(path)
    client = play(origin.hls(path))
    viewer = Player("webrtcbin", origin.url(f"{path}/whep"))
    try:
        viewer.wait_frames(video=60, audio=100)
        assert not [fact for fact in viewer.facts if fact.get("corrupt")]
        assert client.wait_parts(20)
        findings = client.stop()
        print(*client.seen, sep="\n")
        assert findings.lines() == []
        assert {seen.kind for seen in client.seen} == {"video", "audio"}
        assert re.fullmatch(r"avc1\.\w{6},Opus", client.seen[0].codecs)
        assert all(seen.discontinuities == 0 and seen.headers == 1 for seen in client.seen)
    finally:
        viewer.kill()
