# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WHIP publisher on aiortc: sends a test picture and sound until SIGTERM, then DELETEs its session.

whip_aiortc.py URL [CODEC …] [flash]

With "flash", once a second and together, the picture is white for a tenth of it, and the sound is a tick.
"""

import array
import asyncio
import math
import sys
import time
from fractions import Fraction

import aiortc_publisher
from aiortc import MediaStreamTrack
from av import AudioFrame, VideoFrame

WIDTH, HEIGHT = 320, 240
VIDEO_RATE, AUDIO_RATE = 90000, 48000
PICTURE, SOUND = VIDEO_RATE // 30, AUDIO_RATE // 50  # ticks of a frame
FLASH, TICK = 0.1, 0.04  # seconds
BEGAN = time.time()  # for both tracks


class Paced(MediaStreamTrack):
    """Frames whose times are those at which they are made."""

    ticks = None

    async def next_time(self, rate, step):
        self.ticks = int((time.time() - BEGAN) * rate) // step * step if self.ticks is None else self.ticks + step
        await asyncio.sleep(max(0, BEGAN + self.ticks / rate - time.time()))
        return self.ticks


class Picture(Paced):
    """A shade that moves, so that no frame is like the one before."""

    kind = "video"
    size = WIDTH, HEIGHT

    def __init__(self, flashes):
        super().__init__()
        self.flashes = flashes

    async def recv(self):
        ticks = await self.next_time(VIDEO_RATE, PICTURE)
        frame = VideoFrame(*self.size, "yuv420p")
        shade = 255 if self.flashes and ticks % VIDEO_RATE < FLASH * VIDEO_RATE else 0
        for number, plane in enumerate(frame.planes):
            line = bytes(128 if number else shade or (x + ticks // 1000) % 100 for x in range(plane.line_size))
            plane.update(line * plane.height)
        frame.pts, frame.time_base = ticks, Fraction(1, VIDEO_RATE)
        return frame


class Sound(Paced):
    kind = "audio"

    async def recv(self):
        ticks = await self.next_time(AUDIO_RATE, SOUND)
        samples = array.array("h", (self._sample(ticks + index) for index in range(SOUND)))
        frame = AudioFrame(format="s16", layout="mono", samples=SOUND)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, ticks, Fraction(1, AUDIO_RATE)
        return frame

    @staticmethod
    def _sample(tick):
        if tick % AUDIO_RATE >= TICK * AUDIO_RATE:
            return 0
        return int(20000 * math.sin(tick * math.tau * 1000 / AUDIO_RATE))


async def main():
    url, words = sys.argv[1], sys.argv[2:]
    publisher = aiortc_publisher.Publisher(url)
    for codec in words:
        if codec != "flash":
            publisher.add(Sound() if codec == "OPUS" else Picture("flash" in words), codec)
    if await publisher.start():
        await publisher.told_to_leave.wait()
        await publisher.leave()


if __name__ == "__main__":
    asyncio.run(main())
