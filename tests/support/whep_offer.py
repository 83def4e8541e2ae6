# SPDX-License-Identifier: LGPL-2.1-or-later
"""An SDP offer in the lines of one of Chromium's, for viewers and publishers who only ask."""

FINGERPRINT = ":".join(["49"] * 32)

_SECTION = """m={kind} 9 UDP/TLS/RTP/SAVPF {types}
c=IN IP4 0.0.0.0
a=ice-ufrag:{ufrag}
a=ice-pwd:BkTzbU3EtVEn0XKXZ3wA1pDb
a=fingerprint:sha-256 {fingerprint}
a=setup:actpass
a=mid:{mid}
a={direction}
a=rtcp-mux
"""
_AUDIO = "a=rtpmap:111 opus/48000/2\na=fmtp:111 minptime=10;useinbandfec=1\n"
_VIDEO = """a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:98 VP9/90000
a=fmtp:98 profile-id=0
a=rtpmap:100 H265/90000
a=rtpmap:103 H264/90000
a=rtcp-fb:103 nack
a=rtcp-fb:103 nack pli
a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
"""


def section(kind, mid, ufrag="Yf8o", direction="recvonly"):
    types, codecs = ("111", _AUDIO) if kind == "audio" else ("96 97 98 100 103", _VIDEO)
    facts = dict(kind=kind, types=types, ufrag=ufrag, fingerprint=FINGERPRINT, mid=mid, direction=direction)
    return _SECTION.format(**facts) + codecs


def offer(kinds=("audio", "video"), ufrag="Yf8o", direction="recvonly"):
    """With a section for each of `kinds`, all of them bundled. `direction`: a publisher's are sendonly."""
    mids = " ".join(str(mid) for mid in range(len(kinds)))
    head = f"v=0\no=- 4611732054762223410 2 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE {mids}\n"
    text = head + "".join(section(kind, mid, ufrag, direction) for mid, kind in enumerate(kinds))
    return text.replace("\n", "\r\n")


def accepted(answer):
    """The kinds of media that an answer does not reject."""
    sections = [line.split() for line in answer.splitlines() if line.startswith("m=")]
    return {words[0][2:] for words in sections if words[1] != "0"}


def attribute(sdp, name):
    """The value of the first a=NAME:VALUE line."""
    return next(line.split(":", 1)[1] for line in sdp.splitlines() if line.startswith(f"a={name}:"))
