// SPDX-License-Identifier: LGPL-2.1-or-later
// An RTP packet as it was received (RFC 3550 5.1), with its header extensions of one or two bytes (RFC 8285). Views
// into the datagram; knows no keys and believes no length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/bytes.hpp"

namespace millrace::webrtc {

struct RtpPacket {
    std::uint8_t payload_type = 0;
    bool marker = false;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
    std::uint8_t contributors = 0;  // CSRCs
    std::size_t header_size = 0;    // all that is before the payload
    std::uint8_t padding = 0;       // bytes, with the one that counts them
    ByteView payload;               // without padding

    // The first extension of this number; empty where there is none. A length that leads outside ends the search.
    [[nodiscard]] std::optional<ByteView> extension(std::uint8_t id) const;

    enum class ExtensionForm : std::uint8_t { none, one_byte, two_bytes };
    ExtensionForm form = ExtensionForm::none;  // none: also of another profile, whose form is unknown
    ByteView extensions;
};

// Empty where a length leads outside, the padding is wrong or it is not version 2.
std::optional<RtpPacket> read_rtp_packet(ByteView datagram);

}  // namespace millrace::webrtc
