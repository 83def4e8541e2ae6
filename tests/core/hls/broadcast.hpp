// SPDX-License-Identifier: LGPL-2.1-or-later
// A broadcast for tests: sources that send frames as real ones would, in the order they arrive, to a Presentation whose
// clock is turned as an element would turn it. Every snapshot on the way is held against the rules of playlists.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hls/core/origin.hpp"
#include "hls/core/presentation.hpp"
#include "tests/core/hls/playlist_rules.hpp"

namespace millrace::test {

codec::TrackFormat h264(codec::Rational rate, std::uint32_t width = 1280, std::uint32_t height = 720);
codec::TrackFormat aac(std::uint32_t rate = 48000);
codec::TrackFormat opus();
codec::TrackFormat mp3(std::uint32_t rate = 44100);

struct Source {
    std::string name;
    codec::TrackFormat format;
    codec::Rational rate;                           // frames/s as they really come
    std::size_t gop = 0;                            // frames; 0 = every frame is a key frame
    std::size_t first_key = 0;                      // index of the first key frame
    bool milliseconds = false;                      // timestamps as RTMP carries them
    Duration delay{};                               // from a frame's decode time to its arrival
    int reorder = 0;                                // B-frames: presentation is this many frames behind
    std::function<Duration(std::size_t)> jitter{};  // added to the timestamp of a frame
    std::size_t bytes = 500;
    std::uint64_t bitrate = 0;
    std::string language{};
    bool steady = false;

    // State.
    std::size_t next = 0;
    Duration shift{};          // of the timestamps, in stream time
    Duration arrival_shift{};  // of the arrivals
    bool stopped = false;
    bool discontinuity = false;  // of the next frame
};

Source video(codec::Rational rate = {30, 1}, std::size_t gop = 30);
Source audio(codec::TrackFormat format = aac());

class Broadcast {
  public:
    static constexpr std::int64_t kWallStart = 1'790'000'000LL * 1'000'000'000;

    explicit Broadcast(hls::Settings settings, std::vector<Source> sources);

    static Broadcast of_video_and_audio(hls::Settings settings = {}) {
        return Broadcast(std::move(settings), {video(), audio()});
    }

    // Everything that arrives before `until` (time since the beginning), and the clock's calls between.
    void run(Duration until);

    void end() {
        presentation.end_all();
        check();
    }

    [[nodiscard]] UnixTime wall() const { return UnixTime{kWallStart} + now; }
    [[nodiscard]] std::shared_ptr<const hls::Snapshot> snapshot() const { return presentation.snapshot(); }

    [[nodiscard]] hls::Answer ask(const std::string& resource, const std::string& query = "") const {
        return hls::answer(*presentation.snapshot(), {.resource = resource, .query = query});
    }
    [[nodiscard]] hls::Reply get(const std::string& resource, const std::string& query = "") const;
    static Bytes body(const hls::Reply& reply);
    [[nodiscard]] std::string text(const std::string& resource, const std::string& query = "") const;
    [[nodiscard]] ReadPlaylist playlist(const std::string& rendition = "video_0") const {
        return read_media_playlist(text(rendition + "/media.m3u8"));
    }

    hls::Presentation presentation;
    std::vector<Source> sources;
    Duration now{};
    bool unchecked = false;  // for long runs: only notices are collected
    std::vector<std::string> notices;
    std::function<void(const Source&, const hls::Frame&)> sent{};  // after each frame

    static Duration time_of(const Source& source, std::size_t index);

  private:
    static Duration arrival_of(const Source& source);
    Source* next_source();
    void send(Source& source);
    void check();

    Publications publications_;
};

}  // namespace millrace::test
