# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bytes no publisher and no player would send: each ends its own connection, and a stream beside it does not notice."""

import os
import random
import socket
import struct

import http_rules
import publishers
import pytest
from llhls_client import Client
from processes import wait_for

HANDSHAKE = bytes([3]) + struct.pack(">II", 0, 0) + bytes(1528)
SET_CHUNK_SIZE = bytes.fromhex("02 000000 000004 01 00000000")
COMMAND = bytes.fromhex("03 000000")


def command(amf):
    """An AMF0 command message of any size, in chunks of 128 bytes."""
    head = COMMAND + struct.pack(">I", len(amf))[1:] + bytes([0x14]) + bytes(4)
    chunks = [amf[at : at + 128] for at in range(0, len(amf), 128)] or [b""]
    return head + b"\xc3".join(chunks)


GARBAGE = {
    "random bytes": random.Random(1).randbytes(20000),
    "an HTTP request": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100,
    "a TLS hello": bytes.fromhex("160301020001fc0303") + bytes(2000),
    "a handshake cut short": HANDSHAKE[:700],
    "a wrong version": b"\x06" + HANDSHAKE[1:] + bytes(1536),
    "chunk size 0": HANDSHAKE + bytes(1536) + SET_CHUNK_SIZE + struct.pack(">I", 0),
    "chunk size 2^31": HANDSHAKE + bytes(1536) + SET_CHUNK_SIZE + struct.pack(">I", 1 << 31),
    "AMF nested 10000 deep": HANDSHAKE + bytes(1536) + command(b"\x03\x00\x01a" * 10000),
    "a string longer than its message": HANDSHAKE + bytes(1536) + command(b"\x02\xff\xffconnect"),
    "a message of 16 MB": HANDSHAKE + bytes(1536) + COMMAND + b"\xff\xff\xff\x14" + bytes(4) + bytes(128),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_instead_of_rtmp_harms_nobody(origin, beside, play, name):
    client = play(beside)
    assert client.wait_parts(2)
    with socket.create_connection(("127.0.0.1", origin.rtmp_port), timeout=20) as peer:
        try:
            peer.sendall(GARBAGE[name])
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65536):  # the server may answer; it must then end the connection (or time out, in 10 s)
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass  # an abrupt end is an end
    assert client.wait_parts(5)
    assert client.stop().lines() == []


def test_two_hundred_silent_connections_do_not_keep_a_publisher_out(start, origin, beside, clip, path):
    silent = [socket.create_connection(("127.0.0.1", origin.rtmp_port)) for _ in range(200)]
    try:
        start(publishers.ffmpeg(clip("small"), origin.rtmp(path)))
        origin.wait_live(path)
    finally:
        for peer in silent:
            peer.close()


def test_an_unknown_application_is_refused_with_a_reason(start, origin, beside, clip):
    refused = start(publishers.ffmpeg(clip("small"), origin.rtmp("nobody/waits")))
    assert refused.wait() != 0
    assert origin.process.running


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 5000,
        b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["empty", "no target", "no such version", "zeros", "a target of 200 kB"],
)
def test_garbage_instead_of_http_harms_nobody(origin, beside, request_bytes):
    with socket.create_connection(("127.0.0.1", origin.http_port), timeout=20) as peer:
        try:
            peer.sendall(request_bytes)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65536):
                pass
        except TimeoutError:
            raise
        except OSError:
            pass  # closed before all of it was sent
    assert http_rules.get(beside).status == 200


def test_connections_cut_in_the_middle_of_a_blocking_reload_leave_nothing_behind(origin, beside):
    client = Client(beside).start()
    assert client.wait_parts(2)
    uri, playlist = client.uris[0], client.seen[0].playlist
    target = http_rules.urlsplit(f"{uri}?_HLS_msn={playlist.next[0] + 1}")
    before = descriptors(origin)
    cut = []
    for _ in range(300):
        peer = socket.create_connection(("127.0.0.1", origin.http_port))
        peer.sendall(f"GET {target.path}?{target.query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        cut.append(peer)
    for peer in cut:
        peer.close()
    wait_for(lambda: descriptors(origin) <= before + 10, 30, "the descriptors of aborted requests are closed")
    assert client.wait_parts(3)
    assert client.stop().lines() == []


def descriptors(origin):
    return len(os.listdir(f"/proc/{origin.process.pid}/fd"))
