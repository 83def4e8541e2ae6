// SPDX-License-Identifier: LGPL-2.1-or-later
// The answer to a publisher, word for word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/core/webrtc/sdp/publish_offers.hpp"
#include "webrtc/core/sdp/offer_parser.hpp"
#include "webrtc/core/sdp/reception.hpp"

namespace millrace::webrtc {
namespace {

using namespace test;  // NOLINT: the offers, by their names
using testing::HasSubstr;
using testing::Not;

LocalTransport local() {
    LocalTransport local;
    local.ufrag = "abcdefgh";
    local.password = "0123456789abcdefghijklmn";
    local.candidates = {{HostCandidate::Transport::udp, "192.0.2.1", 8189}};
    return local;
}

std::string text_for(const std::string& offer, const ReceptionWishes& wishes = {}) {
    return publish_answer_text(*negotiate_reception(*parse_offer(offer), wishes), local(), 42);
}

TEST(PublishAnswerText, IsThisForChromium) {
    const std::string transport = "a=ice-ufrag:abcdefgh\na=ice-pwd:0123456789abcdefghijklmn\na=fingerprint:sha-256 " +
                                  to_text(Fingerprint{}) + "\na=setup:passive\na=rtcp-mux\na=rtcp-rsize\n";
    EXPECT_EQ(text_for(chromium_publish_offer()),
              with_crlf("v=0\n"
                        "o=- 42 1 IN IP4 0.0.0.0\n"
                        "s=-\n"
                        "t=0 0\n"
                        "a=ice-lite\n"
                        "a=ice-options:trickle\n"
                        "a=group:BUNDLE 0 1\n"
                        "m=audio 8189 UDP/TLS/RTP/SAVPF 111\n"
                        "c=IN IP4 192.0.2.1\n"
                        "a=mid:0\n"
                        "a=recvonly\n" +
                        transport +
                        "a=rtpmap:111 opus/48000/2\n"
                        "a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\n"
                        "a=rtcp-fb:111 transport-cc\n"
                        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\n"
                        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-"
                        "transport-wide-cc-extensions-01\n"
                        "a=candidate:1 1 udp 2130706431 192.0.2.1 8189 typ host\n"
                        "a=end-of-candidates\n"
                        "m=video 8189 UDP/TLS/RTP/SAVPF 102 103\n"
                        "c=IN IP4 192.0.2.1\n"
                        "a=mid:1\n"
                        "a=recvonly\n" +
                        transport +
                        "a=rtpmap:102 H264/90000\n"
                        "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;"
                        "profile-level-id=420034\n"
                        "a=rtcp-fb:102 transport-cc\n"
                        "a=rtcp-fb:102 ccm fir\n"
                        "a=rtcp-fb:102 nack\n"
                        "a=rtcp-fb:102 nack pli\n"
                        "a=rtpmap:103 rtx/90000\n"
                        "a=fmtp:103 apt=102\n"
                        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\n"
                        "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\n"
                        "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:"
                        "repaired-rtp-stream-id\n"
                        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-"
                        "transport-wide-cc-extensions-01\n"));
}

TEST(PublishAnswerText, TakesTheLayers) {
    const std::string text = text_for(chromium_simulcast_offer());
    EXPECT_THAT(text, HasSubstr("a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;~h;f\r\n"));
    EXPECT_THAT(text_for(chromium_publish_offer()), Not(HasSubstr("a=simulcast")));
}

TEST(PublishAnswerText, SaysTheLimitOfVideoBehindItsConnection) {
    const std::string text = text_for(obs_publish_offer(), {.max_bitrate = 2'500'001});
    const auto at = text.find("b=AS:2501\r\nb=TIAS:2500001\r\n");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_EQ(text.find("b=", at + 20), std::string::npos) << "sound has none";
    EXPECT_LT(text.find("m=video"), at);
    EXPECT_LT(at, text.find("a=mid:1"));
}

TEST(PublishAnswerText, RejectsWhatIsNotTaken) {
    const std::string text = text_for(chromium_publish_offer(), {.codecs = {Codec::h264}});
    EXPECT_THAT(text, HasSubstr("m=audio 0 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n"));
    EXPECT_THAT(text, HasSubstr("a=inactive\r\n"));
    EXPECT_THAT(text, HasSubstr("a=group:BUNDLE 1\r\n"));
}

TEST(PublishAnswerText, CanBeReadAsADescriptionForEverybody) {
    for (const std::string& offer : {chromium_publish_offer(), chromium_simulcast_offer(), webrtcbin_publish_offer(),
                                     aiortc_publish_offer(), obs_publish_offer(), ffmpeg_publish_offer()}) {
        auto read = parse_offer(text_for(offer));
        ASSERT_TRUE(read) << read.error().what;
        EXPECT_EQ(read->media.size(), 2U);
        for (const MediaSection& section : read->media) {
            EXPECT_EQ(section.direction, Direction::recvonly);
            EXPECT_FALSE(section.rejected);
        }
    }
}

}  // namespace
}  // namespace millrace::webrtc
