// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/signalling/ice_servers.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

std::string read(std::string_view list) {
    auto servers = parse_ice_servers(list);
    if (!servers) return servers.error().what;
    std::string text;
    for (const IceServer& server : *servers)
        text += server.url + " " + server.username + " " + server.credential + "\n";
    return text;
}

TEST(IceServers, OfAListComeInItsOrder) {
    EXPECT_EQ(read(""), "");
    EXPECT_EQ(read("stun://stun.example.net"), "stun:stun.example.net  \n");
    EXPECT_EQ(read("stun://a:3478, stuns://b turn://u:p@c:3478?transport=tcp,turns://u:p@[2001:db8::1]:5349"),
              "stun:a:3478  \nstuns:b  \nturn:c:3478?transport=tcp u p\nturns:[2001:db8::1]:5349 u p\n");
}

TEST(IceServers, APasswordMayHaveWhatSeparatesElsewhere) {
    EXPECT_EQ(read("turn://1700000000:user:p@ss:word@host"), "turn:host 1700000000 user:p@ss:word\n");
    EXPECT_EQ(read("turn://user:@host"), "turn:host user \n");
}

class NotAServer : public testing::TestWithParam<const char*> {};

TEST_P(NotAServer, IsNamed) {
    auto servers = parse_ice_servers(GetParam());
    ASSERT_FALSE(servers);
    EXPECT_EQ(servers.error().fault, Fault::bad_input);
    EXPECT_NE(servers.error().what.find("turn://USER:PASSWORD@HOST:PORT"), std::string::npos) << servers.error().what;
}

INSTANTIATE_TEST_SUITE_P(Table, NotAServer,
                         testing::Values("stun.example.net", "stun:stun.example.net", "http://a", "stun://",
                                         "turn://host", "turn://user@host", "turn://:p@host", "turn://u:p@",
                                         "stun://u:p@host", "stun://a\x01", "stun://<a>", "stun://\"a\"",
                                         "stun://good, bad"));

}  // namespace
}  // namespace millrace::webrtc
