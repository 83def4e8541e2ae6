# SPDX-License-Identifier: LGPL-2.1-or-later
"""`millrace run` with GStreamer's own elements: streams that fail alone, signals, and what it says over HTTP."""
import json
import signal
import urllib.error
import urllib.request

import pytest

from conftest import MILLRACE
from processes import free_port, wait_for, wait_http

TEST_PICTURE = "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! identity"


class Run:
    def __init__(self, start, directory):
        self.port = free_port()
        self.file = directory / "run.yaml"
        self._start = start

    def write(self, streams):
        self.file.write_text(f'listen: {{http: "127.0.0.1:{self.port}"}}\nstreams:\n{streams}')

    def start(self):
        self.process = self._start([MILLRACE, "run", str(self.file)])
        wait_http(self.url("healthz"), timeout=30)
        return self.process

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url(path), timeout=10) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def states(self):
        return {stream["path"]: stream["state"] for stream in self.get("api/v1/streams")[1]}

    def wait_live(self, path):
        wait_for(lambda: self.states().get(path) == "live", 30, f"{path} is live")


@pytest.fixture
def run(start, tmp_path):
    return Run(start, tmp_path)


def always(path, nodes):
    return f"  {path}:\n    run: always\n    nodes:\n" + "".join(f"      {node}\n" for node in nodes)


GOOD = [f"a: {{launch: '{TEST_PICTURE}'}}", "b: {element: fakesink, from: a, sync: true}"]
FAILING = [f"a: {{launch: '{TEST_PICTURE}'}}", "i: {element: identity, from: a, error-after: 10}",
           "b: {element: fakesink, from: i, sync: true}"]


def test_a_stream_that_fails_is_tried_again_and_no_other_notices(run):
    run.write(always("good", GOOD) + always("bad", FAILING))
    process = run.start()
    process.wait_output(r"^good: live")
    process.wait_output(r"^bad: failed in i \(identity\): .*; again in 1 s")
    process.wait_output(r"^bad: failed in i \(identity\): .*; again in 2 s")
    assert run.states()["good"] == "live"
    assert not [line for line in process.output if line.startswith("good") and line != "good: live"]
    assert len([line for line in process.output if "again in 1 s" in line]) == 1, "logged once a failure"


def test_it_is_ready_when_every_stream_that_always_runs_is_live(run):
    waits = ["a: {element: appsrc, is-live: true}", "b: {element: fakesink, from: a}"]
    run.write(always("good", GOOD) + always("waits", waits))
    run.start()
    run.wait_live("good")
    status, missing = run.get("readyz")
    assert status == 503 and [stream["path"] for stream in missing] == ["waits"]
    run.write(always("good", GOOD))
    run.process.signal(signal.SIGHUP)
    wait_for(lambda: run.get("readyz") == (200, []), 30, "ready without it")


def test_sighup_restarts_what_changed_and_leaves_the_rest(run):
    run.write(always("same", GOOD) + always("changed", GOOD) + always("gone", GOOD))
    process = run.start()
    for path in ["same", "changed", "gone"]:
        run.wait_live(path)
    other = [GOOD[0], "b: {element: fakesink, from: a, sync: false}"]
    run.write("# moved by a line\n" + always("same", GOOD) + always("changed", other) + always("fresh", GOOD))
    process.signal(signal.SIGHUP)
    process.wait_output(r"^reloaded")
    process.wait_output(r"^fresh: live")
    process.wait_output(r"^gone: ended")
    wait_for(lambda: process.output.count("changed: live") == 2, 30, "the changed stream starts anew")
    assert "same: ended" not in process.output and process.output.count("same: live") == 1
    assert set(run.states()) == {"same", "changed", "fresh"}


def test_sighup_with_a_wrong_file_keeps_everything_and_says_why(run):
    run.write(always("good", GOOD))
    process = run.start()
    run.wait_live("good")
    run.write(always("good", ["a: {element: videotestsr}"]))
    process.signal(signal.SIGHUP)
    process.wait_output(r"run\.yaml:6:20: no element 'videotestsr' is installed; did you mean 'videotestsrc'\?")
    process.wait_output(r"^not reloaded")
    assert run.states() == {"good": "live"} and process.output.count("good: live") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_streams_and_stops(run, tmp_path, number):
    recorded = tmp_path / "recorded.mp4"
    run.write(always("rec", [f"a: {{launch: '{TEST_PICTURE} ! x264enc tune=zerolatency'}}",
                             "m: {element: mp4mux, from: a}", f"f: {{element: filesink, from: m, location: {recorded}}}"]))
    process = run.start()
    wait_for(lambda: recorded.exists() and recorded.stat().st_size > 1000, 30, "something is recorded")
    process.signal(number)
    assert process.wait(10) == 0, process.text
    assert b"moov" in recorded.read_bytes(), "the file is finished: the end of stream reached it"


def test_a_source_that_ignores_the_end_does_not_hold_it_up(run):
    deaf = ["a: {element: appsrc, is-live: true}", "b: {element: fakesink, from: a}"]
    run.write(always("good", GOOD) + always("deaf", deaf))
    process = run.start()
    run.wait_live("good")
    process.signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_a_port_that_is_taken_is_said_with_status_1(run, start, tmp_path):
    run.write(always("good", GOOD))
    run.start()
    second = tmp_path / "second.yaml"
    import socket
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        second.write_text(f'listen: {{http: "127.0.0.1:{port}"}}\nstreams:\n' + always("good", GOOD))
        import subprocess
        refused = subprocess.run([MILLRACE, "run", str(second)], capture_output=True, text=True, timeout=30)
    assert refused.returncode == 1 and str(port) in refused.stderr


def test_a_slow_branch_drops_and_the_other_does_not_wait(run):
    # The slow one sleeps half a second a frame; its queue holds three seconds, which fill within four.
    run.write(always("s", [f"a: {{launch: '{TEST_PICTURE} ! x264enc tune=zerolatency key-int-max=10'}}",
                           "slow: {element: identity, from: a, sleep-time: 500000}",
                           "x: {element: fakesink, from: slow}", "fast: {element: fakesink, from: a, sync: true}"]))
    run.start()
    run.wait_live("s")
    wait_for(lambda: run.get("api/v1/streams")[1][0]["dropped"] > 0, 60, "the slow branch drops")
    assert run.states() == {"s": "live"}


def test_pads_that_come_later_are_linked_by_kind(run, tmp_path):
    import subprocess
    clip = tmp_path / "clip.mp4"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=size=64x64", "-f", "lavfi", "-i", "sine",
                    "-t", "2", "-c:v", "libx264", "-c:a", "aac", str(clip)], check=True, timeout=60)
    out = tmp_path / "out.ts"
    run.write(always("clip", [f"a: {{launch: 'filesrc location={clip} ! qtdemux'}}", "v: {element: h264parse, from: a.video}",
                              "u: {element: aacparse, from: a.audio}", "m: {element: mpegtsmux, from: [v, u]}",
                              f"f: {{element: filesink, from: m, location: {out}}}"]))
    process = run.start()
    process.wait_output(r"^clip: live")
    process.wait_output(r"^clip: ended")
    shown = subprocess.run(["ffprobe", "-loglevel", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", str(out)],
                           capture_output=True, text=True, timeout=60)
    assert set(shown.stdout.split()) == {"h264", "aac"}
