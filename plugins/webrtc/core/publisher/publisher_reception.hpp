// SPDX-License-Identifier: LGPL-2.1-or-later
// What one publisher sends, from its protected datagrams to the packets of its tracks, and what it is told in return:
// reports, what is missing, what arrived when, what it may send, and that a key frame is wanted. Sans-I/O.
//
// The owner's loop: on_rtp(), on_rtcp() or on_deadline(); send take_output(); re-arm deadline().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "webrtc/core/publisher/arrival_log.hpp"
#include "webrtc/core/publisher/publisher_bitrate.hpp"
#include "webrtc/core/publisher/reception_stats.hpp"
#include "webrtc/core/publisher/reception_terms.hpp"
#include "webrtc/core/publisher/rtcp_output.hpp"
#include "webrtc/core/publisher/track_reception.hpp"
#include "webrtc/core/publisher/track_routing.hpp"
#include "webrtc/core/rtp/rtcp.hpp"
#include "webrtc/core/secure/srtcp.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"
#include "webrtc/core/secure/srtp_receiver.hpp"

namespace millrace::webrtc {

class PublisherReception {
  public:
    static constexpr std::size_t kMaxTracks = 64;

    // The publisher is the DTLS client: its keys read, the server's protect. bad_input where the terms make no sense.
    static Result<PublisherReception> make(ReceptionTerms terms, const SrtpKeys& keys);

    struct Packet {
        std::size_t track = 0;
        const IncomingCodec* codec = nullptr;
        // The publisher's packet, padding and extensions included. Its payload may be empty: padding that has a number
        // of the track's.
        ByteView rtp;
        bool recovered = false;  // it came again, as a retransmission
    };
    // Decrypts in place; the view is of the datagram. Empty for what is dropped, which is counted. Packets come out as
    // they come in, not in the order of their numbers, but none twice.
    std::optional<Packet> on_rtp(std::span<std::uint8_t> datagram, TimePoint now);

    // False: the publisher has said goodbye for all that it sent. Decrypts in place.
    bool on_rtcp(std::span<std::uint8_t> datagram, TimePoint now);

    // Which time on the publisher's clock a timestamp of a track is, by its sender reports.
    struct SenderTime {
        std::size_t track = 0;
        std::uint32_t timestamp = 0;
        NtpTime ntp;
    };
    // The newest of each track since the last call.
    std::vector<SenderTime> take_sender_times();

    // Asked for at once, or a little after the last request; again until it is there. Nothing where the publisher did
    // not agree to be asked.
    void want_key_frame(std::size_t track, TimePoint now);
    void key_frame_arrived(std::size_t track);

    [[nodiscard]] TimePoint deadline() const;
    void on_deadline(TimePoint now);

    // Protected RTCP, each a datagram.
    std::vector<Bytes> take_output() { return output_.take(); }

    [[nodiscard]] const ReceptionTerms& terms() const { return *terms_; }
    [[nodiscard]] ReceptionStats stats() const;

  private:
    PublisherReception(std::shared_ptr<const ReceptionTerms> terms, SrtpReceiver rtp_in, SrtcpReceiver rtcp_in,
                       SrtcpSender rtcp_out);

    std::optional<std::span<std::uint8_t>> decrypt(std::span<std::uint8_t> datagram);
    void log_arrival(const RtpPacket& packet, std::size_t size, TimePoint now);
    std::optional<TrackRouting::Route> route(const RtpPacket& packet);
    std::optional<Packet> on_original(const TrackRouting::Route& route, ByteView rtp, const RtpPacket& packet,
                                      TimePoint now);
    std::optional<Packet> on_retransmission(const TrackRouting::Route& route, std::span<std::uint8_t> rtp,
                                            const RtpPacket& packet, TimePoint now);
    void on_sender_report(const SenderReport& report, TimePoint now);
    bool says_goodbye(const Bye& bye);

    void ask(std::size_t track, TimePoint now);
    void ask_for_packets(std::size_t track, TimePoint now);
    void ask_for_key_frame(std::size_t track, TimePoint now);
    [[nodiscard]] bool can_ask_for_key_frame(std::size_t track) const;
    void tell_arrivals();
    void tell_bitrate(TimePoint now);
    void report(TimePoint now);

    std::shared_ptr<const ReceptionTerms> terms_;
    SrtpReceiver rtp_in_;
    SrtcpReceiver rtcp_in_;
    RtcpOutput output_;
    TrackRouting routing_;
    std::vector<TrackReception> tracks_;
    std::vector<std::optional<SenderTime>> sender_times_;  // a track
    std::vector<std::uint8_t> commands_;                   // a track: the number of its last FIR
    std::vector<bool> gone_;                               // a track

    bool uses_transport_cc_ = false;
    bool uses_remb_ = false;
    ArrivalLog arrivals_;
    PublisherBitrate bitrate_;
    TimePoint bitrate_due_ = kNever;
    std::optional<TimePoint> bitrate_told_;
    TimePoint report_due_ = kNever;
    std::uint32_t newest_ssrc_ = 0;  // of the packets that feedback tells of
    ReceptionStats counted_;         // without the tracks
};

}  // namespace millrace::webrtc
