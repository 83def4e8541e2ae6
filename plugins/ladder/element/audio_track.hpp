// SPDX-License-Identifier: LGPL-2.1-or-later
// One sound input: AAC for outputs that cut media into segments, Opus for those in real time. What it is already is
// passed on, and the other is encoded, once; AAC is left to who needs Opus of it. All on the streaming thread.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>

#include "common/gst/chain.hpp"
#include "common/gst/codec_elements.hpp"
#include "ladder/element/outlet.hpp"
#include "ladder/element/output.hpp"

namespace millrace::ladder {

class AudioTrack {
  public:
    // `number` counts the sound inputs.
    AudioTrack(GstPad* sink, unsigned number, Outlet outlet)
        : sink_(sink), number_(number), outlet_(std::move(outlet)) {}

    void event(gst::Ref<GstEvent> event);
    GstFlowReturn push(gst::Ref<GstBuffer> buffer);

  private:
    enum class Input { aac, opus, other };

    void set_caps(GstEvent* event);
    Result<> open(const GstCaps* caps, Input input);
    std::unique_ptr<Output> make_output(bool aac, bool alone);
    Result<std::unique_ptr<gst::Chain>> make_encoder(Result<gst::Elements> elements, Output& output);
    void send_decoded(GstEvent* event);
    GstFlowReturn push_decoded(const gst::Ref<GstBuffer>& buffer);
    void send_on(gst::Ref<GstEvent> event);
    void replay(gst::Chain& chain);

    GstPad* const sink_;
    const unsigned number_;
    const Outlet outlet_;

    std::string media_;         // what it was opened for
    Output* passed_ = nullptr;  // what the input already is, if either
    std::unique_ptr<Output> aac_;
    std::unique_ptr<Output> opus_;
    std::unique_ptr<gst::Chain> aac_encoder_;
    std::unique_ptr<gst::Chain> opus_encoder_;
    std::unique_ptr<gst::Chain> decoder_;  // none of raw sound
};

}  // namespace millrace::ladder
