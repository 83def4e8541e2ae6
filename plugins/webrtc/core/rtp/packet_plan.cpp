// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/packet_plan.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "webrtc/core/rtp/payload_writer.hpp"

namespace millrace::webrtc {

namespace {

struct Cost {
    std::size_t packets = 0;
    std::size_t filling = 0;
    bool uneven = false;

    // Another packet costs every viewer more than some bytes of filling, and a break in the run more than both.
    [[nodiscard]] bool operator<(const Cost& other) const {
        return std::tie(uneven, packets, filling) < std::tie(other.uneven, other.packets, other.filling);
    }
};

std::optional<Cost> cost_of(std::span<const PacketUnit> units, std::size_t fragment_header, std::size_t size) {
    Cost cost;
    // A fragment must keep at least a byte of its own.
    std::size_t padding = std::min(kMaxPadding, size - fragment_header - 1);
    for (const PacketUnit& unit : units) {
        PacketShare share = share_of(unit, fragment_header, size);
        if (share.packets == 0) return std::nullopt;
        cost.packets += share.packets;
        if (&unit == &units.back()) break;
        cost.filling += share.spare;
        if (share.packets > 1 && share.spare > share.packets * padding) cost.uneven = true;
    }
    return cost;
}

}  // namespace

PacketShare share_of(const PacketUnit& unit, std::size_t fragment_header, std::size_t size) {
    if (unit.whole <= size) return {1, size - unit.whole};
    if (!unit.divisible()) return {};
    std::size_t room = size - fragment_header;
    std::size_t packets = (unit.body + room - 1) / room;
    return {packets, packets * room - unit.body};
}

std::size_t plan_packet_size(std::span<const PacketUnit> units, std::size_t fragment_header, std::size_t max) {
    // Below half of the maximum there are twice the packets. Units that must stay whole fit into `max`.
    std::size_t least = max / 2;
    std::size_t best = max;
    auto best_cost = cost_of(units, fragment_header, max);
    for (std::size_t size = max - 1; size >= least; --size) {
        auto cost = cost_of(units, fragment_header, size);
        if (!cost) break;
        if (!best_cost || !(*best_cost < *cost)) {
            best = size;
            best_cost = cost;
        }
    }
    return best;
}

}  // namespace millrace::webrtc
