# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WebRTC client that is not ours, as a process that says what happens to it in lines of JSON: its facts."""

import json

from processes import Process, wait_for


class PeerProcess(Process):
    def __init__(self, script, *arguments):
        self._facts, self._lines_read = [], 0
        super().__init__(["/usr/bin/python3", str(script), *arguments])

    @property
    def facts(self):
        """All it said, in order. Libraries say things of their own in between."""
        new = self.output[self._lines_read :]
        self._lines_read += len(new)
        self._facts += [json.loads(line) for line in new if line.startswith("{")]
        return self._facts

    def fact(self, name, timeout=30):
        """The first it says about `name`, such as its "session"."""
        return self.wait_fact(lambda: [fact[name] for fact in self.facts if name in fact], timeout, f"a {name}")[0]

    def wait_fact(self, fact, timeout, what):
        """As wait_for, but what has ended says no more."""

        def checked():
            status = None if self.running else self.wait()
            value = fact()
            assert value or status is None, f"{self} ended with {status}; it said:\n{self.text[-4000:]}"
            return value

        try:
            return wait_for(checked, timeout, what)
        except AssertionError as late:
            raise AssertionError(f"{late}; {self} said:\n{self.text[-2000:]}") from None
