// SPDX-License-Identifier: LGPL-2.1-or-later
// Content-Encoding: gzip for playlists (HT-3). Media is never compressed.
#pragma once

#include "common/base/bytes.hpp"
#include "hls/core/snapshot.hpp"

namespace millrace::hls {

Bytes gzip(ByteView bytes);
Rendered rendered(std::string_view text);

}  // namespace millrace::hls
