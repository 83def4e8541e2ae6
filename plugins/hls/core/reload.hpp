// SPDX-License-Identifier: LGPL-2.1-or-later
// Blocking playlist reload (RFC 8216bis 6.2.5.2): when a request for (msn, part) is satisfied, and when it asks too
// much.
#pragma once

#include <cstdint>

#include "hls/core/snapshot.hpp"

namespace millrace::hls {

// Whether the playlist lists part `part` of segment `msn`, or anything later. part -1 = the whole segment (DD-2).
bool reached(const Snapshot& snapshot, const RenditionSnapshot& rendition, std::uint64_t msn, std::int64_t part);

// Farther ahead than a live player can mean (DD-7 to DD-9): answered 400 at once.
bool too_far_ahead(const Snapshot& snapshot, const RenditionSnapshot& rendition, std::uint64_t msn, std::int64_t part);

}  // namespace millrace::hls
