# SPDX-License-Identifier: LGPL-2.1-or-later
"""WHEP over plain HTTP (draft-ietf-wish-whep, RFC 9725): what a client may ask, with the answer the rules give it."""

import json
import re
import socket

import pytest
import stun
import whep_offer
from processes import wait_for
from whep_stream import CAMERA, ERROR, OPUS, VP8, WARNING, Stream, ask

SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
CANDIDATE = "a=candidate:1 1 UDP 2130706431 192.0.2.7 50000 typ host\r\n"


@pytest.fixture(scope="module")
def stream():
    """One for the tests that only ask; each ends the sessions it makes."""
    with Stream(f"{VP8} {OPUS}") as running:
        yield running


@pytest.fixture
def session(stream):
    """The reply to a viewer's offer; its session ends with the test."""
    reply = stream.join()
    yield reply
    ask("DELETE", stream.session_of(reply))


def fragment(ufrag="Yf8o"):
    return (
        f"a=ice-ufrag:{ufrag}\r\na=ice-pwd:BkTzbU3EtVEn0XKXZ3wA1pDb\r\n"
        f"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n{CANDIDATE}a=end-of-candidates\r\n"
    )


def problem_of(reply):
    """What the body of an error says."""
    assert reply.header("content-type") == "application/problem+json", reply
    told = json.loads(reply.body)
    assert told["status"] == reply.status
    assert told["title"] and told["detail"]
    return told["detail"]


# ---- the endpoint ----


def test_an_offer_makes_a_session(stream, session):
    assert session.status == 201
    assert session.header("content-type") == SDP
    assert re.fullmatch(r'"[^"]+"', session.header("etag"))
    assert session.header("accept-patch") == FRAGMENT
    assert stream.session_of(session).startswith(f"{stream.url}/")
    assert whep_offer.accepted(session.body.decode()) == {"audio", "video"}
    assert b"a=sendonly" in session.body


def test_headers_can_be_read_by_pages_of_other_sites(session):
    assert session.header("access-control-allow-origin") == "*"
    exposed = {name.strip().lower() for name in session.header("access-control-expose-headers").split(",")}
    assert {"location", "etag", "link"} <= exposed or exposed == {"*"}


def test_sessions_differ_in_name_and_credentials(stream):
    replies = [stream.join() for _ in range(20)]
    assert len({reply.header("location") for reply in replies}) == 20
    assert len({whep_offer.attribute(reply.body.decode(), "ice-pwd") for reply in replies}) == 20
    for reply in replies:
        assert ask("DELETE", stream.session_of(reply)).status == 200


def test_options_say_what_may_be_asked_of_the_endpoint(stream):
    reply = ask("OPTIONS", stream.url, origin="http://example.net", access_control_request_method="POST")
    assert reply.status in (200, 204)
    assert reply.header("accept-post") == SDP
    assert "POST" in reply.header("allow")
    assert reply.header("access-control-allow-origin") == "*"
    assert "POST" in reply.header("access-control-allow-methods")
    allowed = reply.header("access-control-allow-headers").lower()
    assert {"content-type", "authorization", "if-match"} <= {name.strip() for name in allowed.split(",")}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_what_the_endpoint_takes(stream, method):
    reply = ask(method, stream.url)
    assert reply.status == 405
    assert "POST" in reply.header("allow")
    problem_of(reply)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_what_is_no_offer_by_its_type_is_told_which_type_is(stream, content_type):
    reply = stream.join(content_type=content_type)
    assert reply.status == 415
    assert reply.header("accept-post") == SDP
    problem_of(reply)


def test_the_type_may_have_parameters_and_any_case(stream):
    reply = stream.join(content_type="Application/SDP; charset=utf-8")
    assert ask("DELETE", stream.session_of(reply)).status == 200


UNREADABLE = {
    "nothing": b"",
    "text": b"hello\r\n" * 100,
    "zeros": bytes(5000),
    "JSON": b'{"type": "offer", "sdp": "v=0"}',
    "no media": b"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
    "a megabyte of one attribute": b"v=0\r\na=" + b"x" * (1 << 20),
    "a megabyte, all but": b"v=0\r\n" + b"a=candidate:x\r\n" * 65000,
    "10000 sections": (whep_offer.offer() + whep_offer.section("video", 9).replace("\n", "\r\n") * 10000).encode(),
    "10000 short sections": whep_offer.offer().encode() + b"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 10000,
    "no fingerprint": re.sub("a=fingerprint.*\r\n", "", whep_offer.offer()).encode(),
    "no credentials": re.sub("a=ice-.*\r\n", "", whep_offer.offer()).encode(),
    "a stream to send us": whep_offer.offer().replace("a=recvonly", "a=sendonly").encode(),
    "no codec in common": whep_offer.offer().replace("opus", "nothing").replace("VP8", "VP1").encode(),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_offer_that_cannot_be_used_is_refused_with_the_reason(stream, name):
    reply = stream.join(UNREADABLE[name])
    assert 400 <= reply.status < 500, reply
    if reply.status != 413:  # which ends the request before its body is read
        problem_of(reply)
    assert ask("DELETE", stream.session_of(stream.join())).status == 200, "the next one is served"


def test_an_offer_cut_anywhere_harms_nobody(stream):
    text = whep_offer.offer().encode()
    for length in range(0, len(text), 37):
        reply = stream.join(text[:length])
        if reply.status == 201:
            ask("DELETE", stream.session_of(reply))
        else:
            assert 400 <= reply.status < 500, f"the first {length} bytes: {reply}"


# ---- a session ----


def test_a_session_is_deleted_once(stream):
    url = stream.session_of(stream.join())
    assert ask("DELETE", url).status == 200
    for method in ("DELETE", "PATCH"):
        gone = ask(method, url, fragment() if method == "PATCH" else None, content_type=FRAGMENT, if_match="*")
        assert gone.status == 404
        problem_of(gone)


@pytest.mark.parametrize("name", ["0" * 32, "x", "0" * 31, "%2F", "../whep/" + "0" * 32, "0" * 5000])
def test_a_session_that_never_was_is_not_found(stream, name):
    assert ask("DELETE", f"{stream.url}/{name}").status == 404


def test_options_say_what_may_be_asked_of_a_session(stream, session):
    reply = ask("OPTIONS", stream.session_of(session), origin="http://example.net")
    assert reply.status in (200, 204)
    assert reply.header("accept-patch") == FRAGMENT
    assert {"PATCH", "DELETE"} <= {name.strip() for name in reply.header("allow").split(",")}
    assert {"PATCH", "DELETE"} <= {n.strip() for n in reply.header("access-control-allow-methods").split(",")}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_other_methods_are_told_what_a_session_takes(stream, session, method):
    reply = ask(method, stream.session_of(session), content_type=SDP)
    assert reply.status == 405
    assert {"PATCH", "DELETE"} <= {name.strip() for name in reply.header("allow").split(",")}


def test_trickled_candidates_are_taken(stream, session):
    reply = ask(
        "PATCH", stream.session_of(session), fragment(), content_type=FRAGMENT, if_match=session.header("etag")
    )
    assert reply.status == 204
    assert reply.body == b""


def test_a_patch_that_names_no_ice_session_is_told_to(stream, session):
    reply = ask("PATCH", stream.session_of(session), fragment(), content_type=FRAGMENT)
    assert reply.status == 428
    assert "If-Match" in problem_of(reply)


def test_a_patch_of_another_ice_session_is_refused(stream, session):
    reply = ask("PATCH", stream.session_of(session), fragment(), content_type=FRAGMENT, if_match='"another"')
    assert reply.status == 412
    problem_of(reply)


def test_a_patch_of_another_type_is_told_which(stream, session):
    reply = ask("PATCH", stream.session_of(session), fragment(), content_type=SDP, if_match="*")
    assert reply.status == 415
    assert reply.header("accept-patch") == FRAGMENT


@pytest.mark.parametrize("body", [b"\x00" * 100, b"a=candidate:" * 10000], ids=["zeros", "120 kB"])
def test_a_fragment_that_is_none_is_refused_and_the_session_goes_on(stream, session, body):
    url = stream.session_of(session)
    reply = ask("PATCH", url, body, content_type=FRAGMENT, if_match="*")
    assert 400 <= reply.status < 500, reply
    assert ask("PATCH", url, fragment(), content_type=FRAGMENT, if_match=session.header("etag")).status == 204


def test_an_ice_restart_gives_new_credentials_which_checks_are_answered_by(stream, session):
    url, before = stream.session_of(session), session.body.decode()
    assert answers_checks(stream, "Yf8o", before)
    reply = ask("PATCH", url, fragment("9uB6"), content_type=FRAGMENT, if_match="*")
    assert reply.status == 200
    assert reply.header("content-type") == FRAGMENT
    after = reply.body.decode()
    for name in ("ice-ufrag", "ice-pwd"):
        assert whep_offer.attribute(after, name) != whep_offer.attribute(before, name)
    assert reply.header("etag") != session.header("etag")
    assert answers_checks(stream, "9uB6", after)
    old = ask("PATCH", url, fragment("9uB6"), content_type=FRAGMENT, if_match=session.header("etag"))
    assert old.status == 412, "the ICE session that was is not the one that is"
    assert ask("PATCH", url, fragment("9uB6"), content_type=FRAGMENT, if_match=reply.header("etag")).status == 204


def answers_checks(stream, ours, sdp):
    """Whether the sink answers a connectivity check with the credentials in its answer or fragment."""
    username = f"{whep_offer.attribute(sdp, 'ice-ufrag')}:{ours}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(10)
        transaction = b"a transactio"
        peer.sendto(
            stun.check(username, whep_offer.attribute(sdp, "ice-pwd"), transaction), ("127.0.0.1", stream.udp_port)
        )
        return stun.is_success(peer.recv(2048), transaction)


# ---- who may watch, and how many ----


def test_more_viewers_than_may_are_told_to_try_later():
    with Stream(VP8, max_viewers=2) as stream:
        first, second = stream.join(), stream.join()
        refused = stream.join()
        assert refused.status == 503
        assert int(refused.header("retry-after")) > 0
        problem_of(refused)
        ask("DELETE", stream.session_of(first))
        assert stream.join().status == 201, "a place that was left is free"
        assert second.status == 201


def test_before_the_first_frame_viewers_are_told_to_try_again():
    stream = Stream("appsrc is-live=true ! rtc.video_0")
    stream.start()
    try:
        reply = wait_for(lambda: answer_of(stream), 20, "the endpoint answers")
        assert reply.status == 503
        assert int(reply.header("retry-after")) > 0
        problem_of(reply)
    finally:
        stream.stop()


def answer_of(stream):
    try:
        return stream.join()
    except OSError:
        return None


def test_an_application_says_who_may_watch():
    with Stream(VP8) as stream:
        asked = []

        def authorize(_, request):
            asked.append({name: request.get_value(name) for name in ("path", "protocol", "token")})
            return request.get_value("token") == "right"

        stream.sink.connect("authorize", authorize)
        nobody = stream.join()
        assert nobody.status == 401
        assert nobody.header("www-authenticate").startswith("Bearer")
        problem_of(nobody)
        wrong = stream.join(authorization="Bearer wrong")
        assert wrong.status == 403
        problem_of(wrong)
        assert stream.join(authorization="Bearer right").status == 201
        one = {"path": "live/test", "protocol": "whep"}
        assert asked == [{**one, "token": token} for token in ("", "wrong", "right")]
        assert stream.stats()["sessions"] == 1


def test_ice_servers_are_told_in_links():
    servers = "stun://stun.example.net:3478, turn://user:secret@turn.example.net?transport=udp"
    with Stream(VP8, ice_servers=servers) as stream:
        for reply in (stream.join(), ask("OPTIONS", stream.url)):
            stun_link, turn_link = reply.all("link")
            assert stun_link == '<stun:stun.example.net:3478>; rel="ice-server"'
            assert turn_link.startswith('<turn:turn.example.net?transport=udp>; rel="ice-server"')
            assert 'username="user"' in turn_link
            assert 'credential="secret"' in turn_link


# ---- streams that cannot be, and streams that end ----

# Through a file format, as what no encoder is asked about comes: it would choose what the sink can show.
UNASKED = (
    "key-int-max=30 ! h264parse ! flvmux streamable=true ! flvdemux name=file file.video ! h264parse ! rtc.video_0"
)
UNPLAYABLE = {
    "B-frames": (f"{CAMERA},format=I420 ! x264enc bframes=2 b-adapt=false {UNASKED}", "B-frames"),
    "4:4:4": (f"{CAMERA},format=Y444 ! x264enc tune=zerolatency {UNASKED}", "4:2:0"),
}


@pytest.mark.parametrize("name", UNPLAYABLE)
def test_video_that_browsers_cannot_show_is_one_warning_and_viewers_are_told_why(name):
    branch, what_to_do = UNPLAYABLE[name]
    stream = Stream(f"{branch} {OPUS}").start()
    try:
        warning = stream.message(WARNING)
        assert "live/test" in warning
        assert what_to_do in warning
        told = stream.join()
        assert told.status == 406
        assert what_to_do in problem_of(told)
        stream.wait_buffers("video_0", 30)
        assert stream.said() == [], "it is said once"
    finally:
        stream.stop()


def test_the_end_of_the_stream_ends_its_sessions():
    with Stream(f"{VP8} {OPUS}") as stream:
        session = stream.session_of(stream.join())
        stream.end()
        stream.wait_stats(lambda stats: stats["sessions"] == 0, 20, "no sessions after the end")
        assert ask("DELETE", session).status == 404
        assert stream.join().status == 503


def test_a_sink_that_is_stopped_is_gone_and_can_be_started_again():
    with Stream(VP8) as stream:
        session = stream.session_of(stream.join())
        stream.stop()
        with pytest.raises(OSError):
            ask("DELETE", session)
        stream.start().wait_ready()
        assert stream.join().status == 201


def test_two_sinks_of_one_path_are_an_error_that_names_the_path():
    with Stream(VP8) as first:
        second = Stream(VP8, http_port=first.http_port)
        second.start()
        error = second.message(ERROR)
        second.stop()
        assert "live/test" in error
        assert first.join().status == 201


def test_a_udp_port_in_use_is_an_error_that_names_it():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        stream = Stream(VP8, udp_port=port)
        stream.start()
        error = stream.message(ERROR)
        stream.stop()
        assert str(port) in error


def test_sinks_of_different_paths_share_both_ports():
    with Stream(VP8, path="live/a") as first:
        with Stream(OPUS, path="live/b", http_port=first.http_port, udp_port=first.udp_port) as second:
            assert whep_offer.accepted(second.join().body.decode()) == {"audio"}
            assert whep_offer.accepted(first.join().body.decode()) == {"video"}
        assert first.join().status == 201


@pytest.mark.parametrize(
    "setting",
    [{"path": ""}, {"advertise": "nowhere at all"}, {"ice_servers": "http://example.net"}, {"udp_listen": "x:y"}],
    ids=["no path", "advertise", "ice-servers", "udp-listen"],
)
def test_a_setting_that_makes_no_sense_is_an_error_that_names_it(setting):
    stream = Stream(VP8, **setting)
    stream.start()
    error = stream.message(ERROR)
    stream.stop()
    assert error
    name = next(iter(setting)).replace("_", "-")
    assert name in error or (setting[next(iter(setting))] or name) in error


def test_a_thousand_offers_that_nobody_follows_up_leave_nothing():
    with Stream(VP8) as stream:
        for _ in range(1000):
            assert stream.join().status == 201
        assert stream.stats()["sessions"] > 0
        stream.wait_stats(lambda stats: stats["sessions"] == 0, 40, "all sessions have expired")
        assert stream.stats()["joined"] == 0
        assert stream.join().status == 201
