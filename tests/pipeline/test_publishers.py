# SPDX-License-Identifier: LGPL-2.1-or-later
"""What real programs publish over RTMP is served so that a strict low-latency player finds nothing wrong."""

import publishers
import pytest


def check(client, seconds):
    findings = client.join(seconds)
    print(*client.seen, sep="\n")
    assert findings.lines() == []
    assert {seen.kind for seen in client.seen} == {"video", "audio"}
    assert all(seen.gaps == 0 and seen.discontinuities == 0 for seen in client.seen)
    assert all(seen.segments >= 3 for seen in client.seen)


def test_what_ffmpeg_publishes_plays_without_a_violation(origin, publish, play, path):
    publish("plain", path)
    client = play(origin.hls(path))
    assert client.wait_parts(20)
    check(client, 15)


@pytest.mark.parametrize("sink", ["rtmp2sink", "rtmpsink"])
def test_what_gstreamer_and_librtmp_publish_plays_without_a_violation(start, origin, play, path, clip, sink):
    start(publishers.gstreamer(clip("plain"), origin.rtmp(path), sink))
    origin.wait_live(path)
    check(play(origin.hls(path)), 10)


def test_a_recording_that_starts_over_every_five_seconds_plays_without_a_violation(origin, publish, play, path):
    publish("short", path)
    findings = play(origin.hls(path)).join(13)
    assert findings.lines() == []
