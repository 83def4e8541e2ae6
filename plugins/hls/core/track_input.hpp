// SPDX-License-Identifier: LGPL-2.1-or-later
// What has come in of one track and is not packaged yet: its declaration, its format and the frames that must wait.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "hls/core/presentation.hpp"

namespace millrace::hls {

// A frame that owns its bytes, and when it came.
struct HeldFrame {
    Frame frame;  // its payload is a view of `bytes`
    Bytes bytes;
    TimePoint arrival;
    UnixTime wall;
};

class TrackInput {
  public:
    TrackInput(codec::Kind kind, Presentation::TrackOptions options) : kind_(kind), options_(std::move(options)) {}

    [[nodiscard]] codec::Kind kind() const { return kind_; }
    [[nodiscard]] bool video() const { return kind_ == codec::Kind::video; }
    [[nodiscard]] const Presentation::TrackOptions& options() const { return options_; }
    void describe(Presentation::TrackOptions options) { options_ = std::move(options); }
    [[nodiscard]] const std::optional<codec::TrackFormat>& format() const { return format_; }
    void set_format(codec::TrackFormat format) { format_ = std::move(format); }
    [[nodiscard]] bool ended() const { return ended_; }
    void end() { ended_ = true; }
    // Was never wanted: ended before it began.
    [[nodiscard]] bool withdrawn() const { return withdrawn_; }
    void withdraw() {
        withdrawn_ = ended_ = true;
        drop_held();
    }

    // Frames wait in order; the oldest are dropped when there is more than an honest stream needs.
    void hold(const Frame& frame, TimePoint arrival, UnixTime wall);
    [[nodiscard]] const std::deque<HeldFrame>& held() const { return held_; }
    HeldFrame take_oldest();
    void drop_held();
    // Forgets frames from the front so that the first one left can start a decoder.
    void drop_until_key();

  private:
    codec::Kind kind_;
    Presentation::TrackOptions options_;
    std::optional<codec::TrackFormat> format_;
    bool ended_ = false;
    bool withdrawn_ = false;
    std::deque<HeldFrame> held_;
    std::size_t held_bytes_ = 0;
};

}  // namespace millrace::hls
