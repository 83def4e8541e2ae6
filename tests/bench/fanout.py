# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bench: what one WebRTC viewer costs, of many of one stream: 720p30 H.264 at 2.5 Mbit/s and Opus.

Beside Millrace stand the limit, a program that only encrypts and sends the same packets, and Janus's streaming plugin
with one event loop, its cheapest way. A server that loses more than it should is not asked to serve more viewers.
"""

import json
import os
import pathlib
import shutil
import subprocess

import measure

VIEWERS = [int(n) for n in os.environ.get("MILLRACE_BENCH_FANOUT", "100 500 1000 2000").split()]
SECONDS = 10
IN_FLIGHT = 100
PATIENCE = 20  # seconds that a viewer waits to get in
MOST_LOST = 1  # per cent of all packets
COLUMNS = [
    "viewers",
    "server",
    "CPU, % of a core",
    "us CPU a packet",
    "CPU a viewer, %",
    "lost, %",
    "joined p50, ms",
    "joined p99, ms",
    "first picture p50, ms",
    "frames/s, least",
    "MB a viewer",
    "failed",
    "forged packets",
]
ENCODE = (
    "-f lavfi -i testsrc2=size=1280x720:rate=30:duration=20 "
    "-f lavfi -i sine=frequency=440:sample_rate=48000:duration=20 "
    "-c:v libx264 -preset veryfast -profile:v baseline -pix_fmt yuv420p -b:v 2500k -minrate 2500k -maxrate 2500k "
    "-bufsize 1250k -g 60 -keyint_min 60 -sc_threshold 0 -x264-params sliced-threads=0 -c:a libopus -b:a 64k -ac 2"
)
SINK = (
    "exec gst-launch-1.0 -q fdsrc ! matroskademux name=demux "
    "millwhepsink name=w path=test listen=127.0.0.1:{http} udp-listen=127.0.0.1:{udp} "
    "demux.video_0 ! queue ! h264parse ! w.video_0  demux.audio_0 ! queue ! opusparse ! w.audio_0 < {pipe}"
)


def make_clip():
    path = pathlib.Path(os.environ["MILLRACE_CLIPS"], "fanout.mkv")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        part = path.with_suffix(".part.mkv")
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *ENCODE.split(), str(part)], check=True)
        part.rename(path)
    return path


def play(clip, *outputs):
    """The clip over and over at the speed of life, in a process of its own: it is no part of what is measured."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-re", "-stream_loop", "-1", "-i", str(clip), "-c", "copy"]
    return measure.Process(command + [argument for output in outputs for argument in output.split()])


class Millrace(measure.Server):
    def __init__(self, clip):
        super().__init__("Millrace", measure.free_port(), None)
        pipe = self.root / "stream"
        os.mkfifo(pipe)
        self.process = measure.Process(SINK.format(http=self.http, udp=measure.free_port(), pipe=pipe))
        self.publisher = play(clip, f"-f matroska {pipe}")
        self.join = ["--url", f"http://127.0.0.1:{self.http}/test/whep"]

    def __exit__(self, *error):
        self.publisher.kill()
        super().__exit__(*error)


class Janus(measure.Janus):
    def __init__(self, clip):
        super().__init__()
        self.publisher = play(
            clip,
            f"-map 0:v -bsf:v h264_mp4toannexb -f rtp -payload_type 102 rtp://127.0.0.1:{self.video}?pkt_size=1200",
            f"-map 0:a -c copy -f rtp -payload_type 111 rtp://127.0.0.1:{self.audio}?pkt_size=1200",
        )
        self.join = ["--janus", "--url", f"http://127.0.0.1:{self.http}/janus"]

    def __exit__(self, *error):
        self.publisher.kill()
        super().__exit__(*error)


def wait_for_stream(server):
    def watchable():
        assert server.process.running, server.process.text
        once = [*server.join, "--viewers", "1", "--seconds", "0", "--patience", "3"]
        return subprocess.run([os.environ["BENCH_WHEP_VIEWERS"], *once], capture_output=True).returncode == 0

    measure.wait_for(watchable, 30, f"{server.name} serves the stream")


def watch(server, count):
    wait_for_stream(server)
    idle = server.megabytes()
    arguments = [*server.join, "--viewers", count, "--in-flight", IN_FLIGHT, "--patience", PATIENCE]
    arguments += ["--seconds", SECONDS, "--decrypt-every", 50]
    viewers = measure.Process([os.environ["BENCH_WHEP_VIEWERS"], *map(str, arguments)])
    viewers.wait_output("^ready$", timeout=60 + count / IN_FLIGHT * PATIENCE)
    begin = server.seconds()
    result = json.loads(viewers.wait_output("^{.*}$", timeout=SECONDS + 60).string)
    spent, memory = server.seconds() - begin, server.megabytes()
    viewers.wait(60)
    joined = result["join_ms"]
    return {
        "viewers": count,
        "server": server.name,
        "CPU, % of a core": spent / result["seconds"] * 100,
        "us CPU a packet": spent * 1e6 / max(1, result["packets"]),
        "CPU a viewer, %": spent / result["seconds"] * 100 / max(1, result["joined"]),
        "lost, %": result["lost"] * 100 / max(1, result["expected"]),
        "joined p50, ms": joined["connected"]["p50"],
        "joined p99, ms": joined["connected"]["p99"],
        "first picture p50, ms": joined["first_key_frame"]["p50"],
        "frames/s, least": result["frames_per_second_min"],
        "MB a viewer": (memory - idle) / count,
        "failed": result["failed"],
        "forged packets": result["auth_failures"],
    }


def limit(count):
    command = [os.environ["BENCH_FANOUT_LIMIT"], str(count), str(SECONDS)]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    result = json.loads(said.stdout)
    return {
        "viewers": count,
        "server": "the limit",
        "CPU, % of a core": result["cores"] * 100,
        "us CPU a packet": result["ns_per_packet"] / 1000,
        "CPU a viewer, %": result["cores"] * 100 / count,
        "frames/s, least": result["frames_per_second"],
    }


def candidates():
    """What can be measured on this machine."""
    yield Millrace
    if not shutil.which("janus"):
        print("No janus (scripts/setup --bench installs it): it is left out.")
    elif measure.own_address() is None:
        print("No IPv4 address but that of the loopback, which Janus does not serve on: it is left out.")
    else:
        yield Janus


def main():
    measure.allow_many_connections()
    clip, rows, servers = make_clip(), [], list(candidates())
    for count in VIEWERS:
        rows.append(limit(count))
        for server in list(servers):
            with server(clip) as running:
                rows.append(watch(running, count))
            if rows[-1]["failed"] > 0 or rows[-1]["forged packets"] > 0 or rows[-1]["lost, %"] > MOST_LOST:
                servers.remove(server)
    measure.report("fanout", "WebRTC viewers of one stream (720p30 at 2.5 Mbit/s, Opus at 64 kbit/s)", COLUMNS, rows)


if __name__ == "__main__":
    main()
