// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/h265_packetizer.hpp"

#include "common/codec/h265.hpp"
#include "webrtc/core/rtp/nal_packetizer.hpp"

namespace millrace::webrtc {

namespace {

using codec::H265Nal;

constexpr unsigned kAggregation = 48;
constexpr unsigned kFragmentation = 49;
constexpr unsigned kPrefixSei = 39;
constexpr unsigned kSuffixSei = 40;
constexpr unsigned kFirstNonSlice = 32;
constexpr unsigned kNotType = 0x81;  // F and the highest bit of the layer in the first byte
constexpr unsigned kTemporalId = 0x07;
constexpr unsigned kStart = 0x80;
constexpr unsigned kEnd = 0x40;

unsigned type_of(ByteView nal) {
    return static_cast<unsigned>(codec::h265_nal_type(nal[0]));
}

unsigned layer_of(ByteView nal) {
    return (nal[0] & 1U) << 5 | nal[1] >> 3;
}

bool is_sei(ByteView nal) {
    return type_of(nal) == kPrefixSei || type_of(nal) == kSuffixSei;
}

bool is_slice(ByteView nal) {
    return type_of(nal) < kFirstNonSlice;
}

// 4.4.2: F of any, the lowest layer and the lowest temporal id of all.
void write_aggregation_header(PayloadWriter& out, std::span<const ByteView> nals) {
    unsigned forbidden = 0;
    unsigned layer = 0x3f;
    unsigned temporal = kTemporalId;
    for (ByteView nal : nals) {
        forbidden |= nal[0] & 0x80U;
        layer = std::min(layer, layer_of(nal));
        temporal = std::min(temporal, nal[1] & kTemporalId);
    }
    out.u8(forbidden | kAggregation << 1 | layer >> 5);
    out.u8((layer & 0x1f) << 3 | temporal);
}

// 4.4.3
void write_fragment_header(PayloadWriter& out, ByteView nal, bool first, bool last) {
    out.u8((nal[0] & kNotType) | kFragmentation << 1);
    out.u8(nal[1]);
    out.u8((first ? kStart : 0) | (last ? kEnd : 0) | type_of(nal));
}

std::array<std::uint8_t, 2> filler_header(ByteView like, bool behind_slice) {
    unsigned type = behind_slice ? static_cast<unsigned>(H265Nal::filler) : kPrefixSei;
    return {static_cast<std::uint8_t>((like[0] & kNotType) | type << 1), like[1]};
}

constexpr NalSyntax kSyntax{
    .header_size = 2,
    .is_sei = is_sei,
    .is_slice = is_slice,
    .write_aggregate_header = write_aggregation_header,
    .write_fragment_header = write_fragment_header,
    .filler_header = filler_header,
};

}  // namespace

Result<std::unique_ptr<Packetizer>> make_h265_packetizer(const codec::TrackFormat& format, const PacketSize& size) {
    auto config = codec::parse_hvcc(format.config);
    if (!config) return tl::unexpected(std::move(config).error());
    auto filter = codec::AccessUnitFilter::make(format);
    if (!filter) return tl::unexpected(std::move(filter).error());
    NalPacketizer::Setup setup{std::move(*filter), config->nal_length_size, {}};
    for (const auto& sets : {config->vps, config->sps, config->pps}) {
        for (ByteView set : sets) setup.parameter_sets.emplace_back(set.begin(), set.end());
    }
    return std::make_unique<NalPacketizer>(kSyntax, std::move(setup), size);
}

}  // namespace millrace::webrtc
