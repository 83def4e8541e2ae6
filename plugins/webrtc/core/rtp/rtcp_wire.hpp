// SPDX-License-Identifier: LGPL-2.1-or-later
// The numbers of RTCP, which its reader and its writer share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.hpp"

namespace millrace::webrtc {

inline constexpr std::uint8_t kRtcpVersion = 2;

// RFC 3550 12.1, RFC 4585 6.1
enum class RtcpType : std::uint8_t {
    sender_report = 200,
    receiver_report = 201,
    source_description = 202,
    bye = 203,
    transport_feedback = 205,
    payload_feedback = 206,
};

// The format of transport_feedback: RFC 4585 6.2, draft-holmer-rmcat-transport-wide-cc-extensions-01.
inline constexpr std::uint8_t kFormatNack = 1;
inline constexpr std::uint8_t kFormatTransportCc = 15;
// The format of payload_feedback: RFC 4585 6.3, RFC 5104 4.3.
inline constexpr std::uint8_t kFormatPli = 1;
inline constexpr std::uint8_t kFormatFir = 4;
inline constexpr std::uint8_t kFormatApplication = 15;

// `words` of 32 bits follow (RFC 3550 6.4.1). `count` is of what it lists, or the feedback's format.
inline void write_rtcp_header(ByteWriter& out, RtcpType type, std::size_t count, std::size_t words) {
    out.u8(kRtcpVersion << 6 | count);
    out.u8(static_cast<std::uint8_t>(type));
    out.u16(words);
}

}  // namespace millrace::webrtc
