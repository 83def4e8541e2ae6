// SPDX-License-Identifier: LGPL-2.1-or-later
// A viewer that goes from rung to rung, as its browser sees it: one stream of pictures.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "tests/core/webrtc/viewer/viewer_scene.hpp"

namespace millrace::webrtc {
namespace {

using millrace::test::RtpPacket;
using test::kRtxSsrc;
using test::kVideoSsrc;
using test::Scene;
using test::SceneSetup;

constexpr RungId kHigh = 0;
constexpr RungId kLow = 1;

unsigned rung_of(const RtpPacket& packet) {
    return packet.payload.at(1);
}
bool is_key(const RtpPacket& packet) {
    return packet.payload.at(0) == 0x4b;
}

// Each picture of one timestamp, later than the one before; decodable across changes; no gap.
void expect_one_stream(const std::vector<RtpPacket>& packets) {
    ASSERT_FALSE(packets.empty());
    for (std::size_t i = 1; i < packets.size(); ++i) {
        const auto& before = packets[i - 1];
        const auto& packet = packets[i];
        ASSERT_EQ(packet.sequence, (before.sequence + 1) % 0x10000) << i;
        const auto step = static_cast<std::int32_t>(packet.timestamp - before.timestamp);
        const bool same = rung_of(packet) == rung_of(before);
        if (!before.marker && same) {
            ASSERT_EQ(step, 0) << i;
        } else {
            ASSERT_GT(step, 0) << i;
        }
        ASSERT_TRUE(same || is_key(packet)) << i << ": a change where nothing can be decoded";
    }
}

// 25 pictures a second of 3 and 1 Mbit/s, with key frames every second.
class RungScene : public Scene {
  public:
    explicit RungScene(SceneSetup setup = {}) : Scene(with_rungs(std::move(setup))) {}

    void second(bool high = true, bool keys = true) {
        for (int i = 0; i < 25; ++i) {
            now += 40ms;
            const bool key = keys && i == 0;
            if (high) picture(kHigh, key, 12);
            picture(kLow, key, 4);
            pass();
            tell();
            if (auto wish = viewer->take_key_frame_wish()) ++wishes[*wish];
        }
    }
    // Reports what came since: `late` is how much later than sent, growing with each.
    void tell() {
        if (packets.size() == told_) return;
        ByteWriter out;
        const auto count = static_cast<std::uint16_t>(packets.size() - told_);
        const Bytes& first = packets[told_].extensions.at(test::kTransportCcId);
        const Duration arrived = now.time_since_epoch() + late;
        // One small delta a packet, and a run that says so: all come at once.
        Bytes deltas;
        for (std::size_t i = told_; i < packets.size(); ++i) deltas.push_back(0);
        deltas[0] = static_cast<std::uint8_t>(arrived % 64ms / 250us);
        while ((deltas.size() + 2) % 4 != 0) deltas.push_back(0);
        out.u16(0x8fcd);
        out.u16(static_cast<std::uint16_t>(2 + 2 + (2 + deltas.size()) / 4));
        out.u32(9);
        out.u32(kVideoSsrc);
        out.u16(static_cast<std::uint16_t>(first.at(0) << 8 | first.at(1)));
        out.u16(count);
        out.u24(static_cast<std::uint32_t>(arrived / 64ms));
        out.u8(feedbacks_++);
        out.u16(0x2000U | count);
        out.bytes(deltas);
        told_ = packets.size();
        rtcp(std::move(out).take());
    }

    Duration late{};
    std::map<RungId, int> wishes;

  private:
    static SceneSetup with_rungs(SceneSetup setup) {
        setup.rungs = {3'000'000, 1'000'000};
        setup.audio = false;
        setup.transport_cc = true;
        return setup;
    }
    std::size_t told_ = 0;
    std::uint8_t feedbacks_ = 0;
};

TEST(ViewerOfRungs, StartsOnTheHighestThatNearlyAllCanTake) {
    RungScene scene;
    scene.second();
    ASSERT_FALSE(scene.video().empty());
    EXPECT_EQ(rung_of(scene.video().front()), kLow);
    EXPECT_TRUE(is_key(scene.video().front()));
    EXPECT_TRUE(scene.viewer->follows(kLow));
    EXPECT_FALSE(scene.viewer->follows(kHigh)) << "whose pictures mean nothing to it";
    EXPECT_TRUE(scene.wishes.empty());
}

TEST(ViewerOfRungs, ClimbsAtAKeyFrameAndGoesOnAsOneStream) {
    RungScene scene;
    for (int i = 0; i < 8; ++i) scene.second();
    EXPECT_EQ(rung_of(scene.video().back()), kHigh);
    expect_one_stream(scene.video());
    EXPECT_EQ(scene.viewer->stats(scene.now).climbs, 1U);
    EXPECT_EQ(scene.viewer->stats(scene.now).descents, 0U);
    EXPECT_FALSE(scene.of(kRtxSsrc).empty()) << "it tried whether there is room";
    EXPECT_TRUE(scene.wishes.empty()) << "the next key frame came anyway";
    EXPECT_EQ(scene.unread, 0U) << "no number is used twice";
}

TEST(ViewerOfRungs, WhoseWayIsTooNarrowStopsAtOnceAndAsksTheRungThatFits) {
    RungScene scene;
    for (int i = 0; i < 8; ++i) scene.second();
    ASSERT_EQ(rung_of(scene.video().back()), kHigh);
    std::size_t high = 0;
    for (int i = 0; i < 12; ++i) {
        scene.now += 40ms;
        scene.picture(kHigh, false, 12);
        scene.picture(kLow, false, 4);
        scene.pass();
        if (scene.wishes.empty()) high = scene.video().size();
        scene.late += 40ms;
        scene.tell();
        if (auto wish = scene.viewer->take_key_frame_wish()) ++scene.wishes[*wish];
    }
    ASSERT_EQ(scene.wishes.size(), 1U);
    EXPECT_EQ(scene.wishes[kLow], 1) << "of the rung that it goes to, once";
    EXPECT_EQ(scene.video().size(), high) << "nothing of the other is sent meanwhile";
    scene.picture(kLow, true, 4);
    scene.pass();
    EXPECT_EQ(rung_of(scene.video().back()), kLow);
    expect_one_stream(scene.video());
    EXPECT_EQ(scene.viewer->stats(scene.now).descents, 1U);
    EXPECT_EQ(scene.unread, 0U);
}

void change(RungScene& scene) {
    for (int i = 0; i < 8; ++i) scene.second();
    ASSERT_EQ(rung_of(scene.video().back()), kHigh);
}

TEST(ViewerOfRungs, LossesFromBeforeAChangeAreNeverAnsweredFromTheOtherRing) {
    for (bool rtx : {true, false}) {
        RungScene scene({.rtx = rtx});
        change(scene);
        const auto sent = scene.video();
        auto first = std::ranges::find(sent, kHigh, rung_of);
        ASSERT_NE(first, sent.end());
        const std::size_t resent = scene.viewer->stats(scene.now).resent;
        const std::size_t unread = scene.unread;
        std::vector<std::uint16_t> lost;
        for (const auto& packet : {*(first - 1), *(first - 5), sent.front()})
            lost.push_back(static_cast<std::uint16_t>(packet.sequence));
        scene.nack(lost);
        scene.pass();
        EXPECT_EQ(scene.viewer->stats(scene.now).resent, resent);
        EXPECT_EQ(scene.unread, unread);
        scene.nack({static_cast<std::uint16_t>(first->sequence)});
        scene.pass();
        EXPECT_EQ(scene.viewer->stats(scene.now).resent, resent + (rtx ? 1 : 0)) << "what came behind it is";
    }
}

TEST(ViewerOfRungs, AKeyFrameOfATimeThatIsShownAlreadyComesAMomentLater) {
    Scene scene({.audio = false, .rungs = {3'000'000, 1'000'000}, .pinned = kHigh});
    scene.now += 40ms;
    scene.picture(kHigh, true);
    scene.picture(kLow, true);
    scene.pass();
    // The higher one falls silent; the lower one's key frame, and what follows, is of before its last picture.
    for (int i = 0; i < 10; ++i) {
        scene.now += 10ms;
        scene.picture(kHigh, false);
        scene.pass();
    }
    for (int i = 0; i < 30; ++i) {
        scene.now += 40ms;
        scene.picture(kLow, i == 5, 4, 400ms);
        scene.pass_until(scene.now + 1ms);
    }
    EXPECT_EQ(rung_of(scene.video().back()), kLow);
    expect_one_stream(scene.video());
    // Without RTX the same packet has to be the same again.
    const auto sent = scene.video();
    const auto early = *std::ranges::find(sent, kLow, rung_of);
    scene.nack({static_cast<std::uint16_t>(early.sequence)});
    scene.pass();
    ASSERT_EQ(scene.of(kRtxSsrc).size(), 1U);
    EXPECT_EQ(scene.of(kRtxSsrc)[0].timestamp, early.timestamp);
}

TEST(ViewerOfRungs, WhoAskedForOneStaysOnItAsLongAsItFlows) {
    RungScene scene({.pinned = kHigh});
    for (int i = 0; i < 3; ++i) scene.second();
    EXPECT_EQ(rung_of(scene.video().front()), kHigh);
    EXPECT_EQ(rung_of(scene.video().back()), kHigh);
    scene.second(false);
    scene.second(false);
    EXPECT_EQ(rung_of(scene.video().back()), kLow);
    scene.second();
    scene.second();
    EXPECT_EQ(rung_of(scene.video().back()), kHigh);
    expect_one_stream(scene.video());
}

TEST(ViewerOfRungs, OfARungThatIsNoMoreGoesToAnother) {
    RungScene scene;
    change(scene);
    scene.stream.rungs.close(kHigh);
    scene.pass();
    scene.now += 60ms;
    scene.pass();
    EXPECT_EQ(scene.viewer->take_key_frame_wish(), kLow);
    scene.picture(kLow, true);
    scene.pass();
    EXPECT_EQ(rung_of(scene.video().back()), kLow);
    expect_one_stream(scene.video());
}

TEST(ViewerOfRungs, OfOneRungHasNothingToChooseFrom) {
    Scene scene({.audio = false, .rungs = {9'000'000}, .transport_cc = true});
    scene.frames(50, 25);
    scene.pass_until(scene.now + 10s);
    EXPECT_FALSE(scene.video().empty());
    EXPECT_TRUE(scene.of(kRtxSsrc).empty());
}

}  // namespace
}  // namespace millrace::webrtc
