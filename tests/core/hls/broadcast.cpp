// SPDX-License-Identifier: LGPL-2.1-or-later
// Who sends next, and when the clock is turned.
#include "tests/core/hls/broadcast.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "hls/core/media_time.hpp"
#include "tests/support/hex_bytes.hpp"

namespace millrace::test {

codec::TrackFormat h264(codec::Rational rate, std::uint32_t width, std::uint32_t height) {
    return {
        .codec = codec::Codec::h264,
        .config = from_hex("0142c015ffe1001d6742c015d901419f9f016a0c0c0d4a000003000200000300791e2c5c9001000468cb8cb2"),
        .width = width,
        .height = height,
        .frame_rate = rate};
}
codec::TrackFormat aac(std::uint32_t rate) {
    return {.codec = codec::Codec::aac,
            .config = from_hex(rate == 48000 ? "1190" : "1210"),
            .sample_rate = rate,
            .channels = 2,
            .samples_per_frame = 1024};
}
codec::TrackFormat opus() {
    return {.codec = codec::Codec::opus,
            .config = from_hex("00020138 0000bb80 0000 00"),
            .sample_rate = 48000,
            .channels = 2,
            .samples_per_frame = 960};
}
codec::TrackFormat mp3(std::uint32_t rate) {
    return {.codec = codec::Codec::mp3, .sample_rate = rate, .channels = 2, .samples_per_frame = 1152};
}

Source video(codec::Rational rate, std::size_t gop) {
    return {.name = "video_0", .format = h264(rate), .rate = rate, .gop = gop};
}
Source audio(codec::TrackFormat format) {
    const codec::Rational rate{format.sample_rate, format.samples_per_frame};
    return {.name = "audio_0", .format = std::move(format), .rate = rate};
}

namespace {

Duration stamp(const Source& source, Duration time) {
    return source.milliseconds ? std::chrono::floor<std::chrono::milliseconds>(time) : time;
}

}  // namespace

Broadcast::Broadcast(hls::Settings settings, std::vector<Source> sources)
    : presentation(settings, UnixTime{kWallStart}), sources(std::move(sources)) {
    for (const Source& source : this->sources) {
        const codec::Kind kind = codec::kind_of(source.format.codec);
        presentation.add_track(kind, {source.name, source.bitrate, source.language, source.steady});
    }
    for (std::size_t i = 0; i < this->sources.size(); ++i) {
        EXPECT_TRUE(presentation.set_format(i, this->sources[i].format));
    }
}

void Broadcast::run(Duration until) {
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

hls::Reply Broadcast::get(const std::string& resource, const std::string& query) const {
    auto answer = ask(resource, query);
    if (auto* reply = std::get_if<hls::Reply>(&answer)) return *reply;
    ADD_FAILURE() << resource << "?" << query << " would block";
    return {.status = 0};
}

Bytes Broadcast::body(const hls::Reply& reply) {
    Bytes all;
    for (const Blob& blob : reply.body) all.insert(all.end(), blob.view().begin(), blob.view().end());
    return all;
}

std::string Broadcast::text(const std::string& resource, const std::string& query) const {
    const Bytes all = body(get(resource, query));
    return std::string(all.begin(), all.end());
}

Duration Broadcast::time_of(const Source& source, std::size_t index) {
    return Duration(hls::divide_nearest(static_cast<hls::Wide>(index) * source.rate.denominator * 1'000'000'000,
                                        source.rate.numerator));
}

Duration Broadcast::arrival_of(const Source& source) {
    return time_of(source, source.next) + source.delay + source.arrival_shift;
}

Source* Broadcast::next_source() {
    Source* first = nullptr;
    for (Source& source : sources) {
        if (!source.stopped && (!first || arrival_of(source) < arrival_of(*first))) first = &source;
    }
    return first;
}

void Broadcast::send(Source& source) {
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

void Broadcast::check() {
    for (const hls::Notice& notice : presentation.take_notices()) notices.push_back(notice.text);
    if (unchecked) return;
    SCOPED_TRACE("at " + std::to_string(now.count() / 1'000'000) + " ms");
    publications_.check(presentation.snapshot());
}

}  // namespace millrace::test
