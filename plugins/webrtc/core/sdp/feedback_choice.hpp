// SPDX-License-Identifier: LGPL-2.1-or-later
// Which feedback both sides speak, of what an offer names in a=rtcp-fb (RFC 4585 4.2, RFC 5104 7.1).
#pragma once

#include <string>
#include <vector>

namespace millrace::webrtc {

// What a receiver may tell the sender about what it gets.
struct FeedbackKinds {
    bool nack = false;
    bool pli = false;
    bool fir = false;
    bool remb = false;
    bool transport_cc = false;
};

// What is named in the lines of one payload type.
FeedbackKinds feedback_kinds(const std::vector<std::string>& feedback);

// Of what is offered the lines that are wanted, each once, in their order.
std::vector<std::string> agreed_feedback(const std::vector<std::string>& offered, const FeedbackKinds& wanted);

}  // namespace millrace::webrtc
