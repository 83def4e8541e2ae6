// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep_sink_pad.hpp"

#include "common/gst/element.hpp"

using namespace millrace;

MILL_DEFINE_TYPE(MillWhepSinkPad, mill_whep_sink_pad, GST_TYPE_PAD, GstPad, webrtc::WhepPadState)

static void mill_whep_sink_pad_class_init(MillWhepSinkPadClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = mill_whep_sink_pad_finalize;
}

namespace millrace::webrtc {

WhepPadState& state_of(GstPad* pad) {
    return *reinterpret_cast<MillWhepSinkPad*>(pad)->impl;
}

}  // namespace millrace::webrtc
