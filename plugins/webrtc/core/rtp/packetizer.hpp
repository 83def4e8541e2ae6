// SPDX-License-Identifier: LGPL-2.1-or-later
// From access units to RTP payloads, whatever the codec. A payload is the same for every viewer; what differs from
// viewer to viewer is in the header (rtp_header.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::webrtc {

// What one datagram may hold, and what of it is not payload.
struct PacketSize {
    // Bytes of UDP payload. 1200 is what browsers send themselves: it passes IPv6, tunnels and mobile networks.
    std::size_t mtu = 1200;
    // The longest of what surrounds a payload: RTP header 12, header extensions 4 + 28, the original sequence number of
    // a retransmission 2 (RFC 4588), AEAD tag 16 (RFC 7714).
    std::size_t overhead = 62;

    // Not less than a packet with headers can sensibly divide a frame into.
    static constexpr std::size_t kLeast = 300;
    [[nodiscard]] std::size_t max_payload() const { return mtu > overhead ? std::max(mtu - overhead, kLeast) : kLeast; }
};

struct PacketPayload {
    std::uint32_t offset = 0;  // into Payloads::bytes
    std::uint32_t size = 0;    // with padding
    bool marker = false;       // the last of its access unit (video)
    // The header's P bit: padding is in the payload already, its last byte says how much (RFC 3550 5.1).
    bool padded = false;
};

// One access unit. Its packets have one size, but for the last, which may be shorter: so the kernel can cut one UDP
// send into them (UDP_SEGMENT). Rarely several slices allow no such size; then there are several runs of one size.
struct Payloads {
    Bytes bytes;
    std::vector<PacketPayload> packets;
    bool key_frame = false;  // decoding can start here; every audio frame

    [[nodiscard]] ByteView payload(std::size_t packet) const {
        return ByteView(bytes).subspan(packets[packet].offset, packets[packet].size);
    }
};

class Packetizer {
  public:
    Packetizer() = default;
    Packetizer(const Packetizer&) = delete;
    Packetizer& operator=(const Packetizer&) = delete;
    virtual ~Packetizer() = default;

    // No packets where nothing of the access unit is worth sending. bad_input where it cannot be read.
    virtual Result<Payloads> packetize(ByteView access_unit) = 0;
};

// H.264 and H.265 length-prefixed (avc1, hvc1), AV1 a temporal unit, VP9 a frame or superframe, Opus a packet. refused
// where the codec has no RTP payload that browsers take; VP8 is in vp8_packetizer.hpp.
Result<std::unique_ptr<Packetizer>> make_packetizer(const codec::TrackFormat& format, const PacketSize& size);

}  // namespace millrace::webrtc
