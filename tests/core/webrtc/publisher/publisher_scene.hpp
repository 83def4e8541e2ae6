// SPDX-License-Identifier: LGPL-2.1-or-later
// A publisher with its keys, which sends to a PublisherReception what the tests tell it to, and reads what it is told.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "tests/support/webrtc/outgoing_packet.hpp"
#include "webrtc/core/publisher/publisher_reception.hpp"
#include "webrtc/core/rtp/rtcp_reader.hpp"
#include "webrtc/core/secure/srtp_sender.hpp"

namespace millrace::webrtc::test {

inline constexpr std::size_t kVideoTrack = 0;
inline constexpr std::size_t kAudioTrack = 1;

// Video with retransmissions and audio, all announced, and all kinds of feedback but REMB.
ReceptionTerms browser_terms();

using Sent = OutgoingPacket;
// As RFC 4588 has it.
inline Sent repeated(const Sent& packet, std::uint64_t rtx_index) {
    return as_retransmission(packet, kRtx, kRtxType, rtx_index);
}

class PublisherScene {
  public:
    explicit PublisherScene(ReceptionTerms terms = browser_terms(),
                            SrtpProfile profile = SrtpProfile::aead_aes_128_gcm);

    Bytes protect(const Sent& packet);
    // What comes out; the bytes are those of the last datagram.
    std::optional<PublisherReception::Packet> send(const Sent& packet);
    std::optional<PublisherReception::Packet> send_bytes(Bytes datagram);
    bool send_rtcp(ByteView plain);
    // Lets time go by, with every deadline on its way.
    void wait(Duration time);

    // Everything that was said since the last call, decrypted.
    std::vector<RtcpMessage> heard();
    template <class T>
    std::vector<T> heard_only() {
        std::vector<T> found;
        for (RtcpMessage& message : heard())
            if (T* said = std::get_if<T>(&message)) found.push_back(std::move(*said));
        return found;
    }
    // The datagrams of the last heard().
    [[nodiscard]] const std::vector<Bytes>& datagrams() const { return datagrams_; }

    TimePoint now{10s};
    PublisherReception reception;

  private:
    PublisherScene(ReceptionTerms terms, const SrtpKeys& keys);

    SrtpSender rtp_out_;
    SrtcpSender rtcp_out_;
    SrtcpReceiver rtcp_in_;
    Bytes datagram_;
    std::vector<Bytes> datagrams_;
};

}  // namespace millrace::webrtc::test
