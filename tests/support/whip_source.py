# SPDX-License-Identifier: LGPL-2.1-or-later
"""A millwhipsrc in this process, and all that comes out of its pads: as it came, and decoded."""

import array
from dataclasses import dataclass, field

import whep_offer
from processes import wait_for
from rtc_element import ERROR, WARNING, Gst, RtcElement, ask, free_udp_port  # noqa: F401, for the tests of this source

# max-errors=0: the first error of the stream is one on the bus.
DECODERS = {
    "video/x-h264": "avdec_h264 max-errors=0",
    "video/x-h265": "avdec_h265 max-errors=0",
    "video/x-vp8": "vp8dec max-errors=0",
    "video/x-vp9": "vp9dec max-errors=0",
    "audio/x-opus": "opusdec max-errors=0",
}
WHITE, LOUD = 160, 3000


@dataclass
class Frame:
    pts: int
    is_key: bool
    data: bytes


@dataclass
class Decoded:
    pts: int
    is_corrupt: bool
    size: tuple = None  # of a picture
    signal_at: int = None  # running time of the flash or the tick that is in it


@dataclass
class Track:
    """What came out of one pad. Its streaming thread appends, the test reads."""

    name: str
    caps: list = field(default_factory=list)  # structures, one for each time they changed
    frames: list = field(default_factory=list)
    decoded: list = field(default_factory=list)
    ended: bool = False

    def signals(self):
        """When each flash or tick began, in running time."""
        times = []
        for one in self.decoded:
            if one.signal_at is not None and (not times or one.signal_at > times[-1] + Gst.SECOND // 2):
                times.append(one.signal_at)
        return times


class Source(RtcElement):
    """Waits for publishers from the start; a context manager. `keeps`: the bytes of frames are kept too."""

    def __init__(self, keeps=False, **settings):
        self.keeps = keeps
        self.tracks = {}
        self.heard = []  # ("connected" or "disconnected", what its signal said), in order
        super().__init__("whip", lambda properties: f"millwhipsrc name=rtc {properties}", **settings)
        self.element.connect("pad-added", self._on_pad)
        for event in ("connected", "disconnected"):
            self.element.connect(f"publisher-{event}", lambda _, facts, e=event: self.heard.append((e, facts.copy())))

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # ---- asking ----

    def publish(self, offer=None, **headers):
        """The reply to an offer, by default one in the lines of a browser's. Nobody connects."""
        return self.offer(whep_offer.offer(direction="sendonly") if offer is None else offer, **headers)

    def publish_at(self, path):
        """The same to another path of its server."""
        offer = whep_offer.offer(direction="sendonly")
        url = f"http://127.0.0.1:{self.http_port}/{path}/whip"
        return ask("POST", url, offer, content_type="application/sdp")

    # ---- what comes ----

    def wait_frames(self, timeout=40, **least):
        """wait_frames(video_0=60) returns once that many have been decoded, ever."""

        def there():
            return all(name in self.tracks and len(self.tracks[name].decoded) >= n for name, n in least.items())

        try:
            wait_for(there, timeout, f"{least} frames decoded")
        except AssertionError as late:
            came = {name: (len(track.frames), len(track.decoded)) for name, track in self.tracks.items()}
            raise AssertionError(f"{late}; came, decoded: {came}; {self.said()}; stats: {self.stats()}") from None
        return self.tracks

    def wait_more(self, timeout=40, **more):
        """As wait_frames, from now on."""
        return self.wait_frames(timeout, **{name: len(self.tracks[name].decoded) + n for name, n in more.items()})

    def _on_pad(self, _, pad):
        track = self.tracks[pad.get_name()] = Track(pad.get_name())
        name = pad.get_current_caps().get_structure(0).get_name()
        chain = Gst.parse_bin_from_description(
            f"queue ! {DECODERS[name]} name=decoder ! fakesink sync=false async=false", True)
        self.pipeline.add(chain)
        pad.add_probe(Gst.PadProbeType.BUFFER | Gst.PadProbeType.EVENT_DOWNSTREAM, self._on_encoded, track)
        decoder = chain.get_by_name("decoder").get_static_pad("src")
        decoder.add_probe(Gst.PadProbeType.BUFFER, self._on_decoded, track)
        chain.sync_state_with_parent()
        pad.link(chain.get_static_pad("sink"))

    def _on_encoded(self, _, info, track):
        if info.type & Gst.PadProbeType.BUFFER:
            buffer = info.get_buffer()
            is_key = not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)
            data = buffer.extract_dup(0, buffer.get_size()) if self.keeps else b""
            track.frames.append(Frame(buffer.pts, is_key, data))
            return Gst.PadProbeReturn.OK
        event = info.get_event()
        if event.type == Gst.EventType.CAPS:
            track.caps.append(event.parse_caps().copy().get_structure(0).copy())
        track.ended |= event.type == Gst.EventType.EOS
        return Gst.PadProbeReturn.OK

    def _on_decoded(self, pad, info, track):
        buffer = info.get_buffer()
        decoded = Decoded(buffer.pts, buffer.has_flags(Gst.BufferFlags.CORRUPTED))
        structure = pad.get_current_caps().get_structure(0)
        if structure.get_name() == "video/x-raw":
            decoded.size = (structure.get_value("width"), structure.get_value("height"))
            middle = buffer.extract_dup(decoded.size[0] * decoded.size[1] // 2, decoded.size[0])
            if sum(middle) > WHITE * len(middle):
                decoded.signal_at = buffer.pts
        else:
            decoded.signal_at = self._tick(buffer, structure)
        track.decoded.append(decoded)
        return Gst.PadProbeReturn.OK

    @staticmethod
    def _tick(buffer, structure):
        samples = array.array("h", buffer.extract_dup(0, buffer.get_size()))
        first = next((index for index, sample in enumerate(samples) if abs(sample) > LOUD), None)
        if first is None:
            return None
        position = first // structure.get_value("channels")
        return buffer.pts + position * Gst.SECOND // structure.get_value("rate")


def assert_whole(track):
    """Its frames have times that grow, begin with a key frame, and nothing that was decoded of them is broken."""
    times = [frame.pts for frame in track.frames]
    assert all(early < late for early, late in zip(times, times[1:])), f"{track.name}: {times}"
    assert track.frames[0].is_key
    assert not [one for one in track.decoded if one.is_corrupt]
