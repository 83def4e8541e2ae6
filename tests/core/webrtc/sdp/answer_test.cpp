// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/answer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/core/webrtc/sdp/offers.hpp"
#include "webrtc/core/sdp/negotiation.hpp"
#include "webrtc/core/sdp/offer_parser.hpp"

namespace millrace::webrtc {
namespace {

using test::chromium_offer;
using test::firefox_offer;

const StreamFormat kH264{.codec = Codec::h264, .profile = 0x42, .constraints = 0xc0, .level = 31};
const StreamFormat kOpus{.codec = Codec::opus};

SourceNames names() {
    SourceNames names;
    names.session_id = 8374650293847561;
    names.cname = "origin";
    names.stream_id = "live";
    names.video_ssrc = 1111;
    names.video_rtx_ssrc = 2222;
    names.audio_ssrc = 3333;
    return names;
}

LocalTransport local() {
    LocalTransport local;
    local.ufrag = "abcdefgh";
    local.password = "0123456789abcdefghijklmn";
    local.candidates = {{HostCandidate::Transport::udp, "192.0.2.1", 8189},
                        {HostCandidate::Transport::udp, "2001:db8::1", 8189},
                        {HostCandidate::Transport::tcp, "192.0.2.1", 8189}};
    return local;
}

std::string text_for(const std::string& offer, const Streams& streams, const LocalTransport& transport = local()) {
    return answer_text(*negotiate(*parse_offer(offer), streams, names(), {}), transport, names());
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find("\r\n", at);
        lines.push_back(text.substr(at, end - at));
        at = end + 2;
    }
    return lines;
}

TEST(AnswerText, IsThisForChromium) {
    const std::vector<std::string> expected = {
        "v=0",
        "o=- 8374650293847561 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=ice-options:trickle",
        "a=group:BUNDLE 0 1",
        "m=audio 8189 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 192.0.2.1",
        "a=mid:0",
        "a=sendonly",
        "a=ice-ufrag:abcdefgh",
        "a=ice-pwd:0123456789abcdefghijklmn",
        "a=fingerprint:sha-256 " + to_text(Fingerprint{}),
        "a=setup:passive",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1",
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "a=msid:live audio",
        "a=ssrc:3333 cname:origin",
        "a=ssrc:3333 msid:live audio",
        "a=candidate:1 1 udp 2130706431 192.0.2.1 8189 typ host",
        "a=candidate:2 1 udp 2130706175 2001:db8::1 8189 typ host",
        "a=candidate:3 1 tcp 1520434687 192.0.2.1 8189 typ host tcptype passive",
        "a=end-of-candidates",
        "m=video 8189 UDP/TLS/RTP/SAVPF 109 114",
        "c=IN IP4 192.0.2.1",
        "a=mid:1",
        "a=sendonly",
        "a=ice-ufrag:abcdefgh",
        "a=ice-pwd:0123456789abcdefghijklmn",
        "a=fingerprint:sha-256 " + to_text(Fingerprint{}),
        "a=setup:passive",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:109 H264/90000",
        "a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        "a=rtcp-fb:109 goog-remb",
        "a=rtcp-fb:109 ccm fir",
        "a=rtcp-fb:109 nack",
        "a=rtcp-fb:109 nack pli",
        "a=rtpmap:114 rtx/90000",
        "a=fmtp:114 apt=109",
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
        "a=msid:live video",
        "a=ssrc-group:FID 1111 2222",
        "a=ssrc:1111 cname:origin",
        "a=ssrc:1111 msid:live video",
        "a=ssrc:2222 cname:origin",
        "a=ssrc:2222 msid:live video",
    };
    EXPECT_EQ(lines(text_for(chromium_offer(), {kH264, kOpus})), expected);
}

TEST(AnswerText, RejectsWhatIsNotServedInItsPlace) {
    auto text = lines(text_for(chromium_offer(), {kH264, {}}));
    auto at = std::ranges::find(text, "m=audio 0 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126");
    ASSERT_NE(at, text.end());
    EXPECT_EQ(std::vector<std::string>(at + 1, at + 4),
              (std::vector<std::string>{"c=IN IP4 0.0.0.0", "a=mid:0", "a=inactive"}));
    EXPECT_NE(std::ranges::find(text, "a=group:BUNDLE 1"), text.end());
    EXPECT_EQ(text.back(), "a=end-of-candidates") << "in the first that is served";
}

// webrtcbin refuses an answer with a section that has none.
TEST(AnswerText, NamesTheTransportAndACodecInRejectedSectionsToo) {
    auto text = lines(text_for(chromium_offer(), {kH264, {}}));
    auto rejected = std::ranges::find(text, "a=inactive");
    ASSERT_NE(rejected, text.end());
    auto next = std::ranges::find(text, "m=video 8189 UDP/TLS/RTP/SAVPF 109 114");
    for (const std::string beginning : {"a=ice-ufrag:abcdefgh", "a=ice-pwd:", "a=fingerprint:sha-256 ",
                                        "a=setup:passive", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2"}) {
        EXPECT_TRUE(std::any_of(rejected, next, [&](const auto& line) { return line.starts_with(beginning); }))
            << beginning;
    }
}

TEST(AnswerText, IsAnOfferThatCanBeReadAgain) {
    for (const std::string& offer : {chromium_offer(), firefox_offer()}) {
        auto again = parse_offer(text_for(offer, {kH264, kOpus}));
        ASSERT_TRUE(again) << again.error().what;
        EXPECT_TRUE(again->ice_lite);
        ASSERT_EQ(again->media.size(), 2U);
        for (const MediaSection& section : again->media) {
            EXPECT_EQ(section.direction, Direction::sendonly);
            EXPECT_EQ(section.setup, Setup::passive);
            EXPECT_EQ(section.ufrag, "abcdefgh");
            EXPECT_TRUE(section.fingerprint && section.rtcp_mux);
        }
    }
}

TEST(AnswerText, WithoutAddressesSaysPort9) {
    LocalTransport nowhere = local();
    nowhere.candidates.clear();
    auto text = lines(text_for(chromium_offer(), {kH264, {}}, nowhere));
    EXPECT_NE(std::ranges::find(text, "m=video 9 UDP/TLS/RTP/SAVPF 109 114"), text.end());
}

TEST(AnswerText, AnIpv6AddressAloneIsTheDefault) {
    LocalTransport v6 = local();
    v6.candidates = {{HostCandidate::Transport::udp, "2001:db8::1", 8189}};
    auto text = lines(text_for(chromium_offer(), {kH264, {}}, v6));
    EXPECT_NE(std::ranges::find(text, "c=IN IP6 2001:db8::1"), text.end());
}

}  // namespace
}  // namespace millrace::webrtc
