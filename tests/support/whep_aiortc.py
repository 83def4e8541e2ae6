# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WHEP player on aiortc: decodes what it gets and prints a line of JSON a frame, until it is killed.

whep_aiortc.py URL [video] [audio]
"""

import asyncio
import json
import sys
import urllib.error
import urllib.request

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

# Gathering skips the loopback interface; tests have nothing else to rely on.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def say(**facts):
    print(json.dumps(facts), flush=True)


def post(url, offer):
    request = urllib.request.Request(url, offer.encode(), {"Content-Type": "application/sdp"})
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            say(session=reply.headers["Location"])
            return reply.read().decode()
    except urllib.error.HTTPError as error:
        say(status=error.code, problem=error.read().decode())
        return None


async def watch(track):
    frames = 0
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            say(ended=track.kind)
            return
        frames += 1
        facts = {"size": [frame.width, frame.height]} if track.kind == "video" else {}
        if track.kind == "audio":
            facts["silent"] = not any(bytes(frame.planes[0]))
        say(kind=track.kind, frames=frames, **facts)


async def main():
    url, kinds = sys.argv[1], sys.argv[2:] or ["video", "audio"]
    watched = []
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.on("track", lambda track: watched.append(asyncio.ensure_future(watch(track))))
    for kind in kinds:
        peer.addTransceiver(kind, direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    answer = await asyncio.to_thread(post, url, peer.localDescription.sdp)
    if answer:
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await asyncio.gather(*watched)
    await peer.close()


if __name__ == "__main__":
    asyncio.run(main())
