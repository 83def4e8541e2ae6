# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs a test starts, and waiting for what they do: always for a fact and with a deadline, never for a while."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

import http_rules


def free_port():
    """A TCP port nobody listens on. It is free again on return: take it soon."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Late(AssertionError):
    """Something did not happen before its deadline."""


def wait_for(fact, timeout, what):
    """Returns fact() as soon as it is true; raises at the deadline, naming `what` did not happen."""
    deadline = time.monotonic() + timeout
    while True:
        value = fact()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Late(f"not within {timeout} s: {what}")
        threading.Event().wait(0.02)  # the polling interval, not a guess how long it takes


def wait_http(url, timeout=60, status=200, server=None):
    """The first reply to `url` with `status`. Refused connections and other answers are waited out.

    Where the Process that should answer is given as `server`, its end is the end of waiting.
    """
    last = ["nothing"]

    def reply():
        assert server is None or server.running, f"{server} ended with {server.wait()}; it said:\n{server.text[-4000:]}"
        try:
            got = http_rules.get(url, timeout=timeout)
        except (OSError, http_rules.http.client.HTTPException) as error:
            last[0] = repr(error)
            return None
        last[0] = f"status {got.status}: {got.body[:200]!r}"
        return got if got.status == status else None

    try:
        return wait_for(reply, timeout, f"{url} answers {status}")
    except Late as late:
        raise Late(f"{late}; last: {last[0]}") from None


class Process:
    """A running program whose output is kept and can be waited for."""

    def __init__(self, command, env=None, cwd=None):
        self.command = command
        self.output = []
        self._changed = threading.Condition()
        shell = isinstance(command, str)
        self.popen = subprocess.Popen(
            command,
            shell=shell,
            executable="/bin/bash" if shell else None,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.popen.stdout:
            with self._changed:
                self.output.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def pid(self):
        return self.popen.pid

    @property
    def text(self):
        return "\n".join(self.output)

    @property
    def running(self):
        return self.popen.poll() is None

    def wait_output(self, pattern, timeout=20):
        """The match of the first line, past or future, with `pattern` in it."""
        deadline, seen = time.monotonic() + timeout, 0
        with self._changed:
            while True:
                for line in self.output[seen:]:
                    match = re.search(pattern, line)
                    if match:
                        return match
                seen = len(self.output)
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    break
                self._changed.wait(left)
        state = "running" if self.running else f"ended with {self.popen.returncode}"
        raise AssertionError(f"{self} ({state}) never said {pattern!r}; it said:\n{self.text[-4000:]}")

    def wait(self, timeout=20):
        """The exit status, once the program has ended and its output is read."""
        try:
            status = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self} still runs after {timeout} s; it said:\n{self.text[-4000:]}") from None
        self._reader.join(5)
        return status

    def signal(self, number):
        """To the program and all it started."""
        if self.running:
            os.killpg(self.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.popen.wait(10)

    def stop(self, timeout=10):
        """SIGTERM, as an operator would; SIGKILL and an error if that is not enough."""
        if not self.running:
            return self.popen.returncode
        self.signal(signal.SIGTERM)
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self} ignored SIGTERM for {timeout} s; it said:\n{self.text[-4000:]}") from None

    def __str__(self):
        return self.command if isinstance(self.command, str) else " ".join(map(str, self.command))
