// SPDX-License-Identifier: LGPL-2.1-or-later
// A stream that is on the air over WebRTC: tracks in, viewers out. Lives from the sink's start to its stop. Knows no
// pads and no buffers.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/codec/frame.hpp"
#include "common/codec/track_format.hpp"
#include "common/web/announce.hpp"
#include "webrtc/core/rtp/key_frame_requests.hpp"
#include "webrtc/core/rtp/packetizer.hpp"
#include "webrtc/core/viewer/track_feed.hpp"
#include "webrtc/element/signalling/roster.hpp"
#include "webrtc/element/transport/endpoint.hpp"
#include "webrtc/element/whep/admission.hpp"
#include "webrtc/element/whep/fan_out.hpp"
#include "webrtc/element/whep/viewer_session.hpp"
#include "webrtc/element/whep/whep_handler.hpp"

namespace millrace::webrtc {

struct WhepSettings {
    std::string path;
    std::string listen;
    std::string udp_listen;
    std::string advertise;
    std::string ice_servers;
    std::uint32_t max_viewers = 0;
    bool instant_start = true;
    std::uint32_t workers = 0;
};

// What a track is, as viewers have to agree to it, and what makes packets of it.
struct TrackMedia {
    StreamFormat format;
    std::unique_ptr<Packetizer> packetizer;
};

class Broadcast {
  public:
    // Called on any thread, never under a lock of ours.
    struct Callbacks {
        std::function<void(const std::string&)> warn;
        std::function<void(TrackId)> want_key_frame;  // of a rung at most once a second
        std::function<bool(const ViewerInfo&)> authorize;
        std::function<void(const ViewerInfo&)> joined;
        std::function<void(const ViewerInfo&, const std::string& why)> left;
    };

    struct Stats {
        std::size_t sessions = 0;  // with those that have not connected yet
        std::uint64_t viewers = 0;
        std::uint64_t joined = 0;  // ever
        FanOut::Totals sent;
        EndpointCounters endpoint;  // of all streams on the port
        // The videos, as far as anything is known of them.
        struct Rendition {
            std::string name;
            std::uint64_t viewers = 0;
            std::uint64_t bitrate = 0;  // bit/s, declared or measured; 0: not known
            bool refused = false;
        };
        std::vector<Rendition> renditions;
    };

    // Opens the path on `given`, an application's server, or else on the servers its settings name. Fails when an
    // address or the path is taken, or a setting makes no sense. Not on a worker.
    static Result<std::unique_ptr<Broadcast>> start(const WhepSettings& settings, Callbacks callbacks,
                                                    const std::shared_ptr<net::HttpServer>& given = nullptr);
    // Ends all sessions and takes the path down. Not on a worker.
    ~Broadcast();
    Broadcast(const Broadcast&) = delete;
    Broadcast& operator=(const Broadcast&) = delete;

    // A track is to come. Who joins before waits for it, for a moment.
    void expect(TrackId id);
    // The video that there is cannot be shown, and another is to come: who joins waits for that, for a moment.
    void await_video();
    // It is not, or not any more: it has ended, or is none that we show.
    void end(TrackId id);
    // A track's streaming thread. What it is called is said before it begins.
    void describe(TrackId id, TrackOptions options);
    void begin(TrackId id, TrackMedia media);
    // refused: the track cannot be shown from here on. Viewers are sent another of its kind, or where there is none
    // they are told; bad_input: this frame is left out. `running_time` is what the pipeline's clock says now, where it
    // runs: by it viewers are told when a picture was captured.
    Result<> push(TrackId id, const codec::Frame& frame, std::optional<Duration> running_time);
    void refuse(TrackId id, const Error& why);
    // Whether viewers get anything of the kind.
    [[nodiscard]] bool shows(codec::Kind kind) const;

    [[nodiscard]] Stats stats() const;

  private:
    class Hub;
    struct Track;

    Broadcast(const WhepSettings& settings, Callbacks callbacks);
    Result<> open(const WhepSettings& settings, const std::shared_ptr<net::HttpServer>& given);
    StreamOrigin origin(const codec::Frame& frame, std::optional<Duration> running_time, TimePoint now);
    void start_clock();
    void tick();

    const std::shared_ptr<Hub> hub_;
    std::array<std::unique_ptr<Track>, kMostTracks> tracks_;
    Guarded<std::optional<StreamOrigin>> origin_;
    std::shared_ptr<Endpoint> endpoint_;
    std::shared_ptr<Roster> roster_;
    std::shared_ptr<Admission> admission_;
    std::shared_ptr<WhepHandler> handler_;
    web::Announcements announcements_;

    std::shared_ptr<net::Worker> worker_;  // its thread owns the timer
    std::unique_ptr<net::Worker::Timer> timer_;
};

}  // namespace millrace::webrtc
