# SPDX-License-Identifier: LGPL-2.1-or-later
"""Frame rates, B-frames and single tracks: a strict player finds nothing wrong, and the playlist says what is in it."""

from decimal import Decimal

import pytest

ROWS = [
    # clip, kinds of renditions, FRAME-RATE
    ("bframes", {"video", "audio"}, "30.000"),
    ("25fps", {"video", "audio"}, "25.000"),
    ("50fps", {"video", "audio"}, "50.000"),
    ("29.97fps", {"video", "audio"}, "29.970"),
    ("44100", {"video", "audio"}, "30.000"),
    ("video-only", {"video"}, "30.000"),
    ("audio-only", {"audio"}, None),
]


@pytest.mark.parametrize("name, kinds, rate", ROWS, ids=[row[0] for row in ROWS])
def test_the_format_plays_without_a_violation(origin, publish, play, path, name, kinds, rate):
    publish(name, path)
    client = play(origin.hls(path))
    findings = client.join(8)
    print(*client.seen, sep="\n")
    assert findings.lines() == []
    assert {seen.kind for seen in client.seen} == kinds
    assert all(seen.parts >= 20 for seen in client.seen)
    attributes, _ = client.multivariant.variants[0]
    assert attributes.get("FRAME-RATE") == rate
    targets = {seen.playlist.part_target for seen in client.seen}
    assert all(Decimal("0.18") <= target <= Decimal("0.24") for target in targets)


def test_frames_out_of_order_have_composition_offsets(origin, publish, play, path):
    publish("bframes", path)
    client = play(origin.hls(path))
    assert client.wait_parts(5)
    client.stop()
    video = next(follower for follower in client.followers if follower.seen.kind == "video")
    assert video.timeline.reordered, "no sample with a composition offset in a stream with B-frames"
