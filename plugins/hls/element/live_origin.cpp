// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/element/live_origin.hpp"

#include <algorithm>
#include <utility>

namespace millrace::hls {

namespace {

Settings presentation_settings(const SinkSettings& settings) {
    return {.part_duration = settings.part_duration,
            .segment_duration = settings.segment_duration,
            .window = settings.window,
            .dvr_window = settings.dvr_window,
            .playlist_name = settings.playlist_name,
            .program_date_time = settings.program_date_time};
}

Result<> check(const SinkSettings& settings) {
    if (settings.path.empty()) {
        return fail(Fault::bad_input,
                    "no path is set; say under which path to serve the stream, such as path=live/cam1");
    }
    // LLHLS G-2: a segment has at least two parts.
    if (settings.part_duration * 2 > settings.segment_duration) {
        return fail(Fault::bad_input, "part-duration must be at most half of segment-duration");
    }
    if (settings.playlist_name.empty() || settings.playlist_name.find('/') != std::string::npos) {
        return fail(Fault::bad_input, "playlist-name must be a file name such as index.m3u8");
    }
    return {};
}

}  // namespace

LiveOrigin::LiveOrigin(const SinkSettings& settings, Warn warn)
    : warn_(std::move(warn)),
      presentation_(presentation_settings(settings), net::wall_now()),
      published_(presentation_.snapshot()),
      handler_(std::make_shared<OriginHandler>(settings.path, published_)),
      worker_(net::next_io_worker()) {}

Result<std::unique_ptr<LiveOrigin>> LiveOrigin::start(const SinkSettings& settings, Warn warn,
                                                      const std::shared_ptr<net::HttpServer>& given) {
    if (auto checked = check(settings); !checked) return tl::unexpected(std::move(checked).error());
    std::unique_ptr<LiveOrigin> origin(new LiveOrigin(settings, std::move(warn)));
    if (auto opened = origin->open(settings, given); !opened) {
        return tl::unexpected(std::move(opened).error().while_("stream " + settings.path));
    }
    origin->start_clock();
    return origin;
}

Result<> LiveOrigin::open(const SinkSettings& settings, const std::shared_ptr<net::HttpServer>& given) {
    if (!settings.directory.empty()) {
        auto writer = DirectoryWriter::open(settings.directory, warn_);
        if (!writer) return tl::unexpected(std::move(writer).error());
        directory_ = std::move(*writer);
    }
    auto announced = web::announce(
        {settings.path, "hls", settings.playlist_name}, handler_,
        [origin = handler_](std::string_view resource) { return origin->owns(resource); }, settings.listen, given);
    if (!announced) return tl::unexpected(std::move(announced).error());
    announcements_ = std::move(*announced);
    return {};
}

template <class F>
auto LiveOrigin::change(F&& use) {
    std::vector<Notice> notices;
    // When this scope ends the lock is gone, whatever `use` returned: warnings reach the application unlocked.
    struct TellNotices {
        const Warn& warn;
        std::vector<Notice>& notices;
        ~TellNotices() {
            for (const Notice& notice : notices) warn(notice.text);
        }
    } tell{warn_, notices};
    Lock lock(mutex_);
    struct PublishNews {
        LiveOrigin& origin;
        std::vector<Notice>& notices;
        ~PublishNews() { notices = origin.publish_news(); }
    } news{*this, notices};
    return use(presentation_);
}

// Under the lock, so that snapshots come out in the order they were made.
std::vector<Notice> LiveOrigin::publish_news() {
    if (auto latest = presentation_.snapshot(); latest != published_) {
        published_ = latest;
        if (directory_) directory_->write(latest);
        handler_->publish(std::move(latest));
    }
    return presentation_.take_notices();
}

LiveOrigin::~LiveOrigin() {
    if (timer_) worker_->run([this] { timer_.reset(); });
    change([](Presentation& presentation) { presentation.end_all(); });
    handler_->close();
    announcements_.clear();
}

TrackIndex LiveOrigin::add_track(codec::Kind kind, Presentation::TrackOptions options) {
    return change([&](Presentation& presentation) { return presentation.add_track(kind, std::move(options)); });
}

void LiveOrigin::describe(TrackIndex track, Presentation::TrackOptions options) {
    change([&](Presentation& presentation) { presentation.describe(track, std::move(options)); });
}

void LiveOrigin::withdraw(TrackIndex track) {
    change([&](Presentation& presentation) { presentation.withdraw(track); });
}

Result<> LiveOrigin::set_format(TrackIndex track, codec::TrackFormat format) {
    return change([&](Presentation& presentation) { return presentation.set_format(track, std::move(format)); });
}

Result<> LiveOrigin::push(TrackIndex track, const Frame& frame) {
    return change(
        [&](Presentation& presentation) { return presentation.push(track, frame, net::now(), net::wall_now()); });
}

void LiveOrigin::end(TrackIndex track) {
    change([&](Presentation& presentation) { presentation.end(track); });
}

void LiveOrigin::interrupt() {
    change([](Presentation& presentation) { presentation.interrupt(net::now()); });
}

Stats LiveOrigin::stats() {
    Lock lock(mutex_);
    return presentation_.stats();
}

void LiveOrigin::start_clock() {
    worker_->run([this] {
        timer_ = std::make_unique<net::Worker::Timer>(*worker_, [this] { tick(); });
        timer_->at(net::now() + 1s);
    });
}

// Frames move the deadline later without telling the timer; it looks again when it fires, and at least once a second,
// because a deadline may also appear where there was none.
void LiveOrigin::tick() {
    TimePoint next = change([](Presentation& presentation) {
        presentation.tick(net::now(), net::wall_now());
        return presentation.deadline();
    });
    timer_->at(std::min(next, net::now() + 1s));
}

}  // namespace millrace::hls
