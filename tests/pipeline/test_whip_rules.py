# SPDX-License-Identifier: LGPL-2.1-or-later
"""WHIP over plain HTTP (RFC 9725): what a publisher may ask, with the answer the rules give it."""

import json
import re
import socket

import pytest
import stun
import whep_offer
from whip_source import ERROR, Source, ask

SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
OFFER = whep_offer.offer(direction="sendonly")


@pytest.fixture(scope="module")
def source():
    """One for the tests that only ask; each ends the sessions it makes."""
    with Source() as running:
        yield running


@pytest.fixture
def session(source):
    """The reply to a publisher's offer; its session ends with the test."""
    reply = source.publish()
    yield reply
    ask("DELETE", source.session_of(reply))


def fragment(ufrag="Yf8o"):
    return (
        f"a=ice-ufrag:{ufrag}\r\na=ice-pwd:BkTzbU3EtVEn0XKXZ3wA1pDb\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 UDP 2130706431 192.0.2.7 50000 typ host\r\n"
    )


def problem_of(reply):
    """What the body of an error says."""
    assert reply.header("content-type") == "application/problem+json", reply
    told = json.loads(reply.body)
    assert told["status"] == reply.status
    assert told["title"] and told["detail"]
    return told["detail"]


def names_in(header):
    return {name.strip().lower() for name in header.split(",")}


# ---- the endpoint ----


def test_an_offer_makes_a_session(source, session):
    assert session.status == 201
    assert session.header("content-type") == SDP
    assert re.fullmatch(r'"[^"]+"', session.header("etag"))
    assert session.header("accept-patch") == FRAGMENT
    assert source.session_of(session).startswith(f"{source.url}/")
    answer = session.body.decode()
    assert whep_offer.accepted(answer) == {"audio", "video"}
    assert "a=recvonly" in answer
    assert whep_offer.attribute(answer, "setup") == "passive"
    assert session.header("access-control-allow-origin") == "*"
    assert {"location", "etag", "link"} <= names_in(session.header("access-control-expose-headers"))


def test_options_say_what_may_be_asked_of_the_endpoint(source):
    reply = ask("OPTIONS", source.url, origin="http://example.net", access_control_request_method="POST")
    assert reply.status in (200, 204)
    assert reply.header("accept-post") == SDP
    assert "post" in names_in(reply.header("allow"))
    assert "post" in names_in(reply.header("access-control-allow-methods"))
    assert {"content-type", "authorization", "if-match"} <= names_in(reply.header("access-control-allow-headers"))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_what_the_endpoint_takes(source, method):
    reply = ask(method, source.url)
    assert reply.status == 405
    assert "post" in names_in(reply.header("allow"))
    problem_of(reply)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_what_is_no_offer_by_its_type_is_told_which_type_is(source, content_type):
    reply = source.publish(content_type=content_type)
    assert reply.status == 415
    assert reply.header("accept-post") == SDP
    problem_of(reply)


def test_an_offer_of_no_codec_in_common_is_told_which_are_taken(source):
    reply = source.publish(re.sub("VP8|VP9|H264|H265|opus", "other", OFFER))
    assert reply.status == 406
    assert "H264" in problem_of(reply)
    assert "VP8" in problem_of(reply)


def test_an_offer_that_sends_nothing_is_refused(source):
    reply = source.publish(whep_offer.offer())
    assert 400 <= reply.status < 500
    assert "sendonly" in problem_of(reply)


def test_what_is_not_taken_of_an_offer_is_rejected_in_its_section(source):
    reply = source.publish(OFFER.replace("opus", "other"))
    assert whep_offer.accepted(reply.body.decode()) == {"video"}
    assert ask("DELETE", source.session_of(reply)).status == 200


# ---- a session ----


def test_a_session_is_deleted_once_and_the_path_is_free_at_once(source):
    for _ in range(20):
        url = source.session_of(source.publish())
        assert ask("DELETE", url).status == 200
        gone = ask("DELETE", url)
        assert gone.status == 404
        problem_of(gone)
        assert ask("PATCH", url, fragment(), content_type=FRAGMENT, if_match="*").status == 404


@pytest.mark.parametrize("name", ["0" * 32, "x", "%2F", "0" * 5000])
def test_a_session_that_never_was_is_not_found(source, session, name):
    assert ask("DELETE", f"{source.url}/{name}").status == 404


def test_options_say_what_may_be_asked_of_a_session(source, session):
    reply = ask("OPTIONS", source.session_of(session), origin="http://example.net")
    assert reply.status in (200, 204)
    assert reply.header("accept-patch") == FRAGMENT
    assert {"patch", "delete"} <= names_in(reply.header("allow"))


def test_trickled_candidates_are_taken(source, session):
    url, etag = source.session_of(session), session.header("etag")
    reply = ask("PATCH", url, fragment(), content_type=FRAGMENT, if_match=etag)
    assert reply.status == 204
    assert reply.body == b""


def test_a_patch_names_the_ice_session_that_is(source, session):
    url = source.session_of(session)
    unnamed = ask("PATCH", url, fragment(), content_type=FRAGMENT)
    assert unnamed.status == 428
    assert "If-Match" in problem_of(unnamed)
    another = ask("PATCH", url, fragment(), content_type=FRAGMENT, if_match='"another"')
    assert another.status == 412
    problem_of(another)


def test_a_patch_of_another_type_is_told_which(source, session):
    reply = ask("PATCH", source.session_of(session), fragment(), content_type=SDP, if_match="*")
    assert reply.status == 415
    assert reply.header("accept-patch") == FRAGMENT


def test_an_ice_restart_gives_new_credentials_which_checks_are_answered_by(source, session):
    url, before = source.session_of(session), session.body.decode()
    assert answers_checks(source, "Yf8o", before)
    reply = ask("PATCH", url, fragment("9uB6"), content_type=FRAGMENT, if_match="*")
    assert reply.status == 200
    assert reply.header("content-type") == FRAGMENT
    after = reply.body.decode()
    for name in ("ice-ufrag", "ice-pwd"):
        assert whep_offer.attribute(after, name) != whep_offer.attribute(before, name)
    assert reply.header("etag") != session.header("etag")
    assert answers_checks(source, "9uB6", after)
    old = ask("PATCH", url, fragment("9uB6"), content_type=FRAGMENT, if_match=session.header("etag"))
    assert old.status == 412


def answers_checks(source, ours, sdp):
    """Whether the source answers a connectivity check with the credentials in its answer or fragment."""
    username = f"{whep_offer.attribute(sdp, 'ice-ufrag')}:{ours}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(10)
        transaction = b"a transactio"
        check = stun.check(username, whep_offer.attribute(sdp, "ice-pwd"), transaction)
        peer.sendto(check, ("127.0.0.1", source.udp_port))
        return stun.is_success(peer.recv(2048), transaction)


# ---- who may publish ----


def test_a_second_publisher_is_refused_and_the_first_stays(source, session):
    for _ in range(3):
        second = source.publish()
        assert second.status == 409
        problem_of(second)
    url, etag = source.session_of(session), session.header("etag")
    assert ask("PATCH", url, fragment(), content_type=FRAGMENT, if_match=etag).status == 204


def test_a_path_that_nothing_takes_is_not_found(source):
    reply = source.publish_at("live/other")
    assert reply.status == 404
    assert "live/other" in problem_of(reply)


def test_a_session_is_known_under_its_own_path_alone(source, session):
    with Source(path="live/other", http_port=source.http_port, udp_port=source.udp_port) as other:
        name = source.session_of(session).rsplit("/", 1)[1]
        assert other.publish().status == 201
        assert ask("DELETE", f"{other.url}/{name}").status == 404
        assert ask("PATCH", f"{other.url}/{name}", fragment(), content_type=FRAGMENT, if_match="*").status == 404
    etag = session.header("etag")
    reply = ask("PATCH", source.session_of(session), fragment(), content_type=FRAGMENT, if_match=etag)
    assert reply.status == 204


def test_an_application_says_who_may_publish():
    with Source() as source:
        asked = []

        def authorize(_, request):
            asked.append({name: request.get_value(name) for name in ("path", "protocol", "token")})
            return request.get_value("token") == "right"

        source.element.connect("authorize", authorize)
        nobody = source.publish()
        assert nobody.status == 401
        assert nobody.header("www-authenticate").startswith("Bearer")
        problem_of(nobody)
        wrong = source.publish(authorization="Bearer wrong")
        assert wrong.status == 403
        problem_of(wrong)
        assert source.publish(authorization="Bearer right").status == 201
        one = {"path": "live/test", "protocol": "whip"}
        assert asked == [{**one, "token": token} for token in ("", "wrong", "right")]


def test_ice_servers_are_told_in_links():
    servers = "stun://stun.example.net:3478, turn://user:secret@turn.example.net?transport=udp"
    with Source(ice_servers=servers) as source:
        for reply in (ask("OPTIONS", source.url), source.publish()):
            stun_link, turn_link = reply.all("link")
            assert stun_link == '<stun:stun.example.net:3478>; rel="ice-server"'
            assert turn_link.startswith('<turn:turn.example.net?transport=udp>; rel="ice-server"')
            assert 'username="user"' in turn_link
            assert 'credential="secret"' in turn_link


def test_two_sources_of_one_path_are_an_error_that_names_the_path():
    with Source() as first:
        second = Source(http_port=first.http_port, udp_port=first.udp_port)
        second.start()
        error = second.message(ERROR)
        second.stop()
        assert "live/test" in error
        assert first.publish().status == 201


@pytest.mark.parametrize(
    "setting",
    [{"path": ""}, {"advertise": "nowhere at all"}, {"ice_servers": "http://x.net"}, {"codecs": "h264,theora"}],
    ids=["no path", "advertise", "ice-servers", "codecs"],
)
def test_a_setting_that_makes_no_sense_is_an_error_that_names_it(setting):
    source = Source(**setting)
    source.start()
    error = source.message(ERROR)
    source.stop()
    name, value = next(iter(setting.items()))
    assert name.replace("_", "-") in error or (value and value in error)
