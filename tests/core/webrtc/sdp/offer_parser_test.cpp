// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/offer_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/core/webrtc/sdp/offers.hpp"
#include "tests/support/sanitized.hpp"

namespace millrace::webrtc {
namespace {

using test::chromium_offer;
using test::firefox_offer;
using test::with;

const PayloadType& type(const MediaSection& section, unsigned number) {
    for (const PayloadType& type : section.payload_types)
        if (type.number == number) return type;
    throw std::out_of_range("no such payload type");
}

TEST(OfferParser, ReadsChromium) {
    auto offer = parse_offer(chromium_offer());
    ASSERT_TRUE(offer) << offer.error().what;
    EXPECT_EQ(offer->bundle, (std::vector<std::string>{"0", "1"}));
    EXPECT_FALSE(offer->ice_lite);
    ASSERT_EQ(offer->media.size(), 2U);

    const MediaSection& audio = offer->media[0];
    EXPECT_EQ(audio.kind, "audio");
    EXPECT_EQ(audio.mid, "0");
    EXPECT_EQ(audio.payload_types.size(), 8U);
    EXPECT_EQ(type(audio, 111).codec, "opus");
    EXPECT_EQ(type(audio, 111).clock_rate, 48000U);
    EXPECT_EQ(type(audio, 111).channels, 2U);
    EXPECT_EQ(type(audio, 111).fmtp, "minptime=10;useinbandfec=1");

    const MediaSection& video = offer->media[1];
    EXPECT_EQ(video.protocol, "UDP/TLS/RTP/SAVPF");
    EXPECT_EQ(video.direction, Direction::recvonly);
    EXPECT_EQ(video.ufrag, "Yf8o");
    EXPECT_EQ(video.password, "BkTzbU3EtVEn0XKXZ3wA1pDb");
    ASSERT_TRUE(video.fingerprint);
    EXPECT_EQ(video.fingerprint->sha256[0], 0x49);
    EXPECT_EQ(video.setup, Setup::actpass);
    EXPECT_TRUE(video.rtcp_mux);
    EXPECT_TRUE(video.rtcp_rsize);
    EXPECT_EQ(type(video, 103).feedback,
              (std::vector<std::string>{"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"}));
    ASSERT_EQ(video.extensions.size(), 9U);
    EXPECT_EQ(video.extensions[4].id, 5U);
    EXPECT_EQ(video.extensions[4].uri, "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay");
}

TEST(OfferParser, ReadsFirefox) {
    auto offer = parse_offer(firefox_offer());
    ASSERT_TRUE(offer) << offer.error().what;
    ASSERT_EQ(offer->media.size(), 2U);
    const MediaSection& video = offer->media[0];
    ASSERT_TRUE(video.fingerprint) << "of the session";
    EXPECT_EQ(video.fingerprint->sha256[0], 0xc1);
    EXPECT_EQ(video.direction, Direction::recvonly) << "and not the session's";
    EXPECT_EQ(video.extensions[3].direction, Direction::recvonly);
    EXPECT_EQ(type(video, 126).fmtp, "profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1");
    EXPECT_FALSE(offer->media[1].rejected) << "port 0, but bundle-only";
}

TEST(OfferParser, ReadsLinesThatEndInLineFeedsAlone) {
    std::string text = chromium_offer();
    std::erase(text, '\r');
    EXPECT_TRUE(parse_offer(text));
}

TEST(OfferParser, FeedbackForAllIsForAll) {
    auto offer = parse_offer(with(chromium_offer(), "a=rtcp-fb:111 transport-cc", "a=rtcp-fb:* nack"));
    for (const PayloadType& type : offer->media[0].payload_types)
        EXPECT_EQ(type.feedback, (std::vector<std::string>{"nack"}));
}

TEST(OfferParser, KnowsARejectedSection) {
    auto offer = parse_offer(with(chromium_offer(), "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
                                  "m=audio 0 UDP/TLS/RTP/SAVPF 111"));
    EXPECT_TRUE(offer->media[0].rejected);
    EXPECT_FALSE(offer->media[1].rejected);
}

TEST(OfferParser, TakesDataChannelsForWhatTheyAre) {
    auto offer = parse_offer(chromium_offer() + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n");
    ASSERT_TRUE(offer) << offer.error().what;
    EXPECT_EQ(offer->media[2].kind, "application");
    EXPECT_EQ(offer->media[2].formats, "webrtc-datachannel");
    EXPECT_TRUE(offer->media[2].payload_types.empty());
}

struct Mistake {
    const char* line;
    const char* instead;
    const char* named;
};

class AnOfferWithAMistake : public testing::TestWithParam<Mistake> {};

TEST_P(AnOfferWithAMistake, IsRefusedWithItsLineAndReason) {
    auto offer = parse_offer(with(chromium_offer(), GetParam().line, GetParam().instead));
    ASSERT_FALSE(offer);
    EXPECT_EQ(offer.error().fault, Fault::bad_input);
    EXPECT_NE(offer.error().what.find(GetParam().named), std::string::npos) << offer.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    Table, AnOfferWithAMistake,
    testing::Values(
        Mistake{"v=0", "{\"type\":\"offer\"}", "line 1"}, Mistake{"v=0", "v=1", "v=0"},
        Mistake{"a=mid:1", "a=mid:0", "a=mid: the same"}, Mistake{"a=mid:1", "a=mid:a b", "token"},
        Mistake{"a=mid:1", "a=mid:123456789012345678901234567890123", "32 characters"},
        Mistake{"t=0 0", "a=mid:0", "before the first m="},
        Mistake{"a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus", "a=rtpmap"},
        Mistake{"a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus/x/2", "a=rtpmap"},
        Mistake{"a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus/48000/0", "a=rtpmap"},
        Mistake{"a=setup:actpass", "a=setup:both", "a=setup"},
        Mistake{"a=ice-ufrag:Yf8o", "a=ice-ufrag:Yf8", "a=ice-ufrag"},
        Mistake{"a=ice-ufrag:Yf8o", "a=ice-ufrag:Yf8 o", "a=ice-ufrag"},
        Mistake{"a=ice-pwd:BkTzbU3EtVEn0XKXZ3wA1pDb", "a=ice-pwd:short", "a=ice-pwd"},
        Mistake{"a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", "a=extmap:x u", "a=extmap"},
        Mistake{"a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", "a=extmap:5/up u",
                "a=extmap: a direction"},
        Mistake{"m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126", "m=audio 9", "m= line"},
        Mistake{"m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126", "m=audio 9 UDP/TLS/RTP/SAVPF 128", "up to 127"},
        Mistake{"m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126", "m=audio 9 UDP/TLS/RTP/SAVPF 111 111", "twice"},
        Mistake{"t=0 0", "t", "line 4"}, Mistake{"t=0 0", "s=\x01", "line 4"}));

TEST(OfferParser, SaysWhatIsMissing) {
    EXPECT_FALSE(parse_offer(""));
    EXPECT_FALSE(parse_offer("v=0\r\n"));
    EXPECT_FALSE(parse_offer(with(chromium_offer(), "a=setup:actpass", "a=fingerprint:sha-256 49:66:12")));
    EXPECT_TRUE(parse_offer(with(chromium_offer(), "a=setup:actpass", "a=fingerprint:sha-1 49:66:12")))
        << "another hash is skipped";
}

TEST(OfferParser, HasItsLimits) {
    EXPECT_FALSE(parse_offer(chromium_offer() + std::string(kMaxOffer, '\n')));
    EXPECT_FALSE(parse_offer(chromium_offer() + "a=" + std::string(kMaxOfferLine, 'x')));
    EXPECT_TRUE(parse_offer(chromium_offer() + "a=" + std::string(kMaxOfferLine - 2, 'x')));

    std::string many = "v=0\n";
    for (std::size_t i = 0; i < kMaxSections; ++i) many += "m=audio 9 RTP/AVP 0\n";
    EXPECT_TRUE(parse_offer(many));
    EXPECT_FALSE(parse_offer(many + "m=audio 9 RTP/AVP 0\n"));

    std::string extensions = "v=0\nm=audio 9 RTP/AVP 0\n";
    for (std::size_t i = 0; i < kMaxExtensions; ++i) extensions += "a=extmap:1 u\n";
    EXPECT_TRUE(parse_offer(extensions));
    EXPECT_FALSE(parse_offer(extensions + "a=extmap:1 u\n"));

    std::string feedback = "v=0\nm=audio 9 RTP/AVP 0\n";
    for (std::size_t i = 0; i < kMaxFeedback; ++i) feedback += "a=rtcp-fb:* nack\n";
    EXPECT_TRUE(parse_offer(feedback));
    EXPECT_FALSE(parse_offer(feedback + "a=rtcp-fb:0 nack\n"));
}

TEST(OfferParser, AnyByteChangedBreaksNothing) {
    const std::string good = chromium_offer();
    for (std::size_t i = 0; i < good.size(); i += millrace::test::kEvery)
        for (char c : {'\0', '\n', ' ', ':', '=', '9', '\xff'}) {
            std::string changed = good;
            changed[i] = c;
            (void)parse_offer(changed);
        }
}

TEST(OfferParser, AnyCutBreaksNothing) {
    const std::string good = firefox_offer();
    for (std::size_t size = 0; size < good.size(); size += millrace::test::kEvery)
        (void)parse_offer(std::string(good, 0, size));
}

}  // namespace
}  // namespace millrace::webrtc
