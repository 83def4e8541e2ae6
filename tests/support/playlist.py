# SPDX-License-Identifier: LGPL-2.1-or-later
"""HLS playlists: text in, objects out, and every break of the grammar named.

Written from draft-pantos-hls-rfc8216bis-22 for the tests, sharing nothing with the server. Knows no HTTP, no clock and
no media; what one playlist must look like is in here, what may change between two is in playlist_rules.py.
Durations are decimal.Decimal, exactly as written, because the rules compare them as written.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

# Where a tag may stand, and what its value looks like (bis 4.4).
BOTH, MEDIA, SEGMENT, METADATA, MULTIVARIANT = "both", "media", "segment", "metadata", "multivariant"
TAGS = {
    "EXTM3U": (BOTH, "none"),
    "EXT-X-VERSION": (BOTH, "integer"),
    "EXT-X-INDEPENDENT-SEGMENTS": (BOTH, "none"),
    "EXT-X-START": (BOTH, "attributes"),
    "EXT-X-DEFINE": (BOTH, "attributes"),
    "EXT-X-TARGETDURATION": (MEDIA, "integer"),
    "EXT-X-MEDIA-SEQUENCE": (MEDIA, "integer"),
    "EXT-X-DISCONTINUITY-SEQUENCE": (MEDIA, "integer"),
    "EXT-X-ENDLIST": (MEDIA, "none"),
    "EXT-X-PLAYLIST-TYPE": (MEDIA, "text"),
    "EXT-X-I-FRAMES-ONLY": (MEDIA, "none"),
    "EXT-X-PART-INF": (MEDIA, "attributes"),
    "EXT-X-SERVER-CONTROL": (MEDIA, "attributes"),
    "EXTINF": (SEGMENT, "text"),
    "EXT-X-BYTERANGE": (SEGMENT, "text"),
    "EXT-X-DISCONTINUITY": (SEGMENT, "none"),
    "EXT-X-KEY": (SEGMENT, "attributes"),
    "EXT-X-MAP": (SEGMENT, "attributes"),
    "EXT-X-PROGRAM-DATE-TIME": (SEGMENT, "text"),
    "EXT-X-GAP": (SEGMENT, "none"),
    "EXT-X-BITRATE": (SEGMENT, "integer"),
    "EXT-X-PART": (SEGMENT, "attributes"),
    "EXT-X-DATERANGE": (METADATA, "attributes"),
    "EXT-X-SKIP": (METADATA, "attributes"),
    "EXT-X-PRELOAD-HINT": (METADATA, "attributes"),
    "EXT-X-RENDITION-REPORT": (METADATA, "attributes"),
    "EXT-X-MEDIA": (MULTIVARIANT, "attributes"),
    "EXT-X-STREAM-INF": (MULTIVARIANT, "attributes"),
    "EXT-X-I-FRAME-STREAM-INF": (MULTIVARIANT, "attributes"),
    "EXT-X-SESSION-DATA": (MULTIVARIANT, "attributes"),
    "EXT-X-SESSION-KEY": (MULTIVARIANT, "attributes"),
    "EXT-X-CONTENT-STEERING": (MULTIVARIANT, "attributes"),
}
ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]+"|[^",\s]+)(,(?=[A-Z])|$)')
DECIMAL = re.compile(r"^\d+(\.\d+)?$")
INTEGER = re.compile(r"^\d+$")
DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$")


@dataclass
class Part:
    uri: str
    duration: Decimal
    independent: bool = False
    gap: bool = False
    byterange: str = ""


@dataclass
class Segment:
    """A parent segment. The open one, whose parts are still coming, has no `uri` and no `duration`."""

    msn: int
    discontinuity_sequence: int = 0
    uri: str = ""
    duration: Decimal = None
    map_uri: str = ""
    map_repeated: bool = False  # an EXT-X-MAP tag stands right here, rather than before an earlier segment
    date: datetime = None
    discontinuity: bool = False
    gap: bool = False
    parts: list = field(default_factory=list)

    @property
    def complete(self):
        return bool(self.uri)

    @property
    def span(self):
        """Its duration as far as it is listed."""
        return self.duration if self.complete else sum((part.duration for part in self.parts), Decimal(0))


@dataclass
class Hint:
    type: str
    uri: str


@dataclass
class Report:
    uri: str
    last_msn: int
    last_part: int


@dataclass
class MediaPlaylist:
    version: int = 1
    target_duration: int = 0
    media_sequence: int = 0
    discontinuity_sequence: int = 0
    part_target: Decimal = None
    server_control: dict = field(default_factory=dict)
    independent_segments: bool = False
    ended: bool = False
    skipped: int = 0
    segments: list = field(default_factory=list)  # complete ones, then at most one open
    hints: list = field(default_factory=list)
    reports: list = field(default_factory=list)

    @property
    def complete(self):
        return [segment for segment in self.segments if segment.complete]

    @property
    def open(self):
        return self.segments[-1] if self.segments and not self.segments[-1].complete else None

    @property
    def progress(self):
        """(MSN, part index) of the last thing listed: what a rendition report of it would say."""
        if not self.segments:
            return (self.media_sequence - 1, 0)
        last = self.segments[-1]
        return (last.msn, max(len(last.parts) - 1, 0))

    @property
    def next(self):
        """(MSN, part index) a blocking reload asks for."""
        if self.open:
            return (self.open.msn, len(self.open.parts))
        return (self.segments[-1].msn + 1 if self.segments else self.media_sequence, 0)

    @property
    def duration(self):
        return sum((segment.span for segment in self.segments), Decimal(0))

    @property
    def part_hint(self):
        return next((hint for hint in self.hints if hint.type == "PART"), None)


@dataclass
class Rendition:
    """A media playlist a multivariant playlist names."""

    uri: str
    kind: str  # "video" or "audio"
    attributes: dict


@dataclass
class MultivariantPlaylist:
    version: int = 1
    independent_segments: bool = False
    variants: list = field(default_factory=list)  # (attributes, uri)
    media: list = field(default_factory=list)  # attributes of EXT-X-MEDIA

    @property
    def renditions(self):
        """Every media playlist once, in the order of the text."""
        found = {}
        for attributes, uri in self.variants:
            video = "RESOLUTION" in attributes or re.search(r"avc|hvc|hev|av01|vp09", attributes.get("CODECS", ""))
            found.setdefault(uri, Rendition(uri, "video" if video else "audio", attributes))
        for attributes in self.media:
            if "URI" in attributes:
                found.setdefault(attributes["URI"], Rendition(attributes["URI"], "audio", attributes))
        return list(found.values())


def parse(body, findings):
    """The playlist in `body` (bytes). What is wrong with it goes to `findings`; the rest is read as well as can be."""
    return _Parser(findings).parse(body)


class _Parser:
    def __init__(self, findings):
        self.findings = findings
        self.playlist = None
        self.msn = 0
        self.map_uri = ""
        self.segment = None  # being collected; None until its first tag
        self.variant = None  # attributes of a STREAM-INF that waits for its URI
        self.seen = set()
        self.body_begun = False  # a segment, a part or a SKIP has been seen
        self.tail_begun = False  # a hint or a report has been seen

    # -- the text -----------------------------------------------------------------------------------------------------

    def parse(self, body):
        lines = self.lines(body)
        tags = [self.tag_of(line) for line in lines]
        multivariant = any(TAGS.get(tag, ("",))[0] == MULTIVARIANT for tag in tags if tag)
        media = [tag for tag in tags if tag and TAGS.get(tag, ("",))[0] in (MEDIA, SEGMENT, METADATA)]
        self.findings.check(
            not (multivariant and media), "SYN-5", f"media tags in a multivariant playlist: {media[:3]}"
        )
        self.playlist = MultivariantPlaylist() if multivariant else MediaPlaylist()
        for line, tag in zip(lines, tags):
            if tag:
                self.on_tag(tag, line)
            elif line and not line.startswith("#"):
                self.on_uri(line)
        self.finish()
        return self.playlist

    def lines(self, body):
        self.findings.check(not body.startswith(b"\xef\xbb\xbf"), "SYN-1", "starts with a byte order mark")
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            self.findings.add("SYN-1", f"not UTF-8: {error}")
            text = body.decode("utf-8", "replace")
        control = sorted({hex(ord(c)) for c in text if ord(c) < 32 and c not in "\r\n" or 0x7F <= ord(c) < 0xA0})
        self.findings.check(not control, "SYN-1", f"control characters {control}")
        lines = [line.rstrip("\r") for line in text.split("\n")]
        self.findings.check(lines[0] == "#EXTM3U", "SYN-1", f"first line is {lines[0][:40]!r}")
        return lines

    @staticmethod
    def tag_of(line):
        return re.split("[:,]", line[1:], maxsplit=1)[0].strip() if line.startswith("#EXT") else ""

    def on_tag(self, tag, line):
        if not self.findings.check(tag in TAGS, "SYN-5", f"unknown tag {tag!r}"):
            return
        level, kind = TAGS[tag]
        once = level in (BOTH, MEDIA)
        self.findings.check(not (once and tag in self.seen), "SYN-5", f"{tag} twice")
        self.seen.add(tag)
        value = self.value(tag, kind, line[len(tag) + 1 :])
        method = tag.lower().replace("ext-x-", "on_").replace("-", "_")
        getattr(self, method, lambda _: None)(value)

    def value(self, tag, kind, rest):
        if kind == "none":
            self.findings.check(rest == "", "SYN-3", f"{tag} takes no value, has {rest!r}")
            return None
        self.findings.check(rest.startswith(":"), "SYN-3", f"{tag} without a value")
        text = rest[1:]
        if kind == "integer":
            well = INTEGER.match(text)
            self.findings.check(well, "SYN-3", f"{tag} is not an integer: {text!r}")
            return int(text) if well else 0
        return self.attributes(tag, text) if kind == "attributes" else text

    def attributes(self, tag, text):
        found, at = {}, 0
        while at < len(text):
            match = ATTRIBUTE.match(text, at)
            if not self.findings.check(match, "SYN-3", f"{tag} attribute list breaks at {text[at:at + 30]!r}"):
                break
            name, value = match.group(1), match.group(2)
            self.findings.check(name not in found, "SYN-3", f"{tag} has {name} twice")
            found[name] = value[1:-1] if value.startswith('"') else value
            at = match.end()
        return found

    def decimal(self, text, what):
        if not self.findings.check(DECIMAL.match(text or ""), "SYN-4", f"{what} is not a plain decimal: {text!r}"):
            return Decimal(0)
        return Decimal(text)

    # -- multivariant -------------------------------------------------------------------------------------------------

    def on_media(self, attributes):
        self.playlist.media.append(attributes)

    def on_stream_inf(self, attributes):
        self.findings.check(self.variant is None, "MV-1", "STREAM-INF without a URI line")
        self.variant = attributes

    # -- media: the header --------------------------------------------------------------------------------------------

    def on_version(self, value):
        self.playlist.version = value

    def on_independent_segments(self, _):
        self.playlist.independent_segments = True

    def on_targetduration(self, value):
        self.playlist.target_duration = value

    def on_media_sequence(self, value):
        self.findings.check(not self.body_begun, "MP-4", "MEDIA-SEQUENCE after the first segment")
        self.playlist.media_sequence = self.msn = value

    def on_discontinuity_sequence(self, value):
        late = self.body_begun or "EXT-X-DISCONTINUITY" in self.seen
        self.findings.check(not late, "MP-11", "DISCONTINUITY-SEQUENCE after the first segment or DISCONTINUITY")
        self.playlist.discontinuity_sequence = value

    def on_endlist(self, _):
        self.playlist.ended = True

    def on_part_inf(self, attributes):
        self.playlist.part_target = self.decimal(attributes.get("PART-TARGET"), "PART-TARGET")

    def on_server_control(self, attributes):
        self.playlist.server_control = attributes

    def on_skip(self, attributes):
        self.findings.check(not self.body_begun, "SK-2", "SKIP after a segment")
        count = attributes.get("SKIPPED-SEGMENTS", "")
        if self.findings.check(INTEGER.match(count) and int(count) > 0, "SK-2", f"SKIPPED-SEGMENTS={count!r}"):
            self.playlist.skipped = int(count)
            self.msn += int(count)
        self.body_begun = True

    # -- media: segments ----------------------------------------------------------------------------------------------

    def current(self):
        """The segment the next tags belong to."""
        self.findings.check(not self.tail_begun, "PART-14", "segment tags after a hint or a report")
        if self.segment is None:
            self.segment = Segment(msn=self.msn)
        self.body_begun = True
        return self.segment

    def before_parts(self, tag):
        segment = self.current()
        self.findings.check(not segment.parts, "PART-9", f"{tag} of MSN {segment.msn} stands after its first part")
        return segment

    def on_discontinuity(self, _):
        self.before_parts("DISCONTINUITY").discontinuity = True

    def on_key(self, _):
        self.before_parts("KEY")

    def on_map(self, attributes):
        self.before_parts("MAP").map_repeated = True
        self.findings.check("URI" in attributes, "MP-7", "MAP without URI")
        self.map_uri = attributes.get("URI", "")

    def on_program_date_time(self, text):
        segment = self.before_parts("PROGRAM-DATE-TIME")
        if not self.findings.check(
            DATE.match(text), "MP-8", f"PROGRAM-DATE-TIME is not ISO 8601 with a zone: {text!r}"
        ):
            return
        self.findings.check(re.search(r"\.\d{3}", text), "MP-8", f"PROGRAM-DATE-TIME without milliseconds: {text!r}")
        segment.date = datetime.fromisoformat(text.replace("Z", "+00:00"))

    def on_gap(self, _):
        self.current().gap = True

    def on_part(self, attributes):
        segment = self.current()
        self.findings.check("URI" in attributes, "PART-1", f"part without URI in MSN {segment.msn}")
        segment.parts.append(
            Part(
                uri=attributes.get("URI", ""),
                duration=self.decimal(attributes.get("DURATION"), f"DURATION of a part of MSN {segment.msn}"),
                independent=attributes.get("INDEPENDENT") == "YES",
                gap=attributes.get("GAP") == "YES",
                byterange=attributes.get("BYTERANGE", ""),
            )
        )

    def extinf(self, text):  # the one tag without the EXT-X- prefix
        segment = self.current()
        self.findings.check(segment.duration is None, "MP-5", f"two EXTINF for MSN {segment.msn}")
        duration, comma, _ = text.partition(",")
        self.findings.check(comma, "MP-5", f"EXTINF of MSN {segment.msn} has no comma")
        segment.duration = self.decimal(duration, f"EXTINF of MSN {segment.msn}")

    def on_preload_hint(self, attributes):
        self.tail_begun = True
        self.findings.check("URI" in attributes and "TYPE" in attributes, "HINT-1", "hint without TYPE or URI")
        self.playlist.hints.append(Hint(attributes.get("TYPE", ""), attributes.get("URI", "")))

    def on_rendition_report(self, attributes):
        self.tail_begun = True
        well = {"URI", "LAST-MSN", "LAST-PART"} <= set(attributes)
        if self.findings.check(well, "RR-2", f"report lacks an attribute: {attributes}"):
            self.playlist.reports.append(
                Report(attributes["URI"], int(attributes["LAST-MSN"]), int(attributes["LAST-PART"]))
            )

    def on_uri(self, uri):
        if isinstance(self.playlist, MultivariantPlaylist):
            if self.findings.check(self.variant is not None, "MV-1", f"URI {uri} without STREAM-INF"):
                self.playlist.variants.append((self.variant, uri))
            self.variant = None
            return
        segment = self.current()
        self.findings.check(segment.duration is not None, "MP-5", f"URI {uri} without EXTINF")
        segment.duration = segment.duration if segment.duration is not None else Decimal(0)
        segment.uri = uri
        self.close_segment()

    def close_segment(self):
        segment, self.segment = self.segment, None
        segment.map_uri = self.map_uri
        self.playlist.segments.append(segment)
        self.msn += 1

    def finish(self):
        if isinstance(self.playlist, MultivariantPlaylist):
            self.findings.check(self.variant is None, "MV-1", "STREAM-INF without a URI line")
            return
        if self.segment is not None:
            self.findings.check(self.segment.duration is None, "PART-14", "EXTINF for an open segment")
            self.segment.duration = None
            self.close_segment()
        number_discontinuities(self.playlist)
        self.findings.check("EXT-X-TARGETDURATION" in self.seen, "MP-1", "no TARGETDURATION")
        self.findings.check("EXT-X-MEDIA-SEQUENCE" in self.seen, "MP-4", "no MEDIA-SEQUENCE")
        self.findings.check("EXT-X-DISCONTINUITY-SEQUENCE" in self.seen, "MP-11", "no DISCONTINUITY-SEQUENCE")
        self.findings.check("EXT-X-PLAYLIST-TYPE" not in self.seen, "MP-13", "PLAYLIST-TYPE in a sliding playlist")


def number_discontinuities(playlist):
    """Gives each listed segment its Discontinuity Sequence Number. Of a delta, only once it is whole again."""
    number = playlist.discontinuity_sequence
    for segment in playlist.segments:
        number += segment.discontinuity
        segment.discontinuity_sequence = number
