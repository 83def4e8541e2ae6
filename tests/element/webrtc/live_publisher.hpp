// SPDX-License-Identifier: LGPL-2.1-or-later
// A publisher as people are: comes by WHIP over HTTP, sends a clip over a UDP socket at the speed of life and does what
// it is asked. On the thread that tests, which turns it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/net/worker.hpp"
#include "tests/core/net/client.hpp"
#include "tests/core/net/udp_client.hpp"
#include "tests/element/webrtc/publisher_clip.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/webrtc/whip_publisher.hpp"

namespace millrace::webrtc::test {

class LivePublisher {
  public:
    explicit LivePublisher(const PublisherAbilities& abilities = {}, const PublisherClip& clip = PublisherClip::of())
        : peer_(*WhipPublisher::make(identity(), abilities)),
          tracks_(peer_->audio_track() + 1),
          has_audio_(abilities.audio),
          clip_(&clip) {}

    // Offers to publish `path`, and begins to check when it may. The server's answer.
    millrace::test::HttpAnswer join(std::uint16_t http, const std::string& path, const std::string& headers = {},
                                    const std::string& query = {}) {
        http_ = http;
        auto answer = millrace::test::http_ask(http, "POST", "/" + path + "/whip" + query,
                                               "Content-Type: application/sdp\r\n" + headers, peer_->offer());
        if (answer.status != 201) return answer;
        session_ = answer.header("Location");
        if (peer_->accept(answer.body)) peer_->start(net::now());
        return answer;
    }
    int leave() { return millrace::test::http_ask(http_, "DELETE", session_).status; }

    // What has come, what is due, and what there is to send.
    void turn() {
        const TimePoint now = net::now();
        for (Bytes datagram = socket_.next(MSG_DONTWAIT); !datagram.empty(); datagram = socket_.next(MSG_DONTWAIT))
            peer_->receive(datagram, now);
        if (peer_->deadline() <= now) peer_->on_timer(now);
        if (peer_->state() == WhipPublisher::State::connected) send_what_is_due(now);
        for (const Bytes& datagram : peer_->take_output()) socket_.send(peer_->server().port, datagram);
    }
    template <class F>
    bool until(F&& true_at_last) {
        return millrace::test::eventually([&] {
            turn();
            return true_at_last();
        });
    }
    void turn_for(Duration time) {
        const TimePoint end = net::now() + time;
        until([&] { return net::now() >= end; });
    }
    bool connects() {
        return until([&] { return peer_->state() >= WhipPublisher::State::connected; }) &&
               peer_->state() == WhipPublisher::State::connected;
    }

    [[nodiscard]] WhipPublisher& peer() { return *peer_; }
    [[nodiscard]] const WhipPublisherCounts& told() const { return peer_->counts(); }

    [[nodiscard]] const PublisherClip& clip() const { return *clip_; }
    // The timestamp of what was due last.
    [[nodiscard]] std::uint32_t newest(std::size_t track) const { return tracks_[track].newest; }

    // ---- how it behaves; may be changed at any time
    bool sends_video = true;
    bool sends_audio = true;
    bool answers_wishes = true;    // a key frame when it is asked for one
    bool makes_key_frames = true;  // else only when it is asked
    bool reports = true;
    Duration audio_clock_ahead{};  // of the video's, in its reports
    void use(const PublisherClip& clip) {
        clip_ = &clip;
        for (Track& track : tracks_) track.next = 0;
    }
    void jump_timestamps(std::uint32_t ticks) {
        for (Track& track : tracks_) track.offset += ticks;
    }

  private:
    struct Track {
        std::size_t next = 0;  // of the clip
        std::uint64_t sent = 0;
        std::uint64_t wishes = 0;  // that it has answered
        std::uint32_t offset = 1'000'000;
        std::uint32_t newest = 0;  // timestamp
    };
    static constexpr Duration kPicture = Duration(1s) / 30;
    static constexpr Duration kSound = 20ms;
    static constexpr Duration kPause = 300ms;  // its peer has to hear that it is connected, too
    static constexpr Duration kReportInterval = 200ms;

    static const std::shared_ptr<const DtlsIdentity>& identity() {
        static const auto kIdentity = PeerLink::make_identity();
        return kIdentity;
    }
    [[nodiscard]] bool is_audio(std::size_t track) const { return has_audio_ && track == peer_->audio_track(); }

    void send_what_is_due(TimePoint now) {
        if (began_ == kNever) began_ = now + kPause;
        if (now < began_) return;
        for (std::size_t track = 0; track < tracks_.size(); ++track) {
            const Duration length = is_audio(track) ? kSound : kPicture;
            Track& of = tracks_[track];
            while (began_ + length * static_cast<std::int64_t>(of.sent) <= now) {
                of.newest =
                    static_cast<std::uint32_t>(of.offset + of.sent * (is_audio(track) ? PublisherClip::kSoundTicks
                                                                                      : PublisherClip::kPictureTicks));
                ++of.sent;
                if (is_audio(track) ? sends_audio : sends_video) send_next(track, of);
            }
        }
        if (!reports || now < next_report_) return;
        next_report_ = now + kReportInterval;
        for (std::size_t track = 0; track < tracks_.size(); ++track) report(track);
    }

    void send_next(std::size_t track, Track& of) {
        if (is_audio(track)) {
            peer_->send(track, clip_->sounds[of.next], of.newest);
            of.next = (of.next + 1) % clip_->sounds.size();
            return;
        }
        const std::uint64_t wishes = peer_->key_frame_requests(track);
        if (answers_wishes && wishes != std::exchange(of.wishes, wishes)) of.next = 0;
        // What has been shown goes on: pictures that change nothing come between two key frames for ever.
        if (!makes_key_frames && of.next == PublisherClip::kKeyInterval) of.next = 1;
        peer_->send(track, clip_->pictures[of.next], of.newest);
        of.next = (of.next + 1) % clip_->pictures.size();
    }

    void report(std::size_t track) {
        const Track& of = tracks_[track];
        if (of.sent == 0) return;
        const Duration length = is_audio(track) ? kSound : kPicture;
        UnixTime wall{1'800'000'000'000'000'000};
        wall = wall + length * static_cast<std::int64_t>(of.sent - 1);
        if (is_audio(track)) wall = wall + audio_clock_ahead;
        peer_->report(track, of.newest, to_ntp(wall));
    }

    std::unique_ptr<WhipPublisher> peer_;
    millrace::test::UdpClient socket_;
    std::vector<Track> tracks_;
    const bool has_audio_;
    const PublisherClip* clip_;
    TimePoint began_ = kNever;
    TimePoint next_report_{};
    std::uint16_t http_ = 0;
    std::string session_;
};

}  // namespace millrace::webrtc::test
