# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every command line in a README and every file in pipelines/ works as it stands there, but for the ports."""

import json
import re
import subprocess
import sys

import pytest
import publishers
import whip_publishers
import yaml
from conftest import MILLRACE, ROOT, Origin, environment
from processes import free_port, wait_http

READMES = [ROOT / "README.md", *sorted(ROOT.glob("plugins/*/README.md"))]
PIPELINES = sorted(ROOT.glob("pipelines/*.yaml"))
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.M | re.S)


def documented_lines():
    """(file:line, command) of each gst-launch-1.0 and ffmpeg command in a fenced block; backslashes join lines."""
    for readme in READMES:
        if not readme.exists():
            continue
        text = readme.read_text()
        for block in FENCE.finditer(text):
            for command in re.sub(r"\\\n\s*", " ", block.group(1)).splitlines():
                command = command.strip().removeprefix("$ ")
                if re.match(r"(gst-launch-1\.0|ffmpeg)\b", command):
                    yield f"{readme.relative_to(ROOT)}:{text[: block.start()].count(chr(10)) + 1}", command


LINES = list(documented_lines())


@pytest.mark.parametrize("where, command", LINES, ids=[where for where, _ in LINES])
def test_a_documented_command_runs(start, clip, tmp_path, where, command):
    subprocess.run(["ffmpeg", "-v", "error", "-i", clip("plain"), "-c", "copy", str(tmp_path / "clip.mp4")], check=True)
    publishes = re.search(r"rtmp://localhost[:\d]*/(\S+?)[\"' ]*(\s|$)", command)
    if publishes:  # it needs someone to publish to
        origin = Origin(start, tmp_path)
        http, rtmp = origin.http_port, origin.rtmp_port
    else:
        http, rtmp = free_port(), free_port()
    process = start(on_ports(command, http, rtmp), environment(http, rtmp), cwd=tmp_path)
    waited = re.search(r"mill(rtmp|ingest|whip)src [^!]*path=(\S+)", command)
    if waited:  # it needs a publisher
        process.wait_output("PLAYING|PREROLL")
        publish(waited, clip, start, http, rtmp)
    served = re.search(r"mill(hls|whep)sink [^!]*path=(\S+)", command)
    path = publishes.group(1) if publishes else served and served.group(2)
    if path:
        by_webrtc = served and served.group(1) == "whep"
        wait_http(f"http://127.0.0.1:{http}/{path}/{'outputs.json' if by_webrtc else 'index.m3u8'}")
    if "num-buffers" not in command:
        still_runs_after(process, 3)
    assert not re.search(r"^ERROR|WARNING: erroneous|Error ", process.text, re.M), process.text


def publish(waited, clip, start, http, rtmp):
    way, path = waited.groups()
    if way == "whip":
        words = [sys.executable, str(whip_publishers.PROGRAMS["webrtcbin"]), f"http://127.0.0.1:{http}/{path}/whip", "H264"]
        return start(words)
    return start(publishers.ffmpeg(clip("plain"), f"rtmp://127.0.0.1:{rtmp}/{path}"))


def on_ports(command, http, rtmp):
    command = re.sub(r"rtmp://localhost(:1935)?/", f"rtmp://127.0.0.1:{rtmp}/", command)
    return "exec " + re.sub(r"http://localhost:8080/", f"http://127.0.0.1:{http}/", command)


def still_runs_after(process, seconds):
    try:
        status = process.popen.wait(seconds)
    except subprocess.TimeoutExpired:
        return
    raise AssertionError(f"{process} ended with {status} within {seconds} s:\n{process.text}")


@pytest.mark.parametrize("file", PIPELINES, ids=[file.name for file in PIPELINES])
def test_a_pipeline_file_passes_the_check(file):
    check = subprocess.run([MILLRACE, "check", str(file)], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize("file", PIPELINES, ids=[file.name for file in PIPELINES])
def test_a_pipeline_file_plays(start, play, clip, tmp_path, file):
    copy, content, ports = on_free_ports(file, tmp_path)
    start([MILLRACE, "run", str(copy)], environment(ports["http"], ports["rtmp"]), cwd=tmp_path)
    wait_http(f"http://127.0.0.1:{ports['http']}/healthz")
    for pattern, stream in content["streams"].items():
        path = pattern.replace("*", "cam1").replace("{name}", "cam1")
        if stream.get("run", "on-publish") == "on-publish":
            start(publishers.ffmpeg(clip("plain"), f"rtmp://127.0.0.1:{ports['rtmp']}/{path}"))
        if "millhlssink" in str(stream):
            url = f"http://127.0.0.1:{ports['http']}/{path}/index.m3u8"
            wait_http(url)
            client = play(url)
            assert client.join(8).lines() == [], f"{pattern} of {file.name}"
        if "millwhepsink" in str(stream):
            outputs = json.loads(wait_http(f"http://127.0.0.1:{ports['http']}/{path}/outputs.json").body)["outputs"]
            assert "whep" in {output["kind"] for output in outputs}, f"{pattern} of {file.name}"


def on_free_ports(file, directory):
    """A copy of a pipeline file that listens on free ports: (its path, its content, the ports by protocol)."""
    content = yaml.safe_load(file.read_text())
    ports = {name: free_port() for name in {"http", "rtmp", *content.get("listen", {})}}
    content["listen"] = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    copy = directory / file.name
    copy.write_text(yaml.safe_dump(content, sort_keys=False))
    return copy, content, ports


PROGRAMS = [
    (f"{readme.relative_to(ROOT)}:{text[: block.start()].count(chr(10)) + 1}", block.group(1))
    for readme in READMES
    if readme.exists()
    for text in [readme.read_text()]
    for block in re.finditer(r"^```python\n(.*?)^```", text, re.M | re.S)
]


@pytest.mark.parametrize("where, program", PROGRAMS, ids=[where for where, _ in PROGRAMS])
def test_a_documented_python_program_serves_its_stream(start, tmp_path, where, program):
    http, rtmp, path = free_port(), free_port(), "test"
    named = re.search(r'"(pipelines/[^"]+)"', program)
    if named:
        copy, content, ports = on_free_ports(ROOT / named.group(1), tmp_path)
        program, http = program.replace(named.group(1), str(copy)), ports["http"]
        path = next(path for path, stream in content["streams"].items() if stream.get("run") == "always")
    running = start(["/usr/bin/python3", "-c", program], environment(http, rtmp))
    wait_http(f"http://127.0.0.1:{http}/{path}/index.m3u8")
    assert running.running and "Traceback" not in running.text, running.text
