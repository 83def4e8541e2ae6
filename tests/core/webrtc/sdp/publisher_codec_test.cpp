// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/publisher_codec.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace millrace::webrtc {
namespace {

PayloadType type(std::uint8_t number, std::string codec, std::string fmtp = "", std::uint32_t clock_rate = 90000,
                 unsigned channels = 1) {
    return {number, std::move(codec), clock_rate, channels, std::move(fmtp), {}};
}

MediaSection video(std::vector<PayloadType> types) {
    MediaSection section;
    section.kind = "video";
    section.payload_types = std::move(types);
    return section;
}

int chosen(const MediaSection& section, std::vector<Codec> accepted) {
    auto choice = choose_publisher_codec(section, accepted);
    return choice ? choice->primary->number : -1;
}

std::string fmtp_for(const PayloadType& offered, Codec codec) {
    return requested_fmtp({codec, &offered, nullptr});
}

TEST(PublisherCodec, OfH264FragmentsIfItCan) {
    const auto mode_0 = type(96, "H264", "packetization-mode=0;profile-level-id=42e01f");
    const auto mode_1 = type(97, "h264", "packetization-mode=1;profile-level-id=640c1f");
    const auto mode_2 = type(98, "H264", "packetization-mode=2;profile-level-id=42e01f");
    EXPECT_EQ(chosen(video({mode_0, mode_1}), {Codec::h264}), 97);
    EXPECT_EQ(chosen(video({mode_2, mode_0}), {Codec::h264}), 96) << "rather than nothing";
    EXPECT_EQ(chosen(video({mode_2}), {Codec::h264}), -1);
    const auto other = type(99, "H264", "packetization-mode=1;profile-level-id=42e01f");
    EXPECT_EQ(chosen(video({mode_1, other}), {Codec::h264}), 97) << "the profile is the publisher's choice";
}

TEST(PublisherCodec, IsOfItsKindAndClock) {
    const auto opus = type(111, "OPUS", "", 48000, 2);
    EXPECT_EQ(chosen(video({opus}), {Codec::opus}), -1);
    MediaSection audio = video({type(110, "opus", "", 48000, 1), type(112, "opus", "", 16000, 2), opus});
    audio.kind = "audio";
    EXPECT_EQ(chosen(audio, {Codec::h264, Codec::opus}), 111);
    EXPECT_EQ(chosen(video({type(96, "VP8", "", 48000)}), {Codec::vp8}), -1);
    EXPECT_EQ(chosen(video({type(96, "H265", "tx-mode=MRST")}), {Codec::h265}), -1);
    EXPECT_EQ(chosen(video({type(96, "red"), type(97, "ulpfec")}), {Codec::h264, Codec::vp8}), -1);
}

TEST(PublisherCodec, HasItsRetransmissions) {
    const MediaSection section =
        video({type(96, "VP8"), type(97, "rtx", "apt=98"), type(98, "VP9"), type(99, "rtx", "apt=96")});
    const std::vector<Codec> vp8{Codec::vp8};
    auto choice = choose_publisher_codec(section, vp8);
    ASSERT_TRUE(choice && choice->rtx);
    EXPECT_EQ(choice->rtx->number, 99);
}

TEST(RequestedFmtp, AsksForLargePicturesWhereLevelsMayDiffer) {
    auto of = [](const std::string& fmtp) { return fmtp_for(type(96, "H264", fmtp), Codec::h264); };
    EXPECT_EQ(of("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
              "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e034");
    EXPECT_EQ(of("packetization-mode=1;profile-level-id=42e01f"), "packetization-mode=1;profile-level-id=42e01f");
    EXPECT_EQ(of("level-asymmetry-allowed=0;packetization-mode=1;profile-level-id=42e01f"),
              "level-asymmetry-allowed=0;packetization-mode=1;profile-level-id=42e01f");
    EXPECT_EQ(of("level-asymmetry-allowed=1;profile-level-id=64003c"),
              "level-asymmetry-allowed=1;profile-level-id=64003c")
        << "6.0 is not made less";
    EXPECT_EQ(of("level-asymmetry-allowed=1;profile-level-id=zz"), "level-asymmetry-allowed=1;profile-level-id=zz");
    EXPECT_EQ(of("packetization-mode=1;sprop-parameter-sets=Z0LAFdk=,aMuMsg=="), "packetization-mode=1")
        << "the publisher's own";
}

TEST(RequestedFmtp, SaysAlikeWhatBothSidesHaveTo) {
    EXPECT_EQ(fmtp_for(type(96, "H265", "level-id=93;tx-mode=SRST;profile-id=1;tier-flag=0"), Codec::h265),
              "profile-id=1;tier-flag=0;level-id=93;tx-mode=SRST");
    EXPECT_EQ(fmtp_for(type(96, "VP9", "profile-id=2;max-fs=1"), Codec::vp9), "profile-id=2");
    EXPECT_EQ(fmtp_for(type(96, "AV1", "level-idx=5;profile=0;tier=0"), Codec::av1), "profile=0;level-idx=5;tier=0");
    EXPECT_EQ(fmtp_for(type(96, "VP8", "max-fs=1"), Codec::vp8), "");
    EXPECT_EQ(fmtp_for(type(96, "opus", "minptime=20", 48000, 2), Codec::opus), "minptime=10;useinbandfec=1;stereo=1");
    EXPECT_EQ(fmtp_for(type(96, "opus", "sprop-stereo=0", 48000, 2), Codec::opus),
              "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=0");
}

}  // namespace
}  // namespace millrace::webrtc
