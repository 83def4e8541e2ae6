// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/send_arena.hpp"

namespace millrace::webrtc {

std::span<std::uint8_t> SendArena::reserve(std::size_t size) {
    if (size > buffer_.size() - used_) return {};
    return std::span(buffer_).subspan(used_, size);
}

void SendArena::commit(const TransportAddress& to, std::size_t size) {
    if (size == 0 || size > buffer_.size() - used_) return;
    if (extends_last(to, size)) {
        runs_.back().size += size;
    } else {
        runs_.push_back({to, used_, size, size});
    }
    used_ += size;
}

bool SendArena::extends_last(const TransportAddress& to, std::size_t size) const {
    if (runs_.empty()) return false;
    const Run& run = runs_.back();
    // A shorter one has ended the run.
    if (run.size % run.segment != 0 || size > run.segment) return false;
    return run.size / run.segment < kMostSegments && run.size + size <= kMostBytes && run.to == to;
}

void SendArena::clear() {
    used_ = 0;
    runs_.clear();
}

}  // namespace millrace::webrtc
