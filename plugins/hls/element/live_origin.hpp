// SPDX-License-Identifier: LGPL-2.1-or-later
// A presentation that is on the air: the core's state under one lock, its clock, its HTTP outputs and its directory.
// Lives from the sink's start to its stop. Knows no pads and no buffers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/net/worker.hpp"
#include "common/web/announce.hpp"
#include "hls/core/presentation.hpp"
#include "hls/element/directory_writer.hpp"
#include "hls/element/origin_handler.hpp"

namespace millrace::hls {

struct SinkSettings {
    std::string path;
    std::string listen;
    Duration part_duration = 200ms;
    Duration segment_duration = 2s;
    Duration window = 12s;
    Duration dvr_window = 0s;
    std::string directory;
    std::string playlist_name = "index.m3u8";
    bool program_date_time = true;
};

class LiveOrigin {
  public:
    using Warn = std::function<void(const std::string&)>;  // called on any thread, never under our lock

    // Opens the path on `given`, an application's server, or else on the servers its settings name. Fails when the
    // address or the path is taken, or a setting makes no sense.
    static Result<std::unique_ptr<LiveOrigin>> start(const SinkSettings& settings, Warn warn,
                                                     const std::shared_ptr<net::HttpServer>& given = nullptr);
    // Ends the presentation, answers everybody who waits and takes the path down.
    ~LiveOrigin();

    TrackIndex add_track(codec::Kind kind, Presentation::TrackOptions options);
    void describe(TrackIndex track, Presentation::TrackOptions options);
    void withdraw(TrackIndex track);
    Result<> set_format(TrackIndex track, codec::TrackFormat format);
    Result<> push(TrackIndex track, const Frame& frame);
    void end(TrackIndex track);
    void interrupt();

    [[nodiscard]] Stats stats();

  private:
    LiveOrigin(const SinkSettings& settings, Warn warn);
    Result<> open(const SinkSettings& settings, const std::shared_ptr<net::HttpServer>& given);
    // Changes the presentation under the lock and publishes what came of it.
    template <class F>
    auto change(F&& use);
    std::vector<Notice> publish_news() REQUIRES(mutex_);
    void start_clock();
    void tick();

    const Warn warn_;
    Mutex mutex_;
    Presentation presentation_ GUARDED_BY(mutex_);
    std::shared_ptr<const Snapshot> published_ GUARDED_BY(mutex_);

    std::shared_ptr<OriginHandler> handler_;
    std::unique_ptr<DirectoryWriter> directory_;
    web::Announcements announcements_;

    std::shared_ptr<net::Worker> worker_;  // its thread owns the timer
    std::unique_ptr<net::Worker::Timer> timer_;
};

}  // namespace millrace::hls
