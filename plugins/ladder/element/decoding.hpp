// SPDX-License-Identifier: LGPL-2.1-or-later
// The input's video made into progressive pictures, on a thread of its own: once for all rungs.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "common/base/result.hpp"
#include "common/gst/chain.hpp"
#include "ladder/element/hand_over.hpp"

namespace millrace::ladder {

class Decoding {
  public:
    // All on its thread.
    struct Callbacks {
        std::function<void(GstEvent*)> event;  // CAPS of pictures, SEGMENT, EOS …; not kept
        // `arrival`: when what completed the picture came in.
        std::function<void(gst::Ref<GstBuffer> picture, TimePoint arrival)> picture;
        std::function<void(Duration pts)> key;  // a key frame goes into the decoder
        std::function<void(const Error&)> failed;
    };

    // `live`: what comes too fast is dropped up to the next key frame; otherwise it waits.
    Decoding(bool live, Callbacks callbacks);
    ~Decoding();
    Decoding(const Decoding&) = delete;
    Decoding& operator=(const Decoding&) = delete;

    // The input's thread: its serialized events, STREAM_START, CAPS and SEGMENT first, and buffers.
    void send(gst::Ref<GstEvent> event) { queue_.force({.event = std::move(event)}); }
    void push(gst::Ref<GstBuffer> buffer);

    // Any thread.
    void stop() { queue_.stop(); }
    void flush() { queue_.flush(); }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    [[nodiscard]] std::string decoder() const { return decoder_.copy(); }

  private:
    void run();
    void take_event(gst::Ref<GstEvent> event);
    void decode(Item item);
    Result<> open(const GstCaps* caps);
    void close();
    bool on_decoded_event(GstEvent* event);
    GstFlowReturn on_decoded(gst::Ref<GstBuffer> picture);
    void deinterlace(const GstCaps* caps);

    const bool live_;
    const Callbacks callbacks_;
    HandOver queue_;
    std::atomic<std::uint64_t> dropped_{0};
    Guarded<std::string> decoder_;

    bool lost_ = true;  // the input's thread's: nothing can be decoded before a key frame

    // Its own thread's.
    std::unique_ptr<gst::Chain> chain_;
    std::unique_ptr<gst::Chain> deinterlacer_;
    gst::Ref<GstEvent> stream_start_;
    gst::Ref<GstEvent> segment_;
    std::string media_;  // what the chain decodes
    bool waits_for_key_ = true;
    TimePoint arrival_;

    std::thread thread_;  // last: it uses all of the above
};

}  // namespace millrace::ladder
