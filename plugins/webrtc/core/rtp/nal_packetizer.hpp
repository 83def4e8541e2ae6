// SPDX-License-Identifier: LGPL-2.1-or-later
// What the RTP payloads of H.264 (RFC 6184) and H.265 (RFC 7798) have in common: NAL units alone, several in one
// packet, or one in fragments.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "common/codec/access_unit.hpp"
#include "webrtc/core/rtp/packet_plan.hpp"
#include "webrtc/core/rtp/packetizer.hpp"
#include "webrtc/core/rtp/payload_writer.hpp"

namespace millrace::webrtc {

// What they differ in. A NAL unit's header, an aggregate's and the first bytes of a fragment's are of one length.
struct NalSyntax {
    std::size_t header_size = 1;
    bool (*is_sei)(ByteView nal) = nullptr;
    bool (*is_slice)(ByteView nal) = nullptr;
    void (*write_aggregate_header)(PayloadWriter& out, std::span<const ByteView> nals) = nullptr;
    void (*write_fragment_header)(PayloadWriter& out, ByteView nal, bool first, bool last) = nullptr;
    // The header of an SEI message or, behind a slice, of filler data; `like` is a NAL unit of the same picture.
    std::array<std::uint8_t, 2> (*filler_header)(ByteView like, bool behind_slice) = nullptr;

    [[nodiscard]] std::size_t fragment_header_size() const { return header_size + 1; }
};

class NalPacketizer final : public Packetizer {
  public:
    struct Setup {
        codec::AccessUnitFilter filter;
        unsigned nal_length_size = 4;
        std::vector<Bytes> parameter_sets;  // to be sent before every key frame, in their order
    };
    NalPacketizer(const NalSyntax& syntax, Setup setup, const PacketSize& size)
        : syntax_(syntax), setup_(std::move(setup)), max_(size.max_payload()) {}

    // SEI is dropped with what the filter drops: browsers make nothing of it, and it may be longer than the picture.
    Result<Payloads> packetize(ByteView access_unit) override;

  private:
    using Nals = std::vector<ByteView>;

    Result<Nals> nals_of(const codec::AccessUnit& unit) const;
    [[nodiscard]] std::vector<Nals> grouped(const Nals& nals) const;
    [[nodiscard]] std::size_t aggregate_size(std::span<const ByteView> nals) const;
    [[nodiscard]] PacketUnit unit_of(const Nals& group) const;

    void write_group(PayloadWriter& out, Nals nals, std::size_t fill_to) const;
    void write_fragments(PayloadWriter& out, ByteView nal, std::size_t size, bool fill) const;
    [[nodiscard]] Bytes filler(ByteView like, std::size_t size) const;

    const NalSyntax& syntax_;
    Setup setup_;
    std::size_t max_;
};

}  // namespace millrace::webrtc
