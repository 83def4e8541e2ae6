// SPDX-License-Identifier: LGPL-2.1-or-later
// The folder a rendition has in URLs, playlists and on disk, from the name that somebody gave it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace millrace::hls {

// The name as far as a URL takes it without escapes, and none of those that are taken.
std::string folder_name(std::string_view wanted, std::span<const std::string> taken);

}  // namespace millrace::hls
