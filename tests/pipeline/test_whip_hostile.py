# SPDX-License-Identifier: LGPL-2.1-or-later
"""What no publisher says or sends: it is refused and counted, and the others of the process see nothing of it."""

import os
import random
import re
import socket
import struct

import pytest
import whep_offer
from processes import wait_for
from rtc_element import RtcElement, ask
from whep_players import Player
from whip_publishers import Publisher

DICE = random.Random(1)
OFFER = whep_offer.offer(direction="sendonly")
STRANGERS, ROUNDS = 20, 4000


@pytest.fixture(scope="module")
def honest():
    """A stream that is published and watched through all the tests of the file."""
    stream = RtcElement(
        "whip",
        lambda settings: f"millwhipsrc name=rtc {settings} rtc.video_0 ! queue ! out.video_0 "
        f"millwhepsink name=out {settings}",
        path="live/honest",
    ).start()
    stream.out = stream.pipeline.get_by_name("out")
    # Of aiortc, which asks for consent again and again (RFC 7675); webrtcbin does not.
    publisher = Publisher("aiortc", stream.url, "VP8").wait_connected()
    stream.viewer = Player("aiortc", stream.url.replace("/whip", "/whep"), ["video"])
    try:
        stream.viewer.wait_frames(video=30)
        yield stream
    finally:
        stream.viewer.kill()
        publisher.kill()
        stream.stop()


@pytest.fixture
def source(honest):
    """Another path of the same process and ports, for whoever lies."""
    running = RtcElement(
        "whip",
        lambda settings: f"millwhipsrc name=rtc {settings} rtc.video_0 ! fakesink sync=false async=false",
        path="live/hostile",
        http_port=honest.http_port,
        udp_port=honest.udp_port,
    ).start()
    yield running
    running.stop()


def goes_on(honest):
    """The stream of the honest is seen, whole."""
    honest.viewer.wait_more(video=15)
    assert not [fact for fact in honest.viewer.facts if fact.get("corrupt")]
    assert honest.stats()["publishers"] == 1
    assert honest.said() == []


def resident():
    """Of this process, which is the streams'. Bytes."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


# ---- words ----

UNREADABLE = {
    "nothing": b"",
    "zeros": bytes(5000),
    "JSON": b'{"type": "offer", "sdp": "v=0"}',
    "a megabyte of one attribute": b"v=0\r\na=" + b"x" * (1 << 20),
    "a megabyte, all but": b"v=0\r\n" + b"a=candidate:x\r\n" * 65000,
    "10000 sections": OFFER.encode() + b"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 10000,
    "no fingerprint": re.sub("a=fingerprint.*\r\n", "", OFFER).encode(),
    "no credentials": re.sub("a=ice-.*\r\n", "", OFFER).encode(),
    "no types": re.sub("SAVPF .*\r\n", "SAVPF\r\n", OFFER).encode(),
    "types that are no numbers": re.sub("SAVPF .*\r\n", "SAVPF a b c\r\n", OFFER).encode(),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_offer_that_cannot_be_used_is_refused_and_the_path_stays_free(honest, source, name):
    reply = source.offer(UNREADABLE[name])
    assert 400 <= reply.status < 500, reply
    assert ask("DELETE", source.session_of(source.offer(OFFER))).status == 200
    goes_on(honest)


def test_an_offer_cut_anywhere_harms_nobody(honest, source):
    for length in range(0, len(OFFER), 37):
        reply = source.offer(OFFER.encode()[:length])
        if reply.status == 201:
            assert ask("DELETE", source.session_of(reply)).status == 200
        else:
            assert 400 <= reply.status < 500, f"the first {length} bytes: {reply}"
    goes_on(honest)


def test_offers_that_nobody_follows_up_leave_the_path_to_others(honest, source):
    statuses = [source.offer(OFFER).status for _ in range(300)]
    assert statuses[0] == 201
    assert set(statuses) <= {201, 409}
    wait_for(lambda: source.offer(OFFER).status == 201, 25, "the path is given to another")
    goes_on(honest)


# ---- datagrams ----


def test_strangers_rtp_is_counted_and_not_answered(honest):
    def packet():
        fields = DICE.getrandbits(16), DICE.getrandbits(32), DICE.getrandbits(32)
        return struct.pack(">BBHII", 0x80, 96, *fields) + bytes(DICE.randrange(1200))

    def strays():
        return honest.out.get_property("stats").get_value("stray-datagrams")

    before = strays()
    peers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(STRANGERS)]
    try:
        for _ in range(20):
            for peer in peers * (ROUNDS // 20 // STRANGERS):
                peer.sendto(packet(), ("127.0.0.1", honest.udp_port))
            honest.viewer.wait_more(video=1)
        for peer in peers:
            peer.setblocking(False)
            with pytest.raises(BlockingIOError):
                peer.recv(2048)
    finally:
        for peer in peers:
            peer.close()
    wait_for(lambda: strays() >= before + ROUNDS // 2, 20, "they are counted")
    goes_on(honest)


# What a publisher with good keys sends, and the counter that tells of half of it at least.
LIES = {
    "ten_bytes": "refused-packets",
    "too_many_contributors": "refused-packets",
    "contributors": "packets",
    "extension_beyond_the_end": "refused-packets",
    "padding_beyond_the_end": "refused-packets",
    "huge": None,  # more than the socket reads: it never gets as far as a counter
    "not_what_its_type_says": "packets",
    "unknown_type": "refused-packets",
    "many_sources": "refused-packets",
    "jumping_times": "timestamp-jumps",
    "replay": "refused-packets",
    "wrong_tag": "refused-packets",
}
SENT = 1000


@pytest.mark.parametrize("lie", LIES)
def test_what_no_publisher_sends_is_counted_and_the_others_go_on(honest, source, lie):
    before = resident()
    liar = Publisher("liar", source.url, lie)
    try:
        assert liar.fact("sent") == SENT
        if LIES[lie]:
            source.wait_stats(lambda stats: stats[LIES[lie]] >= SENT // 2, 10, f"{SENT // 2} of {LIES[lie]}")
        goes_on(honest)
        assert resident() < before + (32 << 20)
    finally:
        liar.kill()


def test_a_picture_that_changes_its_size_all_the_time_goes_through(honest, source):
    liar = Publisher("liar", source.url, "resizing")
    try:
        source.wait_stats(lambda stats: stats["video-frames"] >= 60, 20, "its frames come out")
        goes_on(honest)
        assert source.said() == []
    finally:
        liar.kill()
