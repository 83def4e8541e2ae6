#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records again what real publishers send, byte for byte, into this folder.

    ninja -C build tests/core/rtmp/rtmp_recorder
    tests/core/rtmp/recordings/record.py build/tests/core/rtmp/rtmp_recorder

Needs ffmpeg, and GStreamer with flvmux, x264enc, avenc_aac or voaacenc, rtmp2sink and rtmpsink (librtmp, from which
OBS's own RTMP output descends). Each publishes two seconds of a 160x90 test picture and a tone.
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent

FFMPEG = ("ffmpeg -v error -f lavfi -i testsrc=size=160x90:rate=30 -f lavfi -i sine=frequency=440:sample_rate=44100 "
          "-t 2 -c:v libx264 -preset veryfast -b:v 150k {video} -g 30 -pix_fmt yuv420p {audio} -f flv {url}")

GSTREAMER = ("gst-launch-1.0 -q "
             "videotestsrc num-buffers=60 ! video/x-raw,width=160,height=90,framerate=30/1 "
             "! x264enc tune=zerolatency bitrate=150 key-int-max=30 ! h264parse ! queue ! mux. "
             "audiotestsrc num-buffers=86 samplesperbuffer=1024 ! audio/x-raw,rate=44100,channels=2 "
             "! avenc_aac bitrate=64000 ! aacparse ! queue ! mux. "
             "flvmux name=mux streamable=true ! {sink}")

PUBLISHERS = {
    # With B-frames, so that composition times are not all zero, and with a query behind the name.
    "ffmpeg": FFMPEG.format(video="-bf 2", audio="-c:a aac -b:a 64k", url="rtmp://127.0.0.1:{port}/live/cam1?token=abc"),
    "ffmpeg-mp3": FFMPEG.format(video="-bf 0", audio="-c:a libmp3lame -b:a 64k", url="rtmp://127.0.0.1:{port}/live/cam1"),
    "rtmp2sink": GSTREAMER.format(sink="rtmp2sink location=rtmp://127.0.0.1:{port}/live/cam1"),
    "librtmp": GSTREAMER.format(sink="rtmpsink location=rtmp://127.0.0.1:{port}/live/cam1"),
}


def record(recorder: str, name: str, command: str) -> None:
    target = HERE / f"{name}.bin"
    with subprocess.Popen([recorder, target], stdout=subprocess.PIPE, text=True) as recording:
        port = recording.stdout.readline().strip()
        subprocess.run(command.format(port=port), shell=True, check=True, timeout=60)
        if recording.wait(timeout=60) != 0:
            sys.exit(f"{name}: the recorder failed")
    print(f"{name}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for publisher, line in PUBLISHERS.items():
        record(sys.argv[1], publisher, line)
