# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bench: how late a viewer of the player page sees the picture, from a clock in it (Chromium, 720p30, one machine).

Published by RTMP to the launcher, and encoded in the process that serves it, with parts of 200 and of 100 ms.
"""

import json
import os
import pathlib
import subprocess

import measure

SECONDS = int(os.environ.get("MILLRACE_BENCH_SECONDS", "60"))
COLUMNS = ["published", "parts, ms", "median, ms", "p95, ms", "longest, ms", "pauses over 250 ms", "the page says, ms",
           "machine busy, %"]
CLOCK = os.environ["MILLRACE_CLOCK_SOURCE"]
PLAYER = pathlib.Path(__file__).parents[1] / "browser" / "measure.mjs"


def clock_source(*pipeline):
    return measure.Process([CLOCK, *pipeline])


def watch(server, published, part):
    measure.wait_http(f"http://127.0.0.1:{server.http}/live/clock/index.m3u8", 40)
    url = f"http://127.0.0.1:{server.http}/live/clock/"
    said = subprocess.run(["node", str(PLAYER), "--url", url, "--seconds", str(SECONDS)], stdout=subprocess.PIPE, check=True)
    report = json.loads(said.stdout)
    delay, gaps = report["delay_ms"], report["gaps_over_250ms"]
    return dict(zip(COLUMNS, [
        published, part, delay["median"], delay["p95"], delay["max"], len(gaps),
        round(report["page"]["delay_s"]["median"] * 1000), round(report["machine"]["busy"] * 100),
    ]))


def by_rtmp(part):
    with measure.Millrace(f"part-duration: {part}ms") as millrace:
        publisher = clock_source(f"flvmux name=m streamable=true ! rtmp2sink location=rtmp://127.0.0.1:{millrace.rtmp}/live/clock",
                                 "video. ! queue ! h264parse ! m.  audio. ! queue ! m.")
        try:
            return watch(millrace, "by RTMP", part)
        finally:
            publisher.kill()


def in_process(part):
    with measure.Element(lambda http: clock_source(
        f"millhlssink name=hls path=live/clock listen=127.0.0.1:{http} part-duration={part * 1_000_000}",
        "video. ! queue ! h264parse ! hls.video_0  audio. ! queue ! hls.audio_0",
    )) as element:
        return watch(element, "in the process", part)


def main():
    rows = [way(part) for part in (200, 100) for way in (by_rtmp, in_process)]
    measure.report("latency", f"Glass to glass in the player page, {SECONDS} s each", COLUMNS, rows)


if __name__ == "__main__":
    main()
