# SPDX-License-Identifier: LGPL-2.1-or-later
"""The house keeps the rules of its rooms, and the reader of the rules sees each kind of breach."""

import pathlib

import pytest
import rooms

ROOT = pathlib.Path(__file__).parents[2]


def test_the_house_keeps_the_rules_of_its_rooms():
    found = rooms.offences(ROOT)
    assert not found, "\n".join(found)


def test_every_room_of_the_table_that_exists_is_read():
    seen = {id(rooms.room_of(p.relative_to(ROOT).as_posix())[0])
            for p in [*(ROOT / "plugins").rglob("*.?pp"), *(ROOT / "launcher").rglob("*.?pp")]}
    assert len(seen) > 5, "nearly nothing was read: the rules would hold for an empty house as well"


BREACHES = [
    # where, what it says, what the offence must name
    ("plugins/common/base/a.hpp", "#include <glib.h>", "no GLib"),
    ("plugins/common/base/a.hpp", "#include <mutex>", "no threads"),
    ("plugins/common/base/a.cpp", 'auto n = std::chrono::steady_clock::now();', "no clocks"),
    ("plugins/common/base/a.cpp", "#include <iostream>", "no logging"),
    ("plugins/common/codec/a.cpp", '#include "common/net/http.hpp"', "includes only common/base/, common/codec/"),
    ("plugins/common/net/a.cpp", "#include <gst/gst.h>", "no GStreamer"),
    ("plugins/common/net/a.cpp", 'auto name = "rtmp";', "no protocol names"),
    ("plugins/common/net/a.cpp", "void serve_hls();", "no protocol names"),
    ("plugins/common/web/a.cpp", '#include "hls/core/cmaf.hpp"', "includes only"),
    ("plugins/common/gst/a.cpp", "class WhepSession;\nint whep_port;", "no protocol names"),
    ("plugins/common/gst/a.cpp", 'find("millhlssink");', "no our elements' names"),
    ("plugins/common/loose.hpp", "int x;", "no loose files"),
    ("plugins/hls/core/a.cpp", "#include <gst/gst.h>", "no GStreamer"),
    ("plugins/hls/core/a.cpp", "#include <sys/socket.h>", "no sockets"),
    ("plugins/hls/core/a.cpp", "#include <thread>", "no threads"),
    ("plugins/hls/core/a.cpp", "auto n = std::random_device{}();", "no randomness"),
    ("plugins/hls/core/a.cpp", "GST_WARNING(\"x\");", "no logging"),
    ("plugins/hls/core/a.cpp", '#include "rtmp/core/amf0.hpp"', "includes only hls/core/"),
    ("plugins/hls/core/a.cpp", '#include "hls/element/sink.hpp"', "includes only hls/core/"),
    ("plugins/hls/core/a.cpp", '#include "near.hpp"', "say it relative"),
    ("plugins/hls/element/a.cpp", '#include "rtmp/core/amf0.hpp"', "includes only hls/core/, hls/element/"),
    ("plugins/hls/loose.cpp", "int x;", "no loose files"),
    ("plugins/hls/plugin.cpp", "int x;\n" * 50, "40 lines"),
    ("launcher/config/a.cpp", "#include <gst/gst.h>", "no GStreamer"),
    ("launcher/graph/a.cpp", '#include "hls/element/sink.hpp"', "includes only launcher/config/"),
    ("launcher/graph/a.cpp", 'make("millhlssink");', "no our elements' names"),
    ("launcher/run/a.cpp", 'if (name == "millrtmpsrc") take();', "no our elements' names"),
    ("launcher/main.cpp", "int x;\n" * 120, "100 lines"),
    ("launcher/loose.cpp", "int x;", "no loose files"),
    ("launcher/config/string_utils.hpp", "int x;", "name without a subject"),
    ("tests/core/hls/a_test.cpp", "#include <gst/gst.h>", "no GStreamer"),
    ("tests/core/hls/a_test.cpp", '#include "rtmp/core/amf0.hpp"', "includes only hls/core/"),
    ("plugins/webrtc/core/ice/a.cpp", "#include <sys/socket.h>", "no sockets"),
    ("plugins/webrtc/core/ice/a.cpp", '#include "hls/core/cmaf.hpp"', "includes only webrtc/core/"),
    ("tests/core/webrtc/ice/a_test.cpp", '#include "hls/core/cmaf.hpp"', "includes only webrtc/core/"),
]

ALLOWED = [
    ("plugins/common/base/thread.hpp", "#include <mutex>"),
    ("plugins/common/base/a.hpp", "// what steady_clock would say\n#include <vector>"),
    ("plugins/common/net/a.cpp", "#include <libsoup/soup.h>\n/* rtmp lives\n   elsewhere */"),
    ("plugins/hls/core/a.cpp", '#include "hls/core/cmaf.hpp"\n#include "common/base/bytes.hpp"\n#include <zlib.h>'),
    ("plugins/webrtc/core/ice/a.cpp", "#include <openssl/ssl.h>\n#include <stun/stunagent.h>"),
    ("plugins/hls/element/a.cpp", '#include "common/web/site.hpp"\n#include <gst/gst.h>\n#include <thread>'),
    ("launcher/run/a.cpp", 'const char* name = "millrace";  // millhlssink is somebody else\nint millis = 3;'),
    ("launcher/graph/a.cpp", '#include "common/gst/ref.hpp"\nauto tee = make("tee");'),
]

NEIGHBOURS = ["plugins/common/base/bytes.hpp", "plugins/common/net/http.hpp", "plugins/common/web/site.hpp",
              "plugins/common/gst/ref.hpp", "plugins/hls/core/cmaf.hpp", "plugins/hls/core/near.hpp",
              "plugins/hls/element/sink.hpp", "plugins/rtmp/core/amf0.hpp"]


@pytest.fixture
def house(tmp_path):
    """A small house that keeps every rule."""
    for name in NEIGHBOURS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("#pragma once\n")
    assert rooms.offences(tmp_path) == []

    def put(path, text):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
        return rooms.offences(tmp_path)
    return put


@pytest.mark.parametrize("path, text, named", BREACHES)
def test_a_breach_is_named_with_its_file_and_line(house, path, text, named):
    found = house(path, text)
    assert len(found) >= 1
    assert found[0].startswith(f"{path}:")
    assert named in found[0]


@pytest.mark.parametrize("path, text", ALLOWED)
def test_what_the_table_allows_is_no_offence(house, path, text):
    assert house(path, text) == []


def test_the_line_is_the_one_of_the_include(house):
    assert house("plugins/hls/core/a.cpp", "// one\n\n#include <glib.h>\n")[0].startswith("plugins/hls/core/a.cpp:3:")
