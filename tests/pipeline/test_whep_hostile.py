# SPDX-License-Identifier: LGPL-2.1-or-later
"""Datagrams that no viewer sends, to the UDP port that viewers play from: they see nothing of it, and it is counted."""

import os
import random
import socket
import struct

import pytest
import stun
import whep_offer
from whep_players import Player
from whep_stream import OPUS, VP8, Stream

ROUNDS = 4000
DICE = random.Random(1)


@pytest.fixture(scope="module")
def stream():
    with Stream(f"{VP8} {OPUS}") as running:
        yield running


@pytest.fixture(scope="module")
def players(stream):
    """One of each kind plays through all the tests of the file."""
    playing = [Player(program, stream.url) for program in ("webrtcbin", "aiortc")]
    try:
        for player in playing:
            player.wait_frames(video=30, audio=50)
        yield playing
    finally:
        for player in playing:
            player.kill()


def client_hello():
    """The first flight of a DTLS 1.2 client (RFC 6347 4.2.1), of one cipher suite."""
    body = bytes([254, 253]) + DICE.randbytes(32) + bytes([0, 0]) + struct.pack(">HH", 2, 0xC02B) + bytes([1, 0])
    message = bytes([1]) + len(body).to_bytes(3, "big") + bytes(5) + len(body).to_bytes(3, "big") + body
    return bytes([22, 254, 255]) + bytes(8) + struct.pack(">H", len(message)) + message


def rtp():
    sequence, timestamp, source = DICE.getrandbits(16), DICE.getrandbits(32), DICE.getrandbits(32)
    return struct.pack(">BBHII", 0x80, 96, sequence, timestamp, source) + bytes(160)


def rtcp():
    """A picture loss indication (RFC 4585 6.3.1), in the clear."""
    return struct.pack(">BBHII", 0x81, 206, 2, DICE.getrandbits(32), DICE.getrandbits(32))


def cut_short():
    whole = stun.check("a:b", "c" * 22)
    return whole[: DICE.randrange(1, len(whole))]


def noise():
    return DICE.randbytes(DICE.randrange(1, 1400))


def nobody():
    return stun.check(f"{DICE.getrandbits(48):012x}:peer", "x" * 22)


HOSTILE = {
    "checks for nobody": (nobody, "rejected-checks"),
    "checks cut short": (cut_short, "rejected-checks"),
    "random bytes": (noise, "stray-datagrams"),
    "a stranger's DTLS": (client_hello, "stray-datagrams"),
    "a stranger's RTP": (rtp, "stray-datagrams"),
    "a stranger's RTCP": (rtcp, "stray-datagrams"),
}


def flood(stream, players, datagram, counter, counted=ROUNDS // 2):
    """Sends from many addresses, in step with a viewer's pictures so that the socket's queue is not the test.

    The kernel may drop some of it all the same, and random bytes may look like something else: half have to be counted.
    """
    before = stream.stats()[counter]
    peers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
    try:
        for _ in range(20):
            for _ in range(ROUNDS // 20 // len(peers)):
                for peer in peers:
                    peer.sendto(datagram(), ("127.0.0.1", stream.udp_port))
            players[0].wait_more(video=1)
        for peer in peers:
            peer.setblocking(False)
            with pytest.raises(BlockingIOError):
                peer.recv(2048)  # whoever is not known is not answered: nobody is to be flooded through us
    finally:
        for peer in peers:
            peer.close()
    stream.wait_stats(lambda now: now[counter] >= before + counted, 20, f"{counted} more {counter}")


def goes_on(stream, players):
    """The viewers play, whole, and are the only ones there are."""
    for player in players:
        player.wait_more(video=15, audio=15)
        assert not [fact for fact in player.facts if fact.get("corrupt")]
    assert stream.stats()["viewers"] == len(players)


@pytest.mark.parametrize("name", HOSTILE)
def test_strangers_are_counted_and_not_answered_and_viewers_play_on(stream, players, name):
    flood(stream, players, *HOSTILE[name])
    goes_on(stream, players)


def test_a_check_with_a_wrong_password_moves_no_session(stream, players):
    waiting = stream.join()
    username = f"{whep_offer.attribute(waiting.body.decode(), 'ice-ufrag')}:Yf8o"
    flood(stream, players, lambda: stun.check(username, "x" * 22), "rejected-checks")
    goes_on(stream, players)


def test_datagrams_from_an_address_that_has_checked_but_has_no_keys_harm_nobody(stream, players):
    """A session that somebody asked for and then fills with anything but a handshake."""
    answer = stream.join().body.decode()
    check = stun.check(
        f"{whep_offer.attribute(answer, 'ice-ufrag')}:Yf8o", whep_offer.attribute(answer, "ice-pwd"), b"a transactio"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(10)
        peer.sendto(check, ("127.0.0.1", stream.udp_port))
        assert stun.is_success(peer.recv(2048), b"a transactio")
        for _ in range(20):
            for make in (rtp, rtcp, noise, client_hello, cut_short):
                for _ in range(20):
                    peer.sendto(make(), ("127.0.0.1", stream.udp_port))
            players[0].wait_more(video=1)
    goes_on(stream, players)


def test_memory_does_not_grow_with_what_strangers_send(stream, players):
    everything = [make for make, _ in HOSTILE.values()]

    def any_of_them():
        return DICE.choice(everything)()

    flood(stream, players, any_of_them, "stray-datagrams", counted=1)  # whatever is made once is made now
    before = resident()
    for _ in range(3):
        flood(stream, players, any_of_them, "stray-datagrams", counted=1)
    assert resident() < before + (16 << 20)
    goes_on(stream, players)


def resident():
    """Of this process, which is the stream's. Bytes."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")
