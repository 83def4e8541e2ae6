// SPDX-License-Identifier: LGPL-2.1-or-later
// One worker's share of a stream: its rings, and the viewers that it sends to. Whenever a frame comes, a pass goes over
// all viewers that it is for and gives each what it has not been sent yet.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/base/thread.hpp"
#include "common/net/worker.hpp"
#include "webrtc/core/viewer/viewer.hpp"
#include "webrtc/element/transport/endpoint.hpp"
#include "webrtc/element/transport/outbox.hpp"
#include "webrtc/element/whep/track_id.hpp"

namespace millrace::webrtc {

// When the stream began, which its first frame says.
struct StreamOrigin {
    TimePoint origin;  // running time 0
    SendClock wall{Duration{}, UnixTime{}};
};

// The stream's timestamps begin anywhere (RFC 3550 5.1).
struct ClockOffsets {
    std::uint32_t video = 0;
    std::uint32_t audio = 0;
};

// Made anywhere; from then on on its worker's thread only, but for totals().
class FanOut : public Outbox::Waiting, public std::enable_shared_from_this<FanOut> {
  public:
    // What all viewers there ever were have cost.
    struct Totals {
        std::uint64_t packets = 0;
        std::uint64_t bytes = 0;
        std::uint64_t resent = 0;
        std::uint64_t refused = 0;  // packets asked for again in vain
        std::uint64_t key_frame_requests = 0;
        std::uint64_t rejected_rtcp = 0;
        std::uint64_t restarts = 0;
        std::uint64_t climbs = 0;  // of viewers, from rung to rung
        std::uint64_t descents = 0;
        std::uint64_t stalls = 0;  // passes that the socket was too full for
        struct Rung {
            std::uint64_t viewers = 0;          // at the moment
            std::uint64_t bits_per_second = 0;  // declared, or measured of late
        };
        std::array<Rung, kMostRungs> rungs{};

        Totals& operator+=(const Totals& other);
    };

    // `want_key_frame` is called on the worker.
    FanOut(std::shared_ptr<net::Worker> worker, const ClockOffsets& offsets,
           std::function<void(RungId)> want_key_frame);
    ~FanOut() override;
    FanOut(const FanOut&) = delete;
    FanOut& operator=(const FanOut&) = delete;

    // A viewer's place in the passes.
    struct Place;

    // A rung is there, or is another encoding from here on.
    void open(RungId rung, const StreamFormat& format, std::uint64_t declared);
    // It is no more: its viewers go to others.
    void close(RungId rung);
    void append(TrackId track, const FramePtr& frame, const StreamOrigin& origin);
    Place* add(Viewer viewer, std::shared_ptr<PeerPath> path);
    void remove(Place* place);
    struct Heard {
        bool authentic = false;  // only the viewer can have sent it
        bool goodbye = false;
    };
    Heard on_rtcp(Place* place, std::span<std::uint8_t> datagram, TimePoint now);
    // The stream is over: nobody is sent anything any more.
    void end();

    void resume() override;

    // As of a quarter of a second ago at most. Any thread.
    [[nodiscard]] Totals totals() const { return published_.copy(); }

  private:
    // Over all viewers, or those that are sent this rung.
    void pass(std::optional<RungId> only = {});
    void go_on();
    bool serve(Place& place, TimePoint now);
    void finish();
    void serve_urgent();
    void schedule();
    void on_timer();
    void publish_totals();
    [[nodiscard]] bool rides_with_the_picture(TrackId track, TimePoint now) const;

    const std::shared_ptr<net::Worker> worker_;
    const std::function<void(RungId)> want_key_frame_;
    MediaRing audio_;
    LiveStream stream_;

    Outbox* outbox_ = nullptr;  // the worker's, once there is a viewer
    std::vector<std::unique_ptr<Place>> places_;
    std::vector<Place*> urgent_;  // those that cannot wait for the next frame
    std::size_t first_ = 0;       // of the pass: another each time, so that nobody is always the last
    std::size_t served_ = 0;      // in this pass; all of them when there is none
    std::optional<RungId> only_;  // whom this pass is for
    bool again_ = false;          // something came while a pass was held up
    bool waits_ = false;          // for room in the socket

    TimePoint video_at_;            // when the last picture came
    TimePoint audio_due_ = kNever;  // sound that waits for a picture is sent alone by then
    TimePoint passed_at_;           // over all
    TimePoint published_at_;
    std::unique_ptr<net::Worker::Timer> timer_;
    Totals gone_;  // of viewers that have left
    std::uint64_t stalls_ = 0;
    Guarded<Totals> published_;
};

}  // namespace millrace::webrtc
