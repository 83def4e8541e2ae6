# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fragmented MP4 read independently of the muxer, and checked as strictly as CMAF asks (ISO/IEC 14496-12, 23000-19).

Knows bytes only: no playlists, no HTTP. Every violation is an AssertionError that names the box and the rule.

    header = Header.parse(init_bytes)
    for chunk in Chunk.parse(part_bytes, header): print(chunk.base_decode_time, len(chunk.samples))

    python3 tests/support/mp4boxes.py init.mp4 part1.m4s part2.m4s     # prints and checks, files in order
"""
import struct
import sys
from dataclasses import dataclass, field
from typing import Dict, List, Optional

CONTAINERS = {"moov", "trak", "mdia", "minf", "stbl", "dinf", "mvex", "moof", "traf", "edts", "udta", "mfra"}
FULL_BOXES = {"mvhd", "tkhd", "mdhd", "hdlr", "vmhd", "smhd", "dref", "url ", "stsd", "stts", "stsc", "stsz", "stco",
              "trex", "mehd", "mfhd", "tfhd", "tfdt", "trun", "prft", "emsg", "elst", "sidx"}
UNITY_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@dataclass
class Box:
    type: str
    offset: int                     # of the box's first byte, in the bytes given to parse()
    size: int                       # with its header
    payload: bytes                  # without size and type; of a full box without version and flags either
    version: int = 0
    flags: int = 0
    children: List["Box"] = field(default_factory=list)

    def all(self, kind: str) -> List["Box"]:
        return [child for child in self.children if child.type == kind]

    def one(self, kind: str) -> "Box":
        found = self.all(kind)
        assert len(found) == 1, f"{self.type} must hold exactly one {kind}, holds {len(found)}"
        return found[0]

    def path(self, *kinds: str) -> "Box":
        box = self
        for kind in kinds:
            box = box.one(kind)
        return box


def parse(data: bytes, offset: int = 0) -> List[Box]:
    """The boxes of `data`, which must consist of whole boxes and nothing else."""
    boxes, at = [], 0
    while at < len(data):
        assert len(data) - at >= 8, f"{len(data) - at} stray bytes at {offset + at}, too few for a box"
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            assert len(data) - at >= 16, f"largesize cut at {offset + at}"
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        kind = name.decode("latin-1")
        assert head <= size <= len(data) - at, f"{kind} at {offset + at} says {size} bytes, {len(data) - at} are left"
        body = data[at + head:at + size]
        box = Box(kind, offset + at, size, body)
        if kind in CONTAINERS:
            box.children = parse(body, offset + at + head)
        elif kind in FULL_BOXES:
            assert len(body) >= 4, f"{kind} too short for version and flags"
            box.version, box.flags, box.payload = body[0], int.from_bytes(body[1:4], "big"), body[4:]
        boxes.append(box)
        at += size
    return boxes


@dataclass
class Defaults:
    duration: int
    size: int
    flags: int


@dataclass
class Header:
    """The one track of a CMAF header (CM-1)."""
    brands: List[str]
    track_id: int
    timescale: int
    handler: str                    # vide or soun
    language: str
    sample_entry: str               # avc1, mp4a ...
    config: bytes                   # avcC, hvcC, av1C, esds, dOps body
    width: int
    height: int
    channels: int
    sample_rate: int
    defaults: Defaults
    boxes: List[Box] = field(repr=False, default_factory=list)

    @staticmethod
    def parse(data: bytes) -> "Header":
        boxes = parse(data)
        kinds = [box.type for box in boxes]
        assert kinds == ["ftyp", "moov"], f"CM-1: a CMAF header is ftyp then moov, this is {kinds}"
        brands = _brands(boxes[0])
        assert {"cmfc", "cmf2"} & set(brands), f"CM-1: ftyp names neither cmfc nor cmf2: {brands}"
        assert any(b in brands for b in ("iso6", "iso7", "iso8", "iso9")), f"CM-1: no brand iso6 or later: {brands}"

        moov = boxes[1]
        assert moov.children[0].type == "mvhd", "CM-1: mvhd must come first in moov"
        _check_movie_header(moov.one("mvhd"))
        trak = moov.one("trak")
        assert not trak.all("edts"), "CM-12: live tracks carry no edit list"
        track_id, width, height = _track_header(trak.one("tkhd"))
        timescale, language = _media_header(trak.path("mdia", "mdhd"))
        handler = trak.path("mdia", "hdlr").payload[4:8].decode("latin-1")
        _check_tables(trak.path("mdia", "minf"), handler)
        entry = _sample_entry(trak.path("mdia", "minf", "stbl", "stsd"), handler)
        header = Header(brands, track_id, timescale, handler, language, **entry,
                        defaults=_track_defaults(moov.one("mvex"), track_id), boxes=boxes)
        if handler == "vide":
            assert (width >> 16, height >> 16) != (0, 0), "CM-1: tkhd of video without a size"
        return header


def _brands(box: Box) -> List[str]:
    assert len(box.payload) >= 8 and len(box.payload) % 4 == 0, f"{box.type} has a broken brand list"
    names = [box.payload[i:i + 4].decode("latin-1") for i in range(0, len(box.payload), 4)]
    return [names[0]] + [name for name in names[2:] if name != names[0]]


def _check_movie_header(mvhd: Box) -> None:
    at = 16 if mvhd.version == 0 else 28
    duration = struct.unpack_from(">I" if mvhd.version == 0 else ">Q", mvhd.payload, at - (4 if mvhd.version == 0 else 8))
    assert duration[0] == 0, f"CM-2: mvhd duration is {duration[0]}, a live header says 0"
    rate, volume = struct.unpack_from(">IH", mvhd.payload, at)
    assert (rate, volume) == (0x10000, 0x100), "CM-1: mvhd rate and volume must be the defaults"
    assert mvhd.payload[at + 16:at + 52] == UNITY_MATRIX, "CM-1: mvhd matrix must be unity"


def _track_header(tkhd: Box):
    assert tkhd.flags & 1, "CM-1: track not enabled"
    wide = tkhd.version == 1
    track_id = struct.unpack_from(">I", tkhd.payload, 16 if wide else 8)[0]
    duration = struct.unpack_from(">Q" if wide else ">I", tkhd.payload, 24 if wide else 16)[0]
    assert duration == 0, f"CM-2: tkhd duration is {duration}, a live header says 0"
    assert track_id > 0, "track_ID 0 is reserved"
    assert tkhd.payload[-44:-8] == UNITY_MATRIX, "CM-1: tkhd matrix must be unity"
    width, height = struct.unpack(">II", tkhd.payload[-8:])
    return track_id, width, height


def _media_header(mdhd: Box):
    wide = mdhd.version == 1
    timescale, duration = struct.unpack_from(">IQ" if wide else ">II", mdhd.payload, 16 if wide else 8)
    assert timescale > 0, "mdhd timescale is 0"
    assert duration == 0, f"CM-2: mdhd duration is {duration}, a live header says 0"
    code = struct.unpack_from(">H", mdhd.payload, 28 if wide else 16)[0]
    return timescale, "".join(chr(0x60 + (code >> shift & 31)) for shift in (10, 5, 0))


def _check_tables(minf: Box, handler: str) -> None:
    assert handler in ("vide", "soun"), f"CM-1: handler {handler!r} is no media track"
    minf.one({"vide": "vmhd", "soun": "smhd"}[handler])
    dref = minf.path("dinf", "dref")
    assert struct.unpack_from(">I", dref.payload)[0] == 1, "CM-1: dref must have one entry"
    entry = parse(dref.payload[4:])
    assert entry[0].type == "url " and entry[0].flags == 1, "CM-1: the dref entry must be self-contained (flags 1)"
    stbl = minf.one("stbl")
    for kind, count_at in (("stts", 0), ("stsc", 0), ("stsz", 4), ("stco", 0)):
        count = struct.unpack_from(">I", stbl.one(kind).payload, count_at)[0]
        assert count == 0, f"CM-1: {kind} of a CMAF header must be empty, has {count} entries"


def _sample_entry(stsd: Box, handler: str) -> dict:
    assert struct.unpack_from(">I", stsd.payload)[0] == 1, "one sample entry expected"
    entry = parse(stsd.payload[4:])[0]
    width = height = channels = sample_rate = 0
    if handler == "vide":
        width, height = struct.unpack_from(">HH", entry.payload, 24)
        extensions = parse(entry.payload[78:])
    else:
        channels, _, _, _, rate = struct.unpack_from(">HHHHI", entry.payload, 16)
        sample_rate = rate >> 16
        extensions = parse(entry.payload[28:])
    wanted = {"avc1": "avcC", "avc3": "avcC", "hvc1": "hvcC", "hev1": "hvcC", "av01": "av1C", "vp09": "vpcC",
              "mp4a": "esds", "Opus": "dOps"}
    assert entry.type in wanted, f"unknown sample entry {entry.type}"
    configs = [box for box in extensions if box.type == wanted[entry.type]]
    assert len(configs) == 1, f"{entry.type} without its {wanted[entry.type]}"
    return dict(sample_entry=entry.type, config=configs[0].payload, width=width, height=height, channels=channels,
                sample_rate=sample_rate)


def _track_defaults(mvex: Box, track_id: int) -> Defaults:
    for mehd in mvex.all("mehd"):
        assert not any(mehd.payload), "CM-2: mehd with a duration makes the stream look recorded"
    trex = mvex.one("trex")
    of, description, duration, size, flags = struct.unpack(">5I", trex.payload)
    assert of == track_id, f"CM-1: trex is for track {of}, the track is {track_id}"
    assert description == 1, "CM-1: trex must name sample description 1"
    return Defaults(duration, size, flags)


@dataclass
class Sample:
    duration: int
    size: int
    composition_offset: int
    sync: bool
    flags: int = 0
    data: bytes = field(repr=False, default=b"")


@dataclass
class Chunk:
    """One moof and its mdat (CM-4, CM-5), with the styp and prft before them."""
    sequence_number: int
    base_decode_time: int
    timescale: int
    samples: List[Sample]
    payload: bytes = field(repr=False)
    has_styp: bool
    brands: List[str]
    produced_at: Optional[float]    # seconds since 1970, from prft
    size: int                       # bytes, styp to mdat

    @property
    def duration(self) -> int:
        return sum(sample.duration for sample in self.samples)

    @property
    def end(self) -> int:
        return self.base_decode_time + self.duration

    @property
    def starts_with_sync(self) -> bool:
        return self.samples[0].sync

    @staticmethod
    def parse(data: bytes, header: Header) -> List["Chunk"]:
        """The chunks of a part or segment: whole chunks and nothing else, in decode order without gaps (CM-6)."""
        groups, group = [], []
        for box in parse(data):
            group.append(box)
            if box.type == "mdat":
                groups.append(group)
                group = []
        assert not group, f"CM-4: trailing {[box.type for box in group]} after the last mdat"
        assert groups, "CM-4: no chunk in it"
        chunks = [_chunk(group, header) for group in groups]
        check_continuity(chunks)
        return chunks


def _chunk(boxes: List[Box], header: Header) -> Chunk:
    kinds = [box.type for box in boxes]
    optional = kinds[:-2]
    assert kinds[-2:] == ["moof", "mdat"] and kinds.count("moof") == 1, f"CM-4: a chunk ends in moof, mdat: {kinds}"
    order = [kind for kind in ("styp", "prft") if kind in optional] + ["emsg"] * optional.count("emsg")
    assert sorted(optional) == sorted(order) and optional.count("styp") <= 1 and optional.count("prft") <= 1, \
        f"CM-4: only styp, prft and emsg may precede moof: {kinds}"
    assert "styp" not in optional or kinds[0] == "styp", f"CM-9: styp must come first: {kinds}"
    assert "prft" not in optional or kinds[-3] == "prft" or "emsg" in optional, "CM-11: prft must stand before its moof"

    by_kind: Dict[str, Box] = {box.type: box for box in boxes}
    moof, mdat = by_kind["moof"], by_kind["mdat"]
    assert [child.type for child in moof.children] == ["mfhd", "traf"], \
        f"CM-5: moof holds mfhd and one traf, this holds {[child.type for child in moof.children]}"
    sequence_number = struct.unpack(">I", moof.one("mfhd").payload)[0]
    traf = moof.one("traf")
    assert [child.type for child in traf.children[:2]] == ["tfhd", "tfdt"], "CM-5: traf starts with tfhd, tfdt"
    defaults = _fragment_defaults(traf.one("tfhd"), header)
    tfdt = traf.one("tfdt")
    assert tfdt.version == 1, "CM-6: tfdt must be 64-bit (version 1)"
    base = struct.unpack(">Q", tfdt.payload)[0]
    samples, data_offset = _run(traf.one("trun"), defaults)
    assert moof.offset + data_offset == mdat.offset + mdat.size - len(mdat.payload), \
        f"CM-5: trun data_offset {data_offset} does not point at the first byte of mdat"
    total = sum(sample.size for sample in samples)
    assert total == len(mdat.payload), f"CM-5: samples add up to {total} bytes, mdat holds {len(mdat.payload)}"
    at = 0
    for sample in samples:
        sample.data = mdat.payload[at:at + sample.size]
        at += sample.size
    _check_flags(samples, header)
    styp = by_kind.get("styp")
    brands = _brands(styp) if styp else []
    return Chunk(sequence_number, base, header.timescale, samples, mdat.payload, styp is not None, brands,
                 _produced_at(by_kind.get("prft"), header), sum(box.size for box in boxes))


def _fragment_defaults(tfhd: Box, header: Header) -> Defaults:
    assert tfhd.flags & 0x020000, "CM-5: tfhd without default-base-is-moof"
    assert not tfhd.flags & 0x000001, "CM-5: tfhd must not carry a base data offset"
    fields = list(struct.unpack(f">{len(tfhd.payload) // 4}I", tfhd.payload))
    assert fields.pop(0) == header.track_id, "CM-5: tfhd names another track than the header"
    values = {}
    for bit, name in ((0x02, "description"), (0x08, "duration"), (0x10, "size"), (0x20, "flags")):
        if tfhd.flags & bit:
            values[name] = fields.pop(0)
    assert not fields, "tfhd is longer than its flags say"
    assert values.pop("description", 1) == 1, "CM-5: sample description 1 expected"
    return Defaults(**{**header.defaults.__dict__, **values})


def _run(trun: Box, defaults: Defaults):
    assert trun.version in (0, 1), f"CM-5: trun version {trun.version}"
    assert trun.flags & 0x1, "CM-5: trun without data_offset"
    assert trun.flags & 0x404 != 0x404, "first_sample_flags and per-sample flags exclude each other"
    count, data_offset = struct.unpack_from(">Ii", trun.payload)
    at, first_flags = 8, None
    if trun.flags & 0x4:
        first_flags, at = struct.unpack_from(">I", trun.payload, at)[0], at + 4
    samples = []
    for index in range(count):
        sample = Sample(defaults.duration, defaults.size, 0, False, defaults.flags)
        for bit, name in ((0x100, "duration"), (0x200, "size"), (0x400, "flags"), (0x800, "composition_offset")):
            if trun.flags & bit:
                signed = name == "composition_offset" and trun.version == 1
                setattr(sample, name, struct.unpack_from(">i" if signed else ">I", trun.payload, at)[0])
                at += 4
        if index == 0 and first_flags is not None:
            sample.flags = first_flags
        sample.sync = not sample.flags & 0x10000
        samples.append(sample)
    assert at == len(trun.payload), f"trun has {len(trun.payload) - at} bytes more than its samples need"
    assert samples, "CM-5: a chunk without samples"
    return samples, data_offset


def _check_flags(samples: List[Sample], header: Header) -> None:
    for index, sample in enumerate(samples):
        assert sample.duration > 0, f"sample {index} lasts 0 ticks"
        depends_on, depended_on = sample.flags >> 24 & 3, sample.flags >> 22 & 3
        if sample.sync:
            assert depends_on == 2, f"CM-8: sync sample {index} must say depends_on 2, says {depends_on}"
        else:
            assert depends_on == 1, f"CM-8: sample {index} must say depends_on 1, says {depends_on}"
        assert depended_on in (0, 1, 2), f"CM-8: sample {index} has a reserved is_depended_on"
        assert header.handler != "soun" or sample.sync, f"CM-13: audio sample {index} is not a sync sample"


def _produced_at(prft: Optional[Box], header: Header) -> Optional[float]:
    if prft is None:
        return None
    assert prft.version == 1, "CM-11: prft must be version 1"
    track, seconds, fraction, _media_time = struct.unpack(">IIIQ", prft.payload)
    assert track == header.track_id, "CM-11: prft names another track"
    return seconds - 2208988800 + fraction / 2**32


def check_continuity(chunks: List[Chunk]) -> None:
    """CM-6: no gap, no overlap; CM-10: sequence numbers go up; CM-9: later chunks of a segment carry no styp."""
    for before, after in zip(chunks, chunks[1:]):
        assert after.base_decode_time == before.end, \
            f"CM-6: tfdt {after.base_decode_time} after a chunk that ends at {before.end}"
        assert after.sequence_number > before.sequence_number, \
            f"CM-10: mfhd sequence {after.sequence_number} after {before.sequence_number}"


def check_segment(data: bytes, header: Header) -> List[Chunk]:
    """One whole media segment: starts with styp and a sync sample, and has no styp further on (CM-9, MP-18)."""
    chunks = Chunk.parse(data, header)
    assert chunks[0].has_styp, "CM-9: the segment does not start with styp"
    assert "msdh" in chunks[0].brands, f"CM-9: styp without msdh: {chunks[0].brands}"
    assert not any(chunk.has_styp for chunk in chunks[1:]), "CM-9: styp inside a segment"
    assert chunks[0].starts_with_sync, "MP-18: the segment does not start with a sync sample"
    return chunks


def check_header(data: bytes) -> Header:
    return Header.parse(data)


def check_chunk(data: bytes, header: Header) -> Chunk:
    chunks = Chunk.parse(data, header)
    assert len(chunks) == 1, f"one chunk expected, {len(chunks)} found"
    return chunks[0]


def main(names: List[str]) -> int:
    if not names:
        print(__doc__)
        return 2
    with open(names[0], "rb") as file:
        header = Header.parse(file.read())
    print(f"{names[0]}: {header.sample_entry} track {header.track_id} timescale {header.timescale} "
          f"{header.width}x{header.height} {header.channels} ch {header.sample_rate} Hz")
    before: List[Chunk] = []
    for name in names[1:]:
        with open(name, "rb") as file:
            chunks = Chunk.parse(file.read(), header)
        check_continuity(before[-1:] + chunks)
        before = chunks
        for chunk in chunks:
            print(f"{name}: #{chunk.sequence_number} tfdt {chunk.base_decode_time} +{chunk.duration} "
                  f"{len(chunk.samples)} samples, {sum(s.sync for s in chunk.samples)} sync, {chunk.size} bytes"
                  + (f", styp {'/'.join(chunk.brands)}" if chunk.has_styp else ""))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except AssertionError as violation:
        sys.exit(f"violation: {violation}")
