// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a handshake, in two cuts: the same answer, the same end, nothing taken that is not the handshake's.
#include <algorithm>
#include <cstdlib>

#include "rtmp/core/handshake.hpp"

using namespace millrace;

namespace {

struct Outcome {
    bool failed = false;
    bool done = false;
    std::size_t taken = 0;
    Bytes answer;
    bool operator==(const Outcome&) const = default;
};

Outcome shake(ByteView bytes, std::size_t piece) {
    rtmp::Handshake handshake(1);
    Outcome outcome;
    for (std::size_t at = 0; at < bytes.size() && !outcome.failed && !handshake.done();) {
        ByteView part = bytes.subspan(at, std::min(piece, bytes.size() - at));
        std::size_t before = part.size();
        outcome.failed = !handshake.receive(part);
        at += before - part.size();
        outcome.taken = at;
    }
    outcome.done = handshake.done();
    outcome.answer = handshake.take_output();
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteView bytes(data, size);
    if (shake(bytes, std::max<std::size_t>(size, 1)) != shake(bytes, 7)) std::abort();
    return 0;
}
