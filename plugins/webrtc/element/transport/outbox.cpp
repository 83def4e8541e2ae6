// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/transport/outbox.hpp"

#include <utility>

#include "webrtc/element/transport/addresses.hpp"

namespace millrace::webrtc {

bool Outbox::flush() {
    const auto& runs = arena_.runs();
    messages_.clear();
    for (std::size_t i = sent_; i < runs.size(); ++i) {
        const auto segment = static_cast<std::uint16_t>(runs[i].size > runs[i].segment ? runs[i].segment : 0);
        messages_.push_back({from_core(runs[i].to), arena_.bytes(runs[i]), segment});
    }
    sent_ += socket_.send(messages_);
    full_ = sent_ < runs.size();
    if (full_) return false;
    arena_.clear();
    sent_ = 0;
    return true;
}

void Outbox::writable() {
    if (!flush()) return;
    // Whoever fills it again waits anew.
    for (const auto& each : std::exchange(waiting_, {}))
        if (auto who = each.lock()) who->resume();
}

}  // namespace millrace::webrtc
