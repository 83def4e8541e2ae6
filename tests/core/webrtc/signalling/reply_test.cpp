// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/signalling/reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "webrtc/core/sdp/ice_fragment.hpp"

namespace millrace::webrtc {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(SignallingReply, AViewerThatJoinedLearnsWhereItsSessionIs) {
    const std::vector<IceServer> servers{{"stun:stun.example.net", "", ""},
                                         {"turn:turn.example.net?transport=udp", "a\"b", "secret\r\n"}};
    auto reply = joined("/live/cam1/whep/00ff", "abc", "v=0\r\n", servers);
    EXPECT_EQ(reply.status, 201U);
    EXPECT_EQ(reply.body, "v=0\r\n");
    EXPECT_THAT(reply.headers, Contains(Pair("Content-Type", "application/sdp")));
    EXPECT_THAT(reply.headers, Contains(Pair("Location", "/live/cam1/whep/00ff")));
    EXPECT_THAT(reply.headers, Contains(Pair("ETag", "\"abc\"")));
    EXPECT_THAT(reply.headers, Contains(Pair("Link", "<stun:stun.example.net>; rel=\"ice-server\"")));
    EXPECT_THAT(reply.headers,
                Contains(Pair("Link",
                              "<turn:turn.example.net?transport=udp>; rel=\"ice-server\"; username=\"a\\\"b\"; "
                              "credential=\"secret\"; credential-type=\"password\"")));
}

TEST(SignallingReply, AProblemIsJsonWhateverItSays) {
    auto reply = problem(503, "Full", "a \"quote\", a \\ and a line\nbreak");
    EXPECT_EQ(reply.status, 503U);
    EXPECT_THAT(reply.headers, Contains(Pair("Content-Type", "application/problem+json")));
    EXPECT_EQ(reply.body,
              "{\"status\": 503, \"title\": \"Full\", \"detail\": \"a \\\"quote\\\", a \\\\ and a line break\"}\n");
}

TEST(IceFragment, ARestartIsAnsweredWithNewCredentialsForTheBundle) {
    Answer answer;
    answer.sections.push_back({.kind = "video", .protocol = "UDP/TLS/RTP/SAVPF", .mid = "0"});  // rejected
    answer.sections.push_back({.kind = "audio", .protocol = "UDP/TLS/RTP/SAVPF", .mid = "1", .served = ServedMedia{}});
    const LocalTransport local{.ufrag = "newfrag",
                               .password = "a-password-of-24-charact",
                               .candidates = {{.address = "192.0.2.7", .port = 8189}}};
    auto text = ice_fragment_text(transport_section(answer), local);
    EXPECT_THAT(text, HasSubstr("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:1\r\na=ice-ufrag:newfrag\r\n"));
    EXPECT_THAT(text, HasSubstr(" 192.0.2.7 8189 typ host\r\na=end-of-candidates\r\n"));
    EXPECT_THAT(text, Not(HasSubstr("m=video")));
    auto read = parse_ice_fragment(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->ufrag, "newfrag");
    EXPECT_EQ(read->candidates, 1U);
}

TEST(Reply, TellsPagesWhichRenditionsThereAre) {
    SignallingReply reply = joined("/live/whep/1", "etag", "v=0", {});
    const std::vector<RenditionName> names{{"720p", 2'500'000}, {"a; b,c", 0}};
    add_renditions(reply, names);
    std::string list;
    std::string exposed;
    for (const auto& [name, value] : reply.headers) {
        if (name == "Millrace-Renditions") list = value;
        if (name == "Access-Control-Expose-Headers") exposed = value;
    }
    EXPECT_EQ(list, "720p;bitrate=2500000, a%3B%20b%2Cc;bitrate=0");
    for (const char* name : {"Millrace-Renditions", "Location", "Link", "ETag"})
        EXPECT_NE(exposed.find(name), std::string::npos) << name;
}

}  // namespace
}  // namespace millrace::webrtc
