// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/av1_packetizer.hpp"

#include "common/codec/av1.hpp"
#include "webrtc/core/rtp/obu_elements.hpp"
#include "webrtc/core/rtp/packet_plan.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::uint8_t kHasExtension = 0x04;
constexpr std::uint8_t kHasSize = 0x02;

codec::AccessUnitFilter av1_filter() {
    codec::TrackFormat format;
    format.codec = codec::Codec::av1;
    return codec::AccessUnitFilter::make(format).value_or(codec::AccessUnitFilter());
}

// Where the elements are, behind one another in `bytes`.
struct Elements {
    Bytes bytes;
    std::vector<std::size_t> ends;

    [[nodiscard]] std::vector<ByteView> views() const {
        std::vector<ByteView> views;
        std::size_t start = 0;
        for (std::size_t end : ends) {
            views.push_back(ByteView(bytes).subspan(start, end - start));
            start = end;
        }
        return views;
    }
};

// An element's length is its OBU's: OBUs should not say their size again (4.5).
void append(Elements& elements, const codec::Obu& obu) {
    std::uint8_t header = obu.whole[0];
    elements.bytes.push_back(header & static_cast<std::uint8_t>(~kHasSize));
    if ((header & kHasExtension) != 0) elements.bytes.push_back(obu.whole[1]);
    elements.bytes.insert(elements.bytes.end(), obu.payload.begin(), obu.payload.end());
    elements.ends.push_back(elements.bytes.size());
}

// The smallest size that takes as few packets as the largest does.
std::size_t fitting_size(std::span<const ByteView> elements, std::size_t total, std::size_t max) {
    std::size_t packets = count_obu_packets(elements, max);
    std::size_t size = std::min(max, std::max(max / 2, total / std::max<std::size_t>(packets, 1)));
    while (size < max && count_obu_packets(elements, size) > packets) ++size;
    return size;
}

}  // namespace

Av1Packetizer::Av1Packetizer(const PacketSize& size) : filter_(av1_filter()), max_(size.max_payload()) {}

Result<Payloads> Av1Packetizer::packetize(ByteView temporal_unit) {
    auto unit = filter_.apply(temporal_unit);
    if (!unit) return tl::unexpected(std::move(unit).error());
    Elements elements;
    codec::ObuReader obus(unit->bytes);
    while (auto obu = obus.next()) {
        constexpr auto kTileList = static_cast<codec::Av1Obu>(8);  // must not be sent (5.)
        if (obu->type != kTileList) append(elements, *obu);
    }
    std::vector<ByteView> views = elements.views();
    std::size_t size = fitting_size(views, elements.bytes.size(), max_);
    PayloadWriter out(elements.bytes.size() + elements.bytes.size() / 64 + 16);
    write_obu_packets(out, views, size, unit->sync);
    return std::move(out).finish(unit->sync, true);
}

}  // namespace millrace::webrtc
