// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/negotiation.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/core/webrtc/sdp/offers.hpp"
#include "webrtc/core/sdp/offer_parser.hpp"

namespace millrace::webrtc {
namespace {

using test::chromium_offer;
using test::firefox_offer;
using test::safari_offer;
using test::with;

const StreamFormat kH264{.codec = Codec::h264, .profile = 0x42, .constraints = 0xc0, .level = 31};
const StreamFormat kOpus{.codec = Codec::opus};

SourceNames names() {
    SourceNames names;
    names.video_ssrc = 1;
    names.video_rtx_ssrc = 2;
    names.audio_ssrc = 3;
    return names;
}

Result<Answer> answer(const std::string& offer, const Streams& streams = {kH264, kOpus}, const Wishes& wishes = {}) {
    return negotiate(*parse_offer(offer), streams, names(), wishes);
}

TEST(Negotiation, ServesChromiumBoth) {
    auto made = answer(chromium_offer());
    ASSERT_TRUE(made) << made.error().what;
    ASSERT_EQ(made->sections.size(), 2U);
    ASSERT_TRUE(made->video() && made->audio());
    EXPECT_TRUE(made->bundled);
    EXPECT_EQ(made->peer_ufrag, "Yf8o");
    EXPECT_EQ(made->peer_password, "BkTzbU3EtVEn0XKXZ3wA1pDb");
    EXPECT_EQ(made->peer_fingerprint.sha256[0], 0x49);

    const ServedMedia& video = *made->video();
    EXPECT_EQ(video.payload_type.number, 109);
    EXPECT_EQ(video.rtx_payload_type, 114);
    EXPECT_EQ(video.ssrc, 1U);
    EXPECT_EQ(video.rtx_ssrc, 2U);
    EXPECT_EQ(video.extensions, (ExtensionIds{4, 2, 0, 5}));
    EXPECT_TRUE(video.feedback.nack && video.feedback.pli && video.feedback.fir && video.feedback.remb);
    EXPECT_FALSE(video.feedback.transport_cc) << "not without its extension";
    EXPECT_TRUE(video.reduced_size_rtcp);

    EXPECT_EQ(made->audio()->payload_type.number, 111);
    EXPECT_FALSE(made->audio()->rtx_payload_type);
    EXPECT_EQ(made->audio()->ssrc, 3U);
}

TEST(Negotiation, ServesFirefoxBoth) {
    auto made = answer(firefox_offer());
    ASSERT_TRUE(made) << made.error().what;
    ASSERT_TRUE(made->video() && made->audio());
    EXPECT_EQ(made->video()->payload_type.number, 126);
    EXPECT_EQ(made->video()->extensions, (ExtensionIds{3, 4, 0, 6}));
    EXPECT_EQ(made->audio()->payload_type.number, 109);
}

TEST(Negotiation, ServesOneOfTwo) {
    auto no_video = answer(chromium_offer(), {StreamFormat{.codec = Codec::h265}, kOpus});
    ASSERT_TRUE(no_video);
    EXPECT_FALSE(no_video->video());
    EXPECT_TRUE(no_video->audio());
    auto no_audio = answer(chromium_offer(), {kH264, {}});
    ASSERT_TRUE(no_audio);
    EXPECT_FALSE(no_audio->audio());
    EXPECT_EQ(no_audio->sections.size(), 2U) << "the other one is rejected, not left out";
}

TEST(Negotiation, SaysWhenAProfileIsAnother) {
    auto made = answer(safari_offer(), {StreamFormat{.codec = Codec::h264, .profile = 0x64, .level = 31}, {}});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->video()->fit, Fit::stretched);
}

TEST(Negotiation, AgreesToTransportFeedbackWithItsExtension) {
    auto made = answer(chromium_offer(), {kH264, kOpus}, {{.abs_send_time = false, .transport_cc = true}});
    EXPECT_TRUE(made->video()->feedback.transport_cc);
    EXPECT_FALSE(made->video()->feedback.remb);
    EXPECT_EQ(made->video()->extensions.transport_cc, 3);
}

TEST(Negotiation, SaysStereoWhenItIs) {
    EXPECT_EQ(answer(chromium_offer())->audio()->fmtp, "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1");
    EXPECT_EQ(answer(firefox_offer())->audio()->fmtp, "maxplaybackrate=48000;stereo=1;useinbandfec=1;sprop-stereo=1");
    EXPECT_EQ(answer(chromium_offer(), {{}, StreamFormat{.codec = Codec::opus, .channels = 1}})->audio()->fmtp,
              "minptime=10;useinbandfec=1");
}

TEST(Negotiation, WithoutNackThereAreNoRetransmissions) {
    auto made = answer(with(chromium_offer(), "a=rtcp-fb:109 nack", ""));
    EXPECT_FALSE(made->video()->rtx_payload_type);
    EXPECT_EQ(made->video()->payload_type.number, 109);
}

TEST(Negotiation, OnlyOneSectionOfAKindIsServed) {
    std::string offer = chromium_offer();
    std::string second = offer.substr(offer.find("m=video"));
    auto made = answer(with(with(offer + second, "a=group:BUNDLE 0 1", "a=group:BUNDLE 0 1 2"), "t=0 0", "t=0 0")
                           .replace((offer + second).rfind("a=mid:1") + 2, 7, "a=mid:2"));
    ASSERT_TRUE(made) << made.error().what;
    ASSERT_EQ(made->sections.size(), 3U);
    EXPECT_TRUE(made->sections[1].served);
    EXPECT_FALSE(made->sections[2].served);
}

TEST(Negotiation, WhatIsNotInTheBundleIsRejected) {
    auto made = answer(with(chromium_offer(), "a=group:BUNDLE 0 1", "a=group:BUNDLE 0"));
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->audio());
    EXPECT_FALSE(made->video());
    auto alone = answer(with(chromium_offer(), "a=group:BUNDLE 0 1", ""));
    ASSERT_TRUE(alone);
    EXPECT_FALSE(alone->bundled);
}

TEST(Negotiation, WhatTheViewerDoesNotReceiveIsRejected) {
    for (const char* direction : {"a=sendonly", "a=inactive"}) {
        auto made = answer(with(chromium_offer(), "a=recvonly", direction));
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().fault, Fault::refused);
        EXPECT_NE(made.error().what.find("nothing to receive"), std::string::npos) << made.error().what;
    }
    EXPECT_TRUE(answer(with(chromium_offer(), "a=recvonly", "a=sendrecv")));
}

struct Obstacle {
    const char* line;
    const char* instead;
    const char* named;
};
class AnOfferThatCannotBeAnswered : public testing::TestWithParam<Obstacle> {};

TEST_P(AnOfferThatCannotBeAnswered, IsRefusedWithTheReason) {
    auto made = answer(with(chromium_offer(), GetParam().line, GetParam().instead));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().fault, Fault::refused);
    EXPECT_NE(made.error().what.find(GetParam().named), std::string::npos) << made.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    Table, AnOfferThatCannotBeAnswered,
    testing::Values(Obstacle{"a=setup:actpass", "a=setup:passive", "setup"}, Obstacle{"a=setup:actpass", "", "setup"},
                    Obstacle{"a=rtcp-mux", "", "rtcp-mux"}, Obstacle{"a=ice-ufrag:Yf8o", "", "ice-ufrag"},
                    Obstacle{"a=extmap-allow-mixed", "a=ice-lite", "lite"},
                    Obstacle{"a=fingerprint:sha-256 "
                             "49:66:12:17:0D:1C:91:AE:57:4C:C6:36:DD:D5:97:D2:7D:62:C9:9A:7F:B9:A3:F4:70:03:E7:43:91:"
                             "73:23:5E",
                             "a=fingerprint:sha-1 49:66", "SHA-256"}));

TEST(Negotiation, NamesWhatIsOfferedWhenNothingSuits) {
    auto made = answer(firefox_offer(), {StreamFormat{.codec = Codec::av1}, {}});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().fault, Fault::refused);
    EXPECT_NE(made.error().what.find("does not receive AV1"), std::string::npos) << made.error().what;
    EXPECT_NE(made.error().what.find("VP8"), std::string::npos) << made.error().what;
    EXPECT_FALSE(answer(chromium_offer(), {}));
}

// ---- several encodings ----------------------------------------------------------------------------------------------

TEST(Negotiation, TakesTheFirstEncodingThatTheViewerReceives) {
    const StreamFormat av1{.codec = Codec::av1};
    auto chromium = answer(chromium_offer(), {.video = av1, .audio = kOpus, .other_videos = {kH264}});
    ASSERT_TRUE(chromium);
    EXPECT_EQ(chromium->video()->codec, Codec::av1);
    auto firefox = answer(firefox_offer(), {.video = av1, .audio = kOpus, .other_videos = {kH264}});
    ASSERT_TRUE(firefox);
    EXPECT_EQ(firefox->video()->codec, Codec::h264);
    auto nothing = answer(firefox_offer(), {.video = av1, .audio = {}, .other_videos = {av1}});
    ASSERT_FALSE(nothing);
    EXPECT_NE(nothing.error().what.find("AV1 and AV1"), std::string::npos) << nothing.error().what;
}

TEST(Negotiation, AgreesToTransportFeedbackWhereSomebodyAdaptsToIt) {
    auto made = answer(chromium_offer(), {kH264, kOpus}, {.extensions = {.transport_cc = true}});
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->video()->feedback.transport_cc);
    EXPECT_NE(made->video()->extensions.transport_cc, 0);
}

}  // namespace
}  // namespace millrace::webrtc
