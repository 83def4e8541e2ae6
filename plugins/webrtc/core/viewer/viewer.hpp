// SPDX-License-Identifier: LGPL-2.1-or-later
// The media side of one viewer, from the moment that its keys are there: what it is sent, when, and what it says to
// that. Its checks and its handshake are the owner's, who tells its Consent of them.
//
// Of a stream with several rungs it is sent one at a time, in one RTP stream: it goes to another at a key frame of
// that, with the numbers going on. VP8's and VP9's picture ids do jump there, as they do where an encoder is begun
// anew; browsers take any at a key frame that is later than what they have shown.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "common/base/result.hpp"
#include "webrtc/core/ice/transport_address.hpp"
#include "webrtc/core/rtp/key_frame_requests.hpp"
#include "webrtc/core/rtp/receiver_estimate.hpp"
#include "webrtc/core/sdp/answer.hpp"
#include "webrtc/core/secure/srtcp.hpp"
#include "webrtc/core/secure/srtp_sender.hpp"
#include "webrtc/core/viewer/adaptation.hpp"
#include "webrtc/core/viewer/live_stream.hpp"
#include "webrtc/core/viewer/pacer.hpp"
#include "webrtc/core/viewer/send_arena.hpp"
#include "webrtc/core/viewer/track_sender.hpp"
#include "webrtc/core/viewer/viewer_settings.hpp"
#include "webrtc/core/viewer/viewer_stats.hpp"

namespace millrace::webrtc {

class Viewer {
  public:
    // `pinned` is a rung that it asked for. no_resource when there are no ciphers or no randomness to be had.
    static Result<Viewer> make(const Answer& answer, const SourceNames& names, const SrtpKeys& keys,
                               const ViewerSettings& settings, std::optional<RungId> pinned = {});

    enum class Pass {
        done,
        arena_full,  // send what is in it, empty it, and call again: it goes on where it stopped
    };
    // Whenever frames have come, something was received, or deadline() is past; `to` is where its checks come from now.
    Pass send(const LiveStream& stream, TimePoint now, const TransportAddress& to, SendArena& arena);

    // Decrypts in place. A failure says what was wrong with the datagram; it changes nothing for the viewer.
    Result<> on_rtcp(std::span<std::uint8_t> datagram, const LiveStream& stream, TimePoint now);

    // The rung whose source should be asked for a key frame, once for each time.
    [[nodiscard]] std::optional<RungId> take_key_frame_wish();

    // The rung that it is sent, and the one that it is to be sent: whose frames mean something to it.
    [[nodiscard]] bool follows(RungId id) const;
    [[nodiscard]] std::optional<RungId> rung() const { return rung_; }

    // It said goodbye. Whether it is there at all its Consent knows.
    [[nodiscard]] bool gone() const { return gone_; }

    // When send() is to be called if nothing happens before.
    [[nodiscard]] TimePoint deadline() const;
    // The same, of what cannot wait for the next frame: catching up, and packets that were lost. A thousand viewers'
    // reports can.
    [[nodiscard]] TimePoint urgent_deadline() const;
    [[nodiscard]] ViewerStats stats(TimePoint now) const;

  private:
    struct Ciphers {
        SrtpSender rtp;
        SrtcpSender rtcp_out;
        SrtcpReceiver rtcp_in;
    };
    static Result<Ciphers> make_ciphers(const SrtpKeys& keys);
    Viewer(const Answer& answer, const SourceNames& names, Ciphers ciphers, const ViewerSettings& settings,
           std::optional<RungId> pinned, std::array<std::uint16_t, 4> first_sequences);

    void enter(const LiveStream& stream, TimePoint now);
    void enter_video(const LiveStream& stream, TimePoint now);
    void enter_audio(const LiveStream& stream, TimePoint now);

    // Where there is something to choose from.
    void adapt(const LiveStream& stream, TimePoint now);
    void look(const LiveStream& stream, TimePoint now);
    void change_rung(const LiveStream& stream, TimePoint now);
    void probe(const MediaRing& ring, PacketOutput& out);
    [[nodiscard]] bool pauses() const;
    [[nodiscard]] const MediaRing* video_ring(const LiveStream& stream) const;

    bool send_resends(const LiveStream& stream, PacketOutput& out);
    bool send_media(const LiveStream& stream, PacketOutput& out);
    void set_pace(const MediaRing& video, const LiveStream& stream);
    bool send_video(const MediaRing& ring, PacketOutput& out);
    bool send_reports(const LiveStream& stream, PacketOutput& out);
    bool send_report(const SenderReport& report, PacketOutput& out);

    void on_message(const RtcpMessage& message, const LiveStream& stream, TimePoint now);
    void on_key_frame_request(std::uint32_t ssrc, const LiveStream& stream, TimePoint now);
    void on_report_block(const ReportBlock& block, const LiveStream& stream, TimePoint now);
    void on_nack(const Nack& nack, TimePoint now);
    void on_bitrate(const BitrateEstimate& said, TimePoint now);
    void on_feedback(const TransportFeedback& feedback, const LiveStream& stream, TimePoint now);
    void want_key_frame(RungId of, TimePoint now);

    ViewerSettings settings_;
    std::string cname_;
    Ciphers ciphers_;
    std::optional<TrackSender> video_;
    std::optional<TrackSender> audio_;
    Pacer pacer_;
    ReceiverEstimate estimate_;
    TransportCount transport_;
    KeyFrameRequests requests_;
    RungId requested_ = 0;  // the rung that they are for

    StreamFormat encoding_;  // of the video, as agreed
    std::optional<RungId> pinned_;
    std::optional<RungId> rung_;  // that it is sent; nothing before the first
    std::unique_ptr<Adaptation> adaptation_;
    std::uint64_t packets_at_nack_ = 0;
    std::uint64_t climbs_ = 0;
    std::uint64_t descents_ = 0;

    std::optional<TimePoint> began_;     // the first pass
    std::uint64_t not_before_ = 0;       // without an instant start: the first key frame that is new
    std::optional<Duration> begins_at_;  // the media time of the first picture
    TimePoint next_report_ = kNever;
    unsigned reports_ = 0;             // of those that come faster
    std::size_t tracks_reported_ = 0;  // of the report that is due
    bool wish_ = false;
    bool gone_ = false;
    std::uint64_t key_frame_requests_ = 0;
    std::uint64_t rejected_rtcp_ = 0;
    std::uint64_t rtcp_bytes_ = 0;
};

}  // namespace millrace::webrtc
