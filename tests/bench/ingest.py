# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bench: processor time and memory of a server that turns N RTMP publishers into HLS without transcoding.

Millrace (low-latency, parts of 200 ms in memory) beside nginx-rtmp (segments of 2 s on disk), one after the other.
"""

import os

import clips
import measure

PUBLISHERS = [int(n) for n in os.environ.get("MILLRACE_BENCH_PUBLISHERS", "1 20 100").split()]
SECONDS = 14
COLUMNS = ["publishers", "server", "CPU, % of a core", "CPU a stream, %", "memory, MB", "MB a stream"]


def run(server, clip, count):
    arguments = [clip, "127.0.0.1", server.rtmp, "live", count, SECONDS]
    with server:
        idle = server.megabytes()
        publishers = measure.Process([os.environ["BENCH_PUBLISHERS"], *map(str, arguments)])
        publishers.wait_output("^ready$", timeout=SECONDS)
        begin, started = server.seconds(), os.times().elapsed
        status = publishers.wait(SECONDS + 30)
        spent = (server.seconds() - begin) / (os.times().elapsed - started) * 100
        memory = server.megabytes()
    assert status == 0, publishers.text
    return {
        "publishers": count,
        "server": server.name,
        "CPU, % of a core": spent,
        "CPU a stream, %": spent / count,
        "memory, MB": memory,
        "MB a stream": (memory - idle) / count,
    }


def main():
    measure.allow_many_connections()
    clip = clips.make("plain", os.environ["MILLRACE_CLIPS"])
    rows = []
    for count in PUBLISHERS:
        rows.append(run(measure.Millrace(), clip, count))
        if measure.nginx_has_rtmp():
            rows.append(run(measure.Nginx(rtmp=True), clip, count))
    measure.report("ingest", "RTMP publishers passed through to HLS (640x360, 0.7 Mbit/s each)", COLUMNS, rows)


if __name__ == "__main__":
    main()
