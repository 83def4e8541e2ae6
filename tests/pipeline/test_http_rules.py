# SPDX-License-Identifier: LGPL-2.1-or-later
"""Requests at the edge of the delivery directives (DD-*) and of HTTP (HT-*), each with the answer the rules give it."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import http_rules
import playlist as hls
import publishers
import pytest
from findings import Findings
from processes import wait_for, wait_http


@pytest.fixture(scope="module")
def uri(beside):
    """The media playlist of a running video rendition."""
    multivariant = hls.parse(http_rules.get(beside).body, Findings())
    uri = urljoin(beside, multivariant.variants[0][1])
    wait_for(lambda: len(fetch(uri).complete) >= 2, 30, "two complete segments")
    return uri


def fetch(uri, query=""):
    reply = http_rules.get(uri + query, accept_encoding="gzip")
    assert reply.status == 200, f"{query}: {reply.status}"
    return hls.parse(reply.body, Findings())


@pytest.mark.parametrize(
    "query",
    [
        "_HLS_part=1",
        "_HLS_msn=x",
        "_HLS_msn=-1",
        "_HLS_msn=",
        "_HLS_msn=1&_HLS_msn=2",
        "_HLS_msn=1&_HLS_part=x",
        "_HLS_msn=1&_HLS_part=",
        "_HLS_msn=1&_HLS_part=-1",
        "_HLS_msn=1.5",
        "_HLS_msn=99999999999999999999",
        "_HLS_msn=1&_HLS_part=1&_HLS_part=1",
        "_HLS_msn=%00",
        "_HLS_msn=1%202",
    ],
)
def test_a_directive_that_is_not_one_is_a_bad_request_that_no_cache_keeps(uri, query):
    reply = http_rules.get(f"{uri}?{query}")
    assert reply.status == 400, f"DD-1: {query}"
    assert "no-store" in reply.headers.get("cache-control", ""), "HT-6: a kept 400 would poison the address"
    assert reply.headers.get("access-control-allow-origin") == "*", "HT-9"


@pytest.mark.parametrize("query", ["token=abc", "_HLS_future=1", "_HLS_skip=maybe", "a=&&=&b", "_HLS_%6Dsn=1"])
def test_what_is_no_directive_of_ours_is_ignored(uri, query):
    assert fetch(uri, f"?{query}").segments, f"DD-14: {query}"


def test_an_old_msn_is_answered_at_once_with_the_current_playlist(uri):
    now = fetch(uri)
    assert fetch(uri, "?_HLS_msn=1").progress >= now.progress, "DD-5"
    assert fetch(uri, "?_HLS_msn=1&_HLS_part=0").progress >= now.progress, "DD-5"


def test_msn_alone_waits_for_the_whole_segment(uri):
    msn = fetch(uri).complete[-1].msn + 1
    answer = fetch(uri, f"?_HLS_msn={msn}")
    assert answer.complete[-1].msn >= msn, "DD-2"


def test_a_part_beyond_the_end_of_its_segment_is_part_0_of_the_next(uri):
    last = fetch(uri).complete[-1]
    answer = fetch(uri, f"?_HLS_msn={last.msn}&_HLS_part={len(last.parts) + 3}")
    assert answer.progress >= (last.msn + 1, 0), "DD-4"


def test_the_order_of_the_directives_does_not_matter(uri):
    msn, part = fetch(uri).next
    assert fetch(uri, f"?_HLS_part={part}&_HLS_msn={msn}").progress >= (msn, part), "DD-14"


def test_two_segments_ahead_waits_and_three_are_refused_at_once(uri):
    for _ in range(5):  # L is a moving target: only an answer between two equal readings counts
        before = fetch(uri).complete[-1].msn
        reply = http_rules.get(f"{uri}?_HLS_msn={before + 4}")
        if fetch(uri).complete[-1].msn == before:
            break
    assert reply.status == 400, "DD-7"
    assert "no-store" in reply.headers["cache-control"], "HT-6"
    msn = fetch(uri).complete[-1].msn + 2
    assert fetch(uri, f"?_HLS_msn={msn}").complete[-1].msn >= msn, "DD-7: two ahead is legal"


def test_a_part_far_ahead_is_refused_at_once_and_one_within_the_limit_waits(uri):
    playlist = fetch(uri)
    msn, part = playlist.next
    limit = math.ceil(3 / playlist.part_target)
    assert http_rules.get(f"{uri}?_HLS_msn={msn}&_HLS_part={part + 10 * limit}").status == 400, "DD-7"
    assert fetch(uri, f"?_HLS_msn={msn}&_HLS_part={part + 2}").progress >= (msn, part), "DD-8"


@pytest.mark.parametrize("name", ["p999999999.m4s", "s999999999.m4s", "nothing", "p-1.m4s", "p1.m4s.m4s", ".", "..m4s"])
def test_what_will_never_exist_is_not_found_at_once(uri, name):
    reply = http_rules.get(urljoin(uri, name))
    assert reply.status == 404, f"HINT-4: {name}"
    assert reply.headers.get("access-control-allow-origin") == "*", "HT-9"
    assert (
        reply.max_age in (None, 0, 1) or reply.max_age <= 2 and "immutable" not in reply.headers["cache-control"]
    ), "HT-5"


@pytest.mark.parametrize("name", ["..%2f..%2fetc/passwd", "%00", "%zz", "media.m3u8?a=%zz"])
def test_a_malformed_address_is_a_bad_request(uri, name):
    assert http_rules.get(uri.rsplit("/", 1)[0] + "/" + name).status == 400


def test_a_path_without_a_stream_is_not_found(origin):
    assert http_rules.get(origin.hls("live/nobody")).status == 404
    assert http_rules.get(origin.url("live/nobody/video_0/index.m3u8")).status == 404


def test_head_answers_like_get_without_a_body_and_never_waits(uri):
    playlist = fetch(uri)
    head = http_rules.get(f"{uri}?_HLS_msn={playlist.next[0] + 1}", method="HEAD")
    assert head.status == 200 and head.body == b"", "HT-11"
    segment = urljoin(uri, playlist.complete[-1].uri)
    whole = http_rules.get(segment)
    assert http_rules.get(segment, method="HEAD").headers["content-length"] == str(len(whole.body)), "HT-11"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(uri, method):
    assert http_rules.get(uri, method=method).status == 405, "HT-11"


def test_a_preflight_is_granted(uri):
    reply = http_rules.get(
        uri,
        method="OPTIONS",
        origin="http://elsewhere",
        access_control_request_method="GET",
        access_control_request_headers="range",
    )
    assert reply.status == 204, "HT-9"
    assert "GET" in reply.headers["access-control-allow-methods"]
    assert "range" in reply.headers["access-control-allow-headers"].lower()


def test_a_range_of_a_segment_is_that_range(uri):
    segment = urljoin(uri, fetch(uri).complete[-1].uri)
    whole = http_rules.get(segment).body
    for text, want in (("bytes=0-99", whole[:100]), ("bytes=100-", whole[100:]), ("bytes=-50", whole[-50:])):
        reply = http_rules.get(segment, range=text)
        assert (reply.status, reply.body) == (206, want), f"HT-10: {text}"
        first = len(whole) - 50 if text.endswith("-50") else int(text[6:].split("-")[0])
        assert reply.headers["content-range"] == f"bytes {first}-{first + len(want) - 1}/{len(whole)}", f"HT-10: {text}"
    beyond = http_rules.get(segment, range=f"bytes={len(whole)}-")
    assert beyond.status == 416, "HT-10"
    assert beyond.headers["content-range"] == f"bytes */{len(whole)}", "HT-10"


def test_a_hinted_part_comes_whole_and_equal_to_the_listed_one(uri):
    hint = urljoin(uri, fetch(uri).part_hint.uri)
    early = http_rules.get(hint)
    assert early.status == 200 and early.headers["content-length"] == str(len(early.body)), "HINT-3"
    assert http_rules.get(hint).body == early.body, "HINT-2"


def test_a_thousand_readers_at_once_all_read_a_whole_playlist(uri):
    """SYN-7: no reader ever sees half an update."""

    def read(_):
        connection = http_rules.Connection(uri)
        found = Findings()
        for _ in range(25):
            hls.parse(connection.get(uri, accept_encoding="gzip").body, found)
        connection.close()
        return found.lines()

    with ThreadPoolExecutor(40) as readers:
        assert [line for lines in readers.map(read, range(40)) for line in lines] == []


def test_five_hundred_blocked_requests_are_all_answered_when_the_stream_ends(start, own_origin, clip):
    """DD-6: the end wakes every waiter, with a playlist or with an error, and none is left hanging."""
    text = own_origin.file.read_text().replace("reconnect-timeout: 20s", "reconnect-timeout: 1s")
    own_origin.file.write_text(text)
    own_origin.process.stop()
    origin = own_origin.process = start(own_origin.process.command)
    wait_http(own_origin.url("healthz"))
    publisher = start(publishers.ffmpeg(clip("plain"), own_origin.rtmp("live/ends")))
    multivariant = hls.parse(own_origin.wait_live("live/ends").body, Findings())
    uri = urljoin(own_origin.hls("live/ends"), multivariant.variants[0][1])
    wait_for(lambda: len(fetch(uri).complete) >= 1, 30, "a complete segment")
    sent, answers = threading.Semaphore(0), []

    def blocked(msn):
        connection = http_rules.Connection(uri, timeout=40)
        connection.open()
        sent.release()
        return connection.get(f"{uri}?_HLS_msn={msn}")

    with ThreadPoolExecutor(500) as viewers:
        waiting = [viewers.submit(blocked, fetch(uri).complete[-1].msn + 2) for _ in range(500)]
        for _ in waiting:
            assert sent.acquire(timeout=30)
        publisher.kill()
        answers = [future.result(timeout=60) for future in waiting]
    assert {reply.status for reply in answers} <= {200, 404, 410, 503}
    assert len(answers) == 500
    assert origin.running
