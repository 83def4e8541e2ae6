# SPDX-License-Identifier: LGPL-2.1-or-later
"""Violations of a specification, each under the name of its rule. Knows nothing of HLS, HTTP or tests."""

import threading
from collections import OrderedDict


class Findings:
    """A thread-safe list of violations. The same words twice are one violation with a count."""

    def __init__(self):
        self._lock = threading.Lock()
        self._counts = OrderedDict()

    def add(self, rule, text):
        with self._lock:
            line = f"{rule}: {text}"
            self._counts[line] = self._counts.get(line, 0) + 1

    def check(self, holds, rule, text):
        """Adds the violation unless `holds`; returns `holds`, so that a caller can stop there."""
        if not holds:
            self.add(rule, text)
        return bool(holds)

    def scoped(self, where):
        """The same list, with `where` in front of each text."""
        return _Scoped(self, where)

    def rules(self):
        """The names of the broken rules, each once."""
        return {line.split(":", 1)[0] for line in self.lines()}

    def lines(self):
        with self._lock:
            return [line if count == 1 else f"{line} [{count} times]" for line, count in self._counts.items()]

    def __len__(self):
        return len(self._counts)

    def __str__(self):
        return "\n".join(self.lines())


class _Scoped(Findings):
    def __init__(self, parent, where):  # noqa: the parent keeps the list
        self._parent = parent
        self._where = where

    def add(self, rule, text):
        self._parent.add(rule, f"{self._where}: {text}")

    def lines(self):
        return self._parent.lines()

    def __len__(self):
        return len(self._parent)
