// SPDX-License-Identifier: LGPL-2.1-or-later
// What is known of a stream's tracks, as who joins has to know it. Plain data; the owner has the lock.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "webrtc/core/sdp/stream_format.hpp"
#include "webrtc/core/signalling/reply.hpp"
#include "webrtc/element/whep/track_id.hpp"

namespace millrace::webrtc {

// What a track is called among the renditions of its stream.
struct TrackOptions {
    std::string name;
    std::uint64_t bitrate = 0;  // bit/s; 0 = measured
};

class StreamTracks {
  public:
    struct Track {
        TrackOptions options;
        std::optional<StreamFormat> format;
        std::optional<Error> refused;
        bool expected = false;

        [[nodiscard]] bool is_known() const { return !expected || format || refused; }
    };

    // There is to be such a track; what it is comes later, if at all.
    void expect(TrackId id, TimePoint now);
    void describe(TrackId id, TrackOptions options) { tracks_[id].options = std::move(options); }
    // What it is now.
    void set(TrackId id, const StreamFormat& format, TimePoint now);
    // The video that there is cannot be shown, and another is being made of it.
    void await_video(TimePoint now);
    // Why there is no such track to show.
    void refuse(TrackId id, const Error& why);
    void clear(TrackId id);

    [[nodiscard]] const Track& track(TrackId id) const { return tracks_[id]; }
    [[nodiscard]] bool has_begun() const { return shows(codec::Kind::video) || shows(codec::Kind::audio); }
    [[nodiscard]] bool shows(codec::Kind kind) const;
    [[nodiscard]] bool has_encoding(const StreamFormat& format) const;
    // Whether more than one rung is there, or may come.
    [[nodiscard]] bool has_a_choice() const;
    // Whether who joins now had better wait a moment: the stream is about to be known, or known better.
    [[nodiscard]] bool is_starting(TimePoint now) const;
    // Why viewers get nothing of a kind, though the stream has it.
    [[nodiscard]] const Error* refusal() const;

    // All encodings of the video, each as demanding as the most demanding of its rungs.
    [[nodiscard]] Streams streams() const;
    // The rungs by name, in the order of their pads.
    [[nodiscard]] std::vector<RenditionName> renditions() const;
    [[nodiscard]] std::optional<RungId> named(std::string_view rendition) const;

  private:
    [[nodiscard]] const Error* refusal_of(codec::Kind kind) const;

    std::array<Track, kMostTracks> tracks_;
    TimePoint video_made_by_;
    TimePoint known_by_;  // waiting longer for what is expected is no use
};

}  // namespace millrace::webrtc
