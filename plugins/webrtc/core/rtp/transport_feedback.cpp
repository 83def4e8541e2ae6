// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/transport_feedback.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

constexpr Duration kReferenceTick = 64ms;
constexpr Duration kDeltaTick = 250us;

// 3.1.1
enum class Symbol : unsigned { lost = 0, small_delta = 1, large_delta = 2, reserved = 3 };

// Which of the reported packets came, told in runs: no memory is spent on those that did not.
struct Run {
    unsigned first = 0;  // after the base sequence number
    unsigned count = 0;
    Symbol symbol = Symbol::lost;
};

// 3.1.3 and 3.1.4: a run, or a vector of 14 symbols of one bit or 7 of two.
void append_chunk(std::vector<Run>& runs, std::uint16_t chunk, unsigned& at, unsigned packets) {
    auto append = [&](unsigned symbol, unsigned count) {
        // The last chunk may say more than there are packets.
        count = std::min(count, packets - at);
        if (static_cast<Symbol>(symbol) != Symbol::lost) runs.push_back({at, count, static_cast<Symbol>(symbol)});
        at += count;
    };
    bool is_vector = (chunk & 0x8000) != 0;
    if (!is_vector) {
        append(chunk >> 13 & 3U, chunk & 0x1fffU);
        return;
    }
    unsigned width = (chunk & 0x4000) != 0 ? 2 : 1;
    for (unsigned shift = 14; shift > 0 && at < packets; shift -= width) {
        append(chunk >> (shift - width) & ((1U << width) - 1), 1);
    }
}

// 3.1.5: one byte without a sign, or two with.
Duration read_delta(ByteReader& in, Symbol symbol) {
    if (symbol == Symbol::small_delta) return in.u8() * kDeltaTick;
    return static_cast<std::int16_t>(in.u16()) * kDeltaTick;
}

}  // namespace

Result<TransportFeedback> read_transport_feedback(ByteView body) {
    ByteReader in(body);
    TransportFeedback feedback;
    feedback.base_sequence = in.u16();
    feedback.packets = in.u16();
    auto reference = static_cast<std::int32_t>(in.u24() << 8) >> 8;  // signed, 24 bits
    feedback.count = in.u8();

    std::vector<Run> runs;
    for (unsigned at = 0; at < feedback.packets && !in.failed();) append_chunk(runs, in.u16(), at, feedback.packets);

    Duration time = reference * kReferenceTick;
    for (const Run& run : runs) {
        if (run.symbol == Symbol::reserved) return fail(Fault::bad_input, "transport feedback with a reserved symbol");
        for (unsigned i = 0; i < run.count && !in.failed(); ++i) {
            time += read_delta(in, run.symbol);
            auto sequence = static_cast<std::uint16_t>(feedback.base_sequence + run.first + i);
            feedback.arrivals.push_back({sequence, time});
        }
    }
    if (in.failed()) return fail(Fault::bad_input, "transport feedback is truncated");
    return feedback;
}

}  // namespace millrace::webrtc
