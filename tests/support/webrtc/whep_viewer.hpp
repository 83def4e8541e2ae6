// SPDX-License-Identifier: LGPL-2.1-or-later
// A WebRTC viewer without sockets or clocks: descriptions, datagrams and the time come in; datagrams, a deadline and
// counts come out. Small enough that one thread has thousands. Its peer is a lite one with one candidate.
//
// The owner's loop: description() to the server, accept() its answer (or answer() its offer); start(); receive() or
// on_timer(); send take_output() to server(); look at state(); re-arm deadline().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "tests/support/webrtc/arrivals.hpp"
#include "tests/support/webrtc/delay_histogram.hpp"
#include "tests/support/webrtc/frame_assembler.hpp"
#include "tests/support/webrtc/local_description.hpp"
#include "tests/support/webrtc/peer_link.hpp"
#include "tests/support/webrtc/remote_description.hpp"
#include "tests/support/webrtc/srtp_receiver.hpp"
#include "webrtc/core/secure/srtcp.hpp"

namespace millrace::webrtc::test {

struct WhepViewerOptions {
    ViewerAbilities abilities;
    bool decrypt = true;       // else it reads headers alone, and knows nothing of key frames
    bool nack = false;         // asks again for what is missing of video
    bool pli = false;          // asks for a key frame until one is there
    double loss = 0;           // the share of packets that it pretends not to have got
    std::uint64_t remb = 0;    // bit/s that it says it can take; 0: says nothing
    std::uint32_t random = 1;  // where its losses begin
};

struct WhepViewerCounts {
    std::uint64_t packets = 0;  // audio and video, with what came twice, without retransmissions
    std::uint64_t bytes = 0;
    std::uint64_t video_packets = 0;
    std::uint64_t retransmissions = 0;  // by RTX
    std::uint64_t frames = 0;           // timestamps of video
    std::uint64_t simulated_losses = 0;
    std::uint64_t nacks = 0;      // packets asked for, each time
    std::uint64_t recovered = 0;  // that came after they were asked for
    std::uint64_t auth_failures = 0;
    std::uint64_t unknown_packets = 0;  // of a payload type that was not agreed to
    std::uint64_t sender_reports = 0;
};

class WhepViewer {
  public:
    enum class State { joining, checking, handshaking, playing, failed };  // as of its link

    static std::shared_ptr<const DtlsIdentity> make_identity() { return PeerLink::make_identity(); }
    // Frames' delays go to `delays` where there is one: how much later they came than the fastest of this viewer's.
    static Result<std::unique_ptr<WhepViewer>> make(std::shared_ptr<const DtlsIdentity> identity,
                                                    const WhepViewerOptions& options, DelayHistogram* delays = nullptr);
    WhepViewer(const WhepViewer&) = delete;
    WhepViewer& operator=(const WhepViewer&) = delete;

    [[nodiscard]] std::string offer() const;
    Result<> accept(std::string_view answer);
    Result<std::string> answer(std::string_view offer);
    void start(TimePoint now);

    // Decrypts in place.
    void receive(std::span<std::uint8_t> datagram, TimePoint now);
    void on_timer(TimePoint now);
    [[nodiscard]] TimePoint deadline() const;
    std::vector<Bytes> take_output() { return std::exchange(output_, {}); }

    [[nodiscard]] const HostCandidate& server() const { return remote_.candidates.front(); }
    [[nodiscard]] State state() const { return static_cast<State>(link_.state()); }
    [[nodiscard]] const std::string& failure() const { return link_.failure(); }
    [[nodiscard]] const WhepViewerCounts& counts() const { return counts_; }
    // Of audio and video.
    [[nodiscard]] std::uint64_t expected() const { return video_.arrivals.expected() + audio_.arrivals.expected(); }
    [[nodiscard]] std::uint64_t received() const { return video_.arrivals.received() + audio_.arrivals.received(); }
    [[nodiscard]] std::uint64_t lost_video() const { return video_.arrivals.expected() - video_.arrivals.received(); }
    [[nodiscard]] std::uint64_t duplicates() const {
        return video_.arrivals.duplicates() + audio_.arrivals.duplicates();
    }
    [[nodiscard]] const FrameAssembler& frames() const { return frames_; }
    // kNever: not yet.
    [[nodiscard]] TimePoint connected_at() const { return connected_at_; }
    [[nodiscard]] TimePoint first_packet_at() const { return first_packet_at_; }

  private:
    struct Track {
        std::uint32_t ssrc = 0;
        Arrivals arrivals;
    };
    struct Missing {
        TimePoint since;
        TimePoint asked = TimePoint::min();
    };
    struct Secured {  // what there is once keys are
        SrtpReceiver rtp;
        SrtcpReceiver rtcp;
        SrtcpSender feedback;
    };

    WhepViewer(std::shared_ptr<const DtlsIdentity> identity, const WhepViewerOptions& options, DelayHistogram* delays,
               PeerIdentity self);

    void on_link(TimePoint now);
    void on_rtp(std::span<std::uint8_t> packet, TimePoint now);
    void on_rtcp(std::span<std::uint8_t> packet, TimePoint now);
    void on_media(std::span<std::uint8_t> packet, const RtpView& view, const PayloadMeaning& meaning, TimePoint now);
    void on_rtx(std::span<std::uint8_t> packet, const RtpView& view, Codec codec, TimePoint now);
    void on_video(std::uint16_t sequence, bool marker, Codec codec, std::optional<ByteView> payload, TimePoint now);
    void note_frame(const RtpView& view, TimePoint now);
    std::optional<ByteView> open(std::span<std::uint8_t> packet, const RtpView& view);

    void secure(const SrtpKeys& keys, TimePoint now);
    void report(TimePoint now);
    void ask_again(TimePoint now);
    void send_feedback(ByteView rtcp);
    [[nodiscard]] bool lose();

    PeerLink link_;
    const WhepViewerOptions options_;
    DelayHistogram* const delays_;
    RemoteDescription remote_;
    PayloadMeanings meanings_{};
    std::optional<Secured> secured_;

    std::vector<Bytes> output_;
    WhepViewerCounts counts_;
    Track video_;
    Track audio_;
    FrameAssembler frames_;
    std::map<std::uint64_t, Missing> missing_;  // video's, by index
    std::uint32_t frame_timestamp_ = 0;
    std::optional<std::int64_t> fastest_;  // ns between a timestamp's time and its arrival, of an unknown zero
    std::uint32_t first_timestamp_ = 0;
    std::uint32_t last_report_ = 0;
    TimePoint last_report_at_;

    TimePoint next_report_ = kNever;
    TimePoint next_nack_ = kNever;
    TimePoint connected_at_ = kNever;
    TimePoint first_packet_at_ = kNever;
    std::uint32_t random_;
};

}  // namespace millrace::webrtc::test
