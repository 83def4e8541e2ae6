// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds out how a track's frames follow each other, from what its format declares and from timestamps seen.
#pragma once

#include <span>

#include "common/base/time.hpp"
#include "common/codec/track_format.hpp"
#include "hls/core/frame_grid.hpp"

namespace millrace::hls {

// What the format alone says.
Cadence declared_cadence(const codec::TrackFormat& format);

// What decode times, in order, say: the declared rate when they agree with it, else a common rate that they agree
// with, else their mean.
Cadence learned_cadence(const codec::TrackFormat& format, std::span<const Duration> decode_times);

}  // namespace millrace::hls
