// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes the Snapshot of a moment: collects what the renditions hold and renders each playlist once (DD-11).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hls/core/multivariant_playlist.hpp"
#include "hls/core/packager.hpp"
#include "hls/core/playlist_press.hpp"
#include "hls/core/snapshot.hpp"
#include "hls/core/track_input.hpp"

namespace millrace::hls {

class SnapshotBuilder {
  public:
    // Before anything is published: names only.
    [[nodiscard]] std::shared_ptr<const Snapshot> unpublished(const Settings& settings,
                                                              const std::vector<TrackInput>& tracks) const;
    std::shared_ptr<const Snapshot> published(const Packager& packager, const std::vector<TrackInput>& tracks,
                                              bool ended);

  private:
    void render_multivariant(const Packager& packager, const std::vector<TrackInput>& tracks, Snapshot& snapshot);

    struct Presses {
        PlaylistPress full{Form::full};
        PlaylistPress delta{Form::delta};
    };
    std::vector<Presses> presses_;  // by TrackIndex
    std::string multivariant_text_;
    Rendered multivariant_;
};

}  // namespace millrace::hls
