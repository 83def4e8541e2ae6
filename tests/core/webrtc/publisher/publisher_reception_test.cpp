// SPDX-License-Identifier: LGPL-2.1-or-later
// One publisher's session, from its protected datagrams to what it is told.
#include "webrtc/core/publisher/publisher_reception.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/webrtc/publisher/publisher_scene.hpp"
#include "webrtc/core/rtp/rtcp_writer.hpp"
#include "webrtc/core/rtp/rtp_packet.hpp"

namespace millrace::webrtc {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Bytes copy(ByteView view) {
    return {view.begin(), view.end()};
}

Sent numbered(std::uint64_t index) {
    Sent packet;
    packet.index = index;
    packet.timestamp = static_cast<std::uint32_t>(index * 3000);
    packet.extensions = {{4, big_endian(index, 2)}};
    return packet;
}

class PublisherReceptionOfEachProfile : public testing::TestWithParam<SrtpProfile> {};

TEST_P(PublisherReceptionOfEachProfile, HandsOnWhatWasSent) {
    PublisherScene scene(browser_terms(), GetParam());
    Sent audio{.ssrc = kAudio, .type = kAudioType, .index = 40000, .timestamp = 960};
    auto packet = scene.send(audio);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->track, kAudioTrack);
    EXPECT_EQ(packet->codec->codec, Codec::opus);
    EXPECT_EQ(copy(packet->rtp), rtp_of(audio));
    EXPECT_FALSE(packet->recovered);
    packet = scene.send(numbered(5));
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->track, kVideoTrack);
    EXPECT_EQ(copy(packet->rtp), rtp_of(numbered(5)));
}
INSTANTIATE_TEST_SUITE_P(Profiles, PublisherReceptionOfEachProfile,
                         testing::Values(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80));

TEST(PublisherReception, AsksForALostPacketAndGivesBackTheOriginal) {
    PublisherScene scene;
    for (std::uint64_t index : {1, 2, 4}) scene.send(numbered(index));
    EXPECT_THAT(scene.heard_only<Nack>(), IsEmpty());  // perhaps it was overtaken
    scene.send(numbered(5));
    auto nacks = scene.heard_only<Nack>();
    ASSERT_THAT(nacks, SizeIs(1));
    EXPECT_EQ(nacks[0].ssrc, kVideo);
    EXPECT_THAT(nacks[0].lost, ElementsAre(3));

    scene.now += 30ms;
    auto packet = scene.send(repeated(numbered(3), 1));
    ASSERT_TRUE(packet);
    EXPECT_TRUE(packet->recovered);
    EXPECT_EQ(packet->track, kVideoTrack);
    EXPECT_EQ(copy(packet->rtp), rtp_of(numbered(3)));
    const auto stats = scene.reception.stats();
    EXPECT_EQ(stats.tracks[kVideoTrack].round_trip, 30ms);
    EXPECT_EQ(stats.tracks[kVideoTrack].recovered, 1U);
    EXPECT_EQ(stats.tracks[kVideoTrack].lost, 1);
    EXPECT_EQ(stats.tracks[kVideoTrack].packets, 5U);
    scene.wait(1s);
    EXPECT_THAT(scene.heard_only<Nack>(), IsEmpty());
}

TEST(PublisherReception, WantsOneKeyFrameForAllThatIsLostForGood) {
    PublisherScene scene;
    scene.send(numbered(1));
    scene.send(numbered(10));
    scene.wait(249ms);
    auto said = scene.heard();
    EXPECT_EQ(std::ranges::count_if(said, [](auto& m) { return std::holds_alternative<KeyFrameRequest>(m); }), 0);
    EXPECT_GE(std::ranges::count_if(said, [](auto& m) { return std::holds_alternative<Nack>(m); }), 3);
    scene.wait(10ms);
    auto requests = scene.heard_only<KeyFrameRequest>();
    ASSERT_THAT(requests, SizeIs(1));
    EXPECT_EQ(requests[0].ssrc, kVideo);
    EXPECT_EQ(scene.reception.stats().tracks[kVideoTrack].given_up, 8U);
    scene.reception.key_frame_arrived(kVideoTrack);
    scene.wait(2s);
    EXPECT_THAT(scene.heard_only<KeyFrameRequest>(), IsEmpty());
    // What was given up is still welcome.
    EXPECT_TRUE(scene.send(repeated(numbered(3), 1)));
}

TEST(PublisherReception, RepeatsAKeyFrameRequestUntilItIsAnswered) {
    PublisherScene scene;
    for (int viewer = 0; viewer < 50; ++viewer) scene.reception.want_key_frame(kVideoTrack, scene.now);
    EXPECT_THAT(scene.heard_only<KeyFrameRequest>(), SizeIs(1));  // the announced source is asked before it sends
    scene.wait(499ms);
    EXPECT_THAT(scene.heard_only<KeyFrameRequest>(), IsEmpty());
    scene.wait(1s);
    EXPECT_THAT(scene.heard_only<KeyFrameRequest>(), SizeIs(2));
    scene.reception.key_frame_arrived(kVideoTrack);
    scene.reception.want_key_frame(kVideoTrack, scene.now);
    scene.wait(200ms);
    EXPECT_THAT(scene.heard_only<KeyFrameRequest>(), SizeIs(1));
    scene.reception.want_key_frame(99, scene.now);
    scene.reception.want_key_frame(kAudioTrack, scene.now);  // has not agreed
    EXPECT_THAT(scene.heard(), IsEmpty());
}

TEST(PublisherReception, NumbersFullIntraRequestsByWishAndNotByRepetition) {
    auto terms = browser_terms();
    terms.tracks[0].pli = false;
    PublisherScene scene(terms);
    scene.reception.want_key_frame(kVideoTrack, scene.now);
    scene.wait(600ms);
    scene.reception.key_frame_arrived(kVideoTrack);
    scene.reception.want_key_frame(kVideoTrack, scene.now);
    scene.wait(200ms);
    scene.heard();
    ASSERT_THAT(scene.datagrams(), SizeIs(3));
    EXPECT_EQ(scene.datagrams()[0], scene.datagrams()[1]);
    EXPECT_EQ(scene.datagrams()[0][16], 1);
    EXPECT_EQ(scene.datagrams()[2][16], 2);
}

TEST(PublisherReception, TellsWhatArrivedEveryFiftyMilliseconds) {
    PublisherScene scene;
    for (std::uint64_t i = 0; i < 100; ++i) {
        if (i % 10 != 3) scene.send(numbered(0xfff0 + i));
        scene.wait(2ms);
    }
    std::vector<std::uint16_t> told;
    const auto feedback = scene.heard_only<TransportFeedback>();
    EXPECT_THAT(feedback, SizeIs(4));
    for (std::size_t i = 0; i < feedback.size(); ++i) {
        EXPECT_EQ(feedback[i].count, i);
        for (const auto& arrival : feedback[i].arrivals) told.push_back(arrival.sequence);
    }
    ASSERT_GT(told.size(), 60U);
    for (std::uint16_t i = 0, at = 0; at < told.size(); ++i) {
        if (i % 10 == 3) continue;
        EXPECT_EQ(told[at++], static_cast<std::uint16_t>(0xfff0 + i));
    }
    EXPECT_EQ(scene.reception.stats().transport_feedbacks, 4U);
    scene.wait(1s);
    scene.heard();
    scene.wait(990ms);
    EXPECT_THAT(scene.heard_only<TransportFeedback>(), IsEmpty());  // nothing came
}

TEST(PublisherReception, ReportsWithTheSendersTime) {
    PublisherScene scene;
    for (std::uint64_t index : {1, 2, 3, 5}) scene.send(numbered(index));
    ByteWriter report;
    write_sender_report(report, {kVideo, NtpTime{0x1234567890abcdef}, 777, 0, 0});
    EXPECT_TRUE(scene.send_rtcp(report.view()));
    const auto times = scene.reception.take_sender_times();
    ASSERT_THAT(times, SizeIs(1));
    EXPECT_EQ(times[0].track, kVideoTrack);
    EXPECT_EQ(times[0].timestamp, 777U);
    EXPECT_EQ(times[0].ntp.value, 0x1234567890abcdefU);
    EXPECT_THAT(scene.reception.take_sender_times(), IsEmpty());
    scene.wait(200ms);
    const auto blocks = scene.heard_only<ReportBlock>();
    ASSERT_THAT(blocks, SizeIs(1));
    EXPECT_EQ(blocks[0].ssrc, kVideo);
    EXPECT_EQ(blocks[0].cumulative_lost, 1);
    EXPECT_EQ(blocks[0].fraction_lost, 256 / 5);
    EXPECT_EQ(blocks[0].highest_sequence, 5U);
    EXPECT_EQ(blocks[0].last_report, 0x567890abU);
    EXPECT_EQ(blocks[0].since_last_report, 0x10000U / 5);
    scene.wait(3s);
    EXPECT_THAT(scene.heard_only<ReportBlock>(), SizeIs(3));
}

TEST(PublisherReception, SendsCompoundsWhereReducedSizeWasNotAgreed) {
    auto terms = browser_terms();
    terms.tracks[1].reduced_size_rtcp = false;
    PublisherScene scene(terms);
    scene.reception.want_key_frame(kVideoTrack, scene.now);
    scene.heard();
    ASSERT_THAT(scene.datagrams(), SizeIs(1));
    EXPECT_EQ(scene.datagrams()[0][1], 201);                 // a report of nothing
    EXPECT_EQ(scene.datagrams()[0][8 + 1], 202);             // our name
    EXPECT_EQ(scene.datagrams()[0].size(), 8U + 20U + 12U);  // and the request
}

TEST(PublisherReception, SaysGoodbyeWhenAllHaveGone) {
    PublisherScene scene;
    auto bye = [&](std::vector<std::uint32_t> ssrcs) {
        ByteWriter out;
        write_bye(out, ssrcs);
        return scene.send_rtcp(out.view());
    };
    EXPECT_TRUE(bye({kVideo, kAudio}));  // nothing was heard of them
    scene.send(numbered(1));
    scene.send({.ssrc = kAudio, .type = kAudioType, .index = 1});
    EXPECT_TRUE(bye({kVideo}));
    EXPECT_TRUE(bye({}));
    EXPECT_TRUE(bye({1234}));
    EXPECT_FALSE(bye({kAudio}));
}

TEST(PublisherReception, DropsRetransmissionsOfNothingAndOfWhatIsThere) {
    PublisherScene scene;
    scene.send(numbered(1));
    scene.send(numbered(2));
    Sent probe = repeated(numbered(1), 1);
    probe.payload.clear();
    probe.padding = 200;
    probe.extensions = {{4, big_endian(3, 2)}};
    EXPECT_FALSE(scene.send(probe));
    EXPECT_FALSE(scene.send(repeated(numbered(2), 2)));
    Sent never = repeated(numbered(30000), 3);
    never.extensions.clear();
    EXPECT_FALSE(scene.send(never));  // of what was never sent
    EXPECT_EQ(scene.reception.stats().padding, 1U);
    EXPECT_EQ(scene.reception.stats().tracks[kVideoTrack].duplicates, 2U);
    scene.wait(60ms);
    const auto feedback = scene.heard_only<TransportFeedback>();
    ASSERT_THAT(feedback, SizeIs(1));
    EXPECT_THAT(feedback[0].arrivals, SizeIs(testing::Ge(3U)));  // it has arrived all the same
}

TEST(PublisherReception, CountsWhatItDrops) {
    PublisherScene scene;
    scene.send(numbered(1));
    EXPECT_FALSE(scene.send_bytes(Bytes(10, 0x80)));
    EXPECT_FALSE(scene.send_bytes(Bytes(65535, 0x80)));
    EXPECT_FALSE(scene.send_bytes(scene.protect(numbered(1))));
    EXPECT_FALSE(scene.send({.ssrc = kVideo, .type = kAudioType, .index = 3}));  // lies about its type
    EXPECT_FALSE(scene.send({.ssrc = 99, .type = 55, .index = 1}));
    Bytes forged = scene.protect(numbered(4));
    forged.back() ^= 1;
    EXPECT_FALSE(scene.send_bytes(forged));
    Bytes junk(100, 0x81);
    EXPECT_TRUE(scene.reception.on_rtcp(junk, scene.now));
    const auto stats = scene.reception.stats();
    EXPECT_EQ(stats.malformed, 1U);
    EXPECT_EQ(stats.forged, 2U);
    EXPECT_EQ(stats.replayed, 1U);
    EXPECT_EQ(stats.wrong_type, 1U);
    EXPECT_EQ(stats.unknown_source, 1U);
    EXPECT_EQ(stats.rejected_rtcp, 1U);
}

TEST(PublisherReception, TellsABitrateWhereThereIsNothingBetter) {
    auto terms = browser_terms();
    for (auto& track : terms.tracks) {
        track.transport_cc = false;
        track.remb = true;
    }
    terms.most_bitrate = 4'000'000;
    PublisherScene scene(terms);
    std::uint64_t index = 0;
    std::uint64_t last = 0;
    for (int i = 0; i < 20 * 500; ++i, ++index) {  // 2 ms apart, as much as is allowed
        Sent packet = numbered(index);
        const auto sent = std::chrono::duration_cast<std::chrono::microseconds>(scene.now.time_since_epoch()).count();
        packet.extensions = {{5, big_endian(static_cast<std::uint64_t>(sent) * 262144 / 1'000'000 & 0xffffff, 3)}};
        packet.payload.resize(950);
        scene.send(packet);
        scene.wait(2ms);
        for (const auto& estimate : scene.heard_only<BitrateEstimate>()) {
            EXPECT_GE(estimate.bits_per_second, last == 0 ? 2'490'000 : last);
            last = estimate.bits_per_second;
            EXPECT_THAT(estimate.ssrcs, ElementsAre(kVideo));
        }
    }
    EXPECT_NEAR(static_cast<double>(last), 4e6, 1e5);  // by the limit
    EXPECT_GT(scene.reception.stats().bitrate_estimates, 19U);
}

TEST(PublisherReception, TellsItsLimitBesideTransportFeedback) {
    auto terms = browser_terms();
    terms.most_bitrate = 1'000'000;
    terms.tracks[0].remb = true;
    PublisherScene scene(terms);
    scene.send(numbered(1));
    scene.wait(3s);
    const auto estimates = scene.heard_only<BitrateEstimate>();
    EXPECT_THAT(estimates, SizeIs(3));
    EXPECT_NEAR(static_cast<double>(estimates.front().bits_per_second), 1e6, 10);
}

TEST(PublisherReception, KeepsItsCountersWhenTheEncoderRestarts) {
    auto terms = browser_terms();
    PublisherScene scene(terms);
    scene.send(numbered(1));
    scene.send(numbered(3));
    Sent anew = numbered(9000);
    anew.ssrc = 0x5555;
    anew.extensions.push_back({1, Bytes{'0'}});
    auto packet = scene.send(anew);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->track, kVideoTrack);
    EXPECT_FALSE(scene.send(numbered(4)));  // the old one is done with
    const auto stats = scene.reception.stats().tracks[kVideoTrack];
    EXPECT_EQ(stats.sources, 2U);
    EXPECT_EQ(stats.packets, 3U);
    EXPECT_EQ(stats.lost, 1);
    scene.reception.want_key_frame(kVideoTrack, scene.now);
    EXPECT_EQ(scene.heard_only<KeyFrameRequest>().at(0).ssrc, 0x5555U);
}

TEST(PublisherReception, AsksForNoMoreThanItKeepsWhenNearlyAllIsLost) {
    PublisherScene scene;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        scene.send(numbered(i * 7));
        scene.wait(1ms);
        scene.heard();  // no datagram is too long
    }
    EXPECT_GT(scene.reception.stats().tracks[kVideoTrack].given_up, 1000U);
    scene.send(numbered(60000));
    scene.wait(1s);
    EXPECT_EQ(scene.reception.stats().tracks[kVideoTrack].key_frame_requests > 0, true);
}

TEST(PublisherReception, IsNotMadeOfTermsThatMakeNoSense) {
    const SrtpKeys keys = *derive_srtp_keys(SrtpProfile::aead_aes_128_gcm, Bytes(56, 1));
    EXPECT_FALSE(PublisherReception::make({}, keys));
    auto terms = browser_terms();
    terms.tracks[0].codecs[0].clock_rate = 0;
    EXPECT_FALSE(PublisherReception::make(terms, keys));
    terms.tracks[0].codecs.clear();
    EXPECT_FALSE(PublisherReception::make(terms, keys));
    EXPECT_TRUE(PublisherReception::make(browser_terms(), keys));
}

}  // namespace
}  // namespace millrace::webrtc
