// SPDX-License-Identifier: LGPL-2.1-or-later
// The OBU elements of one temporal unit, laid out in packets of one size (AV1 RTP payload format 4.3 to 4.5). Knows
// lengths and the aggregation header, not what is in an OBU.
#pragma once

#include <span>
#include <vector>

#include "webrtc/core/rtp/payload_writer.hpp"

namespace millrace::webrtc {

// Writes packets of `size` until the elements are used up; the last is as short as it comes. `starts_sequence` is the N
// bit: a coded video sequence begins with the first.
void write_obu_packets(PayloadWriter& out, std::span<const ByteView> elements, std::size_t size, bool starts_sequence);

// How many that would be.
std::size_t count_obu_packets(std::span<const ByteView> elements, std::size_t size);

}  // namespace millrace::webrtc
