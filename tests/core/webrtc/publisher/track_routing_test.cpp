// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/track_routing.hpp"

#include <gtest/gtest.h>

#include "tests/core/webrtc/publisher/publisher_scene.hpp"
#include "webrtc/core/publisher/retransmission.hpp"

namespace millrace::webrtc {
namespace {

using namespace test;
using Refusal = TrackRouting::Refusal;

struct Routed {
    explicit Routed(ReceptionTerms terms) : routing(std::make_shared<const ReceptionTerms>(std::move(terms))) {}
    auto operator()(const Sent& packet) {
        const Bytes bytes = rtp_of(packet);
        return routing.route(*read_rtp_packet(bytes));
    }
    TrackRouting routing;
};

Bytes text(std::string_view name) {
    return {name.begin(), name.end()};
}

ReceptionTerms unannounced() {
    auto terms = browser_terms();
    for (auto& track : terms.tracks) {
        track.ssrcs.clear();
        track.rtx_of.clear();
    }
    return terms;
}

// Three layers of one section, and audio.
ReceptionTerms layers() {
    auto terms = unannounced();
    auto layer = terms.tracks[0];
    auto audio = terms.tracks[1];
    terms.tracks.clear();
    for (const char* rid : {"f", "h", "q"}) {
        layer.rid = rid;
        terms.tracks.push_back(layer);
    }
    terms.tracks.push_back(audio);
    return terms;
}

TEST(TrackRouting, KnowsWhatWasAnnounced) {
    Routed route(browser_terms());
    EXPECT_EQ(route.routing.source_of(0), kVideo);
    EXPECT_FALSE(route.routing.heard_source_of(0));
    auto video = route({});
    ASSERT_TRUE(video);
    EXPECT_EQ(video->track, 0U);
    EXPECT_TRUE(video->new_source);
    EXPECT_FALSE(route({})->new_source);
    auto rtx = route({.ssrc = kRtx, .type = kRtxType});
    ASSERT_TRUE(rtx);
    EXPECT_TRUE(rtx->retransmission);
    EXPECT_EQ(rtx->ssrc, kVideo);
    EXPECT_EQ(route.routing.track_heard_from(kVideo), 0U);
    EXPECT_FALSE(route.routing.track_heard_from(kRtx));
}

TEST(TrackRouting, KnowsATypeThatOnlyOneTrackHas) {
    Routed route(unannounced());
    EXPECT_EQ(route({.ssrc = 5, .type = kRtxType}).error(), Refusal::unknown_source);  // of what?
    EXPECT_EQ(route({.ssrc = 1, .type = kAudioType})->track, 1U);
    EXPECT_EQ(route({.ssrc = 2, .type = kVideoType})->track, 0U);
    EXPECT_EQ(route({.ssrc = 3, .type = kRtxType})->ssrc, 2U);
    EXPECT_EQ(route({.ssrc = 4, .type = 50}).error(), Refusal::unknown_source);
}

TEST(TrackRouting, KnowsLayersByTheirNamesAndTheirRepairsToo) {
    Routed route(layers());
    EXPECT_EQ(route({.ssrc = 1}).error(), Refusal::unknown_source);
    EXPECT_EQ(route({.ssrc = 1, .extensions = {{1, text("0")}}}).error(), Refusal::unknown_source);
    EXPECT_EQ(route({.ssrc = 1, .extensions = {{1, text("0")}, {2, text("h")}}})->track, 1U);
    EXPECT_EQ(route({.ssrc = 1})->track, 1U);
    EXPECT_EQ(route({.ssrc = 2, .extensions = {{2, text("q")}}})->track, 2U);
    EXPECT_EQ(route({.ssrc = 3, .extensions = {{1, text("1")}, {2, text("q")}}}).error(), Refusal::wrong_type);
    EXPECT_EQ(route({.ssrc = 4, .extensions = {{1, text("0")}, {2, text("x")}}}).error(), Refusal::unknown_source);
    auto rtx = route({.ssrc = 5, .type = kRtxType, .extensions = {{1, text("0")}, {3, text("h")}}});
    ASSERT_TRUE(rtx);
    EXPECT_EQ(rtx->track, 1U);
    EXPECT_EQ(rtx->ssrc, 1U);
    EXPECT_EQ(route({.ssrc = 6, .type = kAudioType, .extensions = {{1, text("1")}}})->track, 3U);
}

TEST(TrackRouting, LetsATrackChangeItsSourceButNoSourceItsTrack) {
    Routed route(unannounced());
    route({.ssrc = 1, .extensions = {{1, text("0")}}});
    EXPECT_TRUE(route({.ssrc = 2, .extensions = {{1, text("0")}}})->new_source);
    EXPECT_EQ(route.routing.source_of(0), 2U);
    EXPECT_EQ(route({.ssrc = 1}).error(), Refusal::unknown_source);
    // As sound it would be another track's.
    EXPECT_EQ(route({.ssrc = 2, .type = kAudioType, .extensions = {{1, text("1")}}}).error(), Refusal::wrong_type);
    EXPECT_EQ(route({.ssrc = 2})->track, 0U);
}

TEST(TrackRouting, IsNotFilledByStrangers) {
    Routed route(layers());
    for (std::uint32_t ssrc = 100; ssrc < 10'000; ++ssrc)
        EXPECT_EQ(route({.ssrc = ssrc}).error(), Refusal::unknown_source);
    EXPECT_EQ(route({.ssrc = 1, .extensions = {{2, text("f")}}})->track, 0U);
    // By those that it does know only up to its bound.
    for (std::uint32_t ssrc = 100; ssrc < 200; ++ssrc) route({.ssrc = ssrc, .extensions = {{2, text("f")}}});
    EXPECT_EQ(route.routing.source_of(0), 100 + TrackRouting::kMaxSources - 2);
}

TEST(Retransmission, IsThePacketThatItRepeats) {
    Sent original{.index = 0xfffe, .timestamp = 5, .extensions = {{1, text("0")}}, .padding = 7};
    Bytes rtx = rtp_of(repeated(original, 3));
    auto unwrapped = unwrap_retransmission(rtx, *read_rtp_packet(rtx), kVideo, kVideoType);
    ASSERT_TRUE(unwrapped);
    EXPECT_EQ(Bytes(unwrapped->begin(), unwrapped->end()), rtp_of(original));
    for (std::size_t size : {0, 1}) {
        Bytes empty = rtp_of({.ssrc = kRtx, .type = kRtxType, .payload = Bytes(size), .padding = 255});
        EXPECT_FALSE(unwrap_retransmission(empty, *read_rtp_packet(empty), kVideo, kVideoType));
    }
}

}  // namespace
}  // namespace millrace::webrtc
