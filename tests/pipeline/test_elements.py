# SPDX-License-Identifier: LGPL-2.1-or-later
"""The elements without the launcher: the same gst-launch lines and the same Python that the documentation shows."""

import publishers
import pytest
from conftest import environment
from processes import free_port, wait_http

RELAY = (
    "exec gst-launch-1.0 millrtmpsrc path=live/cam1 name=in in.video_0 ! queue ! hls.video_0 "
    "millhlssink name=hls path=live/cam1 in.audio_0 ! queue ! hls.audio_0"
)
PICTURE = (
    "exec gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=30 ! "
    "h264parse ! millhlssink path=test"
)
IN_PYTHON = f"""
import gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst
Gst.init(None)
pipeline = Gst.parse_launch({PICTURE.split("gst-launch-1.0 ")[1]!r})
pipeline.set_state(Gst.State.PLAYING)
GLib.MainLoop().run()
"""


@pytest.fixture
def ports():
    return free_port(), free_port()


def test_rtmp_becomes_low_latency_hls_in_one_gst_launch_line(start, play, clip, ports):
    http, rtmp = ports
    start(RELAY, environment(http, rtmp)).wait_output("PLAYING|live and does not need PREROLL")
    start(publishers.ffmpeg(clip("plain"), f"rtmp://127.0.0.1:{rtmp}/live/cam1"))
    url = f"http://127.0.0.1:{http}/live/cam1/index.m3u8"
    wait_http(url)
    client = play(url)
    assert client.join(8).lines() == []
    assert {seen.kind for seen in client.seen} == {"video", "audio"}


@pytest.mark.parametrize("command", [PICTURE, ["/usr/bin/python3", "-c", IN_PYTHON]], ids=["gst-launch", "python"])
def test_a_test_picture_is_served_in_one_line(start, play, ports, command):
    http, rtmp = ports
    start(command, environment(http, rtmp))
    url = f"http://127.0.0.1:{http}/test/index.m3u8"
    wait_http(url)
    client = play(url)
    assert client.join(8).lines() == []
    assert [seen.kind for seen in client.seen] == ["video"]


def test_a_long_window_offers_delta_updates_that_make_the_same_playlist(start, play, ports):
    http, rtmp = ports
    start(f"{PICTURE} window=30000000000 segment-duration=1000000000", environment(http, rtmp))
    url = f"http://127.0.0.1:{http}/test/index.m3u8"
    wait_http(url)
    client = play(url)
    assert client.wait_until(lambda seen: all(s.deltas >= 5 for s in seen), timeout=40), client.seen
    assert client.stop().lines() == []


def test_two_sinks_of_one_process_share_its_port(start, ports):
    http, rtmp = ports
    one = "videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=30 ! h264parse ! millhlssink path={}"
    start(f"exec gst-launch-1.0 {one.format('a')} {one.format('b')}", environment(http, rtmp))
    for path in "ab":
        wait_http(f"http://127.0.0.1:{http}/{path}/index.m3u8")


def test_two_sinks_of_one_path_are_an_error_that_names_the_path(start, ports):
    http, rtmp = ports
    one = "videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=30 ! h264parse ! millhlssink path=same"
    both = start(f"exec gst-launch-1.0 {one} {one}", environment(http, rtmp))
    assert both.wait() != 0
    assert "same" in "\n".join(line for line in both.output if "ERROR" in line or "rror:" in line), both.text


def test_a_port_in_use_is_an_error_that_names_the_address(start, ports):
    http, rtmp = ports
    start(PICTURE, environment(http, rtmp))
    wait_http(f"http://127.0.0.1:{http}/test/index.m3u8")
    second = start(PICTURE.replace("path=test", "path=other"), environment(http, rtmp))
    assert second.wait() != 0
    assert str(http) in second.text


def test_eos_ends_the_playlist(start, play, ports):
    http, rtmp = ports
    line = PICTURE.replace("is-live=true", "is-live=true num-buffers=240")
    # gst-launch takes elements down when all of them have ended: another one goes on.
    start(f"{line} videotestsrc is-live=true ! fakesink", environment(http, rtmp))
    url = f"http://127.0.0.1:{http}/test/index.m3u8"
    wait_http(url)
    client = play(url)
    client.join(60)
    assert client.findings.lines() == []
    assert [seen.ended for seen in client.seen] == [True]


def test_a_directory_gets_what_is_served(start, ports, tmp_path):
    from processes import wait_for

    http, rtmp = ports
    start(f"{PICTURE} directory={tmp_path}", environment(http, rtmp))
    wait_http(f"http://127.0.0.1:{http}/test/index.m3u8")
    playlists = wait_for(lambda: list(tmp_path.rglob("*.m3u8")), 20, "a playlist in the directory")
    media = next(path for path in sorted(playlists, key=lambda p: len(p.parts), reverse=True))
    wait_for(lambda: list(media.parent.glob("*.m4s")), 20, "media in the directory")
    import playlist as hls
    from findings import Findings

    found = Findings()
    listed = wait_for(
        lambda: len(hls.parse(media.read_bytes(), found).complete) >= 2 and hls.parse(media.read_bytes(), found),
        20,
        "two segments in the playlist on disk",
    )
    assert found.lines() == []
    assert all((media.parent / segment.uri).stat().st_size > 0 for segment in listed.complete)
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".tmp", ".part") and path.stat().st_size == 0]
