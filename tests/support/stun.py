# SPDX-License-Identifier: LGPL-2.1-or-later
"""STUN binding requests as an ICE agent sends them (RFC 8489, RFC 8445 7.2), right ones and wrong ones."""

import hashlib
import hmac
import os
import struct
import zlib

MAGIC = 0x2112A442
BINDING_REQUEST, BINDING_SUCCESS = 0x0001, 0x0101
USERNAME, MESSAGE_INTEGRITY, PRIORITY, USE_CANDIDATE, CONTROLLING, FINGERPRINT = 6, 8, 0x24, 0x25, 0x802A, 0x8028


def _attribute(kind, value):
    return struct.pack(">HH", kind, len(value)) + value + bytes(-len(value) % 4)


def check(username, password, transaction=None, nominate=True):
    """A connectivity check; `username` is "THEIRS:OURS", the password is theirs."""
    body = _attribute(USERNAME, username.encode()) + _attribute(PRIORITY, struct.pack(">I", 0x7E7F1EFF))
    body += _attribute(CONTROLLING, bytes(8))
    if nominate:
        body += _attribute(USE_CANDIDATE, b"")
    identifier = transaction or os.urandom(12)

    def head(following):
        return struct.pack(">HHI", BINDING_REQUEST, len(body) + following, MAGIC) + identifier

    integrity = hmac.new(password.encode(), head(24) + body, hashlib.sha1).digest()
    body += _attribute(MESSAGE_INTEGRITY, integrity)
    fingerprint = zlib.crc32(head(8) + body) ^ 0x5354554E
    body += _attribute(FINGERPRINT, struct.pack(">I", fingerprint))
    return head(0) + body


def is_success(datagram, transaction):
    return datagram[:2] == struct.pack(">H", BINDING_SUCCESS) and datagram[8:20] == transaction
