// SPDX-License-Identifier: LGPL-2.1-or-later
// What is different at a WHIP endpoint: its words, and a URL that no stream is known for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "webrtc/core/signalling/request.hpp"

namespace millrace::webrtc {
namespace {

using testing::HasSubstr;

const std::string kSession = "0123456789abcdef0123456789abcdef";

std::string body_of(const SignallingRequest& request) {
    auto intent = read_signalling(request, kWhipEndpoint);
    auto* reply = std::get_if<SignallingReply>(&intent);
    return reply != nullptr ? reply->body : "";
}

TEST(WhipEndpoint, SaysThatOnePublishesThere) {
    EXPECT_THAT(body_of({.method = "GET", .resource = "whip"}), HasSubstr("to publish the stream"));
    EXPECT_THAT(body_of({.method = "POST", .resource = "whip/" + kSession}), HasSubstr("stop publishing"));
    EXPECT_THAT(body_of({.method = "GET", .resource = "whep"}), HasSubstr("no such session"));
}

TEST(WhipEndpoint, ReadsWhatPublishersSend) {
    auto join = read_signalling({.method = "POST",
                                 .resource = "whip",
                                 .content_type = "application/sdp",
                                 .authorization = "Bearer key",
                                 .body = "v=0"},
                                kWhipEndpoint);
    ASSERT_TRUE(std::holds_alternative<Join>(join));
    EXPECT_EQ(std::get<Join>(join).token, "key");
    auto leave = read_signalling({.method = "DELETE", .resource = "whip/" + kSession}, kWhipEndpoint);
    EXPECT_TRUE(std::holds_alternative<Leave>(leave));
}

TEST(SignallingTarget, IsTheEndOfThePath) {
    auto target = [](const std::string& path) {
        auto found = signalling_target(path, kWhipEndpoint);
        return found ? std::string(found->stream) + " | " + std::string(found->resource) : "none";
    };
    EXPECT_EQ(target("/live/cam1/whip"), "live/cam1 | whip");
    EXPECT_EQ(target("/live/cam1/whip/" + kSession), "live/cam1 | whip/" + kSession);
    EXPECT_EQ(target("/whip/whip"), "whip | whip");
    EXPECT_EQ(target("/whip/whip/" + kSession), "whip | whip/" + kSession);
    for (const std::string path :
         {"", "/", "/whip", "whip", "//whip", "/live/whep", "/live/awhip", "/live/whip/", "/live/whip/short"})
        EXPECT_EQ(target(path), "none") << path;
    EXPECT_EQ(target("/whip/" + kSession), "none") << "of no stream";
}

}  // namespace
}  // namespace millrace::webrtc
