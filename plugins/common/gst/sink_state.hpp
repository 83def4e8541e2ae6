// SPDX-License-Identifier: LGPL-2.1-or-later
// The states of a sink that serves while it is PAUSED or PLAYING: the same for all of ours.
#pragma once

#include <gst/gst.h>

namespace millrace::gst {

// `sink` can start() and stop() serving, play(), pause(), and unblock() its streaming threads, so that pads can be
// deactivated.
template <class Sink>
GstStateChangeReturn change_sink_state(Sink& sink, GstElement* element, GstStateChange change, gpointer parent_class) {
    if (change == GST_STATE_CHANGE_READY_TO_PAUSED && !sink.start()) return GST_STATE_CHANGE_FAILURE;
    if (change == GST_STATE_CHANGE_PAUSED_TO_PLAYING) sink.play();
    if (change == GST_STATE_CHANGE_PLAYING_TO_PAUSED) sink.pause();
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) sink.unblock();
    auto result = GST_ELEMENT_CLASS(parent_class)->change_state(element, change);
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) sink.stop();
    return result;
}

}  // namespace millrace::gst
