// SPDX-License-Identifier: LGPL-2.1-or-later
// What was agreed with a publisher, as far as receiving from it needs to know. The negotiation fills it; knows no SDP.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "webrtc/core/sdp/stream_format.hpp"

namespace millrace::webrtc {

struct IncomingCodec {
    std::uint8_t payload_type = 0;
    Codec codec = Codec::h264;
    std::uint32_t clock_rate = 90000;
    std::optional<std::uint8_t> rtx_payload_type;  // RFC 4588; empty: lost packets come again as they were
    std::string fmtp;
};

// One media section, or one simulcast layer of it.
struct IncomingTrack {
    bool video = false;
    std::string mid;
    std::string rid;  // RFC 8851; "" without simulcast
    std::vector<IncomingCodec> codecs;
    std::vector<std::uint32_t> ssrcs;  // announced by a=ssrc, primary ones; may be empty
    std::vector<std::pair<std::uint32_t, std::uint32_t>>
        rtx_of{};  // FID groups (RFC 5576 4.2): primary, retransmission

    // The feedback that both sides agreed to (RFC 4585 4.2, RFC 5104 7.1).
    bool nack = false;
    bool pli = false;
    bool fir = false;
    bool remb = false;
    bool transport_cc = false;
    bool reduced_size_rtcp = false;  // RFC 5506
};

// The numbers of header extensions (RFC 8285 5), the same for all sections; 0 is not negotiated.
struct IncomingExtensions {
    std::uint8_t mid = 0;            // RFC 9143 15.
    std::uint8_t rid = 0;            // RFC 8852
    std::uint8_t repaired_rid = 0;   // RFC 8852
    std::uint8_t transport_cc = 0;   // draft-holmer-rmcat-transport-wide-cc-extensions-01, 2.
    std::uint8_t abs_send_time = 0;  // webrtc.org/experiments/rtp-hdrext/abs-send-time
};

struct ReceptionTerms {
    std::vector<IncomingTrack> tracks;
    IncomingExtensions extensions;
    std::string cname;               // ours, in reports
    std::uint32_t local_ssrc = 0;    // of our reports and requests
    std::uint64_t most_bitrate = 0;  // bit/s that the publisher may send; 0: no limit
};

}  // namespace millrace::webrtc
