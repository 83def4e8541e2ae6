// SPDX-License-Identifier: LGPL-2.1-or-later
// Renders one form of one rendition's playlist again and again, and does only what has changed: text and compression of
// the finished segments are kept until a segment comes or goes.
#pragma once

#include <optional>
#include <string>

#include "hls/core/gzip.hpp"
#include "hls/core/media_playlist.hpp"
#include "hls/core/snapshot.hpp"

namespace millrace::hls {

class PlaylistPress {
  public:
    explicit PlaylistPress(Form form) : form_(form) {}
    Rendered render(const Snapshot& snapshot, const RenditionSnapshot& rendition);

  private:
    Form form_;
    std::optional<StemKey> key_;
    std::string stem_;
    std::optional<Gzip> gzip_;
};

}  // namespace millrace::hls
