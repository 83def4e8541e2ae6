// SPDX-License-Identifier: LGPL-2.1-or-later
// The viewer that tests and benches share, against the parts of our side that it will meet: it must see what is wrong.
#include "tests/support/webrtc/whep_viewer.hpp"

#include <gtest/gtest.h>

#include "webrtc/core/ice/demultiplex.hpp"
#include "webrtc/core/ice/stun_server.hpp"
#include "webrtc/core/sdp/negotiation.hpp"
#include "webrtc/core/sdp/offer_parser.hpp"
#include "webrtc/core/secure/dtls_session.hpp"
#include "webrtc/core/secure/srtp_sender.hpp"

namespace millrace::webrtc {
namespace {

using test::WhepViewer;
using test::WhepViewerOptions;

constexpr TimePoint kStart{1000s};
constexpr std::uint32_t kVideoSsrc = 11;

// One viewer and a server for it, with nothing between them.
class Meeting {
  public:
    explicit Meeting(const WhepViewerOptions& options = {})
        : viewer(*WhepViewer::make(WhepViewer::make_identity(), options)) {}

    void join() {
        const Offer offer = *parse_offer(viewer->offer());
        Streams streams;
        streams.video = StreamFormat{Codec::h264, 66, 0xe0, 31};
        streams.audio = StreamFormat{Codec::opus};
        const SourceNames names{1, "cname", "stream", kVideoSsrc, 12, 13};
        const Answer answer = *negotiate(offer, streams, names, {});
        video_ = answer.video()->payload_type.number;
        LocalTransport local{"server01", "a-password-of-24-letters", vouched, {}};
        local.candidates.push_back({HostCandidate::Transport::udp, "192.0.2.1", 8189});
        ASSERT_TRUE(viewer->accept(answer_text(answer, local, names)));
        dtls_ = std::make_unique<DtlsSession>(*DtlsContext::make(certificate), answer.peer_fingerprint);
        viewer->start(kStart);
        carry();
    }

    void send(std::uint16_t sequence, bool marker, const Bytes& payload, bool broken = false) {
        if (!sender_) sender_.emplace(*SrtpSender::make(dtls_->keys()->profile, dtls_->keys()->server.rtp));
        ByteWriter header(12);
        header.u8(0x80);
        header.u8((marker ? 0x80U : 0U) | video_);
        header.u16(sequence);
        header.u32(sequence / 2U * 3000U);
        header.u32(kVideoSsrc);
        Bytes packet(200);
        packet.resize(sender_->protect(header.view(), payload, sequence, packet));
        if (broken) packet.back() ^= 1;
        viewer->receive(packet, kStart + 1s);
    }

    const Certificate certificate = *Certificate::make(UnixTime{1'800'000'000'000'000'000});
    Fingerprint vouched = certificate.fingerprint();
    std::unique_ptr<WhepViewer> viewer;

  private:
    void carry() {
        for (auto sent = viewer->take_output(); !sent.empty(); sent = viewer->take_output())
            for (const Bytes& datagram : sent) serve(datagram);
    }
    void serve(const Bytes& datagram) {
        if (demultiplex(datagram) == Traffic::stun) {
            Bytes reply = stun_.receive(datagram, {}, [](auto) { return "a-password-of-24-letters"; }).reply;
            return viewer->receive(reply, kStart);
        }
        dtls_->receive(datagram, kStart);
        for (Bytes& reply : dtls_->take_output()) viewer->receive(reply, kStart);
    }

    std::uint8_t video_ = 0;
    StunServer stun_;
    std::unique_ptr<DtlsSession> dtls_;
    std::optional<SrtpSender> sender_;
};

const Bytes kSps = {0x67, 0x42, 0xe0, 0x1f};
const Bytes kIdr = {0x65, 0x88, 0x84};
const Bytes kOther = {0x41, 0x9a, 0x02};

TEST(WhepViewer, JoinsAndSeesAKeyFrame) {
    Meeting meeting;
    meeting.join();
    ASSERT_EQ(meeting.viewer->state(), WhepViewer::State::playing) << meeting.viewer->failure();
    meeting.send(0, false, kSps);
    EXPECT_EQ(meeting.viewer->frames().first_decodable(), kNever);
    meeting.send(1, true, kIdr);
    EXPECT_EQ(meeting.viewer->frames().first_decodable(), kStart + 1s);
    EXPECT_EQ(meeting.viewer->frames().whole(), 1U);
    EXPECT_EQ(meeting.viewer->counts().frames, 1U);
}

TEST(WhepViewer, CountsWhatIsLostAndWhatComesTwice) {
    Meeting meeting;
    meeting.join();
    for (std::uint16_t sequence : {0, 1, 4, 5, 5, 2}) meeting.send(sequence, sequence % 2 == 1, kOther);
    EXPECT_EQ(meeting.viewer->expected(), 6U);
    EXPECT_EQ(meeting.viewer->lost_video(), 1U);
    EXPECT_EQ(meeting.viewer->duplicates(), 1U);
}

TEST(WhepViewer, SeesAWrongTag) {
    Meeting meeting;
    meeting.join();
    meeting.send(0, true, kOther, true);
    EXPECT_EQ(meeting.viewer->counts().auth_failures, 1U);
    EXPECT_EQ(meeting.viewer->received(), 0U);
}

TEST(WhepViewer, RefusesACertificateThatNobodyVouchesFor) {
    Meeting meeting;
    meeting.vouched.sha256[0] ^= 1;
    meeting.join();
    EXPECT_EQ(meeting.viewer->state(), WhepViewer::State::failed);
    EXPECT_NE(meeting.viewer->failure().find("certificate"), std::string::npos) << meeting.viewer->failure();
}

TEST(WhepViewer, GivesUpWhenNobodyAnswers) {
    WhepViewerOptions options;
    auto viewer = *WhepViewer::make(WhepViewer::make_identity(), options);
    ASSERT_TRUE(
        viewer->accept("v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:a-password-of-24-letters\r\n"
                       "a=fingerprint:sha-256 " +
                       to_text(Fingerprint()) +
                       "\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
                       "a=candidate:1 1 udp 1 192.0.2.1 8189 typ host\r\n"));
    viewer->start(kStart);
    while (viewer->deadline() < kStart + 60s) viewer->on_timer(viewer->deadline());
    EXPECT_EQ(viewer->state(), WhepViewer::State::failed);
}

}  // namespace
}  // namespace millrace::webrtc
