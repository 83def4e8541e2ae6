// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads an offer (RFC 8866, RFC 9429 5.8). It comes from anybody who can send an HTTP request: everything has a limit,
// and an error names its line. What we have no use for is skipped, not checked.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/base/result.hpp"
#include "webrtc/core/sdp/offer.hpp"

namespace millrace::webrtc {

// A browser's offer has some 6 kB and three sections.
inline constexpr std::size_t kMaxOffer = 64 << 10;
inline constexpr std::size_t kMaxOfferLine = 4 << 10;
inline constexpr std::size_t kMaxSections = 32;
inline constexpr std::size_t kMaxExtensions = 64;  // a section
inline constexpr std::size_t kMaxFeedback = 16;    // a payload type
inline constexpr std::size_t kMaxMid = 32;         // goes into a header extension of that size
inline constexpr std::size_t kMaxSources = 64;     // a section
inline constexpr std::size_t kMaxStreams = 16;     // a section's, by name
inline constexpr std::size_t kMaxStreamName = 16;  // what a header extension of one byte holds (RFC 8285 4.2)

Result<Offer> parse_offer(std::string_view text);

}  // namespace millrace::webrtc
