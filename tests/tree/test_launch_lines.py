# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every gst-launch-1.0 line of the documentation is a pipeline that GStreamer can make: its elements, properties and
pads exist. Whether it plays is tested in tests/pipeline."""

import pathlib
import textwrap

import gi
import launch_lines
import pytest

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

Gst.init(None)


def complaint_about(said):
    try:
        Gst.parse_launchv_full(launch_lines.arguments(said), None, Gst.ParseFlags.FATAL_ERRORS)
    except (GLib.Error, ValueError) as error:
        return getattr(error, "message", str(error))
    return None


def test_every_launch_line_makes_a_pipeline(root, build):
    found = list(launch_lines.of_repository(root))
    assert len(found) >= 4, "the documentation has lost its launch lines, or they are no longer found"
    complaints = [f"{where}: {said}\n    {complaint}" for where, said in found if (complaint := complaint_about(said))]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("name, text, said", [
    ("a.md", "Try `gst-launch-1.0 -v fakesrc ! fakesink` now", "-v fakesrc ! fakesink"),
    ("a.md", "```\n$ gst-launch-1.0 fakesrc \\\n    ! fakesink\n```", "fakesrc   ! fakesink"),
    ("a.cpp", "/**\n * gst-launch-1.0 fakesrc \\\n *   ! fakesink\n */", "fakesrc   ! fakesink"),
    ("a.cpp", "/**\n * |[\n * gst-launch-1.0 fakesrc !\n * fakesink\n * ]| Nothing\n */", "fakesrc ! fakesink"),
    ("a.yaml", "# gst-launch-1.0 fakesrc ! fakesink\n", "fakesrc ! fakesink"),
])
def test_a_line_is_found_where_it_stands(name, text, said):
    [(_, found)] = launch_lines.lines(pathlib.Path(name), textwrap.dedent(text))
    assert found.split() == said.split()
    assert complaint_about(found) is None


def test_code_and_mere_mentions_are_no_lines():
    assert not list(launch_lines.lines(pathlib.Path("a.cpp"), 'print("gst-launch-1.0 fakesrc ! fakesink");'))
    assert not list(launch_lines.lines(pathlib.Path("a.md"), "the same under gst-launch-1.0 as well"))


@pytest.mark.parametrize("said, named", [
    ("fakesrc ! nosuchelement", "nosuchelement"),
    ("fakesrc nosuchproperty=1 ! fakesink", "nosuchproperty"),
    ("fakesrc ! videotestsrc", "link"),
    ("filesrc location='clip.mp4 ! fakesink", "quotation"),
])
def test_a_line_that_no_longer_works_is_seen(said, named):
    assert named in complaint_about(said)
