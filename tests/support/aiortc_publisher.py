# SPDX-License-Identifier: LGPL-2.1-or-later
"""aiortc as a client of WHIP: offers the tracks that it is given, says what became of it in lines of JSON."""

import asyncio
import json
import signal
import urllib.error
import urllib.request
from urllib.parse import urljoin

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

# Gathering skips the loopback interface; tests have nothing else to rely on.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def say(**facts):
    print(json.dumps(facts), flush=True)


class Publisher:
    def __init__(self, url):
        self.url = url
        self.session = None
        self.connected = asyncio.Event()
        self.told_to_leave = asyncio.Event()
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peer.on("connectionstatechange", self._on_state)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.told_to_leave.set)

    def add(self, track, codec):
        """Returns its sender."""
        transceiver = self.peer.addTransceiver(track, direction="sendonly")
        offered = RTCRtpSender.getCapabilities(track.kind).codecs
        names = (f"{track.kind}/{codec}".lower(), "video/rtx")
        transceiver.setCodecPreferences([one for one in offered if one.mimeType.lower() in names])
        return transceiver.sender

    async def start(self):
        """Whether it may publish."""
        await self.peer.setLocalDescription(await self.peer.createOffer())
        answer = await asyncio.to_thread(self._post, self.peer.localDescription.sdp)
        if answer is None:
            return False
        self.answer = answer
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return True

    def payload_type(self):
        """The first of the first section of the answer."""
        section = next(line for line in self.answer.splitlines() if line.startswith("m="))
        return int(section.split()[3])

    async def leave(self):
        """Ends the session, as who closes a page does."""
        request = urllib.request.Request(self.session, method="DELETE")
        try:
            with await asyncio.to_thread(urllib.request.urlopen, request, timeout=20) as reply:
                say(left=reply.status)
        except urllib.error.HTTPError as error:
            say(left=error.code)
        await self.peer.close()

    def _post(self, offer):
        request = urllib.request.Request(self.url, offer.encode(), {"Content-Type": "application/sdp"})
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                self.session = urljoin(self.url, reply.headers["Location"])
                say(session=self.session)
                return reply.read().decode()
        except urllib.error.HTTPError as error:
            say(status=error.code, problem=error.read().decode())
            return None

    def _on_state(self):
        say(state=self.peer.connectionState)
        if self.peer.connectionState == "connected":
            self.connected.set()
