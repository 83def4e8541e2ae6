// SPDX-License-Identifier: LGPL-2.1-or-later
// What a CDN and a player are told about a reply: its type and how long it may be kept (HT-4 to HT-7).
// CORS, Date and Content-Length of GET replies are the HTTP layer's.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hls/core/snapshot.hpp"

namespace millrace::hls {

using Headers = std::vector<std::pair<std::string, std::string>>;

enum class Kept {
    multivariant,
    playlist,           // asked for without directives
    blocking_playlist,  // a URL of its own for each (msn, part)
    media,              // parts and segments
    init,
    missing,         // 404 of something that may yet appear
    missing_media,   // 404 of media that is gone or never was
    abandoned_hint,  // 404 of a hinted part that will not come
    never,           // 400, 503
};

std::pair<std::string, std::string> cache_control(Kept kept, std::uint32_t target_duration);

Headers playlist_headers(Kept kept, std::uint32_t target_duration);
Headers media_headers(Kept kept, codec::Kind kind, std::uint32_t target_duration);

}  // namespace millrace::hls
