// SPDX-License-Identifier: LGPL-2.1-or-later
// One path's live presentation: frames of its tracks go in, immutable snapshots (playlists, parts, segments) come out.
// Sans-I/O: no sockets, threads or clocks. One owner at a time; the owner's lock, if any, is the owner's business.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/codec/frame.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::hls {

struct Snapshot;

struct Settings {
    Duration part_duration = 200ms;  // asked for; fitted to whole frames when the first playlist is published (PART-5)
    Duration segment_duration = 2s;  // shortest time between segment starts; also the least EXT-X-TARGETDURATION
    Duration window = 12s;           // of media listed in a live playlist; at least six segments are kept (MP-14)
    Duration dvr_window = 0s;        // listed further back than `window` when larger
    std::string playlist_name = "index.m3u8";
    bool program_date_time = true;
};

using TrackIndex = std::size_t;

// The payload is copied once, into the part.
using codec::Frame;

// Counters and levels for the owner's `stats`.
struct Stats {
    std::uint64_t parts = 0;     // made, all renditions together
    std::uint64_t segments = 0;  // of the lead rendition, listed now
    std::uint64_t gaps = 0;      // parts that stand for absent media
    std::uint64_t discontinuities = 0;
    std::size_t bytes_held = 0;
    Duration target_duration{};  // zero until the first playlist
    Duration part_target{};
    Duration live_edge_latency{};  // wall-clock time at the last push or tick, minus that of the media's end
};

// What the owner should tell the user: once each, already worded for a person.
struct Notice {
    std::string text;
};

class Presentation {
  public:
    Presentation(Settings settings, UnixTime now);
    ~Presentation();
    Presentation(const Presentation&) = delete;
    Presentation& operator=(const Presentation&) = delete;

    // Declares a rendition. `name` is its folder in URLs ("video_0", "720p"); one that another has is made distinct.
    // Tracks may be added while running.
    struct TrackOptions {
        std::string name;
        std::uint64_t bitrate = 0;  // bit/s that its encoder keeps to, 0 = unknown
        std::string language{};     // BCP 47, audio; "" = "und"
        bool steady = false;        // comes when others do not: should lead
    };
    TrackIndex add_track(codec::Kind kind, TrackOptions options);

    // What became known of a track since it was added. Its name stays once it is in a playlist.
    void describe(TrackIndex track, TrackOptions options);

    // The track will not be part of the presentation: nothing waits for it, and its frames are of no use. One that is
    // in a playlist already ends.
    void withdraw(TrackIndex track);

    // The codec configuration, before the first frame and again whenever it changes (a discontinuity, MP-10).
    Result<> set_format(TrackIndex track, codec::TrackFormat format);

    Result<> push(TrackIndex track, const Frame& frame, TimePoint now, UnixTime wall);
    void end(TrackIndex track);  // no more frames of this track; the last one to end writes EXT-X-ENDLIST
    void end_all();

    // The publisher went away and may return (`interrupted`), told early by the owner; frames may simply stop as well.
    void interrupt(TimePoint now);

    // Call at or after deadline(): closes what waited too long, fills absent media with gaps (MP-15, MP-16).
    void tick(TimePoint now, UnixTime wall);
    [[nodiscard]] TimePoint deadline() const;

    // The latest state to serve, never null. A new object whenever something a reader can see has changed.
    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;

    std::vector<Notice> take_notices();
    [[nodiscard]] Stats stats() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::hls
