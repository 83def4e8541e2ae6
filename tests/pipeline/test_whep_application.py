# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an application hears of its WebRTC viewers: signals, once each, and counters."""

import queue

import pytest
from whep_players import Player
from whep_stream import VP8, Stream, ask


@pytest.fixture
def stream():
    with Stream(VP8) as running:
        yield running


@pytest.fixture
def heard(stream):
    """heard() is the next signal, (name, facts); heard(0) is None when there was none."""
    signals = queue.Queue()
    for name in ("viewer-joined", "viewer-left"):

        def tell(_, facts, name=name):
            fields = [facts.nth_field_name(index) for index in range(facts.n_fields())]
            signals.put((name, {field: facts.get_value(field) for field in fields}))

        stream.sink.connect(name, tell)

    def heard(timeout=30):
        try:
            return signals.get(timeout=timeout) if timeout else signals.get_nowait()
        except queue.Empty:
            return None

    return heard


@pytest.fixture
def player(stream):
    client = Player("webrtcbin", stream.url, ["video"])
    try:
        client.wait_frames(video=10)
        yield client
    finally:
        client.kill()


def joined_by(player, heard):
    """The facts of viewer-joined, which are right."""
    name, facts = heard()
    assert name == "viewer-joined"
    assert facts["path"] == "live/test"
    assert facts["protocol"] == "whep"
    assert facts["address"].startswith("127.0.0.1:")
    assert player.fact("session").endswith(f"/{facts['session']}")
    return facts


def test_a_viewer_that_leaves_is_heard_of_twice(stream, heard, player):
    came = joined_by(player, heard)
    assert ask("DELETE", f"{stream.url}/{came['session']}").status == 200
    name, left = heard()
    assert name == "viewer-left"
    assert left.pop("reason")
    assert left == came
    stream.wait_stats(lambda stats: stats["viewers"] == stats["sessions"] == 0, 20, "no viewers")
    assert stream.stats()["joined"] == 1
    assert heard(0) is None


def test_the_end_of_the_stream_is_told_for_each_viewer(stream, heard, player):
    came = joined_by(player, heard)
    stream.stop()
    name, left = heard()
    assert name == "viewer-left"
    assert left["session"] == came["session"]
    assert left["reason"]
    assert heard(0) is None


def test_who_asks_but_never_connects_is_not_a_viewer(stream, heard):
    url = stream.session_of(stream.join())
    assert stream.stats()["sessions"] == 1
    assert stream.stats()["viewers"] == 0
    assert ask("DELETE", url).status == 200
    assert stream.stats()["sessions"] == 0
    assert heard(0) is None


def test_the_counters_of_what_is_sent_grow_while_somebody_watches(stream, player):
    first = stream.wait_stats(lambda stats: stats["packets"] > 0, 20, "packets are counted")
    player.wait_more(video=30)
    stream.wait_stats(
        lambda stats: stats["packets"] >= first["packets"] + 20 and stats["bytes"] > first["bytes"], 20, "more packets"
    )
