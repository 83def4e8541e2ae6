// SPDX-License-Identifier: LGPL-2.1-or-later
// The sample entry of a CMAF header: how each codec's configuration is boxed. Knows nothing of tracks or fragments.
#pragma once

#include "common/base/bytes.hpp"
#include "common/codec/description.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::hls {

// `known` is what format's configuration says; the format itself is complete.
void write_sample_entry(ByteWriter& out, const codec::TrackFormat& format, const codec::Description& known);

}  // namespace millrace::hls
