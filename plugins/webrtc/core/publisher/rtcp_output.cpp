// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/rtcp_output.hpp"

#include <utility>

#include "webrtc/core/rtp/rtcp_feedback_writer.hpp"
#include "webrtc/core/rtp/rtcp_writer.hpp"

namespace millrace::webrtc {

namespace {

// Whatever is written next is no longer than what a datagram of 1200 bytes still has room for, but for the longest of
// transport feedback, which then fills one alone.
constexpr std::size_t kFull = 300;

constexpr std::size_t kOverhead = srtcp_overhead(SrtpProfile::aead_aes_128_gcm);  // the larger one

}  // namespace

void RtcpOutput::begin(std::span<const ReportBlock> blocks) {
    write_receiver_report(packet_, ssrc_, blocks);
    write_source_description(packet_, ssrc_, cname_);
}

void RtcpOutput::report(std::span<const ReportBlock> blocks) {
    flush();
    begin(blocks);
}

ByteWriter& RtcpOutput::feedback() {
    if (packet_.size() > kFull) flush();
    if (packet_.size() == 0 && !reduced_size_) begin({});
    return packet_;
}

void RtcpOutput::flush() {
    if (packet_.size() == 0) return;
    const Bytes plain = std::exchange(packet_, {}).take();
    if (datagrams_.size() >= kMostWaiting) return;
    Bytes datagram(plain.size() + kOverhead);
    datagram.resize(sender_.protect(plain, datagram));
    if (!datagram.empty()) datagrams_.push_back(std::move(datagram));
}

}  // namespace millrace::webrtc
