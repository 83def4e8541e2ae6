// SPDX-License-Identifier: LGPL-2.1-or-later
// RTCP as plain data: what a sender says and what its receivers answer. Knows no bytes.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "common/base/time.hpp"
#include "webrtc/core/rtp/send_clock.hpp"

namespace millrace::webrtc {

// RFC 3550 6.4.1
struct SenderReport {
    std::uint32_t ssrc = 0;
    NtpTime ntp;
    std::uint32_t timestamp = 0;  // the same instant on the track's RTP clock
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;  // of payload, without headers and padding
};

// What a receiver says of one stream (RFC 3550 6.4.1), whether in a sender's report or a receiver's.
struct ReportBlock {
    std::uint32_t ssrc = 0;
    std::uint8_t fraction_lost = 0;       // of 256, since the report before
    std::int32_t cumulative_lost = 0;     // negative where packets came twice
    std::uint32_t highest_sequence = 0;   // with the number of cycles above the 16 bits
    std::uint32_t jitter = 0;             // in ticks of the track's RTP clock
    std::uint32_t last_report = 0;        // NtpTime::compact of the last sender report that it got; 0: none yet
    std::uint32_t since_last_report = 0;  // seconds in 16.16
};

// RFC 4585 6.2.1
struct Nack {
    std::uint32_t ssrc = 0;
    std::vector<std::uint16_t> lost;
};

// A PLI (RFC 4585 6.3.1) or one entry of a FIR (RFC 5104 4.3.1).
struct KeyFrameRequest {
    std::uint32_t ssrc = 0;
};

// draft-alvestrand-rmcat-remb-03
struct BitrateEstimate {
    std::uint64_t bits_per_second = 0;
    std::vector<std::uint32_t> ssrcs;
};

// draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1
struct TransportFeedback {
    struct Arrival {
        std::uint16_t sequence = 0;
        Duration at{};  // on the receiver's clock, of which only differences mean something
    };
    std::uint16_t base_sequence = 0;
    std::uint16_t packets = 0;  // reported on, from base_sequence
    std::uint8_t count = 0;     // one more with every feedback
    std::vector<Arrival> arrivals;
};

// RFC 3550 6.6
struct Bye {
    std::vector<std::uint32_t> ssrcs;
};

using RtcpMessage =
    std::variant<ReportBlock, Nack, KeyFrameRequest, BitrateEstimate, TransportFeedback, Bye, SenderReport>;

}  // namespace millrace::webrtc
