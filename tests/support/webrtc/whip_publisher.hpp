// SPDX-License-Identifier: LGPL-2.1-or-later
// A WebRTC publisher without sockets or clocks: descriptions, frames, datagrams and the time come in; datagrams, a
// deadline and what it was told come out. It does not pace: what is given is sent at once. Its peer is a lite one.
//
// The owner's loop is a WhepViewer's, and send() in between.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/webrtc/outgoing_packet.hpp"
#include "tests/support/webrtc/peer_link.hpp"
#include "webrtc/core/rtp/packetizer.hpp"
#include "webrtc/core/rtp/rtcp.hpp"
#include "webrtc/core/secure/srtcp.hpp"
#include "webrtc/core/secure/srtp_sender.hpp"

namespace millrace::webrtc::test {

// What its peer told it.
struct WhipPublisherCounts {
    std::uint64_t packets = 0;          // sent, without those sent again
    std::uint64_t lost = 0;             // of them, on purpose
    std::uint64_t asked = 0;            // by NACK, each number counted
    std::uint64_t retransmissions = 0;  // by RTX, or plain
    std::uint64_t forgotten = 0;        // asked for when it was not kept any more
    std::uint64_t key_frame_requests = 0;
    std::uint64_t transport_feedbacks = 0;
    std::uint64_t arrivals = 0;  // that they tell of
    std::uint64_t bitrate_estimates = 0;
    std::uint64_t reports = 0;     // blocks of receiver reports
    std::uint64_t unreadable = 0;  // what could not be decrypted or understood
};

class WhipPublisher {
  public:
    using State = PeerLink::State;

    static Result<std::unique_ptr<WhipPublisher>> make(std::shared_ptr<const DtlsIdentity> identity,
                                                       const PublisherAbilities& abilities);
    WhipPublisher(const WhipPublisher&) = delete;
    WhipPublisher& operator=(const WhipPublisher&) = delete;

    [[nodiscard]] std::string offer() const { return publish_offer_text(abilities_, link_.self()); }
    Result<> accept(std::string_view answer);
    void start(TimePoint now);

    // Decrypts in place.
    void receive(std::span<std::uint8_t> datagram, TimePoint now);
    void on_timer(TimePoint now);
    [[nodiscard]] TimePoint deadline() const { return link_.deadline(); }
    std::vector<Bytes> take_output() { return std::exchange(output_, {}); }

    // ---- what it sends, once it is connected. Tracks: the video, or each of its layers, then the audio.
    [[nodiscard]] std::size_t audio_track() const { return sources_.size() - 1; }
    [[nodiscard]] std::uint32_t ssrc(std::size_t track) const { return sources_[track].ssrc; }
    void send(std::size_t track, const Payloads& frame, std::uint32_t timestamp);
    // `ntp` is what the sender's clock says at the time of the timestamp.
    void report(std::size_t track, std::uint32_t timestamp, NtpTime ntp);
    void say_goodbye();
    // Packets of which this is true are kept for who asks, and do not go out the first time, or never where
    // `for_good`.
    std::function<bool(const OutgoingPacket&)> loses = [](const OutgoingPacket&) { return false; };
    bool loses_for_good = false;

    // ---- for what a publisher should not do
    // With the session's keys, but as of a source that nothing is remembered of.
    void send_hostile(const OutgoingPacket& packet);
    void send_raw(Bytes datagram) { output_.push_back(std::move(datagram)); }
    void send_rtcp(ByteView plain);
    [[nodiscard]] std::uint64_t next_index(std::size_t track) const { return sources_[track].next; }
    // The source's next packets continue from here.
    void jump(std::size_t track, std::uint64_t index) { sources_[track].next = index; }

    [[nodiscard]] const HostCandidate& server() const { return remote_.candidates.front(); }
    [[nodiscard]] const RemoteDescription& remote() const { return remote_; }
    [[nodiscard]] State state() const { return link_.state(); }
    [[nodiscard]] const std::string& failure() const { return link_.failure(); }
    [[nodiscard]] const WhipPublisherCounts& counts() const { return counts_; }
    [[nodiscard]] std::uint64_t key_frame_requests(std::size_t track) const { return sources_[track].wishes; }
    [[nodiscard]] std::uint64_t bitrate_estimate() const { return bitrate_estimate_; }

  private:
    static constexpr std::size_t kKept = 512;  // packets a source, for who asks again

    struct Source {
        std::uint32_t ssrc = 0;
        std::uint32_t rtx_ssrc = 0;
        std::uint8_t type = kVideoType;
        std::string mid;
        std::string rid;
        std::uint64_t next = 0;  // index
        std::uint64_t next_rtx = 0;
        std::uint32_t packets = 0;
        std::uint32_t octets = 0;
        std::uint64_t wishes = 0;                        // for a key frame
        std::map<std::uint64_t, OutgoingPacket> kept{};  // by index
    };
    struct Secured {
        SrtpKeys keys;
        SrtpSender rtp;
        SrtcpSender rtcp;
        SrtcpReceiver feedback;
    };

    WhipPublisher(std::shared_ptr<const DtlsIdentity> identity, PublisherAbilities abilities, PeerIdentity self);
    void on_link();
    void secure(const SrtpKeys& keys);
    void on_rtcp(std::span<std::uint8_t> datagram);
    void on_message(const RtcpMessage& message);
    void resend(Source& source, std::uint16_t sequence);
    [[nodiscard]] Source* source_of(std::uint32_t ssrc);
    [[nodiscard]] std::vector<std::pair<std::uint8_t, Bytes>> extensions(const Source& source);
    void protect(SrtpSender& with, const OutgoingPacket& packet);
    void keep(Source& source, OutgoingPacket packet);

    PeerLink link_;
    const PublisherAbilities abilities_;
    RemoteDescription remote_;
    std::vector<Source> sources_;
    std::optional<Secured> secured_;
    std::vector<Bytes> output_;
    WhipPublisherCounts counts_;
    std::uint16_t transport_sequence_ = 0;
    std::uint64_t bitrate_estimate_ = 0;
    bool agreed_transport_cc_ = false;
    bool agreed_rtx_ = false;
};

}  // namespace millrace::webrtc::test
