// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes what a sender says. A compound begins with the report and has the source description behind it (RFC 3550 6.1).
#pragma once

#include <span>
#include <string_view>

#include "common/base/bytes.hpp"
#include "webrtc/core/rtp/rtcp.hpp"

namespace millrace::webrtc {

void write_sender_report(ByteWriter& out, const SenderReport& report);

// The name is the same for all tracks that are to be played in time with each other (RFC 3550 6.5.1); of a longer one
// than 255 bytes the beginning.
void write_source_description(ByteWriter& out, std::uint32_t ssrc, std::string_view cname);

// At most 31, which is what one packet holds.
void write_bye(ByteWriter& out, std::span<const std::uint32_t> ssrcs);

}  // namespace millrace::webrtc
