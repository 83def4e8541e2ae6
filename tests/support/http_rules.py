# SPDX-License-Identifier: LGPL-2.1-or-later
"""One HTTP/1.1 connection of a player, and what the answers of an LL-HLS origin must say in their headers (HT-*).

Knows URLs and headers, not playlists.
"""

import gzip
import http.client
import re
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
MEDIA_TYPES = {"video": ("video/mp4", "video/iso.segment"), "audio": ("audio/mp4", "video/mp4", "video/iso.segment")}
EXPOSED = {"age", "date", "content-length", "content-range"}


@dataclass
class Reply:
    url: str
    status: int
    headers: dict  # names in lower case
    raw: bytes  # as sent
    body: bytes  # gzip undone
    sent_at: float  # monotonic seconds: the request
    first_byte_at: float  # the answer's head
    last_byte_at: float

    @property
    def max_age(self):
        match = re.search(r"max-age=(\d+)", self.headers.get("cache-control", ""))
        return int(match.group(1)) if match else None


class Connection:
    """Keeps one connection open, and makes it again where the server closed it between two requests."""

    def __init__(self, url, timeout=30.0):
        self.parts = urlsplit(url)
        self.timeout = timeout
        self.http = None

    def open(self):
        kind = http.client.HTTPConnection
        options = {"timeout": self.timeout}
        if self.parts.scheme == "https":
            kind = http.client.HTTPSConnection
            options["context"] = ssl._create_unverified_context()  # tests use their own certificate
        self.http = kind(self.parts.hostname, self.parts.port, **options)
        self.http.connect()

    def get(self, url, method="GET", **headers):
        """Header names are given with underscores: accept_encoding="gzip"."""
        target = urlsplit(url)
        path = target.path + (f"?{target.query}" if target.query else "")
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        fresh = self.http is None
        if fresh:
            self.open()
        sent_at = time.monotonic()
        try:
            self.http.request(method, path, headers=fields)
            response = self.http.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.close()
            if fresh:
                raise
            return self.get(url, method, **headers)
        first_byte_at = time.monotonic()
        raw = response.read()
        last_byte_at = time.monotonic()
        names = {name.lower(): value for name, value in response.getheaders()}
        body = gzip.decompress(raw) if names.get("content-encoding") == "gzip" else raw
        if response.will_close:
            self.close()
        return Reply(url, response.status, names, raw, body, sent_at, first_byte_at, last_byte_at)

    def close(self):
        if self.http is not None:
            self.http.close()
            self.http = None


def get(url, method="GET", timeout=30.0, **headers):
    """One request on a connection of its own."""
    connection = Connection(url, timeout)
    try:
        return connection.get(url, method, **headers)
    finally:
        connection.close()


def check_common(reply, findings):
    """HT-9: every answer, errors too, may be read by a page of another origin, and tells its age and date."""
    origin = reply.headers.get("access-control-allow-origin")
    findings.check(origin == "*", "HT-9", f"Access-Control-Allow-Origin {origin!r} with status {reply.status}")
    exposed = {name.strip().lower() for name in reply.headers.get("access-control-expose-headers", "").split(",")}
    findings.check(EXPOSED <= exposed, "HT-9", f"Access-Control-Expose-Headers lacks {sorted(EXPOSED - exposed)}")
    findings.check("date" in reply.headers, "HT-13", "no Date header")


def check_playlist(reply, findings, target_duration=None, blocking=False, multivariant=False):
    check_common(reply, findings)
    kind = reply.headers.get("content-type", "").split(";")[0]
    findings.check(kind == PLAYLIST_TYPE, "HT-4", f"playlist with Content-Type {kind!r}")
    findings.check(
        "nosniff" in reply.headers.get("x-content-type-options", ""), "HT-4", "no X-Content-Type-Options: nosniff"
    )
    findings.check(
        "accept-encoding" in reply.headers.get("vary", "").lower(), "HT-3", "playlist without Vary: Accept-Encoding"
    )
    findings.check("content-length" in reply.headers, "HT-14", "playlist without Content-Length")
    if target_duration is None:
        return
    age = reply.max_age
    if blocking:
        findings.check(age == 6 * target_duration, "HT-5", f"blocking playlist has max-age {age}, TD {target_duration}")
    elif not multivariant:
        fresh = (
            "no-cache" in reply.headers.get("cache-control", "")
            or age is not None
            and age <= max(1, target_duration // 2)
        )
        findings.check(
            fresh,
            "HT-5",
            f"plain playlist has Cache-Control {reply.headers.get('cache-control')!r}, TD {target_duration}",
        )


def check_media(reply, kind, findings, target_duration):
    check_common(reply, findings)
    mime = reply.headers.get("content-type", "").split(";")[0]
    findings.check(mime in MEDIA_TYPES[kind], "HT-4", f"{kind} with Content-Type {mime!r}")
    findings.check("content-encoding" not in reply.headers, "HT-3", "media sent with a Content-Encoding")
    findings.check("content-length" in reply.headers, "HT-14", "media without Content-Length")
    age = reply.max_age
    findings.check(
        age is not None and age >= 6 * target_duration, "HT-5", f"media has max-age {age}, TD {target_duration}"
    )
