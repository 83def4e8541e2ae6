# SPDX-License-Identifier: LGPL-2.1-or-later
"""Does the media say what its playlist says? Parts and segments of one rendition, as they were downloaded.

Reads fMP4 through mp4boxes.py; knows playlist entries, but no HTTP.
"""

import hashlib
from fractions import Fraction

import mp4boxes

ROUNDING = Fraction(1, 100000)  # durations are written with five decimals
RTMP_ROUNDING = Fraction(1, 2000)  # its timestamps are whole milliseconds


class MediaTimeline:
    """Takes one rendition's parts in order and checks each against the entry that lists it."""

    def __init__(self, kind, findings):
        self.kind = kind
        self.findings = findings
        self.headers = {}  # MAP URI -> mp4boxes.Header
        self.starts = {}  # MSN -> presentation time its first part starts at, seconds
        self.dates = {}  # MSN -> (PROGRAM-DATE-TIME, Discontinuity Sequence Number)
        self.sizes = {}  # MSN -> (bytes, seconds) of whole segments, for the peak bit rate
        self.frame = Fraction(0)  # longest sample
        self.digests = {}  # open MSN -> (next part index, sha256 of its parts so far)
        self.last = None  # ((MSN, index), last chunk)
        self.reordered = False  # a sample is presented in another order than it is decoded in

    def add_header(self, uri, data):
        try:
            self.headers[uri] = mp4boxes.Header.parse(data)
        except AssertionError as broken:
            self.report(broken, f"header {uri}")
            self.headers[uri] = None

    def add_part(self, segment, index, part, data, independent_segments):
        """`data` is None for a part that says GAP=YES."""
        name = f"part {index} of MSN {segment.msn}"
        chunks = self.chunks(segment, data, name)
        if not chunks:
            self.last = None
            return
        self.check_duration(part.duration, chunks, "MP-5", name)
        sync = any(sample.sync for chunk in chunks for sample in chunk.samples)
        self.findings.check(sync or not part.independent, "PART-8", f"{name} claims INDEPENDENT and has no key frame")
        self.findings.check(part.independent or not sync, "PART-8", f"{name} has a key frame and is not INDEPENDENT")
        if index == 0:
            self.begin_segment(segment, chunks[0], independent_segments)
        self.check_continuity(segment, index, chunks)
        count, digest = self.digests.setdefault(segment.msn, (0, hashlib.sha256()))
        if count == index:
            digest.update(data)
            self.digests[segment.msn] = (count + 1, digest)

    def add_segment(self, segment, data, independent_segments):
        name = f"MSN {segment.msn}"
        chunks = self.chunks(segment, data, name)
        if not chunks:
            return
        absent = sum(part.duration for part in segment.parts if part.gap)  # it lacks the samples of its gaps
        self.check_duration(segment.duration - absent, chunks, "MP-5", name, len(segment.parts) if absent else 1)
        count, digest = self.digests.pop(segment.msn, (0, None))
        if digest and segment.parts and count == len(segment.parts):
            same = digest.digest() == hashlib.sha256(data).digest()
            self.findings.check(same, "MP-6", f"{name} is not its parts one after the other")
        self.findings.check(chunks[0].has_styp, "CM-9", f"{name} does not start with styp")
        self.findings.check(
            not any(chunk.has_styp and "cmfl" not in chunk.brands for chunk in chunks[1:]),
            "CM-9",
            f"{name} has styp inside",
        )
        if independent_segments:
            self.findings.check(chunks[0].starts_with_sync, "MP-18", f"{name} does not start with a key frame")
        self.sizes[segment.msn] = (len(data), float(segment.duration))

    def chunks(self, segment, data, name):
        header = self.headers.get(segment.map_uri)
        if data is None or header is None:
            return []
        try:
            return mp4boxes.Chunk.parse(data, header)
        except AssertionError as broken:
            self.report(broken, name)
            return []

    def check_duration(self, listed, chunks, rule, name, roundings=1):
        measured = Fraction(sum(chunk.duration for chunk in chunks), chunks[0].timescale)
        off = abs(measured - Fraction(listed))
        self.findings.check(
            off <= ROUNDING * roundings, rule, f"{name} is listed with {listed} s and lasts {float(measured):.6f} s"
        )

    def begin_segment(self, segment, chunk, independent_segments):
        self.starts[segment.msn] = presentation_start(chunk)
        if segment.date:
            self.dates[segment.msn] = (segment.date, segment.discontinuity_sequence)
        if independent_segments:
            self.findings.check(chunk.starts_with_sync, "MP-18", f"MSN {segment.msn} does not start with a key frame")

    def check_continuity(self, segment, index, chunks):
        """CM-6, also from part to part; after a DISCONTINUITY or a GAP the time line may step."""
        for chunk in chunks:
            self.frame = max(self.frame, max(Fraction(sample.duration, chunk.timescale) for sample in chunk.samples))
            self.reordered |= len({sample.composition_offset for sample in chunk.samples}) > 1
        expected = None
        if self.last:
            (msn, at), before = self.last
            follows = (segment.msn, index) == (msn, at + 1) or index == 0 and segment.msn == msn + 1
            if follows and not (index == 0 and segment.discontinuity):
                expected = before
        if expected:
            self.findings.check(
                chunks[0].base_decode_time == expected.end,
                "CM-6",
                f"part {index} of MSN {segment.msn} starts at {chunks[0].base_decode_time}, not at {expected.end}",
            )
            self.findings.check(
                chunks[0].sequence_number > expected.sequence_number,
                "CM-10",
                f"mfhd sequence at part {index} of MSN {segment.msn}",
            )
        self.last = ((segment.msn, index), chunks[-1])

    def report(self, broken, name):
        rule, _, text = str(broken).partition(": ")
        known = bool(text) and " " not in rule
        self.findings.add(rule if known else "MP4", f"{name}: {text if known else broken}")


def peak_bitrate(sizes, target_duration):
    """The largest bit rate of any run of segments that lasts 0.5 to 1.5 target durations, and half a second (bis 4.1)."""
    peak = 0
    for first in sizes:
        total, seconds, msn = 0, 0.0, first
        while msn in sizes and seconds + sizes[msn][1] <= 1.5 * target_duration + 0.5:
            total, seconds, msn = total + sizes[msn][0], seconds + sizes[msn][1], msn + 1
            if seconds >= 0.5 * target_duration:
                peak = max(peak, 8 * total / seconds)
    return peak


def presentation_start(chunk):
    """The earliest presentation time of a chunk, in seconds."""
    at, earliest = chunk.base_decode_time, None
    for sample in chunk.samples:
        time = at + sample.composition_offset
        earliest = time if earliest is None else min(earliest, time)
        at += sample.duration
    return Fraction(earliest, chunk.timescale)


def check_dates(timeline, findings):
    """MP-9: dates and media times advance together, to a frame, between two discontinuities."""
    anchors = {}
    for msn, (date, number) in sorted(timeline.dates.items()):
        first_date, first_start = anchors.setdefault(number, (date, timeline.starts[msn]))
        apart = Fraction((date - first_date).total_seconds()) - (timeline.starts[msn] - first_start)
        findings.check(
            abs(apart) <= timeline.frame + Fraction(2, 1000),
            "MP-9",
            f"date of MSN {msn} is {float(apart):+.4f} s off its media",
        )


def check_alignment(timelines, findings):
    """CM-16: the same MSN is the same media time in every rendition; audio begins within a frame of video.

    FIXME: a rung that begins late on a busy machine is laid on one of RTMP's rounded times, 0.3 ms from the copy's.
    """
    video = [timeline for timeline in timelines if timeline.kind == "video"]
    if not video:
        return
    for timeline in timelines:
        for msn in sorted(set(video[0].starts) & set(timeline.starts)):
            apart = timeline.starts[msn] - video[0].starts[msn]
            allowed = timeline.frame if timeline.kind == "audio" else RTMP_ROUNDING
            findings.check(
                abs(apart) <= allowed,
                "CM-16",
                f"{timeline.kind} of MSN {msn} starts {float(apart):+.4f} s from the video",
            )
            check_same_date(timeline, video[0], msn, apart, findings)


def check_same_date(timeline, video, msn, apart, findings):
    if msn in timeline.dates and msn in video.dates:
        date_apart = Fraction((timeline.dates[msn][0] - video.dates[msn][0]).total_seconds())
        off = abs(date_apart - apart)
        findings.check(
            off <= Fraction(2, 1000), "MV-8", f"dates of MSN {msn} differ {float(off):.4f} s more than the media"
        )
