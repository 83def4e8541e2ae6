# SPDX-License-Identifier: LGPL-2.1-or-later
"""Viewers keep playing whatever a WHIP publisher does: leave and return, by another protocol too, or for good."""

from urllib.parse import urljoin

import publishers
import pytest
import whep_offer
from conftest import Origin, _starter
from processes import wait_for
from whep_players import Player
from whip_publishers import Publisher
from whip_source import Source, ask, assert_whole

STREAMS = """
listen:
  http: "127.0.0.1:{http}"
  rtmp: "127.0.0.1:{rtmp}"
streams:
  live/*:
    run: on-publish
    nodes:
      in:     {{element: millingestsrc, reconnect-timeout: 20s}}
      hls:    {{element: millhlssink, from: in}}
      webrtc: {{element: millwhepsink, from: in}}
  brief/*:
    run: on-publish
    nodes:
      in:     {{element: millingestsrc, reconnect-timeout: 500ms}}
      webrtc: {{element: millwhepsink, from: in}}
"""


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    start, end = _starter()
    yield Origin(start, tmp_path_factory.mktemp("whip"), STREAMS)
    end()


@pytest.fixture
def whip():
    """whip(url, *words) publishes with webrtcbin until the end of the test."""
    publishing = []

    def whip(url, *words):
        publishing.append(Publisher("webrtcbin", url, *words))
        return publishing[-1].wait_connected()

    yield whip
    for one in publishing:
        one.kill()


@pytest.fixture
def watch():
    """watch(url) is a WHEP viewer until the end of the test."""
    watching = []

    def watch(url):
        watching.append(Player("webrtcbin", url, ["video"]))
        return watching[-1]

    yield watch
    for one in watching:
        one.kill()


def video(seen):
    return next(s for s in seen if s.kind == "video")


def test_who_leaves_and_returns_is_a_discontinuity_for_those_who_stay(origin, whip, watch, play, path):
    url = origin.url(f"{path}/whip")
    first = whip(url, "H264", "OPUS")
    origin.wait_live(path)
    client, viewer = play(origin.hls(path)), watch(origin.url(f"{path}/whep"))
    viewer.wait_frames(video=30)
    assert client.wait_parts(5)
    assert first.stop() == 0
    assert first.fact("left") == 200
    whip(url, "H264", "OPUS")
    viewer.wait_more(video=60)
    assert client.wait_until(lambda seen: all(s.discontinuities for s in seen)), "no discontinuity after the return"
    assert client.wait_parts(10)
    findings = client.stop()
    print(*client.seen, sep="\n")
    assert findings.lines() == []
    assert [s.discontinuities for s in client.seen] == [1, 1]
    assert not any(s.ended for s in client.seen)
    assert not [fact for fact in viewer.facts if fact.get("corrupt")]


def test_a_stream_goes_on_from_rtmp_to_whip_and_back(start, origin, whip, watch, play, path, clip):
    first = start(publishers.ffmpeg(clip("small"), origin.rtmp(path)))
    origin.wait_live(path)
    client, viewer = play(origin.hls(path)), watch(origin.url(f"{path}/whep"))
    viewer.wait_frames(video=30)
    assert not is_free(origin.url(f"{path}/whip"))
    first.kill()
    second = whip(origin.url(f"{path}/whip"), "H264", "OPUS")
    assert client.wait_until(lambda seen: video(seen).discontinuities == 1), "nothing came by WHIP"
    viewer.wait_more(video=30)
    assert second.stop() == 0
    start(publishers.ffmpeg(clip("small"), origin.rtmp(path)))
    assert client.wait_until(lambda seen: video(seen).discontinuities == 2), "nothing came by RTMP again"
    viewer.wait_more(video=30)
    assert client.wait_parts(5)
    findings = client.stop()
    print(*client.seen, sep="\n")
    assert findings.lines() == []
    assert not any(s.ended for s in client.seen)
    assert {tuple(fact["size"]) for fact in viewer.frames("video")} == {(320, 180), (320, 240)}


def test_a_stream_ends_when_nobody_returns_and_begins_anew_with_the_next_publisher(origin, whip):
    def said(what, times):
        wait_for(lambda: origin.process.text.count(f"brief/cam1: {what}") == times, 20, f"{what}, time {times}")

    for times in (1, 2):
        publisher = whip(origin.url("brief/cam1/whip"), "H264")
        said("live", times)
        publisher.stop()
        said("ended", times)


def test_the_end_is_an_eos_and_the_path_is_free(whip):
    with Source(reconnect_timeout=300_000_000) as source:
        publisher = whip(source.url, "H264", "OPUS")
        source.wait_frames(video_0=20, audio_0=20)
        publisher.stop()
        wait_for(lambda: all(track.ended for track in source.tracks.values()), 20, "the end of both tracks")
        assert source.publish().status == 404
        with Source(http_port=source.http_port, udp_port=source.udp_port) as successor:
            assert successor.publish().status == 201
        assert [event for event, _ in source.heard] == ["connected", "disconnected"]


@pytest.mark.parametrize("returns_as", [("H264", "OPUS"), ("H264",)], ids=" ".join)
def test_the_pads_go_on_with_whoever_returns(whip, returns_as):
    """Also without a track; behind a discontinuity, and in later times."""
    with Source() as source:
        publisher = whip(source.url, "H264", "OPUS")
        source.wait_frames(video_0=20, audio_0=20)
        publisher.stop()
        whip(source.url, *returns_as)
        source.wait_more(video_0=30)
        assert set(source.tracks) == {"video_0", "audio_0"}
        assert_whole(source.tracks["video_0"])
        assert source.said() == []
        assert not any(track.ended for track in source.tracks.values())
        assert source.stats()["publishers"] == 2


def test_who_was_cut_off_without_a_word_is_replaced_when_it_returns(origin, whip, watch, path):
    """Its consent lasts for half a minute; its silence is noticed before."""
    url = origin.url(f"{path}/whip")
    first = whip(url, "H264")
    viewer = watch(origin.url(f"{path}/whep"))
    viewer.wait_frames(video=30)
    first.kill()
    wait_for(lambda: is_free(url), 10, "its path is given to others")
    whip(url, "H264")
    viewer.wait_more(video=60)
    assert not [fact for fact in viewer.facts if fact.get("corrupt")]


def is_free(url):
    """Whether an offer is taken there."""
    reply = ask("POST", url, whep_offer.offer(["video"], direction="sendonly"), content_type="application/sdp")
    if reply.status == 409:
        return False
    assert ask("DELETE", urljoin(url, reply.header("location"))).status == 200
    return True
