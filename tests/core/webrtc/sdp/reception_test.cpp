// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/reception.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/core/webrtc/sdp/publish_offers.hpp"
#include "webrtc/core/sdp/offer_parser.hpp"

namespace millrace::webrtc {
namespace {

using namespace test;  // NOLINT: the offers, by their names
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

Result<PublishAnswer> answer(const std::string& offer, const ReceptionWishes& wishes = {}) {
    auto parsed = parse_offer(offer);
    if (!parsed) return tl::unexpected(parsed.error());
    return negotiate_reception(*parsed, wishes);
}

ReceptionTerms terms(const std::string& offer, const ReceptionWishes& wishes = {}) {
    auto made = answer(offer, wishes);
    EXPECT_TRUE(made) << made.error().what;
    return made ? reception_terms(*made, "ours", 77) : ReceptionTerms{};
}

// ---- who publishes --------------------------------------------------------------------------------------------------

TEST(Reception, OfChromiumIsH264WithTransportFeedback) {
    auto made = answer(chromium_publish_offer());
    ASSERT_TRUE(made) << made.error().what;
    EXPECT_TRUE(made->bundled);
    const ReceptionTerms got = reception_terms(*made, "ours", 77);
    EXPECT_EQ(got.cname, "ours");
    EXPECT_EQ(got.local_ssrc, 77U);
    ASSERT_EQ(got.tracks.size(), 2U);

    const IncomingTrack& audio = got.tracks[0];
    EXPECT_FALSE(audio.video);
    EXPECT_EQ(audio.mid, "0");
    EXPECT_THAT(audio.ssrcs, ElementsAre(1637340226U));
    EXPECT_EQ(audio.codecs[0].payload_type, 111);
    EXPECT_EQ(audio.codecs[0].codec, Codec::opus);
    EXPECT_EQ(audio.codecs[0].clock_rate, 48000U);
    EXPECT_TRUE(audio.transport_cc);

    const IncomingTrack& video = got.tracks[1];
    EXPECT_TRUE(video.video);
    EXPECT_EQ(video.mid, "1");
    EXPECT_EQ(video.rid, "");
    ASSERT_EQ(video.codecs.size(), 1U);
    EXPECT_EQ(video.codecs[0].payload_type, 102);
    EXPECT_EQ(video.codecs[0].codec, Codec::h264);
    EXPECT_EQ(video.codecs[0].rtx_payload_type, 103);
    EXPECT_THAT(video.ssrcs, ElementsAre(1757772458U)) << "the one that repeats is no stream of its own";
    EXPECT_THAT(video.rtx_of, ElementsAre(Pair(1757772458U, 3436184255U)));
    EXPECT_TRUE(video.nack && video.pli && video.fir && video.transport_cc && video.reduced_size_rtcp);
    EXPECT_FALSE(video.remb) << "one scheme of congestion control";

    EXPECT_EQ(got.extensions.mid, 4);
    EXPECT_EQ(got.extensions.transport_cc, 3);
    EXPECT_EQ(got.extensions.rid, 10);
    EXPECT_EQ(got.extensions.repaired_rid, 11);
    EXPECT_EQ(got.extensions.abs_send_time, 0) << "transport-cc has the arrival times";
}

TEST(Reception, OfSimulcastIsATrackALayer) {
    const ReceptionTerms got = terms(chromium_simulcast_offer());
    ASSERT_EQ(got.tracks.size(), 4U);
    EXPECT_EQ(got.tracks[1].rid, "q");
    EXPECT_EQ(got.tracks[2].rid, "h") << "paused, but it may go on";
    EXPECT_EQ(got.tracks[3].rid, "f");
    for (std::size_t layer = 1; layer < 4; ++layer) {
        EXPECT_EQ(got.tracks[layer].mid, "1");
        EXPECT_THAT(got.tracks[layer].ssrcs, IsEmpty());
    }
}

TEST(Reception, OfWebrtcbinIsWhatItHas) {
    const ReceptionTerms got = terms(webrtcbin_publish_offer());
    ASSERT_EQ(got.tracks.size(), 2U) << "port 0 for the bundle's sake is no refusal";
    EXPECT_EQ(got.tracks[0].mid, "video0");
    EXPECT_EQ(got.tracks[0].codecs[0].rtx_payload_type, 98);
    EXPECT_THAT(got.tracks[0].codecs[0].fmtp, HasSubstr("sprop-parameter-sets=")) << "what a decoder may need";
    EXPECT_THAT(got.tracks[0].ssrcs, ElementsAre(3158640206U));
    EXPECT_FALSE(got.tracks[0].transport_cc) << "not without its extension";
    EXPECT_EQ(got.tracks[1].codecs[0].codec, Codec::opus);
    EXPECT_EQ(got.tracks[1].codecs[0].rtx_payload_type, 99);
}

TEST(Reception, OfAiortcIsH264WithReceiverEstimates) {
    const ReceptionTerms got = terms(aiortc_publish_offer());
    ASSERT_EQ(got.tracks.size(), 2U);
    EXPECT_EQ(got.tracks[1].codecs[0].payload_type, 99);
    EXPECT_TRUE(got.tracks[1].remb);
    EXPECT_FALSE(got.tracks[1].transport_cc);
    EXPECT_EQ(got.extensions.mid, 1);
    EXPECT_EQ(got.extensions.abs_send_time, 3);
}

TEST(Reception, OfObsNeedsNoExtensions) {
    const ReceptionTerms got = terms(obs_publish_offer());
    ASSERT_EQ(got.tracks.size(), 2U);
    EXPECT_THAT(got.tracks[0].ssrcs, ElementsAre(2724817378U));
    EXPECT_THAT(got.tracks[1].ssrcs, ElementsAre(2724817379U));
    EXPECT_EQ(got.extensions.mid, 0);
    EXPECT_TRUE(got.tracks[1].nack && got.tracks[1].pli && got.tracks[1].remb);
    EXPECT_FALSE(got.tracks[1].codecs[0].rtx_payload_type);
}

TEST(Reception, OfFfmpegIsWithItsRetransmissions) {
    const ReceptionTerms got = terms(ffmpeg_publish_offer());
    ASSERT_EQ(got.tracks.size(), 2U);
    EXPECT_EQ(got.tracks[1].codecs[0].rtx_payload_type, 105);
    EXPECT_THAT(got.tracks[1].rtx_of, ElementsAre(Pair(7654321U, 7654322U)));
    EXPECT_FALSE(got.tracks[1].pli);
}

TEST(Reception, OfOneSectionNeedsNoBundleAndNoMid) {
    std::string offer = obs_publish_offer();
    offer.erase(offer.find("m=video"));
    offer = with(with(offer, "a=group:BUNDLE 0 1", ""), "a=mid:0", "");
    auto made = answer(offer);
    ASSERT_TRUE(made) << made.error().what;
    EXPECT_FALSE(made->bundled);
    EXPECT_EQ(reception_terms(*made, "", 1).tracks.size(), 1U);
    EXPECT_EQ(transport_section(*made).kind, "audio");
    EXPECT_EQ(transport_section(*made).mid, "");
}

TEST(Reception, OfSectionsThatAreNoBundleIsTheFirst) {
    EXPECT_EQ(terms(with(chromium_publish_offer(), "a=group:BUNDLE 0 1", "")).tracks.size(), 1U);
    std::string no_names = with(with(obs_publish_offer(), "a=mid:0", ""), "a=mid:1", "");
    EXPECT_EQ(terms(no_names).tracks.size(), 1U);
    EXPECT_EQ(terms(with(no_names, "a=group:BUNDLE 0 1", "a=group:BUNDLE  ")).tracks.size(), 1U)
        << "no name is no member";
}

// ---- wishes ---------------------------------------------------------------------------------------------------------

TEST(Reception, TakesTheFirstCodecThatIsOffered) {
    EXPECT_EQ(
        terms(chromium_publish_offer(), {.codecs = {Codec::h265, Codec::av1, Codec::h264}}).tracks[0].codecs[0].codec,
        Codec::av1);
    const ReceptionTerms vp9 = terms(chromium_publish_offer(), {.codecs = {Codec::vp9, Codec::opus}});
    EXPECT_EQ(vp9.tracks[1].codecs[0].payload_type, 98);
    EXPECT_EQ(vp9.tracks[1].codecs[0].rtx_payload_type, 99);
    EXPECT_EQ(terms(chromium_publish_offer(), {.codecs = {Codec::vp8}}).tracks.size(), 1U) << "sound is rejected";
}

TEST(Reception, TellsALimitByEveryScheme) {
    const ReceptionTerms got = terms(chromium_publish_offer(), {.max_bitrate = 2'000'000});
    EXPECT_EQ(got.most_bitrate, 2'000'000U);
    EXPECT_TRUE(got.tracks[1].transport_cc && got.tracks[1].remb);
}

// ---- what is not taken ----------------------------------------------------------------------------------------------

TEST(Reception, OfLayersThatCannotBeToldApartIsOneTrack) {
    for (const char* line : {"a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
                             "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid"}) {
        const ReceptionTerms got = terms(with(chromium_simulcast_offer(), line, ""));
        ASSERT_EQ(got.tracks.size(), 2U) << line;
        EXPECT_EQ(got.tracks[1].rid, "");
    }
    EXPECT_EQ(terms(with(chromium_simulcast_offer(), "a=rid:h send", "")).tracks.size(), 3U) << "it is not sent";
}

TEST(Reception, OfManySectionsAndLayersIsBounded) {
    std::string offer = chromium_simulcast_offer();
    std::string rids;
    std::string layers = "a=simulcast:send ";
    for (int i = 0; i < 10; ++i) {
        rids += "a=rid:l" + std::to_string(i) + " send\r\n";
        layers += (i > 0 ? ";l" : "l") + std::to_string(i);
    }
    offer = with(offer, "a=simulcast:send q;~h;f", rids + layers);
    EXPECT_EQ(terms(offer).tracks.size(), 1 + kMostLayers);

    offer = obs_publish_offer();
    const std::string section = offer.substr(offer.find("m=audio"), offer.find("m=video") - offer.find("m=audio"));
    std::string group = "a=group:BUNDLE 0 1";
    for (int i = 2; i < 12; ++i) {
        offer += with(section, "a=mid:0", "a=mid:" + std::to_string(i));
        group += " " + std::to_string(i);
    }
    auto made = answer(with(offer, "a=group:BUNDLE 0 1", group));
    ASSERT_TRUE(made) << made.error().what;
    EXPECT_EQ(made->sections.size(), 12U);
    const ReceptionTerms got = reception_terms(*made, "", 1);
    EXPECT_EQ(got.tracks.size(), kMostPublished);
    EXPECT_THAT(got.tracks[2].ssrcs, IsEmpty()) << "the source is the first section's";
}

TEST(Reception, ASourceThatRepeatsItselfOrAnotherSectionsIsNotKept) {
    const std::string fid = "a=ssrc-group:FID 1757772458 3436184255";
    EXPECT_THAT(terms(with(chromium_publish_offer(), fid, "a=ssrc-group:FID 5 5")).tracks[1].rtx_of, IsEmpty());
    EXPECT_THAT(terms(with(chromium_publish_offer(), fid, "a=ssrc-group:FID 1757772458 1637340226")).tracks[1].rtx_of,
                IsEmpty());
    EXPECT_THAT(terms(with(chromium_publish_offer(), fid, "a=ssrc-group:SIM 1757772458 3436184255")).tracks[1].ssrcs,
                ElementsAre(1757772458U, 3436184255U));
}

TEST(Reception, ANumberThatMeansSomethingElseInAnotherSectionIsNotAgreedTo) {
    // The sound's mid is 4; if the video's 4 were its stream name, packets could not be read.
    std::string offer = with(chromium_simulcast_offer(), "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
                             "a=extmap:4/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
    const ReceptionTerms got = terms(offer);
    EXPECT_EQ(got.extensions.mid, 4);
    EXPECT_EQ(got.extensions.rid, 0);
    EXPECT_EQ(got.tracks.size(), 2U);
    EXPECT_EQ(terms(with(chromium_publish_offer(), "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
                         "a=extmap:15 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"))
                  .extensions.rid,
              0)
        << "a header of one byte has 1 to 14";
    EXPECT_EQ(terms(with(chromium_publish_offer(), "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
                         "a=extmap:10/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"))
                  .extensions.rid,
              0)
        << "the publisher only receives it";
}

TEST(Reception, WhatThePublisherDoesNotSendIsRejected) {
    for (const char* direction : {"a=recvonly", "a=inactive"}) {
        auto made = answer(with(chromium_publish_offer(), "a=sendonly", direction));
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().fault, Fault::refused);
        EXPECT_THAT(made.error().what, HasSubstr("sends nothing"));
    }
    EXPECT_EQ(terms(with(chromium_publish_offer(), "a=sendonly", "a=sendrecv")).tracks.size(), 2U);
}

TEST(Reception, WhichCodecsAreAcceptedIsSaidWhenNoneIsOffered) {
    auto made = answer(chromium_publish_offer(), {.codecs = {Codec::h265}});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().fault, Fault::refused);
    EXPECT_THAT(made.error().what, HasSubstr("H265"));
    EXPECT_THAT(made.error().what, HasSubstr("VP8"));
}

struct Obstacle {
    const char* line;
    const char* instead;
    const char* named;
};
class APublishOfferThatCannotBeAnswered : public testing::TestWithParam<Obstacle> {};

TEST_P(APublishOfferThatCannotBeAnswered, IsRefusedWithTheReason) {
    auto made = answer(with(obs_publish_offer(), GetParam().line, GetParam().instead));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().fault, Fault::refused);
    EXPECT_THAT(made.error().what, HasSubstr(GetParam().named));
}

INSTANTIATE_TEST_SUITE_P(
    Table, APublishOfferThatCannotBeAnswered,
    testing::Values(Obstacle{"a=setup:actpass", "a=setup:passive", "setup"}, Obstacle{"a=setup:actpass", "", "setup"},
                    Obstacle{"a=rtcp-mux", "", "rtcp-mux"}, Obstacle{"a=ice-ufrag:2Wvz", "", "ice-ufrag"},
                    Obstacle{"a=group:LS 0 1", "a=ice-lite", "lite"},
                    Obstacle{"a=fingerprint:sha-256 "
                             "1A:2B:3C:4D:5E:6F:70:81:92:A3:B4:C5:D6:E7:F8:09:1A:2B:3C:4D:5E:6F:70:81:92:A3:B4:C5:D6:"
                             "E7:F8:09",
                             "", "SHA-256"}));

// ---- what is read of an offer ---------------------------------------------------------------------------------------

class NamesThatAreNone : public testing::TestWithParam<const char*> {};

TEST_P(NamesThatAreNone, AreBadInput) {
    auto offer = parse_offer(with(chromium_simulcast_offer(), "a=simulcast:send q;~h;f", GetParam()));
    ASSERT_FALSE(offer);
    EXPECT_EQ(offer.error().fault, Fault::bad_input);
}

INSTANTIATE_TEST_SUITE_P(Table, NamesThatAreNone,
                         testing::Values("a=ssrc:x cname:y", "a=ssrc:4294967296", "a=ssrc-group:FID 1",
                                         "a=ssrc-group:FID one two", "a=rid:q send", "a=rid:a.b send",
                                         "a=rid:12345678901234567 send", "a=simulcast:send q;;f",
                                         "a=simulcast:send q;q", "a=simulcast:send ~", "a=simulcast:send a.b"));

TEST(OfferOfLayers, HasTheFirstOfAlternativesAndWhatIsSent) {
    auto offer = parse_offer(with(chromium_simulcast_offer(), "a=simulcast:send q;~h;f",
                                  "a=simulcast:recv x;y send q,h;~f\r\na=rid:x recv"));
    ASSERT_TRUE(offer) << offer.error().what;
    EXPECT_THAT(offer->media[1].layers, ElementsAre("q", "f"));
    EXPECT_THAT(offer->media[1].sent_streams, ElementsAre("q", "h", "f"));
}

TEST(OfferOfSources, IsBounded) {
    std::string lines;
    for (unsigned i = 0; i <= kMaxSources; ++i) lines += "a=ssrc:" + std::to_string(i) + " cname:x\r\n";
    EXPECT_FALSE(parse_offer(obs_publish_offer() + lines));
    lines.clear();
    for (unsigned i = 0; i <= kMaxSources; ++i) lines += "a=ssrc-group:FID " + std::to_string(i) + " 9\r\n";
    EXPECT_FALSE(parse_offer(obs_publish_offer() + lines));
    lines.clear();
    for (unsigned i = 0; i <= kMaxStreams; ++i) lines += "a=rid:" + std::to_string(i) + " send\r\n";
    EXPECT_FALSE(parse_offer(obs_publish_offer() + lines));
}

}  // namespace
}  // namespace millrace::webrtc
