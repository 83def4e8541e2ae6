// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/stream_path.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

struct Good {
    const char* app;
    const char* stream;
    const char* path;
    const char* query;
};
class StreamPaths : public testing::TestWithParam<Good> {};
TEST_P(StreamPaths, KeepTheQueryApart) {
    auto named = stream_path(GetParam().app, GetParam().stream);
    ASSERT_TRUE(named) << named.error().what;
    EXPECT_EQ(named->path, GetParam().path);
    EXPECT_EQ(named->query, GetParam().query);
}
INSTANTIATE_TEST_SUITE_P(Table, StreamPaths,
                         testing::Values(Good{"live", "cam1", "live/cam1", ""},
                                         Good{"live/", "/cam1/", "live/cam1", ""},
                                         Good{"live", "cam1?token=x&b=1", "live/cam1", "token=x&b=1"},
                                         Good{"live?token=x", "cam1", "live/cam1", "token=x"},
                                         Good{"live/?a=1", "cam1?b=2", "live/cam1", "a=1&b=2"},
                                         Good{"live", "a/b/c", "live/a/b/c", ""}, Good{"", "cam1", "cam1", ""},
                                         Good{"live", "", "live", ""},
                                         Good{"live", "caf\xc3\xa9", "live/caf\xc3\xa9", ""}));

TEST(StreamPaths, ThatAreUnsafeAreRefused) {
    const std::string_view bad[] = {
        "",        "..",       "a/../b", "a//b", ".",        "a b",      "a\nb",         "a\\b",
        "a%2e%2e", "<script>", "a*",     "a#b",  "\xff\xfe", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"};
    for (std::string_view stream : bad) EXPECT_FALSE(stream_path("", stream)) << stream;
    EXPECT_FALSE(stream_path("..", "cam1"));
    EXPECT_FALSE(stream_path("live", std::string(300, 'a')));
    EXPECT_FALSE(stream_path("live", std::string_view("a\0b", 3)));
}

TEST(Legible, TextFromAPeerIsValidAndShort) {
    EXPECT_EQ(legible("h\xc3\xa9llo"), "h\xc3\xa9llo");
    EXPECT_EQ(legible("a\x1b[31m\xff"), "a?[31m?");
    EXPECT_EQ(legible(std::string(10'000, 'a')).size(), 512U);
    EXPECT_EQ(legible("\xe2\x82"), "??");
}

}  // namespace
}  // namespace millrace::rtmp
