# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bench: how late a viewer of the player page sees the picture, from a clock in it (Chromium, 720p30, one machine).

Published by RTMP to the launcher, by a browser's publish page, and encoded in the process that serves it; played by HLS
with parts of 200 and of 100 ms, and by WebRTC, alone and while a thousand others watch.
"""

import contextlib
import json
import os
import pathlib
import subprocess

import measure

SECONDS = int(os.environ.get("MILLRACE_BENCH_SECONDS", "60"))
OTHERS = int(os.environ.get("MILLRACE_BENCH_OTHERS", "1000"))
COLUMNS = ["published", "played", "others", "median, ms", "p95, ms", "longest, ms", "pauses over 250 ms",
           "first picture, ms", "the page says, ms", "machine busy, %"]
CLOCK = os.environ["MILLRACE_CLOCK_SOURCE"]
PLAYER = pathlib.Path(__file__).parents[1] / "browser" / "measure.mjs"
BY_RTMP, BY_WHIP, IN_PROCESS = "by RTMP", "by a browser", "in the process"


def clock_source(*pipeline):
    return measure.Process([CLOCK, *pipeline])


def watch(server, published, played, others=0):
    url = f"http://127.0.0.1:{server.http}/live/clock/"
    publishes = published == BY_WHIP
    sign = "publish" if publishes else "outputs.json" if played == "WebRTC" else "index.m3u8"
    measure.wait_http(url + sign, 40)
    with crowd(url + "whep", others):
        url += f"?play={'webrtc' if played == 'WebRTC' else 'hls'}"
        command = ["node", str(PLAYER), "--url", url, "--seconds", str(SECONDS), *(["--publish"] if publishes else [])]
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    report = json.loads(said.stdout)
    delay, gaps = report["delay_ms"], report["gaps_over_250ms"]
    return dict(zip(COLUMNS, [
        published, played, others, delay["median"], delay["p95"], delay["max"], len(gaps), report["first_picture_ms"],
        round(report["page"]["delay_s"]["median"] * 1000), round(report["machine"]["busy"] * 100),
    ]))


@contextlib.contextmanager
def crowd(url, count):
    """So many other viewers, there as long as the context is."""
    if not count:
        yield
        return
    measure.allow_many_connections()
    watching = str(SECONDS + 60)
    viewers = measure.Process([os.environ["BENCH_WHEP_VIEWERS"], "--url", url, "--viewers", str(count), "--in-flight", "100",
                               "--patience", "20", "--seconds", watching, "--decrypt-every", "100"])
    try:
        viewers.wait_output("^ready$", timeout=60)
        yield
    finally:
        viewers.kill()


def publish(server):
    return clock_source(f"flvmux name=m streamable=true ! rtmp2sink location=rtmp://127.0.0.1:{server.rtmp}/live/clock",
                        "video. ! queue ! h264parse ! m.  audio. ! queue ! m.")


def hls_by_rtmp(part):
    with measure.Millrace(f"part-duration: {part}ms") as millrace:
        publisher = publish(millrace)
        try:
            return watch(millrace, BY_RTMP, f"HLS, {part} ms")
        finally:
            publisher.kill()


def hls_in_process(part):
    with measure.Element("millhlssink", lambda http: clock_source(
        f"millhlssink name=hls path=live/clock listen=127.0.0.1:{http} part-duration={part * 1_000_000}",
        "video. ! queue ! h264parse ! hls.video_0  audio. ! queue ! hls.audio_0",
    )) as element:
        return watch(element, IN_PROCESS, f"HLS, {part} ms")


def webrtc_by_rtmp():
    with measure.Millrace(webrtc=True) as millrace:
        publisher = publish(millrace)
        try:
            return watch(millrace, BY_RTMP, "WebRTC")
        finally:
            publisher.kill()


def webrtc_in_process(others):
    with measure.Element("millwhepsink", lambda http: clock_source(
        f"millwhepsink name=rtc path=live/clock listen=127.0.0.1:{http} udp-listen=127.0.0.1:0",
        "video. ! queue ! h264parse ! rtc.video_0  audio. ! queue ! rtc.audio_0",
    )) as element:
        return watch(element, IN_PROCESS, "WebRTC", others)


def by_whip(played, sink):
    """From browser to browser: `sink` with the properties that all elements here have in common."""

    def launch(http):
        at = f"path=live/clock listen=127.0.0.1:{http}"
        line = (f"millwhipsrc name=in {at} udp-listen=127.0.0.1:0 in.video_0 ! queue ! out.video_0"
                f" in.audio_0 ! queue ! out.audio_0 {sink} name=out {at}")
        return measure.Process(["gst-launch-1.0", "-q", "-e", *line.split()])

    with measure.Element("millwhipsrc", launch) as element:
        return watch(element, BY_WHIP, played)


def webrtc_by_whip():
    return by_whip("WebRTC", "millwhepsink udp-listen=127.0.0.1:0")


def hls_by_whip(part):
    return by_whip(f"HLS, {part} ms", f"millhlssink part-duration={part * 1_000_000}")


def main():
    rows = [way(part) for part in (200, 100) for way in (hls_by_rtmp, hls_by_whip, hls_in_process)]
    rows += [webrtc_by_rtmp(), webrtc_by_whip(), *map(webrtc_in_process, (0, OTHERS))]
    measure.report("latency", f"Glass to glass in the player page, {SECONDS} s each", COLUMNS, rows)


if __name__ == "__main__":
    main()
