# SPDX-License-Identifier: LGPL-2.1-or-later
"""WHIP publishers that are not ours, as processes: they publish from the start, stop() is their DELETE."""

import pathlib

from peer_process import PeerProcess

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = {name: HERE / f"whip_{name}.py" for name in ("webrtcbin", "aiortc", "liar")}


class Publisher(PeerProcess):
    def __init__(self, program, url, *words):
        """`words` are the program's own: codecs, a picture."""
        super().__init__(PROGRAMS[program], url, *words)

    def wait_connected(self, timeout=30):
        self.wait_fact(lambda: [fact for fact in self.facts if "connected" in fact.values()], timeout, "connected")
        return self

    def refused_with(self):
        """The status of the answer to its offer, which was no."""
        return self.fact("status")
