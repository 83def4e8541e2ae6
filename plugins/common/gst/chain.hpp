// SPDX-License-Identifier: LGPL-2.1-or-later
// Elements of GStreamer's own in a row, run by the thread that pushes into them: a decoder or an encoder as a part of
// one of our elements, without a thread and without a pipeline of its own.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/gst/ref.hpp"

namespace millrace::gst {

// nullptr when there is no such element.
Ref<GstElement> make_element(const char* factory);
Ref<GstElement> make_caps_filter(const GstCaps* caps);

// For elements that wait for moments of running time.
struct ChainTime {
    GstClock* clock = nullptr;
    GstClockTime base = 0;
};

class Chain {
  public:
    struct Output {
        std::function<bool(GstEvent*)> event;  // serialized ones that come out; not kept
        std::function<GstFlowReturn(Ref<GstBuffer>)> buffer;
    };

    // Each element has one input and one output. no_resource when they do not link or do not start, with their reason.
    static Result<std::unique_ptr<Chain>> make(const std::vector<Ref<GstElement>>& elements, Output output,
                                               const ChainTime& time = {});
    ~Chain();
    Chain(const Chain&) = delete;
    Chain& operator=(const Chain&) = delete;

    // Serialized events and buffers of the stream, in its order: STREAM_START, CAPS and SEGMENT first.
    bool send(Ref<GstEvent> event);
    GstFlowReturn push(Ref<GstBuffer> buffer);

    // What an element last complained of; "" where none did.
    [[nodiscard]] std::string complaint() const { return complaint_.copy(); }

  private:
    explicit Chain(Output output) : output_(std::move(output)) {}
    Result<> link(const std::vector<Ref<GstElement>>& elements);
    Result<> start();
    void open_ends(GstElement* first, GstElement* last);
    // What comes out, on the elements' thread.
    template <class F>
    auto come_out(F&& hand_on);
    static GstBusSyncReply on_message(GstBus* bus, GstMessage* message, gpointer chain);

    const Output output_;
    Ref<GstElement> elements_;
    Ref<GstPad> entry_;  // pushes into the first
    Ref<GstPad> exit_;   // gets what comes out of the last
    Guarded<std::string> complaint_;
    // Orders what happens on both sides of the elements. Their locks do so too, where no ThreadSanitizer sees it.
    std::atomic<unsigned> passed_ = 0;
};

}  // namespace millrace::gst
