// SPDX-License-Identifier: LGPL-2.1-or-later
// What a viewer says, and what becomes of it.
#include <gtest/gtest.h>

#include "tests/core/webrtc/viewer/viewer_scene.hpp"

namespace millrace::webrtc {
namespace {

using test::kRtxSsrc;
using test::kVideoSsrc;
using test::Scene;

std::vector<std::uint16_t> sequences_of(const std::vector<millrace::test::RtpPacket>& packets) {
    std::vector<std::uint16_t> sequences;
    for (const auto& packet : packets) sequences.push_back(static_cast<std::uint16_t>(packet.sequence));
    return sequences;
}

// All of a group of pictures is there.
void play(Scene& scene) {
    scene.frames(20, 25);
    scene.pass_until(scene.now + 1s);
}

TEST(ViewerFeedback, OfLossesIsAnsweredByRtx) {
    Scene scene;
    play(scene);
    const auto video = scene.video();
    scene.nack({static_cast<std::uint16_t>(video[3].sequence), static_cast<std::uint16_t>(video[17].sequence)});
    EXPECT_LE(scene.viewer->deadline(), scene.now);
    scene.pass();
    const auto repaired = scene.of(kRtxSsrc);
    ASSERT_EQ(repaired.size(), 2U);
    EXPECT_LT(repaired[0].sequence, 0x8000U);
    EXPECT_EQ(repaired[1].sequence, repaired[0].sequence + 1);
    for (std::size_t i : {0, 1}) {
        const auto& lost = video[i == 0 ? 3 : 17];
        const auto& payload = repaired[i].payload;
        EXPECT_EQ(payload.at(0) * 256U + payload.at(1), lost.sequence);
        EXPECT_EQ(Bytes(payload.begin() + 2, payload.end()), lost.payload);
        EXPECT_EQ(repaired[i].timestamp, lost.timestamp);
        EXPECT_EQ(repaired[i].payload_type, 103U);
    }
    EXPECT_EQ(scene.viewer->stats(scene.now).resent, 2U);
}

TEST(ViewerFeedback, OfLossesIsAnsweredByTheSamePacketWhereThereIsNoRtx) {
    Scene scene({.rtx = false});
    play(scene);
    const auto first = scene.video().at(0);
    // The way there lost it: this receiver has not seen it, the other would call it a replay.
    test::SrtpPeer fresh(SrtpProfile::aead_aes_128_gcm, test::key_and_salt(SrtpProfile::aead_aes_128_gcm, true), false);
    scene.packets.clear();
    scene.nack({static_cast<std::uint16_t>(first.sequence)});
    SendArena arena;
    ASSERT_EQ(scene.viewer->send(scene.stream, scene.now, {}, arena), Viewer::Pass::done);
    std::optional<Bytes> again;
    for (const auto& run : arena.runs()) {
        const ByteView bytes = arena.bytes(run).first(run.segment);
        if (bytes[1] % 128 == 102) again = fresh.read_rtp(Bytes(bytes.begin(), bytes.end()));
    }
    ASSERT_TRUE(again);
    const auto read = millrace::test::read_rtp(*again);
    EXPECT_EQ(read.sequence, first.sequence);
    EXPECT_EQ(read.payload, first.payload);
}

TEST(ViewerFeedback, OfLossesIsNotAnsweredWhereThatWouldRepeatANonce) {
    Scene scene({.rtx = false, .abs_send_time = true});
    play(scene);
    const auto lost = sequences_of(scene.video());
    scene.packets.clear();
    scene.nack({lost[0], lost[1]});
    scene.pass();
    EXPECT_TRUE(scene.video().empty());
}

TEST(ViewerFeedback, OfLossesFromBeforeARestartIsNotAnsweredWithOtherPackets) {
    Scene scene({.limits = {.packets = 200}});
    play(scene);
    const auto before = sequences_of(scene.video());
    scene.frames(90, 25);
    scene.pass_until(scene.now + 1s);
    scene.nack({before.front(), before.back()});
    scene.pass();
    EXPECT_TRUE(scene.of(kRtxSsrc).empty());
    EXPECT_EQ(scene.viewer->stats(scene.now).refused, 2U);
    const auto after = scene.video().back();
    scene.nack({static_cast<std::uint16_t>(after.sequence)});
    scene.pass();
    ASSERT_EQ(scene.of(kRtxSsrc).size(), 1U) << "what came behind it is";
    EXPECT_EQ(scene.of(kRtxSsrc)[0].timestamp, after.timestamp);
}

TEST(ViewerFeedback, OfLossesWaitsForAnArenaWithRoom) {
    test::SceneSetup setup;
    setup.arena = 3000;
    Scene scene(setup);
    play(scene);
    const auto sent = sequences_of(scene.video());
    scene.nack({sent.begin(), sent.begin() + 20});
    scene.pass();
    EXPECT_EQ(scene.of(kRtxSsrc).size(), 20U);
    EXPECT_GE(scene.times_full, 9U);
}

TEST(ViewerFeedback, OfLossesForEverIsBounded) {
    Scene scene;
    play(scene);
    const auto sent = sequences_of(scene.video());
    const std::vector<std::uint16_t> many(sent.begin(), sent.begin() + 90);
    const TimePoint start = scene.now;
    for (int i = 0; i < 1000; ++i) {
        scene.nack(many);
        scene.nack({0xffff, 0x8000});
        scene.pass();
        scene.now += 1ms;
    }
    std::size_t bytes = 0;
    for (const auto& packet : scene.of(kRtxSsrc)) bytes += packet.payload.size();
    // Half of the stream's rate and what may be saved up.
    EXPECT_LT(bytes, 64'000 + 130'000 * std::size_t((scene.now - start) / 1s));
    EXPECT_GT(scene.viewer->stats(scene.now).refused, 80'000U);
}

TEST(ViewerFeedback, OfAskingForKeyFramesAllTheTimeIsOneWishASecond) {
    Scene scene;
    play(scene);
    scene.now += 1s;
    int wishes = 0;
    for (int i = 0; i < 99; ++i) {
        scene.pli();
        scene.pass();
        wishes += scene.viewer->take_key_frame_wish().has_value() ? 1 : 0;
        scene.now += 10ms;
    }
    EXPECT_EQ(wishes, 1);
    EXPECT_EQ(scene.viewer->stats(scene.now).key_frame_requests, 99U);
    scene.frame(true);
    scene.pass_until(scene.now + 500ms);
    scene.pass_until(scene.now + 2s);
    EXPECT_FALSE(scene.viewer->take_key_frame_wish()) << "a key frame serves it";
}

TEST(ViewerFeedback, OfAskingForAKeyFrameThatIsOnItsWayIsNoWish) {
    Scene scene;
    scene.frames(40, 50);
    scene.pass();
    scene.pli();
    scene.pass();
    EXPECT_FALSE(scene.viewer->take_key_frame_wish());
}

Bytes receiver_report(std::uint32_t last_report, std::uint8_t lost) {
    ByteWriter out;
    out.u16(0x81c9);
    out.u16(7);
    out.u32(9);
    out.u32(kVideoSsrc);
    out.u8(lost);
    out.u24(0);
    out.u32(0);
    out.u32(0);
    out.u32(last_report);
    out.u32(0);
    return std::move(out).take();
}

TEST(ViewerFeedback, SaysHowFarItIsAndWhatGetsLost) {
    Scene scene;
    scene.frame(true);
    scene.pass();
    ASSERT_FALSE(scene.reports.empty());
    scene.now += 80ms;
    scene.rtcp(receiver_report(static_cast<std::uint32_t>(scene.reports[0].ntp >> 16), 64));
    const ViewerStats stats = scene.viewer->stats(scene.now);
    EXPECT_NEAR(static_cast<double>(stats.round_trip / 1us), 80'000, 100);
    EXPECT_DOUBLE_EQ(stats.loss, 0.25);
    EXPECT_FALSE(stats.bits_per_second);
}

TEST(ViewerFeedback, SaysHowMuchGetsThrough) {
    Scene scene;
    ByteWriter remb;
    remb.u16(0x8fce);
    remb.u16(5);
    remb.u32(9);
    remb.u32(0);
    remb.text("REMB");
    remb.u8(1);
    remb.u24(2 << 18 | 200'000);
    remb.u32(kVideoSsrc);
    scene.rtcp(std::move(remb).take());
    EXPECT_EQ(scene.viewer->stats(scene.now).bits_per_second, 800'000U);
    EXPECT_FALSE(scene.viewer->stats(scene.now + 1min).bits_per_second);
}

TEST(ViewerFeedback, OfGoodbyeEndsIt) {
    Scene scene;
    play(scene);
    ByteWriter bye;
    bye.u16(0x81cb);
    bye.u16(1);
    bye.u32(9);
    scene.rtcp(std::move(bye).take());
    EXPECT_TRUE(scene.viewer->gone());
    scene.packets.clear();
    scene.frame(true);
    scene.pass();
    EXPECT_TRUE(scene.packets.empty());
}

TEST(ViewerFeedback, ThatIsForgedRepeatedOrGarbageChangesNothing) {
    Scene scene;
    play(scene);
    scene.now += 1s;
    const auto profile = SrtpProfile::aead_aes_128_gcm;
    test::SrtpPeer writer(profile, test::key_and_salt(profile, false), true);
    const Bytes pli = writer.write_rtcp({0x81, 0xce, 0, 2, 0, 0, 0, 8, 0, 0, 0, kVideoSsrc});
    const Bytes malformed = writer.write_rtcp({0x81, 0xcd, 0, 9, 0, 0, 0, 8, 0, 0, 0, kVideoSsrc});
    auto fault_of = [&scene](Bytes datagram) {
        auto read = scene.viewer->on_rtcp(datagram, scene.stream, scene.now);
        return read ? std::optional<Fault>() : read.error().fault;
    };
    for (std::size_t size = 0; size < pli.size(); ++size) {
        EXPECT_EQ(fault_of(Bytes(pli.begin(), pli.begin() + static_cast<std::ptrdiff_t>(size))), Fault::bad_input);
        Bytes forged = pli;
        forged[size] ^= 0x10;
        EXPECT_EQ(fault_of(forged), Fault::bad_input);
    }
    EXPECT_EQ(fault_of(malformed), Fault::bad_input);
    EXPECT_FALSE(scene.viewer->take_key_frame_wish());
    EXPECT_FALSE(fault_of(pli));
    EXPECT_TRUE(scene.viewer->take_key_frame_wish());
    EXPECT_EQ(fault_of(pli), Fault::refused);
    const ViewerStats stats = scene.viewer->stats(scene.now);
    EXPECT_EQ(stats.rejected_rtcp, 2 * pli.size() + 2);
    EXPECT_EQ(stats.key_frame_requests, 1U);
}

}  // namespace
}  // namespace millrace::webrtc
