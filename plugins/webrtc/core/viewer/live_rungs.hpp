// SPDX-License-Identifier: LGPL-2.1-or-later
// The rungs of a stream: the same pictures, encoded for ways that carry more and for ways that carry less. Each has a
// ring of its own, with numbers of its own; their timestamps are of one clock.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "webrtc/core/rtp/media_ring.hpp"
#include "webrtc/core/sdp/stream_format.hpp"

namespace millrace::webrtc {

using RungId = unsigned;
inline constexpr RungId kMostRungs = 8;

// A rung as those who choose see it.
struct RungInfo {
    RungId id = 0;
    std::uint64_t bits_per_second = 0;  // what it may ask for on the way, sound included; 0 = not known yet
    bool flows = true;
    std::uint64_t sent = 0;  // what it is, of late: a picture in which little moves is less
};

// A few, and no memory for each time that somebody looks.
class RungList {
  public:
    void add(const RungInfo& rung) { rungs_[size_++] = rung; }
    [[nodiscard]] std::span<RungInfo> all() { return std::span(rungs_).first(size_); }
    [[nodiscard]] std::span<const RungInfo> all() const { return std::span(rungs_).first(size_); }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    std::array<RungInfo, kMostRungs> rungs_{};
    std::size_t size_ = 0;
};

class LiveRungs {
  public:
    struct Rung {
        MediaRing ring;
        StreamFormat format;
        std::uint64_t declared = 0;  // bit/s; 0 = measured
        bool open = false;           // viewers may have it
        // When its last frame came, and how many of others' have come since.
        TimePoint flowed;
        unsigned behind = 0;
        bool silent = false;
    };

    LiveRungs() : LiveRungs(MediaRing::Limits{}) {}
    explicit LiveRungs(const MediaRing::Limits& limits);

    // What it is from here on. Its numbers go on.
    void open(RungId id, const StreamFormat& format, std::uint64_t declared);
    void close(RungId id);
    // Whether a rung has fallen silent since: it gets no frames, though others do.
    bool append(RungId id, FramePtr frame);

    // nullptr where there is no such rung, or no frame of it yet.
    [[nodiscard]] const MediaRing* ring(RungId id) const;
    [[nodiscard]] const Rung& rung(RungId id) const { return rungs_[id]; }
    // Of the encoding that the viewer has agreed to; the one that asks for most is first.
    [[nodiscard]] RungList of(const StreamFormat& format, std::uint64_t sound_bytes_per_second) const;
    // How many there are; for who has nothing to choose.
    [[nodiscard]] unsigned open() const { return open_; }
    // As declared, or else as measured.
    [[nodiscard]] std::uint64_t bits_per_second(RungId id) const;

  private:
    bool fall_behind(RungId flowing, TimePoint now);

    std::array<Rung, kMostRungs> rungs_;
    unsigned open_ = 0;
};

}  // namespace millrace::webrtc
