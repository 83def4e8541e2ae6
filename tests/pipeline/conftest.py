# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the end-to-end tests stand on: the built millrace, real publishers, recordings, and a strict player.

Everything a test starts is stopped after it, and a millrace that crashed or hung fails the test that started it. Ports
are free ones; nothing here sleeps. `meson test --suite pipeline` sets the environment; by hand: meson devenv.
"""

import itertools
import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import clips  # noqa: E402
import publishers  # noqa: E402
from llhls_client import Client  # noqa: E402
from processes import Process, free_port, wait_http  # noqa: E402

BUILD = pathlib.Path(os.environ.get("MILLRACE_BUILD", ROOT / "build"))
MILLRACE = os.environ.get("MILLRACE", str(BUILD / "launcher" / "millrace"))

STREAMS = """
listen:
  http: "127.0.0.1:{http}"
  rtmp: "127.0.0.1:{rtmp}"
streams:
  live/*:
    run: on-publish
    nodes:
      in:  {{element: millrtmpsrc, reconnect-timeout: 20s}}
      hls: {{element: millhlssink, from: in}}
"""


class Origin:
    """A `millrace run` that serves whatever is published to live/NAME."""

    def __init__(self, start, directory, text=STREAMS):
        self.http_port, self.rtmp_port = free_port(), free_port()
        self.file = directory / "streams.yaml"
        self.file.write_text(text.format(http=self.http_port, rtmp=self.rtmp_port))
        self.process = start([MILLRACE, "run", str(self.file)], environment(self.http_port, self.rtmp_port))
        wait_http(self.url("healthz"), timeout=30, server=self.process)

    def url(self, path):
        return f"http://127.0.0.1:{self.http_port}/{path}"

    def rtmp(self, path):
        return f"rtmp://127.0.0.1:{self.rtmp_port}/{path}"

    def hls(self, path):
        return self.url(f"{path}/index.m3u8")

    def wait_live(self, path, timeout=60):
        """Until the path's multivariant playlist is there."""
        return wait_http(self.hls(path), timeout, server=self.process)


def environment(http_port, rtmp_port):
    """The process-wide default ports, for elements whose line names none."""
    return {
        "MILLRACE_LISTEN_HTTP": f"127.0.0.1:{http_port}",
        "MILLRACE_LISTEN_RTMP": f"127.0.0.1:{rtmp_port}",
        "MILLRACE_LISTEN_WEBRTC": "127.0.0.1:0",  # viewers are told
    }


def _starter():
    started = []

    def start(command, env=None, cwd=None):
        process = Process(command, env, cwd)
        started.append(process)
        return process

    def end():
        problems = []
        for process in reversed(started):
            try:
                status = process.stop(timeout=15)
            except AssertionError as hung:
                problems.append(str(hung))
                continue
            ours = isinstance(process.command, list) and process.command[0] == MILLRACE
            if ours and status != 0:
                problems.append(f"{process} ended with {status}; it said:\n{process.text[-4000:]}")
        assert not problems, "\n".join(problems)

    return start, end


@pytest.fixture
def start():
    """start(command, env=None) runs a program until the end of the test."""
    start, end = _starter()
    yield start
    end()


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """One origin for the tests of a file; each test takes a path of its own."""
    start, end = _starter()
    yield Origin(start, tmp_path_factory.mktemp("origin"))
    end()


@pytest.fixture
def own_origin(start, tmp_path):
    """An origin nobody else uses, for tests that stop it or measure it."""
    return Origin(start, tmp_path)


_names = itertools.count(1)


@pytest.fixture
def path(request):
    """A stream path of the test's own."""
    return f"live/{next(_names)}_{request.node.originalname[5:40]}"


@pytest.fixture(scope="session")
def clip():
    """clip("bframes") is the file of that recording; tests/support/clips.py lists them."""
    directory = os.environ.get("MILLRACE_CLIPS", str(BUILD / "tests" / "clips"))
    return lambda name: clips.make(name, directory)


@pytest.fixture(scope="module")
def beside(origin, clip):
    """The URL of a stream that runs through all tests of a file, for those that must not disturb it."""
    start, end = _starter()
    start(publishers.ffmpeg(clip("plain"), origin.rtmp("live/beside")))
    origin.wait_live("live/beside")
    yield origin.hls("live/beside")
    end()


@pytest.fixture
def play():
    """play(url) starts a strict player, stopped with the test. The test asks it for its findings."""
    playing = []

    def play(url):
        client = Client(url).start()
        playing.append(client)
        return client

    yield play
    for client in playing:
        client._stop.set()


@pytest.fixture
def publish(start, origin, clip):
    """publish("plain", path) sends that recording with ffmpeg, over and over, and waits until it can be played."""

    def publish(name, path, **options):
        process = start(publishers.ffmpeg(clip(name), origin.rtmp(path), **options))
        origin.wait_live(path)
        return process

    return publish
