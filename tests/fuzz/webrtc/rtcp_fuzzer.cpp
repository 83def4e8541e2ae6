// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as RTCP from a viewer, and what acts on it: never more than the datagram can say, no answer to what was
// never sent, and estimates that stay within reason.
#include <cstdlib>
#include <variant>

#include "webrtc/core/rtp/congestion.hpp"
#include "webrtc/core/rtp/media_ring.hpp"
#include "webrtc/core/rtp/nack_responder.hpp"
#include "webrtc/core/rtp/receiver_estimate.hpp"
#include "webrtc/core/rtp/rtcp_reader.hpp"

using namespace millrace;
using namespace millrace::webrtc;

namespace {

const MediaRing& ring() {
    static const MediaRing kRing = [] {
        MediaRing made;
        FrameSequence sequence(0xff00);
        for (int i = 0; i < 100; ++i) {
            Payloads media;
            media.key_frame = i % 30 == 0;
            media.bytes.resize(4000);
            for (std::uint32_t packet = 0; packet < 4; ++packet) media.packets.push_back({packet * 1000, 1000});
            made.append(sequence.next(std::move(media), 0, TimePoint(i * 33ms)));
        }
        return made;
    }();
    return kRing;
}

struct Sender {
    std::size_t size;
    TimePoint now{4s};
    NtpTime ntp = to_ntp({4'000'000'000});
    NackResponder responder{Retransmission::rtx, 0};
    ReceiverEstimate estimate{};
    Congestion congestion{};

    void bounded(std::size_t items, std::size_t bytes_for_one) const {
        if (items * bytes_for_one > size) std::abort();
    }

    void operator()(const ReportBlock& report) {
        estimate.on_report(report, ntp);
        if (estimate.round_trip() < 0s || estimate.round_trip() > 1min) std::abort();
        if (estimate.loss() < 0 || estimate.loss() >= 1) std::abort();
    }
    void operator()(const Nack& nack) {
        // Seventeen in four bytes.
        bounded(nack.lost.size() / 17, 4);
        NackResponder::Viewer viewer{ring().begin() + 40, ring().end() - 40, estimate.round_trip()};
        for (const Resend& resend : responder.answer(nack.lost, ring(), viewer, now)) {
            std::uint64_t sequence = resend.slot.sequence();
            if (sequence < viewer.first || sequence >= viewer.cursor) std::abort();
            if (resend.slot.payload().size() != 1000) std::abort();
        }
    }
    void operator()(const KeyFrameRequest&) const {}
    void operator()(const BitrateEstimate& remb) {
        bounded(remb.ssrcs.size(), 4);
        estimate.on_bitrate(remb, now);
        congestion.on_bitrate(remb.bits_per_second, now);
    }
    void operator()(const TransportFeedback& feedback) {
        bounded(feedback.arrivals.size(), 1);
        for (unsigned i = 0; i < 1000; ++i) {
            congestion.on_sent(static_cast<std::uint16_t>(feedback.base_sequence + i), 1200, now);
        }
        congestion.on_feedback(feedback, now);
        (void)congestion.sign(1'000'000, now);
        if (congestion.loss() < 0 || congestion.loss() > 1) std::abort();
    }
    void operator()(const Bye& bye) const { bounded(bye.ssrcs.size(), 4); }
    void operator()(const SenderReport&) const {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto messages = read_rtcp(ByteView(data, size));
    if (!messages) return 0;
    Sender sender{size};
    sender.bounded(messages->size(), 4);
    for (const RtcpMessage& message : *messages) std::visit(sender, message);
    return 0;
}
