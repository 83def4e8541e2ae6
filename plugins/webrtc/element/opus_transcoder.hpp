// SPDX-License-Identifier: LGPL-2.1-or-later
// Sound that WebRTC cannot carry, AAC, MP3 or raw, made into Opus: once for all viewers. A chain of GStreamer's own
// elements on the thread that pushes.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>

#include "common/base/result.hpp"
#include "common/gst/ref.hpp"

namespace millrace::webrtc {

class OpusTranscoder {
  public:
    struct Output {
        std::function<bool(GstEvent*)> event;  // CAPS, SEGMENT; not kept
        std::function<GstFlowReturn(gst::Ref<GstBuffer>)> buffer;
    };

    // Fails with no_resource, naming what to install, when there is no decoder for `caps` or no encoder.
    static Result<std::unique_ptr<OpusTranscoder>> make(const GstCaps* caps, Output output);
    ~OpusTranscoder();
    OpusTranscoder(const OpusTranscoder&) = delete;
    OpusTranscoder& operator=(const OpusTranscoder&) = delete;

    // Serialized events and buffers of the stream, in its order: STREAM_START, CAPS and SEGMENT first.
    bool send(gst::Ref<GstEvent> event);
    GstFlowReturn push(gst::Ref<GstBuffer> buffer);

  private:
    explicit OpusTranscoder(Output output) : output_(std::move(output)) {}
    Result<> build(const GstCaps* caps);

    const Output output_;
    gst::Ref<GstElement> chain_;
    gst::Ref<GstPad> entry_;  // pushes into the chain
    gst::Ref<GstPad> exit_;   // gets what comes out
};

}  // namespace millrace::webrtc
