// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/bench/whep_viewers/report.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "webrtc/core/signalling/json_text.hpp"

namespace millrace::bench {

namespace {

using webrtc::json_text;
using webrtc::test::WhepViewer;
using webrtc::test::WhepViewerCounts;

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

double own_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

class JsonObject {
  public:
    void add(const std::string& name, const std::string& json) {
        text_ += (text_.empty() ? "{" : ", ") + json_text(name) + ": " + json;
    }
    void add(const std::string& name, std::uint64_t number) { add(name, std::to_string(number)); }
    void add(const std::string& name, double number) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%.3f", number);
        add(name, std::string(text.data()));
    }
    [[nodiscard]] std::string text() const { return text_.empty() ? "{}" : text_ + "}"; }

  private:
    std::string text_;
};

class Samples {
  public:
    void add(double value) { values_.push_back(value); }
    void add(TimePoint from, TimePoint to) {
        if (from != kNever && to != kNever) add(seconds(to - from) * 1000);
    }
    [[nodiscard]] double at(double share) {
        if (values_.empty()) return 0;
        std::ranges::sort(values_);
        return values_[std::min(values_.size() - 1,
                                static_cast<std::size_t>(share * static_cast<double>(values_.size())))];
    }
    [[nodiscard]] std::string percentiles() {
        JsonObject json;
        json.add("count", std::uint64_t{values_.size()});
        json.add("p50", at(0.5));
        json.add("p90", at(0.9));
        json.add("p99", at(0.99));
        json.add("max", at(1));
        return json.text();
    }

  private:
    std::vector<double> values_;
};

// What all viewers did between the moments; of one that came meanwhile, all that it did.
struct Sums {
    std::uint64_t packets = 0, bytes = 0, expected = 0, received = 0, duplicates = 0;
    std::int64_t lost_video = 0;
    std::uint64_t simulated_losses = 0, nacks = 0, recovered = 0, retransmissions = 0, sender_reports = 0;
    std::uint64_t auth_failures = 0, unknown_packets = 0;  // from the beginning: none is one too many
    Samples frames_per_second;
};

void add(Sums& sums, const Mark& begin, const Mark& end, double length) {
    const bool stayed = begin.asked == end.asked;
    const Mark from = stayed ? begin : Mark();
    sums.packets += end.counts.packets - from.counts.packets;
    sums.bytes += end.counts.bytes - from.counts.bytes;
    sums.expected += end.expected - from.expected;
    sums.received += end.received - from.received;
    sums.lost_video += static_cast<std::int64_t>(end.lost_video) - static_cast<std::int64_t>(from.lost_video);
    sums.duplicates += end.duplicates - from.duplicates;
    sums.simulated_losses += end.counts.simulated_losses - from.counts.simulated_losses;
    sums.nacks += end.counts.nacks - from.counts.nacks;
    sums.recovered += end.counts.recovered - from.counts.recovered;
    sums.retransmissions += end.counts.retransmissions - from.counts.retransmissions;
    sums.sender_reports += end.counts.sender_reports - from.counts.sender_reports;
    sums.auth_failures += end.counts.auth_failures;
    sums.unknown_packets += end.counts.unknown_packets;
    if (stayed && end.viewer->state() == WhepViewer::State::playing)
        sums.frames_per_second.add(static_cast<double>(end.counts.frames - from.counts.frames) / length);
}

std::string join_percentiles(const Seats& seats) {
    Samples answered, connected, first_packet, first_key_frame;
    for (const auto& seat : seats) {
        if (seat->viewer() == nullptr) continue;
        const TimePoint asked = seat->times().asked;
        answered.add(asked, seat->times().answered);
        connected.add(asked, seat->viewer()->connected_at());
        first_packet.add(asked, seat->viewer()->first_packet_at());
        first_key_frame.add(asked, seat->viewer()->frames().first_decodable());
    }
    JsonObject json;
    json.add("answered", answered.percentiles());
    json.add("connected", connected.percentiles());
    json.add("first_packet", first_packet.percentiles());
    json.add("first_key_frame", first_key_frame.percentiles());
    return json.text();
}

std::string failures(const Seats& seats) {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& seat : seats)
        if (seat->state() == Seat::State::failed) ++counts[seat->failure()];
    JsonObject json;
    for (const auto& [why, count] : counts) json.add(why, count);
    return json.text();
}

void add_whole_frames(JsonObject& json, const Seats& seats) {
    std::uint64_t whole = 0, broken = 0, key_frames = 0;
    for (const auto& seat : seats) {
        if (seat->viewer() == nullptr) continue;
        whole += seat->viewer()->frames().whole();
        broken += seat->viewer()->frames().broken();
        key_frames += seat->viewer()->frames().key_frames();
    }
    json.add("whole_frames", whole);
    json.add("broken_frames", broken);
    json.add("whole_key_frames", key_frames);
}

}  // namespace

Moment mark(const Seats& seats) {
    Moment moment{now(), own_cpu_seconds(), {}};
    for (const auto& seat : seats) {
        const WhepViewer* viewer = seat->viewer();
        if (viewer == nullptr)
            moment.marks.emplace_back();
        else
            moment.marks.push_back({viewer, seat->times().asked, viewer->expected(), viewer->received(),
                                    viewer->lost_video(), viewer->duplicates(), viewer->counts()});
    }
    return moment;
}

std::string report(const Run& run) {
    const double length = seconds(run.end.at - run.begin.at);
    Sums sums;
    for (std::size_t index = 0; index < run.seats.size(); ++index)
        if (run.end.marks[index].viewer != nullptr) add(sums, run.begin.marks[index], run.end.marks[index], length);
    const auto failed =
        std::ranges::count_if(run.seats, [](const auto& seat) { return seat->state() == Seat::State::failed; });

    JsonObject json;
    json.add("viewers", std::uint64_t{run.seats.size()});
    json.add("joined", static_cast<std::uint64_t>(static_cast<std::ptrdiff_t>(run.seats.size()) - failed));
    json.add("failed", static_cast<std::uint64_t>(failed));
    json.add("failures", failures(run.seats));
    json.add("joining_seconds", seconds(run.joining));
    json.add("join_ms", join_percentiles(run.seats));
    json.add("left_and_joined", static_cast<std::uint64_t>(run.left));
    json.add("seconds", length);
    json.add("packets", sums.packets);
    json.add("bytes", sums.bytes);
    json.add("expected", sums.expected);
    json.add("lost", sums.expected > sums.received ? sums.expected - sums.received : 0);
    json.add("lost_video", static_cast<std::uint64_t>(std::max<std::int64_t>(sums.lost_video, 0)));
    json.add("simulated_losses", sums.simulated_losses);
    json.add("duplicates", sums.duplicates);
    json.add("nacks", sums.nacks);
    json.add("recovered", sums.recovered);
    json.add("retransmissions", sums.retransmissions);
    json.add("sender_reports", sums.sender_reports);
    json.add("auth_failures", sums.auth_failures);
    json.add("unknown_packets", sums.unknown_packets);
    add_whole_frames(json, run.seats);
    json.add("frames_per_second_min", sums.frames_per_second.at(0));
    json.add("frames_per_second_median", sums.frames_per_second.at(0.5));
    json.add("delay_p50_ms", static_cast<std::uint64_t>(run.delays.percentile(0.5)));
    json.add("delay_p99_ms", static_cast<std::uint64_t>(run.delays.percentile(0.99)));
    json.add("own_cpu_cores", (run.end.own_cpu_seconds - run.begin.own_cpu_seconds) / length);
    return json.text();
}

}  // namespace millrace::bench
