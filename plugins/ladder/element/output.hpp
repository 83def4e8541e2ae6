// SPDX-License-Identifier: LGPL-2.1-or-later
// One rendition's way out: its pad, for as long as the stream lasts.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <string>

#include "common/codec/track_format.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/rendition.hpp"

namespace millrace::ladder {

class Output {
  public:
    // What those behind the pad ask for. Any thread; not kept.
    using Upstream = std::function<bool(GstEvent*)>;
    using Query = std::function<bool(GstQuery*)>;

    struct Origin {
        GstElement* element = nullptr;
        GstEvent* stream_start = nullptr;  // of what it is made from: one group of streams
        GstEvent* caps = nullptr;          // where they are known: who takes only some links no pad that has others
    };

    // The pad is there, linked to whoever waits for it, when this returns. `number` is its own of its kind.
    Output(const Origin& origin, codec::Kind kind, unsigned number, gst::Rendition rendition, Upstream upstream,
           Query query);
    // Takes the pad away. Not while it is pushed into.
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    [[nodiscard]] const gst::Rendition& rendition() const { return rendition_; }

    // The input's stream began anew.
    void begin(GstEvent* stream_start);
    bool send(GstEvent* event) { return gst_pad_push_event(pad_.get(), event); }
    // Nobody behind the pad is no failure.
    GstFlowReturn push(gst::Ref<GstBuffer> buffer);

  private:
    GstElement* const element_;
    const gst::Rendition rendition_;
    const Upstream upstream_;
    const Query query_;
    gst::Ref<GstPad> pad_;
};

}  // namespace millrace::ladder
