# SPDX-License-Identifier: LGPL-2.1-or-later
"""SRTP (RFC 3711, AES_CM_128_HMAC_SHA1_80) for a sender who may lie: what is in the packet is not looked at."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY, SALT, TAG = 16, 14, 10  # bytes


class SrtpSender:
    def __init__(self, key, salt):
        def derive(label, size):  # RFC 3711 4.3
            start = int.from_bytes(salt, "big") ^ (label << 48)
            return self._keystream(key, start << 16, size)

        self.key, self.auth, self.salt = derive(0, KEY), derive(1, 20), derive(2, SALT)

    @classmethod
    def of_client(cls, material):
        """`material` is what DTLS exports (RFC 5764 4.2), of at least two keys and two salts."""
        return cls(material[:KEY], material[2 * KEY : 2 * KEY + SALT])

    def protect(self, header, payload, roll_over=0):
        """`header` goes as it is; its sequence number and SSRC make the keystream."""
        sequence, ssrc = int.from_bytes(header[2:4], "big"), int.from_bytes(header[8:12], "big")
        index = roll_over << 16 | sequence
        start = int.from_bytes(self.salt, "big") << 16 ^ ssrc << 64 ^ index << 16
        stream = self._keystream(self.key, start, len(payload))
        size = len(payload)
        hidden = (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big")
        packet = header + hidden
        return packet + hmac.new(self.auth, packet + roll_over.to_bytes(4, "big"), hashlib.sha1).digest()[:TAG]

    @staticmethod
    def _keystream(key, start, size):
        return Cipher(algorithms.AES(key), modes.CTR(start.to_bytes(16, "big"))).encryptor().update(bytes(size))
