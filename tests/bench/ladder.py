# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bench: a ladder beside ffmpeg making the same one with the same x264 settings, one after the other in one run.

1080p30 at 6 Mbit/s becomes 720p at 2.5 Mbit/s and 360p at 800 kbit/s beside the copy, as fast as it goes, one thread an
encoder. Then how long a picture takes through our ladder when it comes in real time.
"""

import os
import pathlib
import statistics
import subprocess
import tempfile

import measure

SECONDS = int(os.environ.get("MILLRACE_BENCH_LADDER_SECONDS", "20"))
ROUNDS = int(os.environ.get("MILLRACE_BENCH_LADDER_ROUNDS", "3"))
COLUMNS = ["ladder by", "CPU, s", "of ffmpeg's", "took, s", "memory, MB", "of ffmpeg's memory"]
CLIP = (
    "ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=size=1920x1080:rate=30,noise=c0s=12:c0f=t -t {seconds} "
    "-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -b:v 6M -maxrate 6M -bufsize 6M -g 60 {clip}"
)
X264 = (
    "-c:v libx264 -preset veryfast -tune zerolatency -profile:v main -threads 1 -g 60 -sc_threshold 0 "
    "-b:v {rate}k -maxrate {rate}k -bufsize {buffer}k"
)
FFMPEG = (
    "ffmpeg -v error -nostdin -threads 1 -i {clip} "
    "-filter_complex [0:v]split=2[a][b];[a]scale=1280:720[x];[b]scale=640:360[y] "
    f"-map 0:v -c:v copy -f null - -map [x] {X264.format(rate=2500, buffer=1250)} -f null - "
    f"-map [y] {X264.format(rate=800, buffer=400)} -f null -"
)
MILLRACE = (
    "gst-launch-1.0 -q filesrc location={clip} ! qtdemux ! h264parse ! millladder name=l "
    "renditions=copy,720p@2500k,360p@800k "
    + " ".join(f"l.video_{n} ! queue ! fakesink async=false sync=false" for n in range(3))
)
# In real time, with the moment that each picture comes to a pad.
LIVE = """
import sys, time, statistics, gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst
Gst.init(None)
line = (f"filesrc location={sys.argv[1]} ! qtdemux ! h264parse ! identity sync=true ! queue ! millladder name=l "
        "renditions=copy,720p@2500k,360p@800k ")
line += " ".join(f"l.video_{n} ! queue ! fakesink async=false sync=false" for n in range(3))
pipeline = Gst.parse_launch(line)
ladder = pipeline.get_by_name("l")
came, took = {}, {}
def on_in(pad, info):
    came[info.get_buffer().pts] = time.monotonic()
    return Gst.PadProbeReturn.OK
def on_out(pad, info, name):
    times = took.setdefault(name, [])
    segment = pad.get_sticky_event(Gst.EventType.SEGMENT, 0).parse_segment()
    pts = segment.to_running_time(Gst.Format.TIME, info.get_buffer().pts)
    if pts in came:
        times.append(time.monotonic() - came[pts])
    return Gst.PadProbeReturn.OK
ladder.get_static_pad("in_video_0").add_probe(Gst.PadProbeType.BUFFER, on_in)
ladder.connect("pad-added", lambda _, pad: pad.add_probe(Gst.PadProbeType.BUFFER, on_out, pad.get_property("rendition"))
               if pad.direction == Gst.PadDirection.SRC else None)
loop = GLib.MainLoop()
bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect("message::eos", lambda *_: loop.quit())
bus.connect("message::error", lambda _, message: (print(message.parse_error(), file=sys.stderr), loop.quit()))
pipeline.set_state(Gst.State.PLAYING)
loop.run()
for name, times in took.items():
    times.sort()
    print(name, len(times), statistics.median(times), times[int(len(times) * 0.95)])
pipeline.set_state(Gst.State.NULL)
"""


def run(name, command):
    """Processor time, wall-clock time and the largest memory of one program."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    began = os.times().elapsed
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, command
    return {
        "ladder by": name,
        "CPU, s": used.ru_utime + used.ru_stime,
        "took, s": os.times().elapsed - began,
        "memory, MB": used.ru_maxrss / 1024,
    }


def median_of(rows):
    return {key: rows[0][key] if isinstance(rows[0][key], str) else statistics.median(row[key] for row in rows)
            for key in rows[0]}


def latency(clip):
    printed = subprocess.run(["/usr/bin/python3", "-c", LIVE, clip], check=True, capture_output=True, text=True).stdout
    rows = []
    for line in printed.splitlines():
        name, frames, median, late = line.split()
        rows.append({"rendition": name, "frames": int(frames), "median, ms": float(median) * 1000,
                     "p95, ms": float(late) * 1000, "median, frames": float(median) * 30})
    return rows


def main():
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as root:
        clip = str(pathlib.Path(root) / "clip.mp4")
        subprocess.run(CLIP.format(seconds=SECONDS, clip=clip).split(), check=True)
        ffmpeg, millrace = [], []
        for _ in range(ROUNDS):
            ffmpeg.append(run("ffmpeg", FFMPEG.format(clip=clip).split()))
            millrace.append(run("Millrace", MILLRACE.format(clip=clip).split()))
        rows = [median_of(ffmpeg), median_of(millrace)]
        for row in rows:
            row["of ffmpeg's"] = row["CPU, s"] / rows[0]["CPU, s"]
            row["of ffmpeg's memory"] = row["memory, MB"] / rows[0]["memory, MB"]
        measure.report("ladder", "1080p30 to 720p at 2.5 Mbit/s, 360p at 800 kbit/s and a copy", COLUMNS, rows)
        measure.report("ladder-delay", "From a picture's arrival to its rendition, in real time",
                       ["rendition", "frames", "median, ms", "p95, ms", "median, frames"], latency(clip))


if __name__ == "__main__":
    main()
