// SPDX-License-Identifier: LGPL-2.1-or-later
// The RTP header as one viewer gets it (RFC 3550 5.1), with header extensions of one byte (RFC 8285 4.2). Made once a
// viewer and track; a packet is a copy and a few fields.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "common/base/bytes.hpp"
#include "common/base/time.hpp"
#include "webrtc/core/rtp/extension_ids.hpp"

namespace millrace::webrtc {

// What the receiver's buffer is to keep to, in steps of 10 ms up to 40.95 s.
struct PlayoutDelay {
    Duration least{};
    Duration most{};
};

struct RtpStream {
    std::uint8_t payload_type = 96;
    std::uint32_t ssrc = 0;
    ExtensionIds ids;
    std::string mid;  // left out where it is longer than 16 bytes, which the extension cannot hold
    PlayoutDelay playout_delay;
};

// What differs from packet to packet. The last two are written where they were negotiated.
struct RtpPacketFields {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    bool marker = false;
    bool padded = false;
    std::uint32_t abs_send_time = 0;  // as to_abs_send_time makes it
    std::uint16_t transport_sequence = 0;
};

// Seconds in 6.18 fixed point, of any clock: only differences matter.
std::uint32_t to_abs_send_time(TimePoint now);

class RtpHeader {
  public:
    static constexpr std::size_t kMaxSize = 12 + 4 + 28;

    explicit RtpHeader(const RtpStream& stream);

    // The same for all packets, or a frame would not be one run.
    [[nodiscard]] std::size_t size() const { return size_; }

    // `out` has room for size().
    void write(std::span<std::uint8_t> out, const RtpPacketFields& packet) const;

    // Whether a packet sent again has the same bytes again. Where it has not it must not be encrypted under its old
    // sequence number: the same AES-GCM nonce over other bytes gives the authentication key away (RFC 7714 8.4). It may
    // go as RTX (RFC 4588), or not at all.
    [[nodiscard]] bool repeatable() const { return abs_send_time_at_ == 0 && transport_sequence_at_ == 0; }

  private:
    void append_extensions(const RtpStream& stream);
    void append_element(std::uint8_t id, ByteView data);

    std::array<std::uint8_t, kMaxSize> bytes_{};
    std::size_t size_ = 0;
    std::size_t abs_send_time_at_ = 0;  // 0: not negotiated
    std::size_t transport_sequence_at_ = 0;
};

// Between the RTP header and the payload of a retransmission: the original sequence number (RFC 4588 4.).
inline constexpr std::size_t kRtxHeaderSize = 2;
void write_rtx_header(std::span<std::uint8_t> out, std::uint16_t original_sequence);

}  // namespace millrace::webrtc
