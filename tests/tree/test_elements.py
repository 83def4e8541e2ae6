# SPDX-License-Identifier: LGPL-2.1-or-later
"""What gst-inspect-1.0 prints of our elements: the public interface is there, and it is in good order."""

import re
import subprocess

import gi
import pytest

gi.require_version("Gst", "1.0")
from gi.repository import GObject, Gst  # noqa: E402

Gst.init(None)

ANY = object()
SOURCE = {"path": "", "listen": ANY, "latency": ANY, "reconnect-timeout": 10 * Gst.SECOND, "stats": ANY}

# The interface other people rely on: element → its plugin, properties with their defaults, signals, pad templates.
INTERFACE = {
    "millrtmpsrc": ("millrtmp", SOURCE, {"authorize", "publisher-connected", "publisher-disconnected"},
                    {"video_%u", "audio_%u"}),
    "millingestsrc": ("millingest", {"path": "", "latency": 0, "reconnect-timeout": 10 * Gst.SECOND, "stats": ANY},
                      {"authorize", "publisher-connected", "publisher-disconnected"}, {"video_%u", "audio_%u"}),
    "millcmafmux": ("millhls", {}, set(), set()),
    "millhlssink": ("millhls", {
        "path": "", "listen": ANY, "part-duration": 200 * Gst.MSECOND, "segment-duration": 2 * Gst.SECOND,
        "window": 12 * Gst.SECOND, "dvr-window": 0, "directory": "", "playlist-name": "index.m3u8",
        "program-date-time": True, "stats": ANY,
    }, set(), {"video_%u", "audio_%u"}),
    "millladder": ("millladder", {
        "renditions": ANY, "video-encoder": "auto", "speed": "veryfast", "key-interval": 2 * Gst.SECOND, "stats": ANY,
    }, set(), {"video_%u", "audio_%u"}),
    "millwhepsink": ("millwebrtc", {
        "path": "", "listen": ANY, "udp-listen": ANY, "advertise": ANY, "max-viewers": 0, "instant-start": True,
        "workers": 0, "stats": ANY,
    }, {"authorize", "viewer-joined", "viewer-left"}, {"video_%u", "audio_%u"}),
}
PAD_PROPERTIES = {"millhlssink": {"rendition": "gchararray", "bitrate": "guint64", "language": "gchararray"}}
SAME_EVERYWHERE = {"path": "gchararray", "listen": "gchararray", "stats": "GstStructure"}

# A property whose name ends so carries a unit, and its blurb says which.
UNITS = [
    (r"(duration|timeout|latency|interval|window|delay)$", r"\bns\b|nanoseconds?", "nanoseconds"),
    (r"bitrate$", r"bit/s|bits? per second", "bit/s"),
    (r"(size|bytes)$", r"\bbytes\b", "bytes"),
]
CLASS_WORDS = {"Source", "Sink", "Filter", "Codec", "Muxer", "Demuxer", "Network", "Video", "Audio", "Generic",
               "Encoder", "Converter", "Publisher", "Bin", "Live", "RTMP", "HLS", "WebRTC"}


@pytest.fixture(scope="module")
def factories(build):
    found = {f.get_name(): f for f in Gst.Registry.get().get_feature_list(Gst.ElementFactory)
             if f.get_name().startswith("mill")}
    assert found.keys() >= INTERFACE.keys(), "GStreamer does not find our plugins"
    return found


def own_properties(gtype):
    """A request pad's type may be nobody's: then it is GstPad's, which has none of ours."""
    if not gtype.is_a(GObject.Object):
        return {}
    return {p.name: p for p in GObject.list_properties(gtype) if p.owner_type.name.startswith("Mill")}


def blurb_complaints(where, properties):
    for name, pspec in properties.items():
        blurb = pspec.blurb or ""
        if not blurb or blurb.lower() == name:
            yield f"{where}: property {name} has no blurb"
        for names, unit, called in UNITS:
            if re.search(names, name) and pspec.value_type.name != "gboolean" and not re.search(unit, blurb):
                yield f"{where}: the blurb of {name} does not say {called}: '{blurb}'"


@pytest.mark.parametrize("name", INTERFACE)
def test_the_public_interface_is_there(factories, name):
    plugin, properties, signals, pads = INTERFACE[name]
    factory = factories[name].load()
    element = factory.create(None)
    own = own_properties(element.__gtype__)
    assert factory.get_plugin_name() == plugin
    assert own.keys() >= properties.keys()
    wrong = {key: getattr(own[key], "default_value", None) for key, value in properties.items()
             if value is not ANY and getattr(own[key], "default_value", None) != value}
    assert not wrong
    assert set(GObject.signal_list_names(element.__gtype__)) >= signals
    assert {template.name_template for template in element.get_pad_template_list()} >= pads


@pytest.mark.parametrize("name", PAD_PROPERTIES)
def test_a_renditions_pad_has_its_properties(factories, name):
    element = factories[name].load().create(None)
    for template in element.get_pad_template_list():
        own = own_properties(template.props.gtype)
        assert {key: own[key].value_type.name for key in PAD_PROPERTIES[name] if key in own} == PAD_PROPERTIES[name]


def test_every_element_is_described(factories):
    complaints = []
    for name, factory in factories.items():
        for key in ("long-name", "klass", "description", "author"):
            if not factory.get_metadata(key):
                complaints.append(f"{name}: no {key}")
        complaints += [f"{name}: '{word}' is not a word of GStreamer's element classes"
                       for word in (factory.get_metadata("klass") or "").split("/") if word not in CLASS_WORDS]
    assert not complaints, "\n".join(complaints)


def test_every_blurb_says_its_unit(factories):
    complaints = []
    for name, factory in factories.items():
        element = factory.load().create(None)
        complaints += blurb_complaints(name, own_properties(element.__gtype__))
        for template in element.get_pad_template_list():
            complaints += blurb_complaints(f"{name}, pad {template.name_template}",
                                           own_properties(template.props.gtype))
    assert not complaints, "\n".join(complaints)


def test_a_property_that_means_the_same_has_the_same_type_everywhere(factories):
    for name, factory in factories.items():
        own = own_properties(factory.load().create(None).__gtype__)
        types = {key: own[key].value_type.name for key in SAME_EVERYWHERE if key in own}
        assert types == {key: SAME_EVERYWHERE[key] for key in types}, name


def test_publishers_are_devices(factories):
    providers = [f for f in Gst.Registry.get().get_feature_list(Gst.DeviceProviderFactory)
                 if (f.get_metadata("klass") or "") == "Source/Network/Publisher"]
    assert {provider.get_plugin_name() for provider in providers} >= {"millrtmp"}


def test_gst_inspect_prints_every_element(factories):
    for name in factories:
        printed = subprocess.run(["gst-inspect-1.0", name], capture_output=True, text=True, timeout=60)
        assert printed.returncode == 0, printed.stderr
        assert f"Name                     {factories[name].get_plugin_name()}" in printed.stdout
        assert "CRITICAL" not in printed.stderr


class Pspec:
    """Stands for a GParamSpec."""

    def __init__(self, blurb):
        self.blurb, self.value_type = blurb, GObject.TYPE_UINT64


@pytest.mark.parametrize("name, blurb, complains", [
    ("part-duration", "How long a part is", True),
    ("part-duration", "How long a part is, in nanoseconds", False),
    ("bitrate", "Of the rendition", True),
    ("bitrate", "Of the rendition, bit/s", False),
    ("window", "", True),
    ("path", "Where it plays", False),
])
def test_a_blurb_without_its_unit_is_seen(name, blurb, complains):
    assert bool(list(blurb_complaints("element", {name: Pspec(blurb)}))) == complains
