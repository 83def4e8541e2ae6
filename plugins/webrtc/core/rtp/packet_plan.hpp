// SPDX-License-Identifier: LGPL-2.1-or-later
// How large the packets of one access unit are to be, so that they are few and all of one size. Arithmetic only.
#pragma once

#include <cstddef>
#include <span>

namespace millrace::webrtc {

// What must begin with a packet of its own: a NAL unit, or several in one packet.
struct PacketUnit {
    std::size_t whole = 0;  // its size where it is sent in one packet
    std::size_t body = 0;   // what its fragments divide among them; 0 where it must stay whole
    [[nodiscard]] bool divisible() const { return body > 0; }
};

// How one unit takes up packets of a size.
struct PacketShare {
    std::size_t packets = 0;  // 0: it does not fit
    std::size_t spare = 0;    // bytes of these packets that it leaves empty
};
PacketShare share_of(const PacketUnit& unit, std::size_t fragment_header, std::size_t size);

// The size that takes the fewest packets, and among such sizes the one that leaves least to be filled up, and then the
// smallest. All units but the last must fill their packets: a single packet takes any filling, fragments take padding.
// Where no size allows that, the one with the fewest packets, and they are not all equal.
std::size_t plan_packet_size(std::span<const PacketUnit> units, std::size_t fragment_header, std::size_t max);

// Packets of one size for `total` bytes that may be cut anywhere, at most `max` in each.
constexpr std::size_t even_size(std::size_t total, std::size_t max) {
    std::size_t packets = (total + max - 1) / max;
    return packets == 0 ? 0 : (total + packets - 1) / packets;
}

}  // namespace millrace::webrtc
