# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the specification asks of an LL-HLS playlist, of two in succession, and of the renditions of one stream.

Pure functions over playlist.py's objects; each names the rule it finds broken. The names (SYN, MV, MP, SC, PART, HINT,
RR, SK) group the clauses of draft-pantos-hls-rfc8216bis-22 by subject; "AUTH" is Apple's HLS authoring specification.
"""

import copy
import re
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urljoin, urlsplit

from playlist import number_discontinuities

ROUNDING = Decimal("0.000005")  # half of the last decimal a duration is written with
SHORTEST_PART = Decimal("0.85")  # of the part target (bis 4.4.4.9)


# -- one media playlist ------------------------------------------------------------------------------------------------


def check_media(playlist, kind, findings):
    """`kind` is "video" or "audio"."""
    check_version(playlist, findings)
    check_server_control(playlist, findings)
    check_segments(playlist, findings)
    check_dates(playlist, findings)
    check_parts(playlist, kind, findings)
    check_hints(playlist, findings)


def check_version(playlist, findings):
    """SYN-6: EXT-X-MAP needs 6, EXT-X-SKIP 9, and no more than is needed."""
    needed = 9 if playlist.skipped else 6
    allowed = (9, 10) if playlist.skipped else (6,)
    findings.check(playlist.version in allowed, "SYN-6", f"version {playlist.version}, needed {needed}")


def check_server_control(playlist, findings):
    control, target = playlist.server_control, playlist.target_duration
    has_parts = any(segment.parts for segment in playlist.segments)
    if not findings.check(playlist.part_target is not None or not has_parts, "SC-1", "parts without PART-INF"):
        return
    if playlist.part_target is not None:
        hold_back = Decimal(control.get("PART-HOLD-BACK", "0"))
        findings.check(
            hold_back >= 3 * playlist.part_target,
            "SC-2",
            f"PART-HOLD-BACK {hold_back} of part target {playlist.part_target}",
        )
        findings.check(control.get("CAN-BLOCK-RELOAD") == "YES", "SC-5", "low latency without CAN-BLOCK-RELOAD=YES")
    if "HOLD-BACK" in control:
        findings.check(
            Decimal(control["HOLD-BACK"]) >= 3 * target, "SC-3", f"HOLD-BACK {control['HOLD-BACK']} of TD {target}"
        )
    if "CAN-SKIP-UNTIL" in control:
        until = Decimal(control["CAN-SKIP-UNTIL"])
        findings.check(until >= 6 * target, "SC-4", f"CAN-SKIP-UNTIL {until} of TD {target}")
    else:
        findings.check("CAN-SKIP-DATERANGES" not in control, "SC-4", "CAN-SKIP-DATERANGES without CAN-SKIP-UNTIL")


def check_segments(playlist, findings):
    findings.check(playlist.target_duration >= 1, "MP-1", f"TARGETDURATION {playlist.target_duration}")
    findings.check(playlist.media_sequence >= 1, "MP-4", "MEDIA-SEQUENCE 0 stops blocking reload in hls.js")
    for segment in playlist.complete:
        rounded = segment.duration.quantize(Decimal(1), ROUND_HALF_UP)
        findings.check(
            rounded <= playlist.target_duration,
            "MP-1",
            f"EXTINF {segment.duration} of MSN {segment.msn} exceeds TD {playlist.target_duration}",
        )
    for segment in playlist.segments:
        findings.check(segment.map_uri or segment.gap, "MP-7", f"no MAP in force at MSN {segment.msn}")
    uris = [segment.uri for segment in playlist.complete] + [
        p.uri for s in playlist.segments for p in s.parts if not p.byterange
    ]
    again = sorted({uri for uri in uris if uris.count(uri) > 1})
    findings.check(not again, "SYN-9", f"URIs used twice: {again[:3]}")


def check_dates(playlist, findings):
    """MP-8, MP-9: a date in every playlist, and between two dates exactly the media between them."""
    findings.check(any(segment.date for segment in playlist.segments), "MP-8", "no PROGRAM-DATE-TIME")
    for segment in playlist.segments:
        dated = segment.date or not segment.discontinuity
        findings.check(dated, "MP-8", f"MSN {segment.msn} has DISCONTINUITY and no PROGRAM-DATE-TIME")
    anchor, elapsed = None, Decimal(0)
    for segment in playlist.segments:
        if segment.discontinuity:
            anchor = None
        if anchor and segment.date:
            apart = Decimal((segment.date - anchor).total_seconds()).quantize(Decimal("0.000001"))
            findings.check(
                abs(apart - elapsed) <= Decimal("0.002"),
                "MP-9",
                f"dates up to MSN {segment.msn} say {apart} s, EXTINF {elapsed} s",
            )
        elif segment.date:
            anchor, elapsed = segment.date, Decimal(0)
        elapsed += segment.span


def rounding_of(segments):
    """How far the sum of their spans may be from what was not rounded yet."""
    return ROUNDING * sum(1 if segment.complete else len(segment.parts) for segment in segments)


def check_parts(playlist, kind, findings):
    if playlist.part_target is None:
        return
    from_end = playlist.duration
    slack = rounding_of(playlist.segments)
    for segment in playlist.segments:
        check_parts_of(segment, playlist.part_target, kind, findings)
        from_end -= segment.span  # now the distance from the segment's end to the playlist's
        old = segment.parts and from_end > 3 * playlist.target_duration + slack
        findings.check(not old, "PART-10", f"parts of MSN {segment.msn} listed {from_end} s before the end")


def check_parts_of(segment, target, kind, findings):
    for index, part in enumerate(segment.parts):
        name = f"part {index} of MSN {segment.msn}"
        findings.check(part.duration <= target, "PART-2", f"{name} lasts {part.duration} s, PART-TARGET {target}")
        last = index + 1 == len(segment.parts)
        exempt = last or part.independent or part.gap or segment.parts[index + 1].gap
        findings.check(
            exempt or part.duration >= SHORTEST_PART * target,
            "PART-3",
            f"{name} lasts {part.duration} s, less than 85 % of {target}",
        )
        if kind == "audio":
            findings.check(part.independent or part.gap, "PART-8", f"audio {name} is not INDEPENDENT")
    if segment.complete and segment.parts:
        total = sum(part.duration for part in segment.parts)
        slack = ROUNDING * (len(segment.parts) + 1)
        findings.check(
            abs(total - segment.duration) <= slack,
            "MP-6",
            f"parts of MSN {segment.msn} last {total} s, EXTINF {segment.duration}",
        )


def check_hints(playlist, findings):
    parts = [hint for hint in playlist.hints if hint.type == "PART"]
    if playlist.ended:
        findings.check(not playlist.hints, "MP-17", "ENDLIST and a preload hint")
    elif playlist.part_target is not None:
        findings.check(len(parts) == 1, "HINT-1", f"{len(parts)} hints of TYPE=PART")
    known = {part.uri for segment in playlist.segments for part in segment.parts}
    for hint in parts:
        findings.check(hint.uri not in known, "HINT-2", f"{hint.uri} is hinted and listed already")


# -- two playlists of one rendition, the older first -------------------------------------------------------------------


def check_succession(old, new, findings):
    """SYN-8: a playlist may only be appended to, lose its oldest segments, lose old parts, and end."""
    check_constants(old, new, findings)
    findings.check(new.progress >= old.progress, "SYN-8", f"went back from {old.progress} to {new.progress}")
    findings.check(new.media_sequence >= old.media_sequence, "MP-4", "MEDIA-SEQUENCE decreased")
    if old.ended:
        findings.check(new.ended and new.progress == old.progress, "MP-17", "changed after ENDLIST")
    check_removed(old, new, findings)
    later = {segment.msn: segment for segment in new.segments}
    for segment in old.segments:
        if segment.msn in later:
            check_same_segment(segment, later[segment.msn], findings)
            check_same_parts(segment, later[segment.msn], old, new, findings)
    check_hint_kept(old, new, findings)


def check_constants(old, new, findings):
    for name, rule in (("target_duration", "MP-1"), ("part_target", "SC-1"), ("server_control", "SC-5")):
        before, after = getattr(old, name), getattr(new, name)
        findings.check(before == after, rule, f"{name} changed from {before} to {after}")


def check_removed(old, new, findings):
    removed = [segment for segment in old.segments if segment.msn < new.media_sequence]
    left = old.discontinuity_sequence + sum(segment.discontinuity for segment in removed)
    comparable = not removed or removed[-1].msn + 1 == new.media_sequence
    findings.check(
        not comparable or new.discontinuity_sequence == left,
        "MP-11",
        f"DISCONTINUITY-SEQUENCE {new.discontinuity_sequence} where {left} follows from what was removed",
    )
    if removed and not new.ended:
        findings.check(len(new.complete) >= 6, "MP-14", f"{len(new.complete)} segments left after removing some")
        span = sum(segment.duration for segment in new.complete)
        findings.check(span >= 3 * new.target_duration, "MP-14", f"only {span} s left after removing segments")


def check_same_segment(old, new, findings):
    name = f"MSN {old.msn}"
    findings.check(new.complete or not old.complete, "SYN-8", f"{name} was complete and is open again")
    if old.complete and new.complete:
        findings.check(old.uri == new.uri, "SYN-9", f"{name} was {old.uri}, is {new.uri}")
        findings.check(old.duration == new.duration, "SYN-8", f"EXTINF of {name} was {old.duration}, is {new.duration}")
    for attribute in ("map_uri", "discontinuity", "gap", "date", "discontinuity_sequence"):
        before, after = getattr(old, attribute), getattr(new, attribute)
        if attribute == "gap" and not old.complete:
            continue
        findings.check(before == after, "SYN-8", f"{attribute} of {name} was {before}, is {after}")


def check_same_parts(old_segment, new_segment, old, new, findings):
    before, after = old_segment.parts, new_segment.parts
    if before and not after:
        since = [segment for segment in new.segments if segment.msn >= new_segment.msn]
        start = sum((segment.span for segment in since), Decimal(0))
        findings.check(
            start > 3 * new.target_duration - rounding_of(since),
            "PART-10",
            f"parts of MSN {new_segment.msn} gone {start} s before the end"
        )
        return
    findings.check(after[: len(before)] == before, "SYN-8", f"parts of MSN {old_segment.msn} changed")
    if old_segment.complete:
        findings.check(len(after) == len(before), "SYN-8", f"complete MSN {old_segment.msn} got another part")


def parts_after(old, new):
    """The (segment, index, part) that `new` lists and `old` does not, in order."""
    msn, index = old.next
    return [
        (segment, at, part)
        for segment in new.segments
        for at, part in enumerate(segment.parts)
        if (segment.msn, at) >= (msn, index)
    ]


def check_hint_kept(old, new, findings):
    """HINT-2: the next part has the URI that was hinted for it, unless it never came (a gap takes its place)."""
    fresh = [part for _, _, part in parts_after(old, new)]
    if old.part_hint and fresh and not fresh[0].gap:
        findings.check(
            fresh[0].uri == old.part_hint.uri, "HINT-2", f"hinted {old.part_hint.uri}, listed {fresh[0].uri}"
        )


# -- delta updates -----------------------------------------------------------------------------------------------------


def expand_delta(delta, full, findings):
    """The whole playlist that `delta` stands for, for a client that has `full`; None where it does not fit."""
    if not delta.skipped:
        return delta
    known = {segment.msn: segment for segment in full.segments}
    wanted = range(delta.media_sequence, delta.media_sequence + delta.skipped)
    missing = [msn for msn in wanted if msn not in known or not known[msn].complete]
    if not findings.check(not missing, "SK-2", f"delta skips {missing}, which the client never had"):
        return None
    whole = copy.copy(delta)
    whole.version, whole.skipped = full.version, 0
    whole.segments = [copy.copy(known[msn]) for msn in wanted] + [copy.copy(segment) for segment in delta.segments]
    number_discontinuities(whole)
    check_skip_boundary(delta, whole, findings)
    first = delta.segments[0] if delta.segments else None
    findings.check(first is None or first.map_repeated, "SK-4", "no MAP before the first segment after SKIP")
    return whole


def check_skip_boundary(delta, whole, findings):
    """SK-1: everything farther than CAN-SKIP-UNTIL from the end of the last segment is skipped, and nothing else."""
    boundary = Decimal(delta.server_control.get("CAN-SKIP-UNTIL", "0"))
    from_end = sum((segment.duration for segment in whole.complete), Decimal(0))
    for index, segment in enumerate(whole.complete):
        if index < delta.skipped:
            findings.check(from_end > boundary, "SK-1", f"MSN {segment.msn} skipped, {from_end} s from the end")
        from_end -= segment.duration


# -- the renditions of one stream --------------------------------------------------------------------------------------


def check_multivariant(playlist, findings):
    findings.check(playlist.variants, "MV-1", "no STREAM-INF")
    groups = {attributes.get("GROUP-ID") for attributes in playlist.media}
    for attributes, uri in playlist.variants:
        check_variant(attributes, uri, groups, findings)
    for attributes in playlist.media:
        needed = {"TYPE", "GROUP-ID", "NAME"} - set(attributes)
        findings.check(not needed, "MV-5", f"EXT-X-MEDIA lacks {sorted(needed)}")
        if attributes.get("TYPE") != "VIDEO":
            findings.check("LANGUAGE" in attributes, "MV-5", f"{attributes.get('NAME')!r} has no LANGUAGE")
        if attributes.get("TYPE") == "AUDIO":
            findings.check("CHANNELS" in attributes, "MV-5", f"{attributes.get('NAME')!r} has no CHANNELS")
        contradiction = attributes.get("DEFAULT") == "YES" and attributes.get("AUTOSELECT", "YES") != "YES"
        findings.check(not contradiction, "MV-5", "DEFAULT=YES with AUTOSELECT=NO")
    names = [(a.get("GROUP-ID"), a.get("NAME")) for a in playlist.media]
    findings.check(len(names) == len(set(names)), "MV-5", f"a NAME twice in a group: {names}")
    for group in groups:
        defaults = [a for a in playlist.media if a.get("GROUP-ID") == group and a.get("DEFAULT") == "YES"]
        findings.check(len(defaults) <= 1, "MV-5", f"{len(defaults)} defaults in group {group}")


def check_variant(attributes, uri, groups, findings):
    for name in ("BANDWIDTH", "AVERAGE-BANDWIDTH", "CODECS"):
        findings.check(attributes.get(name), "MV-1", f"{uri} has no {name}")
    bandwidths = [attributes.get("BANDWIDTH", "0"), attributes.get("AVERAGE-BANDWIDTH", "0")]
    well = all(re.match(r"^\d+$", value) for value in bandwidths)
    findings.check(
        well and int(bandwidths[0]) >= int(bandwidths[1]) > 0, "MV-2", f"{uri}: peak and average bandwidth {bandwidths}"
    )
    if (
        "RESOLUTION" in attributes
        or "FRAME-RATE" in attributes
        or re.search("avc|hvc|av01", attributes.get("CODECS", ""))
    ):
        findings.check(re.match(r"^\d+x\d+$", attributes.get("RESOLUTION", "")), "MV-1", f"{uri} has no RESOLUTION")
        rate = attributes.get("FRAME-RATE", "")
        findings.check(re.match(r"^\d+\.\d{3}$", rate), "MV-1", f"{uri} has FRAME-RATE {rate!r}")
    if "AUDIO" in attributes:
        findings.check(attributes["AUDIO"] in groups, "MV-6", f"{uri}: no group {attributes['AUDIO']!r}")


def check_renditions(playlists, findings):
    """`playlists`: absolute URI -> media playlist, of about the same instant. MV-8, MP-12."""
    items = list(playlists.items())
    for uri, playlist in items[1:]:
        first_uri, first = items[0]
        pair = f"{name_of(first_uri)} and {name_of(uri)}"
        for attribute in ("target_duration", "server_control"):
            a, b = getattr(first, attribute), getattr(playlist, attribute)
            findings.check(a == b, "MV-8", f"{pair} differ in {attribute}: {a}, {b}")
        theirs = {segment.msn: segment for segment in playlist.segments}
        for segment in first.segments:
            other = theirs.get(segment.msn)
            same = other is None or other.discontinuity_sequence == segment.discontinuity_sequence
            findings.check(same, "MP-12", f"{pair} number the discontinuity of MSN {segment.msn} differently")


def check_reports(playlist, uri, all_uris, findings):
    """RR-1, RR-2: one report for each other rendition. Returns the reports more than a part away from this one, for
    RR-4: one such moment is a publisher's burst, which brings one track before the other; see `Sync`."""
    reported = [urljoin(uri, report.uri) for report in playlist.reports]
    others = [other for other in all_uris if other != uri]
    if playlist.ended:
        return []
    apart = []
    findings.check(sorted(reported) == sorted(others), "RR-1", f"reports {reported}, renditions {others}")
    msn, part = playlist.progress
    for report in playlist.reports:
        # Parts of one duration differ by 15 % at most, so in a long segment two that are level differ in their index.
        allowed = 1 + max(report.last_part, part) * (1 - SHORTEST_PART)
        neighbours = report.last_msn == msn and abs(report.last_part - part) <= allowed
        rolled = abs(report.last_msn - msn) == 1  # one of them has begun the next segment, the other not yet
        if not (neighbours or rolled):
            apart.append(f"{report.uri} is at {report.last_msn}.{report.last_part}, this one at {msn}.{part}")
    return apart


class Sync:
    """RR-4: renditions advance in sync. Of one media playlist, fed with what check_reports() returned each time."""

    PATIENCE = 5  # playlists in a row: a second of parts

    def __init__(self):
        self.in_a_row = 0

    def saw(self, apart, findings):
        self.in_a_row = self.in_a_row + 1 if apart else 0
        findings.check(self.in_a_row != self.PATIENCE, "RR-4", f"apart for {self.in_a_row} playlists: {apart}")


def name_of(uri):
    return "/".join(urlsplit(uri).path.rsplit("/", 2)[-2:])
