// SPDX-License-Identifier: LGPL-2.1-or-later
// A broadcast for tests: sources that send frames as real ones would, in the order they arrive, to a Presentation whose
// clock is turned as an element would turn it. Every snapshot on the way is held against the rules of playlists.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "hls/core/media_playlist.hpp"
#include "hls/core/media_time.hpp"
#include "hls/core/origin.hpp"
#include "hls/core/presentation.hpp"
#include "tests/core/hls/playlist_rules.hpp"
#include "tests/support/hex_bytes.hpp"

namespace millrace::test {

inline codec::TrackFormat h264(codec::Rational rate, std::uint32_t width = 1280, std::uint32_t height = 720) {
    return {
        .codec = codec::Codec::h264,
        .config = from_hex("0142c015ffe1001d6742c015d901419f9f016a0c0c0d4a000003000200000300791e2c5c9001000468cb8cb2"),
        .width = width,
        .height = height,
        .frame_rate = rate};
}
inline codec::TrackFormat aac(std::uint32_t rate = 48000) {
    return {.codec = codec::Codec::aac,
            .config = from_hex(rate == 48000 ? "1190" : "1210"),
            .sample_rate = rate,
            .channels = 2,
            .samples_per_frame = 1024};
}
inline codec::TrackFormat opus() {
    return {.codec = codec::Codec::opus,
            .config = from_hex("00020138 0000bb80 0000 00"),
            .sample_rate = 48000,
            .channels = 2,
            .samples_per_frame = 960};
}
inline codec::TrackFormat mp3(std::uint32_t rate = 44100) {
    return {.codec = codec::Codec::mp3, .sample_rate = rate, .channels = 2, .samples_per_frame = 1152};
}

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

    // State.
    std::size_t next = 0;
    Duration shift{};          // of the timestamps, in stream time
    Duration arrival_shift{};  // of the arrivals
    bool stopped = false;
    bool discontinuity = false;  // of the next frame
};

inline Source video(codec::Rational rate = {30, 1}, std::size_t gop = 30) {
    return {.name = "video_0", .format = h264(rate), .rate = rate, .gop = gop};
}
inline Source audio(codec::TrackFormat format = aac()) {
    const codec::Rational rate{format.sample_rate, format.samples_per_frame};
    return {.name = "audio_0", .format = std::move(format), .rate = rate};
}

class Broadcast {
  public:
    static constexpr std::int64_t kWallStart = 1'790'000'000LL * 1'000'000'000;

    explicit Broadcast(hls::Settings settings, std::vector<Source> sources)
        : presentation(settings, UnixTime{kWallStart}), sources(std::move(sources)) {
        for (const Source& source : this->sources) {
            const codec::Kind kind = codec::kind_of(source.format.codec);
            presentation.add_track(kind, {source.name, source.bitrate, source.language});
        }
        for (std::size_t i = 0; i < this->sources.size(); ++i) {
            EXPECT_TRUE(presentation.set_format(i, this->sources[i].format));
        }
    }

    static Broadcast of_video_and_audio(hls::Settings settings = {}) {
        return Broadcast(std::move(settings), {video(), audio()});
    }

    // Everything that arrives before `until` (time since the beginning), and the clock's calls between.
    void run(Duration until) {
        while (true) {
            Source* source = next_source();
            const Duration arrival = source ? arrival_of(*source) : until;
            const Duration deadline =
                presentation.deadline() == kNever ? until : presentation.deadline().time_since_epoch();
            if (deadline < arrival && deadline < until) {
                now = std::max(now + 1ns, deadline);
                presentation.tick(TimePoint(now), wall());
                check();
                continue;
            }
            if (!source || arrival >= until) break;
            now = std::max(now, arrival);
            send(*source);
            check();
        }
        now = until;
        presentation.tick(TimePoint(now), wall());
        check();
    }

    void end() {
        presentation.end_all();
        check();
    }

    [[nodiscard]] UnixTime wall() const { return UnixTime{kWallStart} + now; }
    [[nodiscard]] std::shared_ptr<const hls::Snapshot> snapshot() const { return presentation.snapshot(); }

    [[nodiscard]] hls::Answer ask(const std::string& resource, const std::string& query = "") const {
        return hls::answer(*presentation.snapshot(), {.resource = resource, .query = query});
    }
    [[nodiscard]] hls::Reply get(const std::string& resource, const std::string& query = "") const {
        auto answer = ask(resource, query);
        if (auto* reply = std::get_if<hls::Reply>(&answer)) return *reply;
        ADD_FAILURE() << resource << "?" << query << " would block";
        return {.status = 0};
    }
    static Bytes body(const hls::Reply& reply) {
        Bytes all;
        for (const Blob& blob : reply.body) all.insert(all.end(), blob.view().begin(), blob.view().end());
        return all;
    }
    [[nodiscard]] std::string text(const std::string& resource, const std::string& query = "") const {
        const Bytes all = body(get(resource, query));
        return std::string(all.begin(), all.end());
    }
    [[nodiscard]] ReadPlaylist playlist(const std::string& rendition = "video_0") const {
        return read_media_playlist(text(rendition + "/media.m3u8"));
    }

    hls::Presentation presentation;
    std::vector<Source> sources;
    Duration now{};
    bool unchecked = false;  // for long runs: only notices are collected
    std::vector<std::string> notices;
    std::function<void(const Source&, const hls::Frame&)> sent{};  // after each frame

    static Duration time_of(const Source& source, std::size_t index) {
        return Duration(hls::divide_nearest(static_cast<hls::Wide>(index) * source.rate.denominator * 1'000'000'000,
                                            source.rate.numerator));
    }

  private:
    static Duration arrival_of(const Source& source) {
        return time_of(source, source.next) + source.delay + source.arrival_shift;
    }

    Source* next_source() {
        Source* first = nullptr;
        for (Source& source : sources) {
            if (!source.stopped && (!first || arrival_of(source) < arrival_of(*first))) first = &source;
        }
        return first;
    }

    static Duration stamp(const Source& source, Duration time) {
        return source.milliseconds ? std::chrono::floor<std::chrono::milliseconds>(time) : time;
    }

    void send(Source& source) {
        const std::size_t n = source.next++;
        Bytes payload(source.bytes, static_cast<std::uint8_t>(n));
        payload[0] = static_cast<std::uint8_t>(&source - sources.data());
        hls::Frame frame;
        const bool is_key = source.gop == 0 || (n >= source.first_key && (n - source.first_key) % source.gop == 0);
        const Duration jitter = source.jitter ? source.jitter(n) : Duration(0);
        frame.dts = stamp(source, time_of(source, n) + source.shift + jitter);
        // I P B B P B B …: two reordered frames are shown one frame after they are decoded, the others three.
        std::size_t shown = n + static_cast<std::size_t>(source.reorder);
        if (source.reorder > 0 && !is_key) {
            const std::size_t place = (n - source.first_key) % source.gop % 3;
            shown = place == 1 ? n + 2 + static_cast<std::size_t>(source.reorder)
                               : n - 1 + static_cast<std::size_t>(source.reorder);
        }
        frame.pts = stamp(source, time_of(source, shown) + source.shift + jitter);
        frame.key = is_key;
        frame.discontinuity = std::exchange(source.discontinuity, false);
        frame.payload = payload;
        const auto index = static_cast<std::size_t>(&source - sources.data());
        const auto pushed = presentation.push(index, frame, TimePoint(now), wall());
        EXPECT_TRUE(pushed) << pushed.error().what;
        if (sent) sent(source, frame);
    }

    void check() {
        for (const hls::Notice& notice : presentation.take_notices()) notices.push_back(notice.text);
        auto next = presentation.snapshot();
        if (next == checked_ || unchecked) return;
        read_.resize(next->renditions.size());
        for (std::size_t i = 0; i < next->renditions.size(); ++i) {
            const hls::RenditionSnapshot& rendition = next->renditions[i];
            if (!rendition.listed) continue;
            SCOPED_TRACE(rendition.name + " at " + std::to_string(now.count() / 1'000'000) + " ms");
            ReadPlaylist list = read_media_playlist(rendition.full.plain.text());
            expect_legal(list);
            EXPECT_EQ(rendition.full.plain.text(), hls::media_playlist(*next, rendition, hls::Form::full));
            if (read_[i]) expect_legal_change(*read_[i], list);
            read_[i] = std::move(list);
        }
        if (read_.size() > 1 && read_[0] && read_[1]) expect_alike(*read_[0], *read_[1]);
        checked_ = std::move(next);
    }

    std::vector<std::optional<ReadPlaylist>> read_;
    std::shared_ptr<const hls::Snapshot> checked_;
};

}  // namespace millrace::test
