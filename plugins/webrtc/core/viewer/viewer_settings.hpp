// SPDX-License-Identifier: LGPL-2.1-or-later
// How viewers are treated, which is the same for all of a stream.
#pragma once

#include "webrtc/core/rtp/nack_responder.hpp"
#include "webrtc/core/rtp/rtp_header.hpp"
#include "webrtc/core/viewer/pacer.hpp"
#include "webrtc/core/viewer/rung_choice.hpp"

namespace millrace::webrtc {

struct ViewerSettings {
    bool instant_start = true;   // with the newest key frame there is, or else with the next to come
    Duration oldest_start = 2s;  // a key frame older than that is not worth catching up from
    Duration audio_waits = 2s;   // for the picture that it is to begin with
    Duration report_every = 1s;  // sender reports
    unsigned first_reports = 8;  // these come faster: a browser takes the median of as many to find our clock
    Duration first_report_every = 250ms;
    Duration wish_again = 1s;        // for a key frame that does not come
    Duration estimate_keeps = 5s;    // what the viewer says that it can take
    PlayoutDelay playout_delay;      // told where the viewer understands it
    Duration newest_change = 300ms;  // a key frame as new as this is gone on at, where nothing else can be sent
    PacerLimits catch_up;
    ChoiceLimits choice;
    NackLimits nack;
};

}  // namespace millrace::webrtc
