// SPDX-License-Identifier: LGPL-2.1-or-later
// Where one viewer's packets go in one pass: encrypted from the ring straight into the arena.
#pragma once

#include <cstdint>
#include <optional>

#include "webrtc/core/rtp/congestion.hpp"
#include "webrtc/core/rtp/rtp_header.hpp"
#include "webrtc/core/secure/srtcp.hpp"
#include "webrtc/core/secure/srtp_sender.hpp"
#include "webrtc/core/viewer/send_arena.hpp"

namespace millrace::webrtc {

// What is counted across all of a viewer's tracks, for transport-wide congestion control.
struct TransportCount {
    std::uint16_t next = 0;
    bool negotiated = false;
    Congestion* told = nullptr;  // of what was sent, where anybody draws conclusions from it
};

class PacketOutput {
  public:
    PacketOutput(SrtpSender& srtp, TransportCount& count, SendArena& arena, const TransportAddress& to, TimePoint now)
        : srtp_(srtp), count_(count), arena_(arena), to_(to), now_(now) {}

    struct Packet {
        std::uint64_t index = 0;  // unwrapped, as this viewer counts
        std::uint32_t timestamp = 0;
        bool marker = false;
        bool padded = false;
        ByteView payload;
        std::optional<std::uint16_t> original;  // of a retransmission: the sequence number that it had
    };
    // The size of the datagram; 0 when the arena is full.
    std::size_t write(const RtpHeader& header, const Packet& packet);

    // A compound RTCP packet. The size of the datagram; nothing when the arena is full.
    std::optional<std::size_t> write_rtcp(ByteView compound, SrtcpSender& srtcp);

    [[nodiscard]] bool has_room(std::size_t size) const { return arena_.room() >= size; }
    [[nodiscard]] TimePoint now() const { return now_; }

  private:
    std::size_t protect(const RtpHeader& header, const Packet& packet, std::span<std::uint8_t> out);

    SrtpSender& srtp_;
    TransportCount& count_;
    SendArena& arena_;
    const TransportAddress& to_;
    TimePoint now_;
};

}  // namespace millrace::webrtc
