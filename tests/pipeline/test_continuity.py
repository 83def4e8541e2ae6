# SPDX-License-Identifier: LGPL-2.1-or-later
"""A viewer keeps playing whatever its publisher does: crash and return, change format, freeze, send few key frames."""

import signal

import publishers


def video(seen):
    return next(s for s in seen if s.kind == "video")


def test_a_killed_publisher_that_returns_is_a_discontinuity_for_a_viewer_who_stays(
    start, origin, publish, play, path, clip
):
    first = publish("plain", path)
    client = play(origin.hls(path))
    assert client.wait_parts(10)
    first.kill()
    assert client.wait_until(lambda seen: all(s.gaps for s in seen)), "nothing fills the publisher's absence"
    start(publishers.ffmpeg(clip("plain"), origin.rtmp(path)))
    assert client.wait_until(lambda seen: all(s.discontinuities for s in seen)), "no discontinuity after the return"
    assert client.wait_parts(15)
    findings = client.stop()
    print(*client.seen, sep="\n")
    assert findings.lines() == []
    assert not any(s.ended for s in client.seen)


def test_a_publisher_that_returns_in_another_format_brings_a_new_header(start, origin, publish, play, path, clip):
    first = publish("plain", path)
    client = play(origin.hls(path))
    assert client.wait_parts(10)
    first.kill()
    start(publishers.ffmpeg(clip("small"), origin.rtmp(path)))
    assert client.wait_until(lambda seen: video(seen).headers >= 2), "no new EXT-X-MAP for the new picture size"
    assert client.wait_parts(10)
    findings = client.stop()
    print(*client.seen, sep="\n")
    assert findings.lines() == []
    follower = next(f for f in client.followers if f.seen.kind == "video")
    assert [(h.width, h.height) for h in follower.timeline.headers.values()] == [(640, 360), (320, 180)]
    assert video(client.seen).discontinuities >= 1


def test_a_publisher_that_stops_cleanly_and_returns_keeps_its_viewers(start, origin, publish, play, path, clip):
    first = publish("plain", path)
    client = play(origin.hls(path))
    assert client.wait_parts(10)
    first.signal(signal.SIGINT)  # ffmpeg says FCUnpublish and deleteStream
    first.wait()
    start(publishers.ffmpeg(clip("plain"), origin.rtmp(path)))
    assert client.wait_until(lambda seen: all(s.discontinuities for s in seen))
    assert client.wait_parts(10)
    assert client.stop().lines() == []


def test_a_second_publisher_of_a_busy_path_is_refused_and_the_first_is_untouched(
    start, origin, publish, play, path, clip
):
    publish("plain", path)
    client = play(origin.hls(path))
    assert client.wait_parts(5)
    second = start(publishers.ffmpeg(clip("small"), origin.rtmp(path)))
    assert second.wait() != 0, "the second publisher was accepted"
    assert client.wait_parts(10)
    assert client.stop().lines() == []
    assert all(s.gaps == 0 and s.discontinuities == 0 and s.headers == 1 for s in client.seen)


def test_a_frozen_publisher_is_filled_with_gaps_and_goes_on(origin, publish, play, path):
    publisher = publish("plain", path)
    client = play(origin.hls(path))
    assert client.wait_parts(10)
    publisher.signal(signal.SIGSTOP)
    try:
        frozen = client.wait_until(lambda seen: all(s.gaps >= 8 for s in seen), timeout=20)
    finally:
        publisher.signal(signal.SIGCONT)
    assert frozen, "2 s without media made no gaps"
    before = {s.name: (s.parts, s.gaps) for s in client.seen}
    assert client.wait_until(
        lambda seen: all(s.parts - s.gaps > before[s.name][0] - before[s.name][1] + 10 for s in seen)
    )
    findings = client.stop()
    print(*client.seen, sep="\n")
    assert findings.lines() == []


def test_a_key_frame_every_ten_seconds_plays_and_the_operator_is_told_what_to_change(origin, publish, play, path):
    publish("gop-10s", path)
    client = play(origin.hls(path))
    findings = client.join(25)
    print(*client.seen, sep="\n")
    assert findings.lines() == []
    assert all(seen.parts > 50 for seen in client.seen)
    advice = [line for line in origin.process.output if "key" in line.lower() and "frame" in line.lower()]
    assert len(advice) == 1, f"one warning that names the key-frame interval expected: {advice}"
