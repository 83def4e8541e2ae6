// SPDX-License-Identifier: LGPL-2.1-or-later
// A pad that millladder has for one of its renditions, with the properties `rendition`, `bitrate` and `language`.
#pragma once

#include <gst/gst.h>

#include "common/base/thread.hpp"
#include "common/gst/rendition.hpp"

namespace millrace::ladder {

struct LadderPadState {
    explicit LadderPadState(GstPad*) {}

    Guarded<gst::Rendition> rendition;
};

}  // namespace millrace::ladder

#define MILL_TYPE_LADDER_PAD (mill_ladder_pad_get_type())
extern "C" GType mill_ladder_pad_get_type();

namespace millrace::ladder {

LadderPadState& state_of(GstPad* pad);

}  // namespace millrace::ladder
