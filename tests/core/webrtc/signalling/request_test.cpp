// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/signalling/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace millrace::webrtc {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

const std::string kSession = "0123456789abcdef0123456789abcdef";
const std::string kSessionResource = "whep/" + kSession;

SignallingIntent read(const SignallingRequest& request) {
    return read_signalling(request, kWhepEndpoint);
}

SignallingReply refusal(const SignallingRequest& request) {
    auto intent = read(request);
    auto* reply = std::get_if<SignallingReply>(&intent);
    EXPECT_NE(reply, nullptr);
    return reply ? *reply : SignallingReply{};
}

TEST(Signalling, APostedOfferIsAJoin) {
    for (const char* type : {"application/sdp", "Application/SDP", "application/sdp; charset=utf-8"}) {
        auto intent = read({.method = "POST", .resource = "whep", .content_type = type, .body = "v=0"});
        ASSERT_TRUE(std::holds_alternative<Join>(intent)) << type;
        EXPECT_EQ(std::get<Join>(intent).offer, "v=0");
        EXPECT_EQ(std::get<Join>(intent).token, "");
    }
}

TEST(Signalling, ABearersTokenIsTakenAlong) {
    auto token_of = [](std::string_view authorization) {
        auto intent = read(
            {.method = "POST", .resource = "whep", .content_type = "application/sdp", .authorization = authorization});
        return std::string(std::get<Join>(intent).token);
    };
    EXPECT_EQ(token_of("Bearer abc.def"), "abc.def");
    EXPECT_EQ(token_of("bearer   abc "), "abc");
    EXPECT_EQ(token_of("Basic abc"), "");
    EXPECT_EQ(token_of("Bearer"), "");
}

TEST(Signalling, AnOfferOfAnotherTypeIsRefusedWithTheTypeThatIsTaken) {
    auto reply = refusal({.method = "POST", .resource = "whep", .content_type = "text/plain", .body = "v=0"});
    EXPECT_EQ(reply.status, 415U);
    EXPECT_THAT(reply.headers, Contains(Pair("Accept-Post", "application/sdp")));
}

TEST(Signalling, OtherMethodsAreRefusedWithThoseThatAreAllowed) {
    for (const char* method : {"GET", "HEAD", "PUT", "PATCH", "DELETE"}) {
        auto reply = refusal({.method = method, .resource = "whep"});
        EXPECT_EQ(reply.status, 405U) << method;
        EXPECT_THAT(reply.headers, Contains(Pair("Allow", "POST, OPTIONS"))) << method;
    }
    for (const char* method : {"GET", "HEAD", "PUT", "POST"}) {
        auto reply = refusal({.method = method, .resource = kSessionResource});
        EXPECT_EQ(reply.status, 405U) << method;
        EXPECT_THAT(reply.headers, Contains(Pair("Allow", "PATCH, DELETE, OPTIONS"))) << method;
    }
}

TEST(Signalling, OptionsSayWhatMayBeSent) {
    EXPECT_THAT(refusal({.method = "OPTIONS", .resource = "whep"}).headers,
                Contains(Pair("Accept-Post", "application/sdp")));
    EXPECT_THAT(refusal({.method = "OPTIONS", .resource = kSessionResource}).headers,
                Contains(Pair("Accept-Patch", "application/trickle-ice-sdpfrag")));
}

TEST(Signalling, ASessionIsLeftByItsId) {
    auto intent = read({.method = "DELETE", .resource = kSessionResource});
    ASSERT_TRUE(std::holds_alternative<Leave>(intent));
    EXPECT_EQ(std::get<Leave>(intent).session, kSession);
}

TEST(Signalling, WhatIsNoSessionIsNotFound) {
    for (const std::string resource : {"whop", "whepx", "whep/", "whep/0", "whep/0123456789ABCDEF0123456789ABCDEF",
                                       "whep/../../etc/passwd0123456789ab", "index.m3u8"}) {
        EXPECT_FALSE(is_signalling(resource, kWhepEndpoint)) << resource;
        EXPECT_EQ(refusal({.method = "DELETE", .resource = resource}).status, 404U) << resource;
    }
    EXPECT_TRUE(is_signalling("whep", kWhepEndpoint));
    EXPECT_TRUE(is_signalling(kSessionResource, kWhepEndpoint));
}

TEST(Signalling, CandidatesAreCountedAndARestartIsSeen) {
    const std::string body =
        "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
        "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
        "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n"
        "a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host\r\na=end-of-candidates\r\n";
    auto intent = read({.method = "PATCH",
                        .resource = kSessionResource,
                        .content_type = "application/trickle-ice-sdpfrag",
                        .if_match = "\"xyz\"",
                        .body = body});
    ASSERT_TRUE(std::holds_alternative<Patch>(intent));
    const Patch& patch = std::get<Patch>(intent);
    EXPECT_EQ(patch.session, kSession);
    EXPECT_EQ(patch.if_match, "\"xyz\"");
    EXPECT_EQ(patch.fragment.ufrag, "EsAw");
    EXPECT_EQ(patch.fragment.password, "P2uYro0UCOQ4zxjKXaWCBui1");
    EXPECT_EQ(patch.fragment.candidates, 2U);
    EXPECT_TRUE(patch.fragment.complete);
}

TEST(Signalling, AFragmentThatIsNoneIsRefusedWithTheReason) {
    auto patch = [](std::string_view type, const std::string& body) {
        return refusal({.method = "PATCH", .resource = kSessionResource, .content_type = type, .body = body});
    };
    EXPECT_EQ(patch("application/sdp", "a=mid:0\r\n").status, 415U);
    for (const std::string& body :
         {std::string("nonsense"), std::string("a=ice-ufrag:EsAw\r\n"),
          std::string("a=ice-ufrag:E w\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"),
          std::string("a=ice-ufrag:EsAw\r\na=ice-pwd:short\r\n"), std::string(kMaxFragment + 1, 'a')}) {
        auto reply = patch("application/trickle-ice-sdpfrag", body);
        EXPECT_EQ(reply.status, 400U) << body.substr(0, 60);
        EXPECT_THAT(reply.body, HasSubstr("\"detail\": \"")) << body.substr(0, 60);
    }
}

TEST(Signalling, TheRenditionIsWhatTheQueryNames) {
    SignallingRequest request{.method = "POST", .resource = "whep", .content_type = "application/sdp"};
    auto asked = [&](std::string_view query) {
        request.query = query;
        return std::get<Join>(read_signalling(request, kWhepEndpoint)).rendition;
    };
    EXPECT_EQ(asked(""), "");
    EXPECT_EQ(asked("rendition=720p"), "720p");
    EXPECT_EQ(asked("a=b&rendition=high%20%26%20wide%"), "high & wide%");
    EXPECT_EQ(asked("renditions=720p&rendition"), "");
}

}  // namespace
}  // namespace millrace::webrtc
