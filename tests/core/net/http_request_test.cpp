// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/http_request.hpp"

#include <gtest/gtest.h>

#include "common/net/mount_table.hpp"

namespace millrace::net {
namespace {

HttpRequest request_for(std::string_view target, std::string method = "GET") {
    HttpRequest request;
    request.method = std::move(method);
    EXPECT_TRUE(request.set_target(target)) << target;
    return request;
}

struct Target {
    const char* sent;
    const char* path;
    const char* query;
};

TEST(RequestTarget, BecomesACleanPathAndTheQueryAsItCame) {
    for (auto [sent, path, query] :
         {Target{"/", "/", ""}, Target{"/live/cam1/", "/live/cam1/", ""}, Target{"/live//cam1", "/live/cam1", ""},
          Target{"///", "/", ""}, Target{"/a%20b?c=%20d?e", "/a b", "c=%20d?e"},
          Target{"/caf%C3%A9", "/caf\xC3\xA9", ""}, Target{"/..a/b..", "/..a/b..", ""}, Target{"/?", "/", ""},
          Target{"http://host:8080/a?b", "/a", "b"}, Target{"http://host", "/", ""}}) {
        auto request = request_for(sent);
        EXPECT_EQ(request.path, path) << sent;
        EXPECT_EQ(request.query, query) << sent;
    }
}

TEST(RequestTarget, IsRefusedWhenItClimbsOrHidesSomething) {
    HttpRequest request;
    request.method = "GET";
    for (const char* target : {"", "x", "*", "/..", "/../x", "/a/../b", "/a/.", "/%2e%2e/x", "/a/%2E", "/a%2f..", "/%",
                               "/%4", "/%zz", "/%00", "/%0d%0a", "/a\tb", "/\x7f", "http://host?x"})
        EXPECT_FALSE(request.set_target(target)) << target;
}

TEST(RequestTarget, AsteriskIsForOptionsAlone) {
    EXPECT_EQ(request_for("*", "OPTIONS").path, "/");
}

TEST(RequestHeaders, OfOneNameAreJoinedAndFoundInAnyCase) {
    HttpRequest request;
    request.add_header("Accept-Encoding", "gzip");
    request.add_header("ACCEPT-encoding", "br");
    request.add_header("Cookie", "a=1");
    request.add_header("cookie", "b=2");
    EXPECT_EQ(request.header("accept-Encoding"), "gzip, br");
    EXPECT_EQ(request.header("cookie"), "a=1; b=2");
    EXPECT_EQ(request.header("range"), "");
    EXPECT_EQ(request.headers.size(), 2U);
}

struct Nobody : HttpHandler {
    void handle(HttpExchange) override {}
};

std::shared_ptr<Mounted> somebody() {
    return std::make_shared<Mounted>(std::make_shared<Nobody>());
}

TEST(MountTable, TheLongestPrefixInWholeSegmentsWins) {
    MountTable table;
    auto root = somebody();
    auto live = somebody();
    auto cam1 = somebody();
    ASSERT_TRUE(table.add(MountTable::normal_prefix("/live/cam1/"), cam1));
    ASSERT_TRUE(table.add(MountTable::normal_prefix("live"), live));
    EXPECT_EQ(table.find("/other"), nullptr);
    ASSERT_TRUE(table.add(MountTable::normal_prefix("/"), root));
    EXPECT_EQ(table.find("/live/cam1/index.m3u8"), cam1);
    EXPECT_EQ(table.find("/live/cam1"), cam1);
    EXPECT_EQ(table.find("/live/cam10/index.m3u8"), live);
    EXPECT_EQ(table.find("/live"), live);
    EXPECT_EQ(table.find("/liver"), root);
    EXPECT_EQ(table.find("/"), root);
}

TEST(MountTable, APrefixHasOneHandlerUntilItIsRemoved) {
    MountTable table;
    auto first = somebody();
    ASSERT_TRUE(table.add("/a", first));
    EXPECT_FALSE(table.add("/a", somebody()));
    EXPECT_EQ(table.find("/a/b"), first);
    table.remove("/a");
    EXPECT_EQ(table.find("/a/b"), nullptr);
    EXPECT_TRUE(table.add("/a", somebody()));
}

}  // namespace
}  // namespace millrace::net
