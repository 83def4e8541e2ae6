// SPDX-License-Identifier: LGPL-2.1-or-later
// The tracks of a stream by number: the rungs of its video, and its sound.
#pragma once

#include "common/codec/track_format.hpp"
#include "webrtc/core/viewer/live_rungs.hpp"

namespace millrace::webrtc {

using TrackId = unsigned;  // a RungId, or kSound
inline constexpr TrackId kSound = kMostRungs;
inline constexpr TrackId kMostTracks = kMostRungs + 1;

constexpr codec::Kind kind_of(TrackId track) {
    return track == kSound ? codec::Kind::audio : codec::Kind::video;
}

}  // namespace millrace::webrtc
