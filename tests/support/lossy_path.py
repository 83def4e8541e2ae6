# SPDX-License-Identifier: LGPL-2.1-or-later
"""A UDP port before another one that loses some of what passes, both ways: a bad network on any machine."""

import random
import selectors
import socket
import threading


class LossyPath:
    """Each sender gets a socket of its own towards `target`, as behind a NAT. `loss` is 0 to 1, 0 at first."""

    def __init__(self, target):
        self.target = ("127.0.0.1", target)
        self.loss = 0.0
        self.lost = 0
        self._dice = random.Random(1)
        self._front = self._socket(("127.0.0.1", 0))
        self.port = self._front.getsockname()[1]
        self._behind = {}
        self._ends, self._end = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._front, selectors.EVENT_READ, None)
        self._selector.register(self._ends, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._end.close()
        self._thread.join(10)
        for one in (self._front, self._ends, *self._behind.values()):
            one.close()
        self._selector.close()

    @staticmethod
    def _socket(address):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # what is lost is lost here and is counted
        made.bind(address)
        made.setblocking(False)
        return made

    def _run(self):
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._ends:
                    return
                self._pass_on(key.fileobj, key.data)

    def _pass_on(self, source, client):
        """`client` is whose socket it is, None for the one all clients send to."""
        while True:
            try:
                datagram, sender = source.recvfrom(65536)
            except BlockingIOError:
                return
            if self._dice.random() < self.loss:
                self.lost += 1
            elif client is None:
                self._towards_target(sender).sendto(datagram, self.target)
            else:
                self._front.sendto(datagram, client)

    def _towards_target(self, client):
        if client not in self._behind:
            made = self._behind[client] = self._socket(("127.0.0.1", 0))
            self._selector.register(made, selectors.EVENT_READ, client)
        return self._behind[client]
