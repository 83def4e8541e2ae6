# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bench: HTTP requests for parts, and blocking reloads, at many viewers; nginx with the same bytes on disk beside it.

Three loads: `fetch` asks for one part over and over (how many requests a second at most); `play` is what low-latency
players do, and only Millrace can answer it; `poll` makes as many requests as `play`, but for files that are there, so
that the processor time of a server that wakes its viewers stands beside that of one that only reads files.
"""

import os
from urllib.parse import urljoin, urlsplit

import clips
import http_rules
import measure
import playlist as hls
from findings import Findings
from processes import wait_for

VIEWERS = [int(n) for n in os.environ.get("MILLRACE_BENCH_VIEWERS", "100 1000 3000").split()]
SECONDS = 6
COLUMNS = [
    "viewers",
    "load",
    "server",
    "requests/s",
    "CPU, % of a core",
    "us CPU a request",
    "wake p50, ms",
    "wake p99, ms",
    "errors",
]


def run(load, server, target, count, *more):
    arguments = [load, "127.0.0.1", server.http, target, count, SECONDS, *more]
    viewers = measure.Process([os.environ["BENCH_VIEWERS"], *map(str, arguments)])
    viewers.wait_output("^ready$", timeout=60)
    begin, started = server.seconds(), os.times().elapsed
    status = viewers.wait(SECONDS + 60)
    spent, elapsed = server.seconds() - begin, os.times().elapsed - started
    assert status == 0, viewers.text
    result = measure.json.loads(viewers.output[-1])
    row = {
        "viewers": count,
        "load": load,
        "server": server.name,
        "requests/s": round(result["per_second"]),
        "CPU, % of a core": spent / elapsed * 100,
        "us CPU a request": spent * 1e6 / max(1, result["reloads"] + result["files"]),
        "errors": result["errors"],
    }
    if load == "play":
        row |= {"wake p50, ms": result["wake_p50_ms"], "wake p99, ms": result["wake_p99_ms"]}
    return row


def stream(server):
    """The target of the video playlist of a running stream, and files for nginx: that playlist and its last part."""
    multivariant = f"http://127.0.0.1:{server.http}/live/b0/index.m3u8"
    reply = http_rules.get(measure.wait_http(multivariant, 40).url)
    uri = urljoin(multivariant, hls.parse(reply.body, Findings()).variants[0][1])

    def settled():
        answer = http_rules.get(uri, accept_encoding="gzip")
        playlist = hls.parse(answer.body, Findings())
        return len(playlist.complete) >= 6 and (answer, playlist)

    answer, playlist = wait_for(settled, 40, "six segments")
    # The last that is listed: what `poll` asks for.
    part = next(part for segment in reversed(playlist.segments) for part in reversed(segment.parts) if not part.gap)
    data = http_rules.get(urljoin(uri, part.uri)).body
    files = {"index.m3u8": answer.body, "index.m3u8.gz": answer.raw, part.uri: data}
    return urlsplit(uri).path, urlsplit(urljoin(uri, part.uri)).path, playlist, part, files


def main():
    measure.allow_many_connections()
    clip, rows = clips.make("plain", os.environ["MILLRACE_CLIPS"]), []
    with measure.Millrace() as millrace:
        publisher = [os.environ["BENCH_PUBLISHERS"], clip, "127.0.0.1", millrace.rtmp, "live", 1, 600]
        publisher = measure.Process(list(map(str, publisher)))
        target, _, playlist, part, files = stream(millrace)
        interval = round(playlist.part_target * 1000)
        with measure.Nginx(files=files) as nginx:
            for count in VIEWERS:
                target, newest, *_ = stream(millrace)
                rows.append(run("fetch", millrace, newest, count))
                rows.append(run("fetch", nginx, f"/{part.uri}", count))
                rows.append(run("play", millrace, target, count))
                rows.append(run("poll", nginx, "/index.m3u8", count, interval))
        publisher.kill()
    size = len(files[part.uri])
    measure.report(
        "delivery", f"HTTP/1.1 viewers of one stream, parts of {playlist.part_target} s and {size} bytes", COLUMNS, rows
    )


if __name__ == "__main__":
    main()
