// SPDX-License-Identifier: LGPL-2.1-or-later
// What the answers to a viewer and to a publisher have in common: all but what is sent, and which way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webrtc/core/sdp/local_transport.hpp"
#include "webrtc/core/sdp/offer.hpp"

namespace millrace::webrtc {

// The lines before the first section; `bundle` are the mids of what is one transport, or nothing.
void put_session(std::string& out, std::uint64_t session_id, const std::vector<std::string_view>& bundle);

// m= and c=, with the address of the default candidate.
void put_media(std::string& out, std::string_view kind, std::string_view protocol, std::string_view formats,
               const LocalTransport& local);

void put_transport(std::string& out, const LocalTransport& local);

// A section that is not taken.
struct RejectedSection {
    std::string_view kind;
    std::string_view protocol;
    std::string_view formats;
    std::string_view mid;
    const PayloadType* offered = nullptr;  // one of its codecs: aiortc takes no section without any
};
void put_rejected(std::string& out, const RejectedSection& section, const LocalTransport& local);

// A payload type with its feedback, its parameters and what repeats it.
void put_payload_types(std::string& out, const PayloadType& type, std::string_view fmtp,
                       std::optional<std::uint8_t> rtx_payload_type);
// As an m= line has them.
std::string formats_of(const PayloadType& type, std::optional<std::uint8_t> rtx_payload_type);

// Nothing for 0.
void put_extension(std::string& out, std::uint8_t id, std::string_view uri);

}  // namespace millrace::webrtc
