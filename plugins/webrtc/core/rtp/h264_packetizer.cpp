// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/h264_packetizer.hpp"

#include "common/codec/h264.hpp"
#include "webrtc/core/rtp/nal_packetizer.hpp"

namespace millrace::webrtc {

namespace {

using codec::H264Nal;

constexpr unsigned kStapA = 24;
constexpr unsigned kFuA = 28;
constexpr unsigned kForbidden = 0x80;
constexpr unsigned kReference = 0x60;  // nal_ref_idc
constexpr unsigned kType = 0x1f;
constexpr unsigned kStart = 0x80;
constexpr unsigned kEnd = 0x40;

bool is_sei(ByteView nal) {
    return codec::h264_nal_type(nal[0]) == H264Nal::sei;
}

bool is_slice(ByteView nal) {
    auto type = static_cast<unsigned>(codec::h264_nal_type(nal[0]));
    return type >= static_cast<unsigned>(H264Nal::slice) && type <= static_cast<unsigned>(H264Nal::idr);
}

// 5.7: F of any, the highest NRI of all.
void write_stap_a_header(PayloadWriter& out, std::span<const ByteView> nals) {
    unsigned forbidden = 0;
    unsigned reference = 0;
    for (ByteView nal : nals) {
        forbidden |= nal[0] & kForbidden;
        reference = std::max(reference, nal[0] & kReference);
    }
    out.u8(forbidden | reference | kStapA);
}

// 5.8
void write_fu_a_header(PayloadWriter& out, ByteView nal, bool first, bool last) {
    out.u8((nal[0] & (kForbidden | kReference)) | kFuA);
    out.u8((first ? kStart : 0) | (last ? kEnd : 0) | (nal[0] & kType));
}

// nal_ref_idc is 0 for both (H.264 7.4.1).
std::array<std::uint8_t, 2> filler_header(ByteView, bool behind_slice) {
    return {static_cast<std::uint8_t>(behind_slice ? H264Nal::filler : H264Nal::sei), 0};
}

constexpr NalSyntax kSyntax{
    .header_size = 1,
    .is_sei = is_sei,
    .is_slice = is_slice,
    .write_aggregate_header = write_stap_a_header,
    .write_fragment_header = write_fu_a_header,
    .filler_header = filler_header,
};

}  // namespace

Result<std::unique_ptr<Packetizer>> make_h264_packetizer(const codec::TrackFormat& format, const PacketSize& size) {
    auto config = codec::parse_avcc(format.config);
    if (!config) return tl::unexpected(std::move(config).error());
    auto filter = codec::AccessUnitFilter::make(format);
    if (!filter) return tl::unexpected(std::move(filter).error());
    NalPacketizer::Setup setup{std::move(*filter), config->nal_length_size, {}};
    for (const auto& sets : {config->sps, config->pps}) {
        for (ByteView set : sets) setup.parameter_sets.emplace_back(set.begin(), set.end());
    }
    return std::make_unique<NalPacketizer>(kSyntax, std::move(setup), size);
}

}  // namespace millrace::webrtc
