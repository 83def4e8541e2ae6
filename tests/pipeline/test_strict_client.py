# SPDX-License-Identifier: LGPL-2.1-or-later
"""The strict client's own tests: a good playlist passes, and each way to break it is found under its rule's name."""

import pytest

import playlist as hls
import playlist_rules as rules
from findings import Findings

GOOD = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5,HOLD-BACK=6
#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MEDIA-SEQUENCE:10
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXTINF:2.00000,
s10.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z
#EXT-X-PART:DURATION=0.50000,URI="p5.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.50000,URI="p6.m4s"
#EXT-X-PART:DURATION=0.50000,URI="p7.m4s"
#EXT-X-PART:DURATION=0.20000,URI="p8.m4s"
#EXTINF:1.70000,
s11.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:03.700Z
#EXT-X-PART:DURATION=0.50000,URI="p9.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p10.m4s"
#EXT-X-RENDITION-REPORT:URI="../audio_0/index.m3u8",LAST-MSN=12,LAST-PART=0
"""
NEXT = GOOD.replace(
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p10.m4s"',
    '#EXT-X-PART:DURATION=0.50000,URI="p10.m4s"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p11.m4s"',
)
VIDEO = "http://host/live/video_0/index.m3u8"
AUDIO = "http://host/live/audio_0/index.m3u8"

# What is replaced in GOOD, by what, and the rule that must name it.
BROKEN_ALONE = [
    ("#EXTM3U\n", "", "SYN-1"),
    ("s10.m4s", "s10\x07.m4s", "SYN-1"),
    ("#EXTM3U", "\ufeff#EXTM3U", "SYN-1"),
    ("DURATION=0.50000,URI", "DURATION=0.50000, URI", "SYN-3"),
    ('URI="p5.m4s",', 'URI="p5.m4s",URI="p5.m4s",', "SYN-3"),
    ("DURATION=0.50000", "DURATION=5e-1", "SYN-4"),
    ("#EXTINF:1.70000,", "#EXTINF:1,70000", "MP-6"),
    ("#EXT-X-PART-INF", "#EXT-X-TARGETDURATION:2\n#EXT-X-PART-INF", "SYN-5"),
    ("#EXT-X-PART-INF", "#EXT-X-MADE-UP:1\n#EXT-X-PART-INF", "SYN-5"),
    ("VERSION:6", "VERSION:9", "SYN-6"),
    ("VERSION:6", "VERSION:3", "SYN-6"),
    ("TARGETDURATION:2", "TARGETDURATION:1", "MP-1"),
    ("#EXT-X-TARGETDURATION:2\n", "", "MP-1"),
    ("SEQUENCE:10", "SEQUENCE:0", "MP-4"),
    ("#EXTINF:2.00000,\n", "", "MP-5"),
    ("#EXTINF:1.70000,", "#EXTINF:1.60000,", "MP-6"),
    ('#EXT-X-MAP:URI="init1.mp4"\n', "", "MP-7"),
    ("00:00:02.000Z", "00:00:02.000", "MP-8"),
    ("00:00:02.000Z", "00:00:02Z", "MP-8"),
    ("00:00:03.700Z", "00:00:03.900Z", "MP-9"),
    ("#EXT-X-DISCONTINUITY-SEQUENCE:0\n", "", "MP-11"),
    ("#EXT-X-PART-INF", "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-PART-INF", "MP-13"),
    ("#EXT-X-RENDITION", "#EXT-X-ENDLIST\n#EXT-X-RENDITION", "MP-17"),
    ("#EXT-X-PART-INF:PART-TARGET=0.5\n", "", "SC-1"),
    ("PART-HOLD-BACK=1.5", "PART-HOLD-BACK=1.2", "SC-2"),
    (",HOLD-BACK=6", ",HOLD-BACK=5", "SC-3"),
    (",HOLD-BACK=6", ",HOLD-BACK=6,CAN-SKIP-UNTIL=11", "SC-4"),
    ("CAN-BLOCK-RELOAD=YES,", "", "SC-5"),
    ('DURATION=0.50000,URI="p6.m4s"', 'DURATION=0.50001,URI="p6.m4s"', "PART-2"),
    ('DURATION=0.50000,URI="p6.m4s"', 'DURATION=0.42000,URI="p6.m4s"', "PART-3"),
    (
        '#EXT-X-PART:DURATION=0.50000,URI="p6.m4s"',
        '#EXT-X-PART:DURATION=0.50000,URI="p6.m4s"\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z',
        "PART-9",
    ),
    ("#EXT-X-PRELOAD-HINT", "#EXTINF:0.5,\n#EXT-X-PRELOAD-HINT", "PART-14"),
    ('#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p10.m4s"\n', "", "HINT-1"),
    ('TYPE=PART,URI="p10.m4s"', 'TYPE=PART,URI="p9.m4s"', "HINT-2"),
    ("audio_0", "audio_1", "RR-1"),
    ("LAST-MSN=12,LAST-PART=0", "LAST-MSN=12,LAST-PART=4", "RR-4"),
    ("LAST-MSN=12,", "", "RR-2"),
    ("s11.m4s", "s10.m4s", "SYN-9"),
]
# The same of NEXT, which follows GOOD.
BROKEN_IN_SUCCESSION = [
    ("SEQUENCE:10\n", "SEQUENCE:9\n", "MP-4"),
    ("s11.m4s", "other11.m4s", "SYN-9"),
    ("#EXTINF:2.00000", "#EXTINF:1.99999", "SYN-8"),
    ('URI="p7.m4s"', 'URI="q7.m4s"', "SYN-8"),
    ('URI="init1.mp4"', 'URI="init2.mp4"', "SYN-8"),
    ("00:00:03.700Z", "00:00:03.701Z", "SYN-8"),
    ("p10.m4s", "other.m4s", "HINT-2"),
    ("PART-TARGET=0.5\n", "PART-TARGET=0.6\n", "SC-1"),
    ("PART-HOLD-BACK=1.5", "PART-HOLD-BACK=1.6", "SC-5"),
    ("TARGETDURATION:2", "TARGETDURATION:3", "MP-1"),
    ("DISCONTINUITY-SEQUENCE:0", "DISCONTINUITY-SEQUENCE:1", "MP-11"),
    ('#EXT-X-PART:DURATION=0.50000,URI="p9.m4s",INDEPENDENT=YES\n', "", "SYN-8"),
]


def judge(text, previous=None, kind="video"):
    findings = Findings()
    playlist = hls.parse(text.encode(), findings)
    rules.check_media(playlist, kind, findings)
    sync = rules.Sync()
    for _ in range(rules.Sync.PATIENCE):  # as a client would see it that reloads
        sync.saw(rules.check_reports(playlist, VIDEO, [VIDEO, AUDIO], findings), findings)
    if previous:
        rules.check_succession(hls.parse(previous.encode(), Findings()), playlist, findings)
    return findings


def test_a_good_playlist_and_the_one_after_it_break_no_rule():
    assert judge(GOOD).lines() == []
    assert judge(NEXT, previous=GOOD).lines() == []


@pytest.mark.parametrize("find, replace, rule", BROKEN_ALONE)
def test_each_way_to_break_a_playlist_is_named(find, replace, rule):
    assert find in GOOD
    assert rule in judge(GOOD.replace(find, replace, 1)).rules()


@pytest.mark.parametrize("find, replace, rule", BROKEN_IN_SUCCESSION)
def test_each_forbidden_change_between_two_playlists_is_named(find, replace, rule):
    assert find in NEXT
    assert rule in judge(NEXT.replace(find, replace, 1), previous=GOOD).rules()


def test_an_audio_part_that_is_not_independent_is_named():
    assert "PART-8" in judge(GOOD, kind="audio").rules()


def test_the_part_before_a_key_frame_is_not_exempt_from_85_percent_and_the_one_before_a_gap_is():
    short = GOOD.replace('DURATION=0.50000,URI="p6.m4s"', 'DURATION=0.40000,URI="p6.m4s"').replace("1.70000", "1.60000")
    before_key = short.replace('URI="p7.m4s"', 'URI="p7.m4s",INDEPENDENT=YES')
    before_gap = short.replace('URI="p7.m4s"', 'URI="p7.m4s",GAP=YES')
    assert "PART-3" in judge(before_key).rules()
    assert "PART-3" not in judge(before_gap).rules()


DELTA_FULL = (
    GOOD.split("#EXT-X-MAP")[0].replace("HOLD-BACK=6", "HOLD-BACK=6,CAN-SKIP-UNTIL=12")
    + '#EXT-X-MAP:URI="init1.mp4"\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n'
    + "".join(f"#EXTINF:2.00000,\ns{msn}.m4s\n" for msn in range(10, 20))
)
DELTA = (
    DELTA_FULL.split("#EXT-X-MAP")[0].replace("VERSION:6", "VERSION:9")
    + '#EXT-X-SKIP:SKIPPED-SEGMENTS=4\n#EXT-X-MAP:URI="init1.mp4"\n'
    + "".join(f"#EXTINF:2.00000,\ns{msn}.m4s\n" for msn in range(14, 20))
)


def test_a_delta_and_the_clients_copy_make_the_whole_playlist():
    findings = Findings()
    full, delta = hls.parse(DELTA_FULL.encode(), findings), hls.parse(DELTA.encode(), findings)
    whole = rules.expand_delta(delta, full, findings)
    assert [s.uri for s in whole.segments] == [s.uri for s in full.segments]
    assert findings.lines() == []


@pytest.mark.parametrize(
    "find, replace, rule",
    [
        ("SEGMENTS=4", "SEGMENTS=99", "SK-2"),
        ("SEGMENTS=4", "SEGMENTS=0", "SK-2"),
        ('#EXT-X-MAP:URI="init1.mp4"\n', "", "SK-4"),
        ("CAN-SKIP-UNTIL=12", "CAN-SKIP-UNTIL=18", "SK-1"),
    ],
)
def test_each_way_to_break_a_delta_is_named(find, replace, rule):
    findings = Findings()
    full, delta = hls.parse(DELTA_FULL.encode(), findings), hls.parse(DELTA.replace(find, replace).encode(), findings)
    rules.expand_delta(delta, full, findings)
    assert rule in findings.rules()


MULTIVARIANT = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="b",LANGUAGE="und",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2000,AVERAGE-BANDWIDTH=1000,CODECS="avc1.64001f",RESOLUTION=64x36,FRAME-RATE=30.000,AUDIO="a"
video_0/index.m3u8
"""


def judge_multivariant(text):
    findings = Findings()
    rules.check_multivariant(hls.parse(text.encode(), findings), findings)
    return findings


def test_a_good_multivariant_playlist_breaks_no_rule_and_names_its_renditions():
    assert judge_multivariant(MULTIVARIANT).lines() == []
    renditions = hls.parse(MULTIVARIANT.encode(), Findings()).renditions
    assert [(r.kind, r.uri) for r in renditions] == [("video", "video_0/index.m3u8"), ("audio", "audio/index.m3u8")]


@pytest.mark.parametrize(
    "find, replace, rule",
    [
        ("BANDWIDTH=2000,", "", "MV-2"),
        (",AVERAGE-BANDWIDTH=1000", "", "MV-1"),
        (",RESOLUTION=64x36", "", "MV-1"),
        ("FRAME-RATE=30.000", "FRAME-RATE=30", "MV-1"),
        ('CHANNELS="2",', "", "MV-5"),
        ('LANGUAGE="und",', "", "MV-5"),
        ("AUTOSELECT=YES", "AUTOSELECT=NO", "MV-5"),
        (',AUDIO="a"', ',AUDIO="sound"', "MV-6"),
        ("video_0/index.m3u8\n", "", "MV-1"),
        ("#EXT-X-MEDIA", "#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA", "SYN-5"),
    ],
)
def test_each_way_to_break_a_multivariant_playlist_is_named(find, replace, rule):
    assert rule in judge_multivariant(MULTIVARIANT.replace(find, replace)).rules()
