// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/transport_feedback_writer.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "webrtc/core/rtp/rtcp_wire.hpp"

namespace millrace::webrtc {

namespace {

constexpr Duration kDeltaTick = 250us;
constexpr std::int64_t kTicksOfReference = 256;  // 64 ms

constexpr std::uint8_t kLost = 0;
constexpr std::uint8_t kSmallDelta = 1;
constexpr std::uint8_t kLargeDelta = 2;

constexpr std::size_t kLongestRun = 0x1fff;
constexpr std::size_t kOneBitSymbols = 14;
constexpr std::size_t kTwoBitSymbols = 7;

// Rounded down, also below 0.
std::int64_t divided(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}
std::int64_t ticks_of(Duration at) {
    return divided(at.count(), kDeltaTick.count());
}

// What is said of each packet, and of those that came how much later than the one before.
struct Statuses {
    std::int64_t reference = 0;  // in steps of 64 ms
    std::vector<std::uint8_t> symbols;
    std::vector<std::int64_t> deltas;
};

Statuses statuses_of(const TransportFeedback& feedback) {
    Statuses out;
    out.symbols.resize(feedback.packets, kLost);
    if (feedback.arrivals.empty()) return out;
    out.reference = divided(ticks_of(feedback.arrivals.front().at), kTicksOfReference);
    std::int64_t at = out.reference * kTicksOfReference;
    for (const TransportFeedback::Arrival& arrival : feedback.arrivals) {
        const std::size_t place = static_cast<std::uint16_t>(arrival.sequence - feedback.base_sequence);
        if (place >= out.symbols.size()) continue;
        // From what was written, or what rounding leaves out would add up.
        const std::int64_t delta = std::clamp<std::int64_t>(ticks_of(arrival.at) - at, INT16_MIN, INT16_MAX);
        at += delta;
        out.symbols[place] = delta >= 0 && delta <= UINT8_MAX ? kSmallDelta : kLargeDelta;
        out.deltas.push_back(delta);
    }
    return out;
}

// 3.1.3 and 3.1.4: as many as one chunk can tell of, by a run or a vector; what is beyond the end is told as lost.
std::size_t write_chunk(ByteWriter& out, std::span<const std::uint8_t> symbols) {
    const auto other = std::ranges::find_if(symbols, [&](std::uint8_t symbol) { return symbol != symbols[0]; });
    const auto run = std::min(static_cast<std::size_t>(other - symbols.begin()), kLongestRun);
    const std::span<const std::uint8_t> next = symbols.first(std::min(symbols.size(), kOneBitSymbols));
    const bool narrow = std::ranges::find(next, kLargeDelta) == next.end();
    const std::size_t vector = std::min(symbols.size(), narrow ? kOneBitSymbols : kTwoBitSymbols);
    if (run >= vector) {
        out.u16(symbols[0] << 13 | run);
        return run;
    }
    const unsigned width = narrow ? 1 : 2;
    unsigned chunk = narrow ? 0x8000 : 0xc000;
    for (std::size_t i = 0; i < vector; ++i)
        chunk |= static_cast<unsigned>(symbols[i]) << (14 - width * (static_cast<unsigned>(i) + 1));
    out.u16(chunk);
    return vector;
}

}  // namespace

void write_transport_feedback(ByteWriter& out, std::uint32_t sender, std::uint32_t ssrc,
                              const TransportFeedback& feedback) {
    const Statuses statuses = statuses_of(feedback);
    const std::size_t begin = out.size();
    write_rtcp_header(out, RtcpType::transport_feedback, kFormatTransportCc, 0);
    out.u32(sender);
    out.u32(ssrc);
    out.u16(feedback.base_sequence);
    out.u16(feedback.packets);
    out.u24(static_cast<std::uint64_t>(statuses.reference) & 0xffffff);
    out.u8(feedback.count);
    for (std::span<const std::uint8_t> rest = statuses.symbols; !rest.empty();)
        rest = rest.subspan(write_chunk(out, rest));

    // 3.1.5
    for (std::int64_t delta : statuses.deltas) {
        if (delta >= 0 && delta <= UINT8_MAX) {
            out.u8(static_cast<std::uint64_t>(delta));
        } else {
            out.u16(static_cast<std::uint64_t>(delta));
        }
    }
    // Up to a word, without saying so in the padding flag: the symbols tell where it ends.
    out.zeros((4 - (out.size() - begin) % 4) % 4);
    const std::size_t words = (out.size() - begin) / 4 - 1;
    out.patch_u32(begin, 0x80000000U | std::uint32_t{kFormatTransportCc} << 24 |
                             static_cast<std::uint32_t>(RtcpType::transport_feedback) << 16 |
                             static_cast<std::uint32_t>(words));
}

}  // namespace millrace::webrtc
