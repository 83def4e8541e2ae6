# SPDX-License-Identifier: LGPL-2.1-or-later
"""The strict client and an origin that lies: a proxy changes one thing on its way, and the client names the rule."""

import re

import pytest
from tampering_proxy import TamperingProxy


def on_playlists(edit):
    def after(request, reply):
        if reply.body.startswith(b"#EXTM3U") and b"#EXTINF" in reply.body:
            reply.body = edit(reply.body)

    return after


def on_media(edit):
    def after(request, reply):
        if b"moof" in reply.body[:200]:
            edit(request, reply)

    return after


def header(name, value, only=lambda reply: True):
    def after(request, reply):
        if only(reply):
            reply.headers.pop(name, None) if value is None else reply.headers.update({name: value})

    return after


def cut_short(request, reply):
    reply.body = reply.body[:-1]


def shift_decode_time(request, reply):
    """Only of parts with an even number, or the shift would be none."""
    number = re.search(r"(\d+)\.m4s", request.target)
    if number and int(number.group(1)) % 2:
        at = reply.body.index(b"tfdt") + 8
        time = int.from_bytes(reply.body[at : at + 8], "big")
        reply.body = reply.body[:at] + (time + 1).to_bytes(8, "big") + reply.body[at + 8 :]


class DifferentTheSecondTime:
    """The hinted request gets other bytes than the one for the listed part."""

    def __init__(self):
        self.asked = set()

    def __call__(self, request, reply):
        if request.target in self.asked and b"moof" in reply.body[:200]:
            reply.body = reply.body[:-1] + bytes([reply.body[-1] ^ 1])
        self.asked.add(request.target)


class Stale:
    """Rendition reports stay what they were in the first playlist."""

    def __init__(self):
        self.first = None

    def __call__(self, body):
        msn, part = (
            re.search(rb"LAST-MSN=(\d+),LAST-PART=(\d+)", body).groups() if b"LAST-MSN" in body else (b"0", b"0")
        )
        self.first = self.first or (msn, part)
        return re.sub(rb"LAST-MSN=\d+,LAST-PART=\d+", b"LAST-MSN=%b,LAST-PART=%b" % self.first, body)


def not_found(request, reply):
    reply.status = 404


def forget_to_wait(request):
    request.target = request.target.split("?")[0]


NOTHING = lambda *_: None  # noqa: E731
LIES = [
    ("nothing is changed", None, NOTHING, NOTHING),
    ("reloads do not block", "DD-3", forget_to_wait, NOTHING),
    (
        "every part claims to be independent",
        "PART-8",
        NOTHING,
        on_playlists(
            lambda body: re.sub(rb",INDEPENDENT=YES", b"", body).replace(
                b"#EXT-X-PART:", b"#EXT-X-PART:INDEPENDENT=YES,"
            )
        ),
    ),
    (
        "no part says it is independent",
        "PART-8",
        NOTHING,
        on_playlists(lambda body: re.sub(rb",?INDEPENDENT=YES,?(?=[,\n])", b"", body)),
    ),
    ("parts are a byte short", "MP4", NOTHING, on_media(cut_short)),
    ("decode times overlap", "CM-6", NOTHING, on_media(shift_decode_time)),
    ("hinted bytes are not the listed bytes", "HINT-3", NOTHING, DifferentTheSecondTime()),
    ("listed media is missing", "PART-11", NOTHING, on_media(not_found)),
    ("reports are stale", "RR-2", NOTHING, on_playlists(Stale())),
    (
        "the next part is not the hinted one",
        "HINT-2",
        NOTHING,
        on_playlists(lambda body: re.sub(rb'(HINT:TYPE=PART,URI=")', rb"\1x", body)),
    ),
    ("another page may not read it", "HT-9", NOTHING, header("access-control-allow-origin", None)),
    ("a cache keeps blocking playlists for a second", "HT-5", NOTHING, header("cache-control", "max-age=1")),
    (
        "playlists say they are text",
        "HT-4",
        NOTHING,
        header("content-type", "text/plain", lambda reply: reply.body.startswith(b"#EXTM3U")),
    ),
    ("playlists are not compressed", "HT-3", NOTHING, header("content-encoding", None)),
    (
        "the codec is another",
        "CO-1",
        NOTHING,
        lambda request, reply: setattr(reply, "body", re.sub(rb"avc1\.......", b"avc1.42c00a", reply.body)),
    ),
]


@pytest.fixture
def lie_to(play):
    def lie_to(url, before, after):
        origin, _, path = url.partition("/live/")
        with TamperingProxy(origin, before, after) as proxy:
            client = play(f"{proxy.url}/live/{path}")
            client.wait_parts(12, timeout=8)
            return client.stop()

    return lie_to


@pytest.mark.parametrize("lie, rule, before, after", LIES, ids=[row[0] for row in LIES])
def test_the_client_finds_out_that(origin, beside, lie_to, lie, rule, before, after):
    findings = lie_to(beside, before, after)
    if rule:
        assert rule in findings.rules(), f"{rule} not among: {findings}"
    else:
        assert findings.lines() == []
