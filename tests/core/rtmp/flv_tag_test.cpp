// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/flv_tag.hpp"

#include <gtest/gtest.h>

#include "tests/core/rtmp/client.hpp"

namespace millrace::rtmp {
namespace {

using codec::Codec;
using test::hex;
using test::unhex;
using Packet = FlvTag::Packet;

struct Row {
    const char* name;
    bool video;
    const char* bytes;
    Packet packet;
    std::optional<Codec> codec;
    bool key;
    int composition_ms;
    unsigned track;
    const char* media;
};
class Tags : public testing::TestWithParam<Row> {};

TEST_P(Tags, SayWhatTheMessageIs) {
    const Row& row = GetParam();
    Bytes message = unhex(row.bytes);
    auto tags = row.video ? read_video_tags(message) : read_audio_tags(message);
    ASSERT_TRUE(tags) << tags.error().what;
    ASSERT_EQ(tags->size(), 1U);
    const FlvTag& tag = tags->front();
    EXPECT_EQ(tag.packet, row.packet);
    EXPECT_EQ(tag.codec, row.codec);
    EXPECT_EQ(tag.key, row.key);
    EXPECT_EQ(tag.composition, std::chrono::milliseconds(row.composition_ms));
    EXPECT_EQ(tag.track, row.track);
    if (row.media) {
        EXPECT_EQ(hex(ByteView(message).subspan(tag.offset, tag.size)), row.media);
    }
}

constexpr Packet kConfiguration = Packet::configuration;
constexpr Packet kFrame = Packet::frame;
constexpr Packet kNothing = Packet::nothing;

INSTANTIATE_TEST_SUITE_P(
    Legacy, Tags,
    testing::Values(Row{"avcC", true, "17 00 000000 0164", kConfiguration, Codec::h264, true, 0, 0, "0164"},
                    Row{"key", true, "17 01 000042 aabb", kFrame, Codec::h264, true, 66, 0, "aabb"},
                    Row{"delta", true, "27 01 ffffd8 aabb", kFrame, Codec::h264, false, -40, 0, "aabb"},
                    Row{"latest", true, "27 01 800000 aa", kFrame, Codec::h264, false, -8388608, 0, "aa"},
                    Row{"end", true, "17 02 000000", kNothing, Codec::h264, true, 0, 0, nullptr},
                    Row{"hevc", true, "1c 01 000000 aa", kFrame, Codec::h265, true, 0, 0, "aa"},
                    Row{"sorenson", true, "12 aabb", kNothing, {}, true, 0, 0, nullptr},
                    Row{"asc", false, "af 00 1210", kConfiguration, Codec::aac, true, 0, 0, "1210"},
                    Row{"aac", false, "af 01 2110", kFrame, Codec::aac, true, 0, 0, "2110"},
                    Row{"mp3", false, "2f fffb", kFrame, Codec::mp3, true, 0, 0, "fffb"},
                    Row{"speex", false, "b2 00", kFrame, {}, true, 0, 0, nullptr}),
    [](const auto& info) { return std::string(info.param.name); });

// Enhanced RTMP v2. FourCCs: hvc1 68766331, av01 61763031, avc1 61766331, Opus 4f707573, mp4a 6d703461.
INSTANTIATE_TEST_SUITE_P(
    Enhanced, Tags,
    testing::Values(Row{"hvcC", true, "90 68766331 01", kConfiguration, Codec::h265, true, 0, 0, "01"},
                    Row{"hevc", true, "a1 68766331 ffffff aa", kFrame, Codec::h265, false, -1, 0, "aa"},
                    Row{"hevc_x", true, "93 68766331 aa", kFrame, Codec::h265, true, 0, 0, "aa"},
                    Row{"avc", true, "91 61766331 000021 aa", kFrame, Codec::h264, true, 33, 0, "aa"},
                    Row{"av1", true, "91 61763031 0a0b", kFrame, Codec::av1, true, 0, 0, "0a0b"},
                    Row{"vp9", true, "a1 76703039 0a", kFrame, Codec::vp9, false, 0, 0, "0a"},
                    Row{"end", true, "92 68766331", kNothing, Codec::h265, true, 0, 0, nullptr},
                    Row{"metadata", true, "94 68766331 02", kNothing, Codec::h265, true, 0, 0, nullptr},
                    Row{"unknown", true, "91 76766331 aa", kFrame, {}, true, 0, 0, nullptr},
                    Row{"audio_in_video", true, "91 4f707573 aa", kFrame, {}, true, 0, 0, nullptr},
                    Row{"mod_ex", true, "97 02 000102 01 68766331 000000 aa", kFrame, Codec::h265, true, 0, 0, "aa"},
                    Row{"one_track", true, "96 01 68766331 07 000000 aa", kFrame, Codec::h265, true, 0, 7, "aa"},
                    Row{"opus_head", false, "90 4f707573 aa", kConfiguration, Codec::opus, true, 0, 0, "aa"},
                    Row{"opus", false, "91 4f707573 aa", kFrame, Codec::opus, true, 0, 0, "aa"},
                    Row{"aac", false, "91 6d703461 aa", kFrame, Codec::aac, true, 0, 0, "aa"},
                    Row{"channels", false, "94 4f707573 aa", kNothing, Codec::opus, true, 0, 0, nullptr},
                    Row{"one_audio_track", false, "95 01 4f707573 03 aa", kFrame, Codec::opus, true, 0, 3, "aa"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Tags, OfSeveralTracksInOneMessageAreTakenApart) {
    Bytes message = unhex("96 11 68766331 00 000005 000000aaaa 01 000004 00000abb");
    auto tags = read_video_tags(message);
    ASSERT_TRUE(tags) << tags.error().what;
    ASSERT_EQ(tags->size(), 2U);
    EXPECT_EQ((*tags)[0].track, 0U);
    EXPECT_EQ(hex(ByteView(message).subspan((*tags)[0].offset, (*tags)[0].size)), "aaaa");
    EXPECT_EQ((*tags)[1].track, 1U);
    EXPECT_EQ((*tags)[1].composition, 10ms);
    EXPECT_EQ(hex(ByteView(message).subspan((*tags)[1].offset, (*tags)[1].size)), "bb");
}

TEST(Tags, OfSeveralTracksMayEachHaveTheirCodec) {
    auto tags = read_audio_tags(unhex("95 21 4f707573 00 000001 aa 6d703461 01 000001 bb"));
    ASSERT_TRUE(tags) << tags.error().what;
    ASSERT_EQ(tags->size(), 2U);
    EXPECT_EQ((*tags)[0].codec, Codec::opus);
    EXPECT_EQ((*tags)[1].codec, Codec::aac);
}

TEST(Tags, ASeekHintIsNoPicture) {
    EXPECT_TRUE(read_video_tags(unhex("57 00"))->empty());
    EXPECT_TRUE(read_video_tags(unhex("d0 00"))->empty());
}

TEST(Tags, ThatAreCutOffAreRefused) {
    for (const char* bytes : {"", "17", "17 01", "17 01 0000", "91 6876", "91 68766331 0000", "97 ff",
                              "96 11 68766331 00 000005 00", "96 11 68766331 00 000002 0000", "97 00"}) {
        auto tags = read_video_tags(unhex(bytes));
        ASSERT_FALSE(tags) << bytes;
        EXPECT_EQ(tags.error().what, "video message is cut off");
    }
    for (const char* bytes : {"", "af", "91 4f70", "95 01 4f707573"})
        EXPECT_FALSE(read_audio_tags(unhex(bytes))) << bytes;
}

}  // namespace
}  // namespace millrace::rtmp
