// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/codec_choice.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/core/webrtc/sdp/offers.hpp"
#include "webrtc/core/sdp/offer_parser.hpp"

namespace millrace::webrtc {
namespace {

using test::chromium_offer;
using test::firefox_offer;
using test::safari_offer;

StreamFormat h264(std::uint8_t profile, std::uint8_t constraints, std::uint8_t level) {
    return {.codec = Codec::h264, .profile = profile, .constraints = constraints, .level = level};
}

MediaSection section_of(const std::string& text, const std::string& kind) {
    auto offer = parse_offer(text);
    for (const MediaSection& section : offer->media)
        if (section.kind == kind) return section;
    return {};
}

struct Row {
    std::string (*offer)();
    StreamFormat stream;
    int payload_type;  // -1: none
    int rtx;
    Fit fit;
};
class CodecOfAnOffer : public testing::TestWithParam<Row> {};

TEST_P(CodecOfAnOffer, IsTheOneThatSuitsBest) {
    const Row& row = GetParam();
    const MediaSection section = section_of(row.offer(), row.stream.codec == Codec::opus ? "audio" : "video");
    auto choice = choose_codec(section, row.stream);
    ASSERT_EQ(choice.has_value(), row.payload_type >= 0);
    if (!choice) return;
    EXPECT_EQ(choice->primary->number, row.payload_type);
    EXPECT_EQ(choice->rtx != nullptr ? choice->rtx->number : -1, row.rtx);
    EXPECT_EQ(choice->fit, row.fit);
}

INSTANTIATE_TEST_SUITE_P(
    Browsers, CodecOfAnOffer,
    testing::Values(Row{chromium_offer, h264(0x42, 0xc0, 31), 109, 114, Fit::exact},
                    Row{chromium_offer, h264(0x42, 0xc0, 42), 109, 114, Fit::exact},  // levels are asymmetric
                    Row{chromium_offer, h264(0x42, 0x00, 31), 103, 104, Fit::exact},
                    Row{chromium_offer, h264(0x4d, 0x40, 31), 115, 116, Fit::exact},
                    Row{chromium_offer, h264(0x64, 0x00, 31), 103, 104, Fit::stretched},
                    Row{chromium_offer, {.codec = Codec::vp8}, 96, 97, Fit::exact},
                    Row{chromium_offer, {.codec = Codec::vp9}, 98, 99, Fit::exact},
                    Row{chromium_offer, {.codec = Codec::vp9, .profile = 2}, 100, 101, Fit::exact},
                    Row{chromium_offer, {.codec = Codec::vp9, .profile = 1}, -1, -1, Fit::none},
                    Row{chromium_offer, {.codec = Codec::av1, .level = 5}, 45, 46, Fit::exact},
                    Row{chromium_offer, {.codec = Codec::av1, .level = 8}, 45, 46, Fit::stretched},
                    Row{chromium_offer, {.codec = Codec::av1, .profile = 1}, -1, -1, Fit::none},
                    Row{chromium_offer, {.codec = Codec::h265, .profile = 1, .level = 93}, -1, -1, Fit::none},
                    Row{chromium_offer, {.codec = Codec::opus}, 111, -1, Fit::exact},
                    Row{firefox_offer, h264(0x42, 0xe0, 31), 126, 127, Fit::exact},
                    Row{firefox_offer, h264(0x42, 0x00, 31), 99, 100, Fit::exact},
                    Row{firefox_offer, {.codec = Codec::opus}, 109, -1, Fit::exact},
                    Row{safari_offer, h264(0x64, 0x0c, 40), 96, 97, Fit::exact},
                    Row{safari_offer, h264(0x42, 0xe0, 31), 98, -1, Fit::exact},
                    Row{safari_offer, h264(0x64, 0x00, 31), 96, 97, Fit::stretched},
                    Row{safari_offer, {.codec = Codec::h265, .profile = 1, .level = 93}, 100, -1, Fit::exact},
                    Row{safari_offer, {.codec = Codec::h265, .profile = 2, .level = 93}, 100, -1, Fit::stretched},
                    Row{safari_offer, {.codec = Codec::h265, .profile = 1, .level = 120}, 100, -1, Fit::stretched}));

PayloadType offered(std::string fmtp) {
    return {.number = 96, .codec = "h264", .clock_rate = 90000, .fmtp = std::move(fmtp)};
}

TEST(FitOfH264, NeedsTheModeThatWeSend) {
    EXPECT_EQ(fit_of(offered("profile-level-id=42e01f"), h264(0x42, 0xe0, 31)), Fit::none);
    EXPECT_EQ(fit_of(offered("profile-level-id=42e01f;packetization-mode=0"), h264(0x42, 0xe0, 31)), Fit::none);
    EXPECT_EQ(fit_of(offered("profile-level-id=42e01f; packetization-mode=1"), h264(0x42, 0xe0, 31)), Fit::exact);
}

TEST(FitOfH264, LooksAtLevelsOnlyWhereTheyAreTheSameBothWays) {
    const std::string fmtp = "packetization-mode=1;profile-level-id=42e01f";
    EXPECT_EQ(fit_of(offered(fmtp), h264(0x42, 0xe0, 31)), Fit::exact);
    EXPECT_EQ(fit_of(offered(fmtp), h264(0x42, 0xe0, 40)), Fit::stretched);
    EXPECT_EQ(fit_of(offered(fmtp + ";level-asymmetry-allowed=1"), h264(0x42, 0xe0, 40)), Fit::exact);
}

TEST(FitOfH264, TakesALargerProfileBeforeNone) {
    EXPECT_EQ(fit_of(offered("packetization-mode=1;profile-level-id=4d001f"), h264(0x42, 0xe0, 31)), Fit::decodable);
    EXPECT_EQ(fit_of(offered("packetization-mode=1"), h264(0x42, 0x00, 10)), Fit::exact) << "Baseline, level 1";
    EXPECT_EQ(fit_of(offered("packetization-mode=1;profile-level-id=nonsense"), h264(0x42, 0, 10)), Fit::stretched);
}

TEST(FitOfOpus, IsOfTwoChannelsAndItsOwnClock) {
    const StreamFormat opus{.codec = Codec::opus};
    EXPECT_EQ(fit_of({.codec = "OPUS", .clock_rate = 48000, .channels = 2}, opus), Fit::exact);
    EXPECT_EQ(fit_of({.codec = "opus", .clock_rate = 48000, .channels = 6}, opus), Fit::none);
    EXPECT_EQ(fit_of({.codec = "opus", .clock_rate = 16000, .channels = 2}, opus), Fit::none);
}

}  // namespace
}  // namespace millrace::webrtc
