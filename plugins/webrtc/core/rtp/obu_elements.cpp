// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/obu_elements.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

// The aggregation header, 4.4.
constexpr std::size_t kHeaderSize = 1;
constexpr unsigned kContinues = 0x80;       // Z: the first element continues one
constexpr unsigned kWillContinue = 0x40;    // Y: the last is continued in the next packet
constexpr unsigned kCountShift = 4;         // W
constexpr unsigned kStartsSequence = 0x08;  // N
constexpr std::size_t kMostCounted = 3;     // what W can say; then the last element has no length

// Lengths are leb128 of always two bytes: 14 bits, more than any datagram.
constexpr std::size_t kLengthSize = 2;

void write_length(PayloadWriter& out, std::size_t length) {
    out.u8(static_cast<unsigned>(length & 0x7f) | 0x80);
    out.u8(static_cast<unsigned>(length >> 7 & 0x7f));
}

// Where the elements are cut.
struct Place {
    std::size_t element = 0;
    std::size_t offset = 0;
    [[nodiscard]] bool within() const { return offset > 0; }
};

// What one packet holds.
struct Packet {
    std::vector<ByteView> parts;
    Place end;
    bool counted = true;  // by W
};

// Takes parts while there is room. `length_of_last` is what the last part needs before it.
Packet take(std::span<const ByteView> elements, Place at, std::size_t size, std::size_t length_of_last,
            std::size_t most) {
    Packet packet;
    std::size_t room = size - kHeaderSize;
    while (at.element < elements.size() && packet.parts.size() < most) {
        // With another part the one before stops being the last.
        std::size_t lengths = packet.parts.empty() ? length_of_last : kLengthSize;
        if (room <= lengths) break;
        room -= lengths;
        ByteView rest = elements[at.element].subspan(at.offset);
        ByteView part = rest.first(std::min(rest.size(), room));
        packet.parts.push_back(part);
        room -= part.size();
        at = part.size() == rest.size() ? Place{at.element + 1, 0} : Place{at.element, at.offset + part.size()};
    }
    packet.end = at;
    return packet;
}

// Up to three parts save a length; where more are to be had, all have theirs.
Packet next_packet(std::span<const ByteView> elements, Place at, std::size_t size) {
    constexpr std::size_t kNoLimit = ~std::size_t{0};
    Packet counted = take(elements, at, size, 0, kMostCounted);
    bool used_up = counted.end.element == elements.size() || counted.end.within();
    if (used_up || counted.parts.size() < kMostCounted) return counted;
    Packet all = take(elements, at, size, kLengthSize, kNoLimit);
    all.counted = false;
    return all;
}

void write_packet(PayloadWriter& out, const Packet& packet, unsigned flags) {
    unsigned count = packet.counted ? static_cast<unsigned>(packet.parts.size()) : 0;
    out.begin();
    out.u8(flags | (packet.end.within() ? kWillContinue : 0) | count << kCountShift);
    for (const ByteView& part : packet.parts) {
        if (!packet.counted || &part != &packet.parts.back()) write_length(out, part.size());
        out.bytes(part);
    }
}

}  // namespace

void write_obu_packets(PayloadWriter& out, std::span<const ByteView> elements, std::size_t size, bool starts_sequence) {
    Place at;
    unsigned first = starts_sequence ? kStartsSequence : 0;
    while (at.element < elements.size()) {
        Packet packet = next_packet(elements, at, size);
        write_packet(out, packet, (at.within() ? kContinues : 0) | first);
        // A byte or two may be too few for another part.
        out.end(packet.end.element < elements.size() ? size : 0);
        at = packet.end;
        first = 0;
    }
}

std::size_t count_obu_packets(std::span<const ByteView> elements, std::size_t size) {
    std::size_t count = 0;
    for (Place at; at.element < elements.size(); ++count) at = next_packet(elements, at, size).end;
    return count;
}

}  // namespace millrace::webrtc
