// SPDX-License-Identifier: LGPL-2.1-or-later
// The tracks of one publisher while it is there: packets in on its worker, frames out on a thread a track, all on one
// timeline. Knows no sockets and no pads.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/gst/ref.hpp"
#include "webrtc/core/publisher/reception_terms.hpp"
#include "webrtc/core/publisher/sync_clock.hpp"
#include "webrtc/element/whip/track_frames.hpp"

namespace millrace::webrtc {

class PublisherMedia {
  public:
    // Called on the track's streaming thread.
    struct Output {
        std::function<void(std::size_t track, const gst::Ref<GstCaps>& caps)> format;
        std::function<void(std::size_t track, gst::Ref<GstBuffer> frame)> frame;
        std::function<void(std::size_t track)> key_frame_needed;
    };

    // `element` has its clock, and runs by it; the stream is at `from` in running time. `latency`: how long a jitter
    // buffer waits, and, up to a limit, how much of a track's beginning is awaited before anything comes out.
    // no_resource names an element of GStreamer's that is missing.
    static Result<std::unique_ptr<PublisherMedia>> make(GstElement* element, const ReceptionTerms& terms,
                                                        Duration latency, Duration from, const Output& output);

    // On the publisher's worker.
    void packet(std::size_t track, ByteView packet, TimePoint arrived);
    void sender_time(std::size_t track, std::uint32_t timestamp, NtpTime ntp);

    // Of all tracks together.
    struct Totals {
        std::uint64_t video_frames = 0;
        std::uint64_t audio_frames = 0;
        std::uint64_t gaps = 0;
        std::uint64_t dropped = 0;
        std::uint64_t overrun = 0;
        std::uint64_t jumps = 0;  // of the publisher's clocks
        double drift_ppm = 0;     // of its first track
    };
    [[nodiscard]] Totals totals();

  private:
    PublisherMedia(GstElement* element, Duration settles, SyncClock clock)
        : element_(element), settles_(settles), clock_(std::move(clock)) {}

    // A track's first packets, until it is known how quick it can be.
    struct Beginning {
        struct Kept {
            Bytes packet;
            Duration arrived{};
        };
        std::vector<Kept> packets;
        bool over = false;
    };
    void keep(std::size_t track, ByteView packet, Duration arrived);
    void end_beginnings(Duration now);

    GstElement* const element_;
    const Duration settles_;
    Guarded<SyncClock> clock_;
    std::vector<Beginning> beginnings_;
    std::size_t over_ = 0;  // of them
    std::vector<bool> is_video_;
    std::vector<std::unique_ptr<TrackFrames>> tracks_;
};

}  // namespace millrace::webrtc
