# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bench: what a WHIP publisher costs, from its packets to frames: 720p30 H.264 at 2.5 Mbit/s and Opus.

millwhipsrc beside GStreamer's own elements for the same packets (srtpdec, rtpbin with retransmission and transport-cc,
depayloaders and parsers), which have neither ICE nor DTLS to do. Both in turn, several times; what is printed is the
median, and the ratio of the medians.
"""

import json
import os
import pathlib
import statistics

import measure

PUBLISHERS = [int(n) for n in os.environ.get("MILLRACE_BENCH_WHIP", "1 20").split()]
ROUNDS = int(os.environ.get("MILLRACE_BENCH_WHIP_ROUNDS", "5"))
SECONDS = 8
COLUMNS = ["publishers", "receiver", "CPU, % of a core", "us CPU a packet", "of GStreamer's", "MB a publisher"]
RECEIVER = pathlib.Path(__file__).with_name("rtpbin_receiver.py")
SOURCE = (
    "millwhipsrc name=s{n} path=live/{n} listen=127.0.0.1:{http} udp-listen=127.0.0.1:{udp} "
    "s{n}.video_0 ! fakesink sync=false async=false s{n}.audio_0 ! fakesink sync=false async=false "
)


class Millrace(measure.Element):
    name, way = "millwhipsrc", "whip"

    def __init__(self, count):
        udp = measure.free_port()

        def start(http):
            line = "".join(SOURCE.format(n=n, http=http, udp=udp) for n in range(count))
            return measure.Process(f"exec gst-launch-1.0 -q {line}")

        super().__init__(self.name, start)
        self.port = self.http
        measure.wait_http(f"http://127.0.0.1:{self.http}/", 30, server=self.process)

    def check(self, _count):
        """The publishers would have said that they were refused."""


class Rtpbin(measure.Server):
    name, way = "GStreamer's", "srtp"

    def __init__(self, count):
        super().__init__(self.name, None, None)
        self.port = int(os.environ.get("MILLRACE_BENCH_WHIP_PORTS", "21000"))
        self.process = measure.Process(["/usr/bin/python3", str(RECEIVER), str(self.port), str(count)])
        self.process.wait_output("^listening$", timeout=30)

    def check(self, count):
        assert self.process.text.count("receives") == 2 * count, self.process.text


def run(receiver, count):
    with receiver(count) as server:
        idle = server.megabytes()
        load = [os.environ["BENCH_WHIP_PUBLISHERS"], server.way, server.port, count, SECONDS]
        publishers = measure.Process([*map(str, load)])
        publishers.wait_output("^ready$", timeout=120)
        server.check(count)
        before = server.seconds()
        said = json.loads(publishers.wait_output("^{.*}$", timeout=SECONDS + 30).string)
        spent, memory = server.seconds() - before, server.megabytes()
        assert publishers.wait(30) == 0, publishers.text
        assert server.process.running, server.process.text
    return spent, said, (memory - idle) / count


def compare(count):
    runs = {receiver: [] for receiver in (Millrace, Rtpbin)}
    for _ in range(ROUNDS):
        for receiver, results in runs.items():
            results.append(run(receiver, count))
    costs = {
        receiver: statistics.median(spent * 1e6 / said["packets"] for spent, said, _ in results)
        for receiver, results in runs.items()
    }
    for receiver, results in runs.items():
        yield {
            "publishers": count,
            "receiver": receiver.name,
            "CPU, % of a core": statistics.median(spent / said["seconds"] * 100 for spent, said, _ in results),
            "us CPU a packet": costs[receiver],
            "of GStreamer's": costs[receiver] / costs[Rtpbin],
            "MB a publisher": statistics.median(memory for _, _, memory in results),
        }


def main():
    rows = [row for count in PUBLISHERS for row in compare(count)]
    measure.report("whip", "WHIP publishers (720p30 at 2.5 Mbit/s, Opus), from packets to frames", COLUMNS, rows)


if __name__ == "__main__":
    main()
