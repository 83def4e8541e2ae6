# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WHIP publisher that is let in, with keys and all, and then sends what no publisher sends.

whip_liar.py URL ATTACK
"""

import asyncio
import random
import struct
import sys

import aiortc_publisher
import whip_aiortc
from aiortc import MediaStreamTrack
from aiortc_publisher import say
from srtp_sender import KEY, SALT, SrtpSender

ROUNDS, AT_ONCE = 1000, 10
DICE = random.Random(1)


class Silent(MediaStreamTrack):
    """It is negotiated, and sends nothing: what is sent of it is ours."""

    kind = "video"

    async def recv(self):
        await asyncio.Event().wait()


class Resizing(whip_aiortc.Picture):
    """Another size, and so another SPS, several times a second."""

    async def recv(self):
        self.size = DICE.choice([(320, 240), (640, 360), (160, 90)])
        return await super().recv()


class Liar:
    def __init__(self, srtp, ssrc, payload_type):
        self.srtp, self.ssrc, self.payload_type = srtp, ssrc, payload_type
        self.sequence = 1

    def rtp(self, payload, first=0x80, payload_type=None, timestamp=None, ssrc=None, more=b""):
        """One packet in good encryption; `more` is behind its header."""
        self.sequence += 1
        kind = self.payload_type if payload_type is None else payload_type
        time = self.sequence * 3000 if timestamp is None else timestamp
        fields = struct.pack(">BBHII", first, 0x80 | kind, self.sequence & 0xFFFF, time & 0xFFFFFFFF, ssrc or self.ssrc)
        return self.srtp.protect(fields + more, payload, self.sequence >> 16)

    # ---- attacks: one datagram each ----

    def ten_bytes(self):
        return b"\x80" + DICE.randbytes(9)

    def too_many_contributors(self):
        return b"\x8f" + self.rtp(b"")[1:12]

    def contributors(self):
        return self.rtp(DICE.randbytes(100), first=0x8F, more=DICE.randbytes(60))

    def extension_beyond_the_end(self):
        return self.rtp(b"", first=0x90, more=b"\xbe\xde\xff\xff")

    def padding_beyond_the_end(self):
        return self.rtp(b"\xff", first=0xA0)

    def huge(self):
        return self.rtp(b"\x65" + bytes(65000))

    def not_what_its_type_says(self):
        """The first byte chooses any of H.264's packet kinds, fragments and aggregates among them."""
        return self.rtp(DICE.randbytes(DICE.randrange(1, 1200)))

    def unknown_type(self):
        return self.rtp(bytes(100), payload_type=DICE.choice([0, 13, 127]))

    def many_sources(self):
        return self.rtp(bytes(100), ssrc=DICE.getrandbits(32) | 1)

    def jumping_times(self):
        return self.rtp(b"\x41" + bytes(50), timestamp=DICE.getrandbits(32))

    def replay(self):
        self.again = getattr(self, "again", None) or self.rtp(bytes(100))
        return self.again

    def wrong_tag(self):
        return self.rtp(bytes(100))[:-1] + b"\x00"


async def main():
    publisher = aiortc_publisher.Publisher(sys.argv[1])
    attack = sys.argv[2]
    sender = publisher.add(Resizing(False) if attack == "resizing" else Silent(), "H264")
    if not await publisher.start():
        return
    await publisher.connected.wait()
    transport = sender.transport
    if attack != "resizing":
        material = transport.ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (KEY + SALT))
        liar = Liar(SrtpSender.of_client(material), sender._ssrc, publisher.payload_type())
        for number in range(ROUNDS):
            await transport.transport._send(getattr(liar, attack)())
            if number % AT_ONCE == 0:
                await asyncio.sleep(0.005)  # so that no queue is what is tested
    say(sent=ROUNDS)
    await publisher.told_to_leave.wait()
    await publisher.leave()


if __name__ == "__main__":
    asyncio.run(main())
