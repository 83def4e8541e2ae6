// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/transport/outbox.hpp"

#include <span>
#include <utility>

#include "webrtc/element/transport/addresses.hpp"

namespace millrace::webrtc {

bool Outbox::flush() {
    if (!full_) address_runs();
    sent_ += socket_.send(std::span(messages_).subspan(sent_));
    full_ = sent_ < messages_.size();
    if (full_) return false;
    arena_.clear();
    messages_.clear();
    sent_ = 0;
    return true;
}

void Outbox::address_runs() {
    for (const SendArena::Run& run : arena_.runs()) {
        if (run.to.tcp) {
            if (tcp_ != nullptr) tcp_->send(run.to, arena_.bytes(run), run.segment);
            continue;
        }
        const auto segment = static_cast<std::uint16_t>(run.size > run.segment ? run.segment : 0);
        messages_.push_back({from_core(run.to), arena_.bytes(run), segment});
    }
}

void Outbox::writable() {
    if (!flush()) return;
    // Whoever fills it again waits anew.
    for (const auto& each : std::exchange(waiting_, {}))
        if (auto who = each.lock()) who->resume();
}

}  // namespace millrace::webrtc
