// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep/broadcast.hpp"

#include <gtest/gtest.h>

#include "tests/element/webrtc/live_viewer.hpp"
#include "tests/element/webrtc/on_air.hpp"

namespace millrace::webrtc {
namespace {

using millrace::test::eventually;
using test::LiveViewer;
using test::OnAir;

// Joined and shown a picture.
bool watches(OnAir& stream, LiveViewer& viewer) {
    return viewer.join(stream.http, "live/cam1").status == 201 && viewer.plays() && viewer.until([&] {
        EXPECT_TRUE(stream.picture(true));
        return viewer.seen().frames().whole() > 0;
    });
}
bool ended(OnAir& stream) {
    return eventually([&] {
        const auto stats = stream.broadcast->stats();
        return stats.viewers == 0 && stats.sessions == 0;
    });
}

TEST(Broadcast, CountsWhatItsViewersGet) {
    OnAir stream;
    stream.begin_h264();
    EXPECT_TRUE(stream.picture(true));
    LiveViewer viewer;
    ASSERT_TRUE(watches(stream, viewer)) << viewer.seen().failure();
    EXPECT_EQ(stream.broadcast->stats().viewers, 1U);
    EXPECT_EQ(stream.broadcast->stats().joined, 1U);
    EXPECT_EQ(viewer.leave(), 200);
    EXPECT_TRUE(ended(stream));
    EXPECT_TRUE(eventually([&] { return stream.left == 1; }));
    const auto stats = stream.broadcast->stats();
    EXPECT_GE(stats.sent.packets, viewer.seen().counts().packets);
    EXPECT_GT(stats.sent.bytes, 0U);
    EXPECT_GE(stats.endpoint.checks, 1U);
}

TEST(Broadcast, AnotherCodecEndsTheSessionsAnotherEncodingDoesNot) {
    OnAir stream;
    stream.begin_h264();
    EXPECT_TRUE(stream.picture(true));
    LiveViewer viewer;
    ASSERT_TRUE(watches(stream, viewer));
    stream.begin_h264();
    const auto before = viewer.seen().frames().whole();
    EXPECT_TRUE(viewer.until([&] {
        EXPECT_TRUE(stream.picture(true));
        return viewer.seen().frames().whole() > before;
    }));
    EXPECT_EQ(viewer.seen().lost_video(), 0U) << "the numbers go on";
    stream.begin_vp8();
    EXPECT_TRUE(ended(stream));
    LiveViewer again;
    EXPECT_EQ(again.join(stream.http, "live/cam1").status, 201);
}

TEST(Broadcast, WhatCannotBeShownEndsTheSessionsAndIsSaidOnce) {
    OnAir stream;
    stream.begin_h264();
    EXPECT_TRUE(stream.picture(true));
    LiveViewer viewer;
    ASSERT_TRUE(watches(stream, viewer));
    auto refused = stream.picture(false, 100, 500ms);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::refused);
    EXPECT_TRUE(stream.picture()) << "and that is all";
    EXPECT_TRUE(ended(stream));
    LiveViewer late;
    auto answer = late.join(stream.http, "live/cam1");
    EXPECT_EQ(answer.status, 406);
    EXPECT_NE(answer.body.find("B-frames"), std::string::npos) << answer.body;
    stream.begin_h264();
    EXPECT_TRUE(stream.picture(true));
    LiveViewer after;
    EXPECT_TRUE(watches(stream, after)) << "another encoding";
}

TEST(Broadcast, TheSessionsEndWithTheLastTrack) {
    OnAir stream;
    stream.begin_h264();
    EXPECT_TRUE(stream.picture(true));
    LiveViewer viewer;
    ASSERT_TRUE(watches(stream, viewer));
    stream.broadcast->end(kSound);
    EXPECT_EQ(stream.broadcast->stats().sessions, 1U);
    stream.broadcast->end(0);
    EXPECT_TRUE(ended(stream));
    EXPECT_TRUE(eventually([&] { return stream.left == 1; }));
}

TEST(Broadcast, AllViewersWishesAreOne) {
    OnAir stream;
    stream.begin_h264();
    EXPECT_TRUE(stream.picture());
    const TimePoint began = net::now();
    std::vector<std::unique_ptr<LiveViewer>> viewers;
    for (int i = 0; i < 4; ++i) {
        viewers.push_back(std::make_unique<LiveViewer>());
        ASSERT_EQ(viewers.back()->join(stream.http, "live/cam1").status, 201);
        ASSERT_TRUE(viewers.back()->plays());
    }
    EXPECT_TRUE(eventually([&] { return stream.joined == 4 && stream.key_frames_wanted > 0; }));
    EXPECT_LE(stream.key_frames_wanted, 1 + (net::now() - began) / 1s);
}

TEST(Broadcast, TwoShareOneUdpPortAndEndAlone) {
    auto endpoint = *Endpoint::at("127.0.0.1:0");
    const std::string at = "127.0.0.1:" + std::to_string(endpoint->port());
    OnAir first(at);
    auto second = std::make_unique<OnAir>(at);
    for (OnAir* stream : {&first, second.get()}) {
        stream->begin_h264();
        EXPECT_TRUE(stream->picture(true));
    }
    LiveViewer one;
    LiveViewer other;
    ASSERT_TRUE(watches(first, one));
    ASSERT_TRUE(watches(*second, other));
    EXPECT_EQ(one.seen().server().port, other.seen().server().port);
    EXPECT_EQ(first.broadcast->stats().viewers, 1U);
    second.reset();
    const auto before = one.seen().frames().whole();
    EXPECT_TRUE(one.until([&] {
        EXPECT_TRUE(first.picture(true));
        return one.seen().frames().whole() > before;
    }));
}

TEST(Broadcast, MayEndWithViewersInEveryState) {
    for (int round = 0; round < 5; ++round) {
        OnAir stream;
        stream.begin_h264();
        EXPECT_TRUE(stream.picture(true));
        LiveViewer asked;
        LiveViewer shaking;
        LiveViewer playing;
        EXPECT_EQ(asked.join(stream.http, "live/cam1").status, 201);
        EXPECT_EQ(shaking.join(stream.http, "live/cam1").status, 201);
        shaking.turn();
        ASSERT_TRUE(watches(stream, playing));
        stream.broadcast.reset();
        EXPECT_EQ(stream.joined, stream.left) << "each of them is told of";
    }
}

}  // namespace
}  // namespace millrace::webrtc
