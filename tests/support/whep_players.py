# SPDX-License-Identifier: LGPL-2.1-or-later
"""WHEP players that are not ours, as processes: what they have decoded so far, and waiting for more."""

import pathlib

from peer_process import PeerProcess

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = {name: HERE / f"whep_{name}.py" for name in ("webrtcbin", "aiortc")}


class Player(PeerProcess):
    def __init__(self, program, url, kinds=("video", "audio")):
        super().__init__(PROGRAMS[program], url, *kinds)

    def frames(self, kind):
        """What it decoded of `kind`, one fact a frame."""
        return [fact for fact in self.facts if fact.get("kind") == kind]

    def wait_frames(self, timeout=60, **least):
        """wait_frames(video=60, audio=100) returns once it has decoded as many, ever."""

        def there():
            return all(len(self.frames(kind)) >= count for kind, count in least.items())

        return self.wait_fact(there, timeout, f"{least} frames decoded")

    def wait_more(self, timeout=60, **more):
        """As wait_frames, from now on."""
        return self.wait_frames(timeout, **{kind: len(self.frames(kind)) + count for kind, count in more.items()})
