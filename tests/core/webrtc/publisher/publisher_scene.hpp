// SPDX-License-Identifier: LGPL-2.1-or-later
// A publisher with its keys, which sends to a PublisherReception what the tests tell it to, and reads what it is told.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "webrtc/core/publisher/publisher_reception.hpp"
#include "webrtc/core/rtp/rtcp_reader.hpp"
#include "webrtc/core/secure/srtp_sender.hpp"

namespace millrace::webrtc::test {

inline constexpr std::uint8_t kVideoType = 96;
inline constexpr std::uint8_t kRtxType = 97;
inline constexpr std::uint8_t kAudioType = 111;
inline constexpr std::uint32_t kVideo = 0x1000;
inline constexpr std::uint32_t kRtx = 0x1001;
inline constexpr std::uint32_t kAudio = 0x2000;
inline constexpr std::size_t kVideoTrack = 0;
inline constexpr std::size_t kAudioTrack = 1;

// Video with retransmissions and audio, all announced, and all kinds of feedback but REMB.
ReceptionTerms browser_terms();

struct Sent {
    std::uint32_t ssrc = kVideo;
    std::uint8_t type = kVideoType;
    std::uint64_t index = 0;  // the sequence number, unwrapped
    std::uint32_t timestamp = 0;
    Bytes payload = Bytes(100, 0x77);
    std::vector<std::pair<std::uint8_t, Bytes>> extensions{};
    std::uint8_t padding = 0;
};
// Without protection.
Bytes rtp_of(const Sent& packet);
// As RFC 4588 has it.
Sent repeated(const Sent& packet, std::uint64_t rtx_index);
Bytes big_endian(std::uint64_t value, std::size_t width);

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
