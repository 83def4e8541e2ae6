# SPDX-License-Identifier: LGPL-2.1-or-later
"""Short recordings for publishers to send: made once with ffmpeg into a directory, by name. A row says what is special.

The picture is ffmpeg's testsrc2 (it moves, so every frame has bits), the sound a 440 Hz tone.
"""

import fcntl
import os
import subprocess
import zlib

VIDEO = "-f lavfi -i testsrc2=size={size}:rate={rate}:duration={seconds}"
AUDIO = "-f lavfi -i sine=frequency=440:sample_rate={sample_rate}:duration={seconds}"
X264 = (
    "-c:v libx264 -preset veryfast -pix_fmt yuv420p -b:v 600k -maxrate 600k -bufsize 300k "
    "-g {gop} -keyint_min {gop} -sc_threshold 0 -bf {bframes}"
)
AAC = "-c:a aac -b:a 96k -ac 2"

DEFAULTS = dict(size="640x360", rate="30", seconds=40, gop=30, bframes=0, sample_rate=48000, video=True, audio=True)
CLIPS = {
    "plain": {},
    "short": dict(seconds=5),
    "bframes": dict(bframes=2),
    "25fps": dict(rate="25", gop=25),
    "50fps": dict(rate="50", gop=50),
    "29.97fps": dict(rate="30000/1001"),
    "44100": dict(sample_rate=44100),
    "audio-only": dict(video=False),
    "video-only": dict(audio=False),
    "gop-10s": dict(gop=300),
    "small": dict(size="320x180", rate="25", gop=25),
}


def make(name, directory):
    """The path of clip `name` (FLV, ready to be sent with -c copy), made if it is not there yet."""
    clip = {**DEFAULTS, **CLIPS[name]}
    version = zlib.crc32(f"{VIDEO}{AUDIO}{X264}{AAC}{sorted(clip.items())}".encode())  # a changed row is another clip
    path = os.path.join(directory, f"{name}-{version:08x}.flv")
    os.makedirs(directory, exist_ok=True)
    with open(path + ".lock", "w") as lock:  # tests of several files want the same clip at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path):
            encode(clip, path)
    return path


def encode(clip, path):
    inputs = [text for text, wanted in ((VIDEO, clip["video"]), (AUDIO, clip["audio"])) if wanted]
    codecs = [text for text, wanted in ((X264, clip["video"]), (AAC, clip["audio"])) if wanted]
    arguments = " ".join(inputs + codecs).format(**clip).split()
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, "-f", "flv", path + ".part"]
    subprocess.run(command, check=True)
    os.rename(path + ".part", path)
