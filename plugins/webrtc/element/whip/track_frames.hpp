// SPDX-License-Identifier: LGPL-2.1-or-later
// One track of a publisher, from its packets to its frames: GStreamer's jitter buffer puts them in order and waits for
// what is being sent again, its depayloader and parser make frames of them, on the jitter buffer's thread. A picture
// that needs what was lost does not come out. Knows no sockets and no pads.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/gst/chain.hpp"
#include "webrtc/core/publisher/reception_terms.hpp"
#include "webrtc/core/rtp/av1_depacketizer.hpp"

namespace millrace::webrtc {

class TrackFrames {
  public:
    // Called on the track's own streaming thread.
    struct Output {
        // When a packet's frame is to be shown, in running time; the same for all packets of one timestamp.
        std::function<Duration(std::uint32_t timestamp, Duration arrived)> time_of;
        std::function<void(const gst::Ref<GstCaps>&)> format;  // before the first frame, and whenever it changes
        std::function<void(gst::Ref<GstBuffer>)> frame;
        std::function<void()> key_frame_needed;  // something is lost for good
    };

    struct Counters {
        std::atomic<std::uint64_t> frames = 0;
        std::atomic<std::uint64_t> gaps = 0;     // in the sequence, that nothing filled in time
        std::atomic<std::uint64_t> dropped = 0;  // frames that could not be decoded for them
        std::atomic<std::uint64_t> overrun = 0;  // packets that came while too many were waiting
    };

    // `latency` is how long the jitter buffer waits for a packet that is missing. no_resource names an element that is.
    static Result<std::unique_ptr<TrackFrames>> make(const IncomingCodec& codec, Duration latency,
                                                     const gst::ChainTime& time, Output output);
    // Waits for the streaming thread.
    ~TrackFrames();
    TrackFrames(const TrackFrames&) = delete;
    TrackFrames& operator=(const TrackFrames&) = delete;

    // A plain RTP packet, in any order. `arrived` is in running time. One thread at a time.
    void push(ByteView packet, Duration arrived);

    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    TrackFrames(const IncomingCodec& codec, Output output);
    Result<> open(Duration latency, const gst::ChainTime& time);
    Result<> begin(gst::Chain& chain, const GstCaps* caps);

    [[nodiscard]] bool has_room();

    GstFlowReturn on_packet(gst::Ref<GstBuffer> packet);
    void on_gap(GstClockTime time);
    [[nodiscard]] bool is_cut();
    void on_cut_frame(GstBuffer* next);
    void unpack_temporal_unit(GstBuffer* packet, bool starts);
    bool on_event(GstEvent* event);
    void complete_format(GstBuffer* key_frame);
    GstFlowReturn on_frame(gst::Ref<GstBuffer> frame);
    [[nodiscard]] bool lets_pass(const GstBuffer& frame);

    const IncomingCodec codec_;
    const bool video_;
    const Output output_;
    Counters counters_;
    gst::Ref<GstElement> jitter_buffer_;
    std::uint64_t pushed_ = 0;              // into it
    std::uint64_t useless_ = 0;             // of these, as far as is known: what it keeps to itself
    std::atomic<std::uint64_t> taken_ = 0;  // out of it

    // ---- the streaming thread's own
    std::optional<std::uint16_t> last_sequence_;
    std::optional<std::uint32_t> timestamp_;
    GstClockTime time_ = 0;  // of the last packet
    bool ended_ = true;      // a frame, with the last packet
    unsigned marked_ = 0;    // frames whose end was, since one whose was not
    bool discontinuity_ = true;
    bool begun_ = false;
    bool needs_key_frame_;
    GstClockTime damaged_until_ = 0;  // of the frames that the last gap is in or beside
    Av1Depacketizer temporal_units_;
    gst::Ref<GstCaps> incomplete_;  // until a key frame says the rest

    std::unique_ptr<gst::Chain> frames_;
    std::unique_ptr<gst::Chain> packets_;  // the jitter buffer; first to go: it pushes into the other
};

}  // namespace millrace::webrtc
