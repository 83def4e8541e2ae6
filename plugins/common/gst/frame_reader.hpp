// SPDX-License-Identifier: LGPL-2.1-or-later
// Turns the buffers of one pad into frames: running times, flags, and bytes as a decoder with the track's configuration
// takes them.
// The pad's streaming thread only.
#pragma once

#include <gst/gst.h>

#include <optional>

#include "common/base/result.hpp"
#include "common/codec/access_unit.hpp"
#include "common/codec/frame.hpp"
#include "common/codec/track_format.hpp"
#include "common/gst/read_map.hpp"

namespace millrace::gst {

class FrameReader {
  public:
    // A frame and what keeps its payload alive; valid until the next read().
    struct Reading {
        ReadMap map;
        codec::Frame frame;
    };

    explicit FrameReader(codec::Kind kind) : kind_(kind) { gst_segment_init(&segment_, GST_FORMAT_TIME); }

    void start_stream() { started_ = false; }
    void set_segment(GstEvent* event) { gst_event_copy_segment(event, &segment_); }
    Result<codec::TrackFormat> set_caps(const GstCaps* caps);

    // Nothing for a buffer that has no time in its segment or nothing to show; bad_input for one that is malformed.
    Result<std::optional<Reading>> read(GstBuffer* buffer);

  private:
    [[nodiscard]] std::optional<codec::Frame> times_and_flags(GstBuffer* buffer) const;

    codec::Kind kind_;
    GstSegment segment_{};
    codec::AccessUnitFilter filter_;
    bool started_ = false;  // a frame of this stream has been read
};

}  // namespace millrace::gst
