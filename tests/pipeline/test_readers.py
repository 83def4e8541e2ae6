# SPDX-License-Identifier: LGPL-2.1-or-later
"""Players people have play what is served: ffmpeg, ffplay and GStreamer decode pictures and sound without an error."""

import re
import shutil

import pytest
from processes import wait_for


@pytest.fixture
def url(origin, publish, play, path):
    """A stream with a few segments, so that players that know no parts can start at once."""
    publish("plain", path)
    client = play(origin.hls(path))
    assert client.wait_until(
        lambda seen: all(len(s.playlist.complete) >= 3 for s in seen if s.playlist) and all(s.playlist for s in seen)
    )
    client.stop()
    return origin.hls(path)


def test_ffmpeg_decodes_picture_and_sound_without_an_error(start, url):
    reader = start(
        [
            "ffprobe",
            "-v",
            "error",
            "-count_frames",
            "-read_intervals",
            "%+5",
            "-show_entries",
            "stream=codec_name,width,height,nb_read_frames",
            "-of",
            "csv=p=0",
            url,
        ]
    )
    assert reader.wait(40) == 0
    lines = [line.split(",") for line in reader.output if line]
    streams = {fields[0]: fields[1:] for fields in lines if fields[0] in ("h264", "aac")}
    errors = [line for line in reader.output if line and line.split(",")[0] not in ("h264", "aac")]
    assert errors == []
    assert streams["h264"][:2] == ["640", "360"]
    assert int(streams["h264"][2]) >= 120 and int(streams["aac"][-1]) >= 180


@pytest.mark.skipif(not shutil.which("ffplay"), reason="no ffplay")
def test_ffplay_plays_without_an_error(start, url):
    player = start(["ffplay", "-v", "error", "-stats", url], {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"})
    first = float(player.wait_output(CLOCK, timeout=30).group(1))
    wait_for(lambda: clock(player) > first + 3, 30, "ffplay's clock gets 3 s further")
    assert [line for line in player.output if line.strip() and " fd=" not in line] == []


CLOCK = r"^ *(\d+\.\d+) A-V:"


def clock(player):
    """ffplay's audio clock, from the status it writes over and over."""
    times = [match.group(1) for match in map(re.compile(CLOCK).match, player.output) if match]
    return float(times[-1])


PLAYBIN = """
import sys
import gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst
Gst.init(None)
player = Gst.parse_launch(
    f"playbin3 uri={sys.argv[1]} "
    'video-sink="fakesink name=video sync=true signal-handoffs=true" '
    'audio-sink="fakesink name=audio sync=true signal-handoffs=true"')
loop, counts = GLib.MainLoop(), {"video": 0, "audio": 0}

def count(name):
    counts[name] += 1
    if min(counts.values()) >= 90:
        loop.quit()

def message(_, message):
    if message.type in (Gst.MessageType.ERROR, Gst.MessageType.WARNING, Gst.MessageType.EOS):
        print(message.type.first_value_nick, message.get_structure() and message.get_structure().to_string())
        loop.quit()

for name in counts:
    player.get_property(f"{name}-sink").connect("handoff", lambda *_, name=name: count(name))
player.get_bus().add_signal_watch()
player.get_bus().connect("message", message)
names = set()
player.connect("deep-element-added", lambda _bin, _sub, element: names.add(element.get_factory() and element.get_factory().get_name()))
player.set_state(Gst.State.PLAYING)
GLib.timeout_add_seconds(40, loop.quit)
loop.run()
player.set_state(Gst.State.NULL)
print("frames", counts["video"], counts["audio"], "hlsdemux2" in names)
"""


def test_gstreamers_hlsdemux2_decodes_picture_and_sound_without_an_error(start, url):
    player = start(["/usr/bin/python3", "-c", PLAYBIN, url])
    assert player.wait(60) == 0
    assert player.output[-1].startswith("frames"), player.text
    _, video, audio, demuxer = player.output[-1].split()
    assert demuxer == "True" and int(video) >= 90 and int(audio) >= 90, player.text
    assert len(player.output) == 1, player.text


def test_the_index_and_the_player_page_name_the_stream(origin, publish, path):
    import http_rules

    publish("plain", path)
    page = http_rules.get(origin.url(f"{path}/"), accept_encoding="identity")
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    wait_for(
        lambda: path.encode()
        in http_rules.get(origin.url("")).body + http_rules.get(origin.url("api/v1/streams")).body,
        10,
        "the index lists the path",
    )
