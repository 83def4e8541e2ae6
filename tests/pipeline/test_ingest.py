# SPDX-License-Identifier: LGPL-2.1-or-later
"""millingestsrc with real publishers: what they send plays as from their protocol's own source, whatever they do."""

import gi
import publishers
import pytest
from conftest import Origin, _starter, environment
from processes import free_port, wait_for, wait_http

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

Gst.init(None)

STREAMS = """
listen:
  http: "127.0.0.1:{http}"
  rtmp: "127.0.0.1:{rtmp}"
streams:
  live/*:
    run: on-publish
    nodes:
      in:  {{element: millingestsrc, reconnect-timeout: 20s}}
      hls: {{element: millhlssink, from: in}}
  brief/*:
    run: on-publish
    nodes:
      in:  {{element: millingestsrc, reconnect-timeout: 500ms}}
      hls: {{element: millhlssink, from: in}}
  ready/cam1:
    run: always
    nodes:
      in:  {{element: millingestsrc}}
      hls: {{element: millhlssink, from: in}}
"""


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    start, end = _starter()
    yield Origin(start, tmp_path_factory.mktemp("ingest"), STREAMS)
    end()


def video(seen):
    return next(s for s in seen if s.kind == "video")


def test_what_ffmpeg_publishes_plays_without_a_violation(origin, publish, play, path):
    publish("plain", path)
    client = play(origin.hls(path))
    assert client.wait_parts(20)
    findings = client.join(10)
    print(*client.seen, sep="\n")
    assert findings.lines() == []
    assert {seen.kind for seen in client.seen} == {"video", "audio"}
    assert all(seen.gaps == 0 and seen.discontinuities == 0 and seen.headers == 1 for seen in client.seen)


def test_a_killed_publisher_that_returns_in_another_format_keeps_its_viewers(start, origin, publish, play, path, clip):
    first = publish("plain", path)
    client = play(origin.hls(path))
    assert client.wait_parts(10)
    first.kill()
    assert client.wait_until(lambda seen: all(s.gaps for s in seen)), "nothing fills the publisher's absence"
    start(publishers.ffmpeg(clip("small"), origin.rtmp(path)))
    assert client.wait_until(lambda seen: video(seen).headers >= 2), "no new EXT-X-MAP for the new picture size"
    assert client.wait_until(lambda seen: all(s.discontinuities for s in seen)), "no discontinuity after the return"
    assert client.wait_parts(10)
    findings = client.stop()
    print(*client.seen, sep="\n")
    assert findings.lines() == []
    assert not any(s.ended for s in client.seen)


def test_a_second_publisher_is_refused_and_the_first_is_untouched(start, origin, publish, play, path, clip):
    publish("plain", path)
    client = play(origin.hls(path))
    assert client.wait_parts(5)
    second = start(publishers.ffmpeg(clip("small"), origin.rtmp(path)))
    assert second.wait() != 0, "the second publisher was accepted"
    assert client.wait_parts(10)
    assert client.stop().lines() == []
    assert all(s.gaps == 0 and s.discontinuities == 0 and s.headers == 1 for s in client.seen)


def test_a_stream_ends_when_nobody_returns_and_begins_anew_with_the_next_publisher(start, origin, clip):
    def said(what, times):
        wait_for(lambda: origin.process.text.count(f"brief/cam1: {what}") == times, 20, f"{what}, time {times}")

    for times in (1, 2):
        process = start(publishers.ffmpeg(clip("plain"), origin.rtmp("brief/cam1")))
        said("live", times)
        process.kill()
        said("ended", times)


def test_a_stream_that_always_runs_takes_a_publisher_when_one_comes(start, origin, play, clip):
    start(publishers.ffmpeg(clip("plain"), origin.rtmp("ready/cam1")))
    origin.wait_live("ready/cam1")
    client = play(origin.hls("ready/cam1"))
    assert client.wait_parts(10)
    assert client.stop().lines() == []


def test_two_of_one_process_share_the_ports(start, clip):
    """Without the launcher: one gst-launch line, two paths, two publishers."""
    http, rtmp = free_port(), free_port()
    line = " ".join(
        f"millingestsrc path=live/{name} name={name} {name}.video_0 ! queue ! {name}h.video_0 "
        f"millhlssink name={name}h path=live/{name} {name}.audio_0 ! queue ! {name}h.audio_0"
        for name in ("one", "two")
    )
    process = start(f"exec gst-launch-1.0 {line}", environment(http, rtmp))
    process.wait_output("PLAYING")
    for name in ("one", "two"):
        start(publishers.ffmpeg(clip("plain"), f"rtmp://127.0.0.1:{rtmp}/live/{name}"))
    for name in ("one", "two"):
        wait_http(f"http://127.0.0.1:{http}/live/{name}/index.m3u8", server=process)


def test_a_port_that_is_taken_is_named_and_publishers_come_by_the_others(start, origin):
    line = "exec gst-launch-1.0 millingestsrc path=live/cam1 ! fakesink"
    process = start(line, environment(free_port(), origin.rtmp_port))
    process.wait_output("PLAYING")
    assert f"127.0.0.1:{origin.rtmp_port}" in process.text, process.text
    assert process.running


def test_where_nobody_can_publish_nothing_starts(start, origin):
    line = "exec gst-launch-1.0 millingestsrc path=live/cam1 ! fakesink"
    process = start(line, environment(origin.http_port, origin.rtmp_port))
    assert process.wait() != 0
    for port in (origin.http_port, origin.rtmp_port):
        assert f"127.0.0.1:{port}" in process.text, process.text


class Camera(Gst.Device):
    """A publisher of the application's own, whose source knows nothing of ours: one pad, no signals, an end."""

    def do_create_element(self, name):
        return Gst.parse_bin_from_description(
            "videotestsrc is-live=true num-buffers=30 ! video/x-raw,width=160,height=90 ! x264enc tune=zerolatency "
            "! h264parse ! video/x-h264,stream-format=avc,alignment=au ! identity", True)


class Cameras(Gst.DeviceProvider):
    running = None

    def do_start(self):
        Cameras.running = self
        return True

    def do_stop(self):
        Cameras.running = None

    def publish(self, path):
        facts = Gst.Structure.new_from_string(f'publisher, path=(string)"{path}", protocol=(string)camera')
        self.device_add(Camera(display_name=path, device_class="Source/Network/Publisher", properties=facts))


def test_an_applications_own_publishers_are_taken_too(monkeypatch):
    for name, value in environment(free_port(), free_port()).items():
        monkeypatch.setenv(name, value)
    Cameras.set_metadata("Cameras", "Source/Network/Publisher", "Publishers of a test", "Millrace maintainers")
    Gst.DeviceProvider.register(None, "testcameras", Gst.Rank.PRIMARY, Cameras)
    pipeline = Gst.parse_launch(
        "millingestsrc name=in path=live/camera reconnect-timeout=300000000 in.video_0 ! "
        "fakesink name=out signal-handoffs=true sync=false async=false")
    frames, told = [], []
    pipeline.get_by_name("out").connect("handoff", lambda sink, buffer, pad: frames.append(buffer.pts))
    pipeline.get_by_name("in").connect("publisher-connected", lambda _, who: told.append(who.get_string("protocol")))
    pipeline.set_state(Gst.State.PLAYING)
    try:
        Cameras.running.publish("live/camera")
        message = pipeline.get_bus().timed_pop_filtered(20 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        assert message and message.type == Gst.MessageType.EOS, message and message.parse_error()
    finally:
        pipeline.set_state(Gst.State.NULL)
    assert len(frames) == 30
    assert frames == sorted(frames)
    assert told == ["camera"]
