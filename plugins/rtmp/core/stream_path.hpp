// SPDX-License-Identifier: LGPL-2.1-or-later
// From the app and stream names that a publisher wrote to the path it means, and text from a peer made fit to be shown.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace millrace::rtmp {

struct StreamPath {
    std::string path;  // app and stream, joined by '/'; at most 255 bytes, no empty, "." or ".." segment
    std::string app;
    std::string stream;
    std::string query;  // of both, joined by '&'
};

// Queries are cut off at '?', slashes at the ends ignored; either name may be empty, but not both.
Result<StreamPath> stream_path(std::string_view app, std::string_view stream);

// The text as far as it is printable UTF-8, at most 512 bytes of it; other bytes become '?'.
std::string legible(std::string_view text);

}  // namespace millrace::rtmp
