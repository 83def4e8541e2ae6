# SPDX-License-Identifier: LGPL-2.1-or-later
"""WHEP players that are not ours, as processes: what they have decoded so far, and waiting for more."""

import json
import pathlib

from processes import Process, wait_for

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = {name: HERE / f"whep_{name}.py" for name in ("webrtcbin", "aiortc")}


class Player(Process):
    def __init__(self, program, url, kinds=("video", "audio")):
        self._facts, self._lines_read = [], 0
        super().__init__(["/usr/bin/python3", str(PROGRAMS[program]), url, *kinds])

    @property
    def facts(self):
        """All it said, in order. Libraries say things of their own in between."""
        new = self.output[self._lines_read :]
        self._lines_read += len(new)
        self._facts += [json.loads(line) for line in new if line.startswith("{")]
        return self._facts

    def frames(self, kind):
        """What it decoded of `kind`, one fact a frame."""
        return [fact for fact in self.facts if fact.get("kind") == kind]

    def fact(self, name, timeout=30):
        """The first it says about `name`, such as its "session"."""
        return self._wait(lambda: [fact[name] for fact in self.facts if name in fact], timeout, f"a {name}")[0]

    def wait_frames(self, timeout=60, **least):
        """wait_frames(video=60, audio=100) returns once it has decoded as many, ever."""

        def there():
            return all(len(self.frames(kind)) >= count for kind, count in least.items())

        return self._wait(there, timeout, f"{least} frames decoded")

    def wait_more(self, timeout=60, **more):
        """As wait_frames, from now on."""
        return self.wait_frames(timeout, **{kind: len(self.frames(kind)) + count for kind, count in more.items()})

    def _wait(self, fact, timeout, what):
        def checked():
            assert self.running, f"{self} ended with {self.wait()}; it said:\n{self.text[-4000:]}"
            return fact()

        try:
            return wait_for(checked, timeout, what)
        except AssertionError as late:
            raise AssertionError(f"{late}; {self} said:\n{self.text[-2000:]}") from None
