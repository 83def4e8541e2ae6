# SPDX-License-Identifier: LGPL-2.1-or-later
"""The commands that run nothing: check, expand, schema, and how wrong usage is answered."""
import json
import shlex
import subprocess

import gi
import jsonschema
import pytest
import yaml

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

from conftest import MILLRACE, ROOT  # noqa: E402

Gst.init(None)


def millrace(*arguments):
    return subprocess.run([MILLRACE, *map(str, arguments)], capture_output=True, text=True, timeout=60)


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "f.yaml"
        path.write_text(text)
        return path
    return write


# A node list in flow style, so that a row is a line; the columns are those of the file below.
def nodes(text):
    return f"streams:\n  s:\n    run: always\n    nodes:\n{text}"


WRONG = [
    ("      a: {element: videotestsr}\n",
     "5:20: no element 'videotestsr' is installed; did you mean 'videotestsrc'?"),
    ("      a: {element: videotestsrc, pattem: ball}\n      b: {element: fakesink, from: a}\n",
     "5:34: unknown property 'pattem' of videotestsrc; did you mean 'pattern'?"),
    ("      a: {element: videotestsrc, pattern: bal}\n      b: {element: fakesink, from: a}\n",
     "5:43: 'bal' is not a value of 'pattern'; it takes smpte, snow, black, white, red, green, blue, checkers-1, "
     "checkers-2, checkers-4, checkers-8, circular, …; did you mean 'ball'?"),
    ("      a: {element: videotestsrc, is-live: maybe}\n      b: {element: fakesink, from: a}\n",
     "5:43: 'maybe' is not a value of 'is-live'; it takes true or false"),
    ("      a: {element: videotestsrc, num-buffers: 3000000000}\n      b: {element: fakesink, from: a}\n",
     "5:47: '3000000000' is not a value of 'num-buffers'; it takes a number from -1 to 2147483647"),
    ("      a: {element: videotestsrc, num-buffers: 2s}\n      b: {element: fakesink, from: a}\n",
     "5:47: 'num-buffers' does not say in which unit it counts time; '2s' must be a plain number"),
    ("      a: {element: videotestsrc}\n      b: {element: capsfilter, from: a, caps: 'a/b,c=('}\n"
     "      c: {element: fakesink, from: b}\n",
     "6:47: 'a/b,c=(' is not a value of 'caps'; it takes a GstCaps"),
    ("      a: {element: videotestsrc, pattern: [ball]}\n      b: {element: fakesink, from: a}\n",
     "5:44: 'pattern' takes one value, not a list"),
    ("      a: {launch: 'videotestsrc ! x264ec ! h264parse'}\n      b: {element: fakesink, from: a}\n",
     "5:19: in 'launch': no element 'x264ec' is installed; did you mean 'x264enc'?"),
    ("      a: {launch: 'videotestsrc pattem=ball'}\n      b: {element: fakesink, from: a}\n",
     "5:19: in 'launch': unknown property 'pattem' of videotestsrc; did you mean 'pattern'?"),
    ("      a: {launch: 'videotestsrc ! video/x-raw,width=64'}\n      b: {element: fakesink, from: a}\n",
     "5:19: 'launch' ends in caps; an element must follow them, such as identity"),
    ("      a: {element: videotestsrc}\n      b: {element: fakesink, from: a.srk}\n",
     "6:36: node 'a' has no output 'srk'; it has src; did you mean 'src'?"),
    ("      a: {element: videotestsrc}\n      b: {element: aacparse, from: a}\n      c: {element: fakesink, from: b}\n",
     "6:36: nothing that 'a' gives (video/x-raw, video/x-bayer) fits a free input of 'b' (audio/mpeg)"),
    ("      a: {element: fakesink}\n", "5:7: node 'a' needs a 'from'"),
    ("      a: {element: videotestsrc}\n", "5:7: nothing is fed by node 'a'; another node needs 'from: a'"),
    ("      a: {element: videotestsrc}\n      b: {element: fakesink, from: a}\n      c: {element: fakesink, from: b}\n",
     "7:36: node 'b' has no output"),
]


@pytest.mark.parametrize("text, says", WRONG, ids=[row[1].split(";")[0][:40] for row in WRONG])
def test_check_says_where_and_what_would_be_right(file, text, says):
    path = file(nodes(text))
    checked = millrace("check", path)
    assert checked.stderr == f"{path}:{says}\n"
    assert checked.returncode == 2
    assert millrace("run", path).returncode == 2, "nothing starts from a file that has an error"


def test_units_become_what_the_property_counts_in(file):
    line = millrace("expand", file(nodes(
        "      a: {element: videotestsrc}\n"
        "      b: {element: x264enc, from: a, bitrate: 2500k, vbv-buf-capacity: 2s}\n"
        "      c: {element: queue, from: b, max-size-time: 200ms, max-size-bytes: 64MiB}\n"
        "      d: {element: fakesink, from: c}\n"))).stdout
    for setting in ["bitrate=2500", "vbv-buf-capacity=2000", "max-size-time=200000000", "max-size-bytes=67108864"]:
        assert f" {setting} " in line, "x264enc counts kbit/s and milliseconds, queue nanoseconds and bytes"


def test_path_and_name_stand_for_the_path(file):
    path = file("streams:\n  live/*:\n    run: on-demand\n    nodes:\n"
                "      a: {element: videotestsrc}\n      b: {element: filesink, from: a, location: '/x/{path}/{name}.raw'}\n")
    assert " location=/x/live/cam1/cam1.raw " in millrace("expand", path, "live/cam1").stdout
    assert millrace("expand", path, "other/cam1").returncode == 2


FITTING = {
    "a tee for a pad with two takers": nodes(
        "      a: {element: videotestsrc, is-live: true}\n      b: {element: fakesink, from: a}\n"
        "      c: {element: fakesink, from: a}\n"),
    "pads that come later, by kind": nodes(
        "      a: {element: uridecodebin, uri: 'file:///nowhere'}\n      v: {element: videoconvert, from: a.video}\n"
        "      w: {element: fakesink, from: v}\n      b: {element: audioconvert, from: a.audio}\n"
        "      c: {element: fakesink, from: b}\n"),
    "request pads by name and caps": nodes(
        "      a: {launch: 'videotestsrc ! x264enc ! h264parse audiotestsrc ! avenc_aac ! aacparse'}\n"
        "      m: {element: mpegtsmux, from: a}\n      b: {element: fakesink, from: m}\n"),
    "two nodes into one": nodes(
        "      v: {launch: 'videotestsrc ! x264enc'}\n      a: {launch: 'audiotestsrc ! avenc_aac'}\n"
        "      m: {element: flvmux, from: [v, a]}\n      b: {element: fakesink, from: m}\n"),
    "one pad of a fragment, the other goes nowhere": nodes(
        "      a: {launch: 'videotestsrc audiotestsrc'}\n      b: {element: fakesink, from: a.audio_0}\n"),
    "values with blanks and quotes": nodes(
        "      a: {element: videotestsrc}\n"
        "      t: {element: textoverlay, from: a, text: \"it's 100% \\\"so\\\" \\\\ & $HOME; *\"}\n"
        "      b: {element: fakesink, from: t}\n"),
    "a tee of the user's own": nodes(
        "      a: {launch: 'videotestsrc ! tee name=t t. ! queue ! fakesink t. ! queue ! identity name=i'}\n"
        "      b: {element: fakesink, from: a}\n"),
}


def links(pipeline):
    """Every link between elements, by their factories and pads."""
    found = []
    iterator = pipeline.iterate_elements()
    while True:
        result, element = iterator.next()
        if result != Gst.IteratorResult.OK:
            return sorted(found)
        for pad in element.srcpads:
            peer = pad.get_peer()
            if peer:
                found.append((element.get_factory().get_name(), pad.name, peer.get_parent().get_factory().get_name()))


@pytest.mark.parametrize("text", FITTING.values(), ids=FITTING.keys())
def test_expand_prints_a_line_that_gst_launch_reads(file, text):
    printed = millrace("expand", file(text))
    assert printed.returncode == 0, printed.stderr
    words = shlex.split(printed.stdout)
    assert words[0] == "gst-launch-1.0"
    pipeline = Gst.parse_launchv(words[1:])
    assert links(pipeline)


def test_a_queue_and_a_tee_are_put_in_only_where_needed(file):
    plain = millrace("expand", file(nodes("      a: {element: videotestsrc}\n      b: {element: fakesink, from: a}\n"))).stdout
    assert plain == "gst-launch-1.0 videotestsrc name=a fakesink name=b a.src ! b.sink\n"
    teed = millrace("expand", file(FITTING["a tee for a pad with two takers"])).stdout
    assert teed.count("tee name=") == 1 and teed.count("! queue ") == 2 and teed.count("leaky=downstream") == 2


def test_a_branch_of_what_is_not_live_holds_back_and_drops_nothing(file):
    text = FITTING["a tee for a pad with two takers"].replace(", is-live: true", "")
    assert "leaky" not in millrace("expand", file(text)).stdout


@pytest.mark.parametrize("text", [
    "it's 100% \"so\" \\ & $HOME; *", "\"quoted\"", "'", "\"", "\\", "a\\", "a b\\", " a  b ", "`x` (y) <z> [1] {2} !", "",
])
def test_values_reach_the_property_as_they_are_written(file, text):
    line = millrace("expand", file(nodes(
        "      a: {element: videotestsrc}\n"
        f"      t: {{element: textoverlay, from: a, text: {json.dumps(text)}}}\n"
        "      b: {element: fakesink, from: t}\n"))).stdout
    overlay = Gst.parse_launchv(shlex.split(line)[1:]).get_by_name("t")
    assert overlay.get_property("text") == text


def test_a_pasted_line_runs(file, start):
    line = millrace("expand", file(nodes(
        "      a: {launch: 'videotestsrc num-buffers=30 audiotestsrc num-buffers=30'}\n"
        "      b: {element: fakesink, from: a.video}\n      c: {element: fakesink, from: a}\n"
        "      d: {element: fakesink, from: a.audio}\n"))).stdout
    pasted = start(line.strip())
    assert pasted.wait(30) == 0, pasted.text


def test_the_schema_is_one_and_takes_the_files_of_the_repository():
    schema = json.loads(millrace("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    for path in sorted((ROOT / "pipelines").glob("*.yaml")):
        jsonschema.validate(yaml.safe_load(path.read_text()), schema)


@pytest.mark.parametrize("arguments, says", [
    ([], "a command is missing"), (["rum"], "unknown command 'rum'"), (["run"], "'run' needs a pipeline file"),
    (["expand", "a", "b", "c"], "too many arguments for 'expand'"), (["check", "/"], "this is a directory"),
    (["check", "/dev/zero"], "larger than 1 MiB"), (["check", "/nowhere.yaml"], "there is no such file"),
])
def test_wrong_usage_is_status_2_and_said(arguments, says):
    answered = millrace(*arguments)
    assert answered.returncode == 2 and says in answered.stderr and answered.stdout == ""


def test_help_names_every_command():
    helped = millrace("--help")
    assert helped.returncode == 0
    for command in ["run", "check", "expand", "schema"]:
        assert f"millrace {command}" in helped.stdout


def test_a_hundred_megabytes_are_refused_at_once(tmp_path):
    big = tmp_path / "big.yaml"
    with big.open("wb") as out:
        out.truncate(100 << 20)
    refused = millrace("check", big)
    assert refused.returncode == 2 and "larger than 1 MiB" in refused.stderr
