# SPDX-License-Identifier: LGPL-2.1-or-later
"""A low-latency HLS player without a picture: does everything the specification lets a player do, and trusts nothing.

For each rendition of a stream it follows the playlist by blocking reloads, requests every hinted part before it exists,
downloads every part and every segment, applies delta updates, and checks all of it: each playlist (playlist_rules.py),
each step to the next, the answers' headers (http_rules.py), and the media against its playlist (media_rules.py).
Written from draft-pantos-hls-rfc8216bis-22 with the standard library alone: it shares no mistake with the server.

    python3 tests/support/llhls_client.py http://localhost:8080/demo/index.m3u8 --seconds 20

prints what it saw and every violation; exit status 1 if there was any.
"""

import argparse
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urljoin

import http_rules
import media_rules
import playlist as hls
import playlist_rules as rules
from findings import Findings

RELOADS_PER_DELTA = 3  # every third reload asks for a delta update, where they are offered
RETENTION_CHECKS = 12  # how many parts and segments that left the playlist are asked for again


@dataclass
class Seen:
    """What one rendition showed so far. Read it under Client.changed, or after stop()."""

    name: str
    kind: str
    codecs: str = ""
    playlist: hls.MediaPlaylist = None
    reloads: int = 0
    deltas: int = 0
    parts: int = 0
    gaps: int = 0
    hints: int = 0
    segments: int = 0
    discontinuities: int = 0
    headers: int = 0
    bytes: int = 0
    longest_wait: float = 0.0  # seconds between two playlists that had something new
    ended: bool = False

    def __str__(self):
        return (
            f"{self.name} ({self.kind} {self.codecs}): {self.reloads} reloads, {self.deltas} deltas, "
            f"{self.parts} parts, {self.gaps} gaps, {self.hints} hints, {self.segments} segments, "
            f"{self.discontinuities} discontinuities, "
            f"{self.headers} headers, {self.bytes} bytes, longest wait {self.longest_wait * 1000:.0f} ms"
            + (", ended" if self.ended else "")
        )


class Client:
    """Plays `url` (a multivariant playlist) on threads of its own from start() to stop()."""

    def __init__(self, url):
        self.url = url
        self.findings = Findings()
        self.changed = threading.Condition()  # notified after each reload of any rendition
        self.followers = []
        self._stop = threading.Event()
        self._threads = []

    def start(self):
        reply = http_rules.get(self.url, accept_encoding="gzip")
        scope = self.findings.scoped("multivariant")
        if not scope.check(reply.status == 200, "HT", f"status {reply.status}"):
            return self
        http_rules.check_playlist(reply, scope, multivariant=True)
        multivariant = hls.parse(reply.body, scope)
        if not scope.check(isinstance(multivariant, hls.MultivariantPlaylist), "MV-1", "is a media playlist"):
            return self
        rules.check_multivariant(multivariant, scope)
        self.multivariant = multivariant
        renditions = multivariant.renditions
        self.uris = [urljoin(self.url, rendition.uri) for rendition in renditions]
        self.followers = [_Follower(self, uri, rendition) for uri, rendition in zip(self.uris, renditions)]
        self._threads = [threading.Thread(target=follower.run, daemon=True) for follower in self.followers]
        for thread in self._threads:
            thread.start()
        return self

    @property
    def stopping(self):
        return self._stop.is_set()

    @property
    def seen(self):
        return [follower.seen for follower in self.followers]

    def wait_until(self, condition, timeout=60.0):
        """Waits until condition(list of Seen) holds; False at the deadline or when every rendition has ended."""
        deadline = time.monotonic() + timeout
        with self.changed:
            while not condition(self.seen):
                alive = any(thread.is_alive() for thread in self._threads)
                if time.monotonic() > deadline or not alive:
                    return bool(condition(self.seen))
                self.changed.wait(min(0.5, max(0.0, deadline - time.monotonic())))
        return True

    def wait_parts(self, count, timeout=60.0):
        """Waits for `count` parts of every rendition, on top of those seen by now and those listed at first sight."""
        self.wait_until(lambda seen: seen and all(s.playlist for s in seen), timeout)
        with self.changed:
            wanted = [seen.parts + count for seen in self.seen]
        return self.wait_until(lambda seen: all(s.parts >= n for s, n in zip(seen, wanted)), timeout)

    def join(self, seconds):
        """Plays for `seconds`, or until the stream ends, and stops."""
        self.wait_until(lambda seen: seen and all(s.ended for s in seen), seconds)
        return self.stop()

    def stop(self):
        """Ends all requests and makes the checks that need everything. Returns the findings."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=20)
            self.findings.check(not thread.is_alive(), "CLIENT", "a request was not answered for 20 s")
        timelines = [follower.timeline for follower in self.followers]
        for follower in self.followers:
            media_rules.check_dates(follower.timeline, self.findings.scoped(follower.seen.name))
        media_rules.check_alignment(timelines, self.findings)
        playlists = {f.uri: f.seen.playlist for f in self.followers if f.seen.playlist}
        rules.check_renditions(playlists, self.findings)
        self.check_bandwidth()
        self.findings.check(
            self.seen and all(seen.parts for seen in self.seen), "CLIENT", "a rendition without any part"
        )
        return self.findings

    def check_bandwidth(self):
        """AUTH 1.29: measured peaks stay below 125 % of BANDWIDTH. Judged only where enough was measured."""
        for attributes, uri in getattr(self, "multivariant", hls.MultivariantPlaylist()).variants:
            members = [
                f for f in self.followers if f.uri == urljoin(self.url, uri) or f.rendition.attributes.get("GROUP-ID")
            ]
            members = [f for f in members if f.seen.playlist]
            peaks = [media_rules.peak_bitrate(f.timeline.sizes, f.seen.playlist.target_duration) for f in members]
            peak, listed = sum(peaks), int(attributes.get("BANDWIDTH", "0") or 0)
            self.findings.check(peak <= 1.25 * listed, "MV-2", f"{uri}: peak {peak:.0f} bit/s, BANDWIDTH {listed}")


class _Follower:
    """One rendition. Runs on a thread of its own, with two more that wait for hinted parts."""

    def __init__(self, client, uri, rendition):
        self.client = client
        self.uri = uri
        self.rendition = rendition
        self.seen = Seen(rules.name_of(uri), rendition.kind, rendition.attributes.get("CODECS", ""))
        self.findings = client.findings.scoped(self.seen.name)
        self.sync = rules.Sync()
        self.timeline = media_rules.MediaTimeline(rendition.kind, self.findings)
        self.reload = http_rules.Connection(uri)
        self.media = http_rules.Connection(uri)
        self.hinted = {}  # URI -> future of its Reply
        self.pool = ThreadPoolExecutor(max_workers=2)
        self.fetched = {}  # URI of a part -> length of its bytes; of listed parts only
        self.retention_checks = 0
        self.changed_at = None

    def run(self):
        try:
            current = self.first()
            while current and not current.ended and not self.client.stopping:
                current = self.step(current)
        except (OSError, http_rules.http.client.HTTPException) as error:
            self.findings.add("HT", f"connection failed: {error!r}")
        finally:
            self.pool.shutdown(wait=False, cancel_futures=True)
            self.reload.close()
            self.media.close()
            with self.client.changed:
                self.client.changed.notify_all()

    # -- playlists ----------------------------------------------------------------------------------------------------

    def first(self):
        plain = self.reload.get(self.uri)
        self.findings.check(
            "content-encoding" not in plain.headers, "HT-3", "gzip for a client that does not accept it"
        )
        playlist = self.fetch_playlist("", previous=None)
        if playlist and "CAN-SKIP-UNTIL" not in playlist.server_control:
            self.check_skip_ignored()
        if playlist:
            self.download_history(playlist)
            self.take(None, playlist)
        return playlist

    def step(self, current):
        """Asks for the next part's playlist, and for the part itself before it exists; takes what comes."""
        msn, part = current.next
        self.request_hint(current)
        delta = "CAN-SKIP-UNTIL" in current.server_control and self.seen.reloads % RELOADS_PER_DELTA == 0
        query = f"_HLS_msn={msn}&_HLS_part={part}" + ("&_HLS_skip=YES" if delta else "")
        fresh = self.fetch_playlist(query, previous=current)
        if fresh is None:
            return None
        reached = fresh.ended or fresh.progress >= (msn, part)
        self.findings.check(reached, "DD-3", f"asked for {msn}.{part}, the answer ends at {fresh.progress}")
        self.take(current, fresh)
        return fresh

    def fetch_playlist(self, query, previous):
        """A playlist, checked by itself and against `previous`; None where there is none to go on with."""
        reported = {f.uri: f.seen.playlist.progress for f in self.client.followers if f.seen.playlist}
        reply = self.reload.get(self.uri + (f"?{query}" if query else ""), accept_encoding="gzip")
        if reply.status == 503 and query:
            self.findings.add("MP-15", f"blocked for {reply.last_byte_at - reply.sent_at:.1f} s, then 503")
            return self.fetch_playlist("", previous)
        if not self.findings.check(reply.status == 200, "HT", f"{query or 'plain'}: status {reply.status}"):
            return None
        listed = hls.parse(reply.body, self.findings)
        if not self.findings.check(isinstance(listed, hls.MediaPlaylist), "SYN-5", "is not a media playlist"):
            return None
        http_rules.check_playlist(reply, self.findings, listed.target_duration, blocking=bool(query))
        compressed = reply.headers.get("content-encoding") == "gzip"
        self.findings.check(compressed or len(reply.body) < 200, "HT-3", f"{len(reply.body)} bytes without gzip")
        self.findings.check("_HLS_skip" in query or not listed.skipped, "SK-1", "a delta that was not asked for")
        self.seen.deltas += bool(listed.skipped)
        whole = rules.expand_delta(listed, previous, self.findings) if previous else listed
        if whole is None:
            return self.fetch_playlist("", previous)
        self.check_playlist(whole, previous, reported)
        return whole

    def check_playlist(self, playlist, previous, reported):
        rules.check_media(playlist, self.seen.kind, self.findings)
        self.sync.saw(rules.check_reports(playlist, self.uri, self.client.uris, self.findings), self.findings)
        if previous:
            rules.check_succession(previous, playlist, self.findings)
        for report in playlist.reports:  # RR-2: as fresh as the playlist that carries it
            uri = urljoin(self.uri, report.uri)
            told = (report.last_msn, report.last_part)
            late = uri in reported and told < reported[uri]
            self.findings.check(
                not late, "RR-2", f"report of {report.uri} says {told}, it was at {reported.get(uri)} before"
            )

    def check_skip_ignored(self):
        reply = self.reload.get(self.uri + "?_HLS_skip=YES", accept_encoding="gzip")
        self.findings.check(b"EXT-X-SKIP" not in reply.body, "SK-1", "a delta where none is offered")

    # -- media --------------------------------------------------------------------------------------------------------

    def download_history(self, playlist):
        """What was listed before we came: one segment and its header, and the parts still listed."""
        for segment in playlist.complete[-3:]:
            self.header(segment)
            for index, part in enumerate(segment.parts):
                self.take_part(segment, index, part, playlist)
            self.take_segment(segment, playlist)
        if playlist.open:
            self.header(playlist.open)
            for index, part in enumerate(playlist.open.parts):
                self.take_part(playlist.open, index, part, playlist)

    def take(self, old, new):
        """Downloads what `new` has and `old` had not, and tells whoever waits."""
        if old:
            for segment, index, part in rules.parts_after(old, new):
                self.header(segment)
                self.take_part(segment, index, part, new)
            were_complete = {segment.msn for segment in old.complete}
            for segment in new.complete:
                if segment.msn not in were_complete and segment.msn >= old.media_sequence:
                    self.take_segment(segment, new)
            self.check_retention(old, new)
        now = time.monotonic()
        with self.client.changed:
            if self.changed_at and new.progress > old.progress:
                self.seen.longest_wait = max(self.seen.longest_wait, now - self.changed_at)
            self.changed_at = now
            known = {segment.msn for segment in old.segments} if old else set()
            self.seen.discontinuities += sum(s.discontinuity for s in new.segments if s.msn not in known)
            self.seen.playlist = new
            self.seen.reloads += 1
            self.seen.ended = new.ended
            self.client.changed.notify_all()

    def request_hint(self, playlist):
        hint = playlist.part_hint
        if hint and hint.uri not in self.hinted:
            url = urljoin(self.uri, hint.uri)
            self.hinted[hint.uri] = self.pool.submit(http_rules.get, url)
            self.seen.hints += 1

    def header(self, segment):
        if segment.map_uri and segment.map_uri not in self.timeline.headers:
            reply = self.get_media(segment.map_uri, f"header {segment.map_uri}")
            self.timeline.add_header(segment.map_uri, reply.body if reply else b"")
            self.seen.headers += 1
            self.check_codecs(self.timeline.headers[segment.map_uri])

    def check_codecs(self, header):
        """CO-1: the CODECS string is the one in the header's own configuration."""
        if header and header.sample_entry == "avc1" and self.seen.headers == 1:
            codec = "avc1." + header.config[1:4].hex()
            self.findings.check(
                codec in self.seen.codecs, "CO-1", f"CODECS {self.seen.codecs!r}, the header says {codec}"
            )

    def take_part(self, segment, index, part, playlist):
        name = f"part {index} of MSN {segment.msn}"
        independent = playlist.independent_segments
        self.seen.parts += 1
        if part.gap:
            self.seen.gaps += 1
            self.timeline.add_part(segment, index, part, None, independent)
            self.hinted.pop(part.uri, None)
            return
        reply = self.get_media(part.uri, name)
        if not reply:
            return
        self.fetched[part.uri] = len(reply.body)
        self.check_hint(part, reply, name)
        self.timeline.add_part(segment, index, part, reply.body, independent)

    def check_hint(self, part, reply, name):
        future = self.hinted.pop(part.uri, None)
        if future is None:
            return
        try:
            early = future.result(timeout=10)
        except Exception as error:  # whatever broke the request is the finding
            self.findings.add("HINT-3", f"{name}: the hinted request failed: {error!r}")
            return
        if self.findings.check(early.status == 200, "HINT-3", f"{name}: hinted request got {early.status}"):
            self.findings.check(early.body == reply.body, "HINT-3", f"{name}: hinted and listed bytes differ")

    def take_segment(self, segment, playlist):
        if segment.gap:
            return
        reply = self.get_media(segment.uri, f"MSN {segment.msn}")
        self.seen.segments += 1
        if reply:
            self.timeline.add_segment(segment, reply.body, playlist.independent_segments)

    def get_media(self, uri, name):
        """The reply to a resource that is listed, and so must be there at once (PART-11)."""
        reply = self.media.get(urljoin(self.uri, uri), accept_encoding="gzip")
        if not self.findings.check(reply.status == 200, "PART-11", f"{name} is listed and answers {reply.status}"):
            return None
        target = self.seen.playlist.target_duration if self.seen.playlist else 1
        http_rules.check_media(reply, self.seen.kind, self.findings, target)
        self.seen.bytes += len(reply.body)
        return reply

    def check_retention(self, old, new):
        """HT-16: what just left the playlist may still be fetched by a player that has the old one."""
        listed = {part.uri for segment in new.segments for part in segment.parts}
        gone = [
            part.uri for segment in old.segments for part in segment.parts if not part.gap and part.uri not in listed
        ]
        gone += [segment.uri for segment in old.complete if segment.msn < new.media_sequence and not segment.gap]
        for uri in gone[:2]:
            if self.retention_checks < RETENTION_CHECKS:
                self.retention_checks += 1
                reply = self.media.get(urljoin(self.uri, uri))
                self.findings.check(
                    reply.status == 200, "HT-16", f"{uri} answers {reply.status} as soon as it is not listed"
                )


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("url", help="of a multivariant playlist")
    parser.add_argument("--seconds", type=float, default=20, help="how long to play (default 20)")
    options = parser.parse_args(arguments)
    client = Client(options.url).start()
    findings = client.join(options.seconds)
    for seen in client.seen:
        print(seen)
    print(findings if len(findings) else "no violations")
    return 1 if len(findings) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
