// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/core/rendition_list.hpp"

#include <gtest/gtest.h>

namespace millrace::ladder {
namespace {

std::vector<std::string> names_of(const std::vector<RenditionRequest>& list) {
    std::vector<std::string> names;
    for (const auto& request : list) names.push_back(request.name);
    return names;
}

TEST(RenditionList, EveryFormIsRead) {
    const auto list = parse_renditions("copy, 720p@2500k ,640x360@800k,720p60@4M,480p30@1.25M:av1,360p@800000:h265");
    ASSERT_TRUE(list) << list.error().what;
    const std::vector<RenditionRequest> expected{
        {.name = "copy", .copy = true},
        {.name = "720p", .height = 720, .bitrate = 2'500'000},
        {.name = "640x360", .width = 640, .height = 360, .bitrate = 800'000},
        {.name = "720p60", .height = 720, .frame_rate = 60, .bitrate = 4'000'000},
        {.name = "480p30", .height = 480, .frame_rate = 30, .bitrate = 1'250'000, .codec = codec::Codec::av1},
        {.name = "360p", .height = 360, .bitrate = 800'000, .codec = codec::Codec::h265},
    };
    EXPECT_EQ(*list, expected);
}

TEST(RenditionList, TwoOfOneSizeHaveTwoNames) {
    const auto list = parse_renditions("720p@2500k,720p@1500k:h265,720p@900k,720p@900k");
    ASSERT_TRUE(list) << list.error().what;
    EXPECT_EQ(names_of(*list), (std::vector<std::string>{"720p", "720p-h265", "720p-900k", "720p-900k-2"}));
}

struct Wrong {
    const char* text;
    const char* said;
};

class WrongRenditions : public testing::TestWithParam<Wrong> {};

TEST_P(WrongRenditions, AreRefusedWithTheReason) {
    const auto list = parse_renditions(GetParam().text);
    ASSERT_FALSE(list);
    EXPECT_EQ(list.error().fault, Fault::bad_input);
    EXPECT_NE(list.error().what.find(GetParam().said), std::string::npos) << list.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongRenditions,
    testing::Values(Wrong{"", "no rendition"}, Wrong{" , ,", "no rendition"}, Wrong{"720p", "'720p' has no bitrate"},
                    Wrong{"copy,big@2M", "'big@2M' has no size"}, Wrong{"720@2M", "has no size"},
                    Wrong{"720p@fast", "no bitrate that can be read"}, Wrong{"720p@2.5", "bitrate that is not from"},
                    Wrong{"720p@2M:vp8", "names no codec"}, Wrong{"copy,copy", "twice"}, Wrong{"8p@2M", "16 to 8192"},
                    Wrong{"100000x100@2M", "16 to 8192"}, Wrong{"720p999@2M", "240 frames"},
                    Wrong{"720p0@2M", "has no size"}, Wrong{"720p@1k", "10k to 200M"},
                    Wrong{"720p@999999M", "10k to 200M"}, Wrong{"99999999999999999999p@2M", "has no size"},
                    Wrong{"1x@1M", "has no size"},
                    Wrong{"90p@1M,91p@1M,92p@1M,93p@1M,94p@1M,95p@1M,96p@1M,97p@1M,98p@1M", "more than eight"}));

}  // namespace
}  // namespace millrace::ladder
