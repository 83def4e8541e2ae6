// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/presentation.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "hls/core/cadence.hpp"
#include "hls/core/folder_name.hpp"
#include "hls/core/media_time.hpp"
#include "hls/core/notices.hpp"
#include "hls/core/packager.hpp"
#include "hls/core/preroll.hpp"
#include "hls/core/silence.hpp"
#include "hls/core/snapshot_builder.hpp"
#include "hls/core/track_input.hpp"

namespace millrace::hls {

namespace {

constexpr std::size_t kLargestFrame = 16 * 1024 * 1024;
constexpr Duration kLargestTimestamp = std::chrono::hours(24 * 365 * 50);
constexpr Duration kOneInterruption = 1s;   // tracks report the same one, one after the other
constexpr Duration kLookAgain = 500ms;      // while nothing is published yet
constexpr Duration kPauseBeforeStart = 3s;  // longer, and what came before it is forgotten

// What playlists can express, whatever was asked for.
Settings usable(Settings settings) {
    settings.segment_duration = std::clamp<Duration>(settings.segment_duration, 500ms, 60s);
    settings.part_duration = std::clamp<Duration>(settings.part_duration, 10ms, settings.segment_duration / 2);
    settings.window = std::clamp<Duration>(settings.window, 0s, std::chrono::hours(24 * 7));
    settings.dvr_window = std::clamp<Duration>(settings.dvr_window, 0s, std::chrono::hours(24 * 7));
    return settings;
}

Result<> check(const Frame& frame) {
    if (frame.payload.empty()) return fail(Fault::bad_input, "an access unit without bytes");
    if (frame.payload.size() > kLargestFrame) return fail(Fault::bad_input, "an access unit of more than 16 MiB");
    const auto sane = [](Duration time) { return time > -kLargestTimestamp && time < kLargestTimestamp; };
    if (!sane(frame.dts) || !sane(frame.pts)) return fail(Fault::bad_input, "a timestamp beyond fifty years");
    return {};
}

// When media zero of `held` was, going by the frame that was delayed least on its way.
UnixTime earliest_wall(const std::deque<HeldFrame>& held) {
    UnixTime first = held.front().wall;
    for (const HeldFrame& frame : held) {
        first = std::min(first, frame.wall + (held.front().frame.dts - frame.frame.dts));
    }
    return first;
}

}  // namespace

struct Presentation::Impl {
    Impl(Settings wanted, UnixTime now) : settings(usable(std::move(wanted))), wall(now) { publish_names(); }

    void publish_names();
    std::string distinct_name(const std::string& wanted, std::size_t track);
    void add_track(codec::Kind kind, TrackOptions options);
    void describe(TrackIndex track, TrackOptions options);
    void withdraw(TrackIndex track);
    Result<> set_format(TrackIndex track, codec::TrackFormat format);
    Result<> push(TrackIndex track, const Frame& frame);
    void hold_before_start(TrackIndex track, const Frame& frame);
    void forget_held();
    void start_when_ready(bool at_once);
    void replay_lead();
    void package(TrackIndex track, const Frame& frame);
    void package_late(TrackIndex track, const Frame& frame);
    void promote_video(TrackIndex track, const Frame& frame);
    void package_follower(TrackIndex track, const Frame& frame);
    bool is_another_interruption(TrackIndex track, const Frame& frame) const;
    void release_followers();
    void start_without_lead();
    void hand_over_lead();
    void fill_absence();
    [[nodiscard]] bool silent(TrackIndex track) const;
    [[nodiscard]] bool switched_off(TrackIndex track) const;
    void end(TrackIndex track);
    void finish_when_all_ended();
    void finish();
    void tick();
    void publish();
    [[nodiscard]] std::uint64_t revision() const;
    [[nodiscard]] TimePoint deadline() const;

    Settings settings;
    std::vector<TrackInput> tracks;
    Silence silence;
    std::unique_ptr<Packager> packager;  // from the first publication on
    Notices notices;
    SnapshotBuilder builder;
    std::shared_ptr<const Snapshot> snapshot;
    std::uint64_t published_revision = 0;
    bool ended = false;
    TimePoint now;
    UnixTime wall;
};

void Presentation::Impl::publish_names() {
    snapshot = packager ? builder.published(*packager, tracks, ended) : builder.unpublished(settings, tracks);
}

std::string Presentation::Impl::distinct_name(const std::string& wanted, std::size_t track) {
    std::vector<std::string> taken;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (i != track && !tracks[i].withdrawn()) taken.push_back(tracks[i].options().name);
    }
    std::string name = folder_name(wanted, taken);
    if (std::find(taken.begin(), taken.end(), wanted) != taken.end()) {
        notices.once("name " + name, "two renditions are called " + wanted + "; one of them is " + name +
                                         " in URLs and playlists. Give each a name of its own.");
    }
    return name;
}

void Presentation::Impl::add_track(codec::Kind kind, TrackOptions options) {
    options.name = distinct_name(options.name, tracks.size());
    if (packager) packager->add_track(options.name);
    tracks.emplace_back(kind, std::move(options));
    silence.add_track(kind, now);
    publish_names();
}

void Presentation::Impl::describe(TrackIndex track, TrackOptions options) {
    TrackInput& input = tracks[track];
    // Players hold URLs with the name in them.
    const bool named_for_good = snapshot->renditions[track].listed;
    options.name = named_for_good ? input.options().name : distinct_name(options.name, track);
    if (packager) packager->describe(track, options.name, options.bitrate);
    input.describe(std::move(options));
    publish_names();
}

void Presentation::Impl::withdraw(TrackIndex track) {
    if (packager && packager->line(track)) return end(track);
    if (!tracks[track].ended()) tracks[track].withdraw();
    publish_names();
    const bool any_began = std::any_of(tracks.begin(), tracks.end(),
                                       [](const auto& input) { return input.ended() && !input.withdrawn(); });
    if (any_began) finish_when_all_ended();
}

Result<> Presentation::Impl::set_format(TrackIndex track, codec::TrackFormat format) {
    TrackInput& input = tracks[track];
    if (input.withdrawn()) return {};
    if (codec::kind_of(format.codec) != input.kind())
        return fail(Fault::bad_input, "the format is not of the track's kind");
    if (input.format() == format) return {};
    Track probe{.format = format, .timescale = natural_timescale(format)};
    if (auto header = cmaf_header(probe); !header) return tl::unexpected(std::move(header).error());
    const Cadence cadence = declared_cadence(format);
    if (packager && packager->line(track)) {
        if (auto set = packager->set_format(track, format, cadence); !set) return set;
    } else if (input.format()) {
        input.drop_held();  // nothing of the old configuration has been shown yet
    }
    input.set_format(std::move(format));
    return {};
}

Result<> Presentation::Impl::push(TrackIndex track, const Frame& frame) {
    if (tracks[track].withdrawn()) return {};
    if (ended || tracks[track].ended()) return fail(Fault::refused, "the track has ended");
    if (!tracks[track].format()) return fail(Fault::bad_input, "a frame before its format");
    if (auto sane = check(frame); !sane) return sane;
    if (packager) {
        package(track, frame);
    } else {
        hold_before_start(track, frame);
    }
    return {};
}

void Presentation::Impl::hold_before_start(TrackIndex track, const Frame& frame) {
    silence.arrived(track, now);
    TrackInput& input = tracks[track];
    if (!input.held().empty()) {
        const Duration step = frame.dts - input.held().back().frame.dts;
        if (frame.discontinuity || step < -kOneInterruption || step > kPauseBeforeStart) forget_held();
    }
    input.hold(frame, now, wall);
    input.drop_until_key();
    if (input.held().empty()) {
        notices.once("no key " + input.options().name,
                     input.options().name +
                         ": the stream does not start with a key frame; waiting for the first one. "
                         "Set a key-frame interval of a few seconds at the encoder.");
    }
    start_when_ready(false);
}

// Nothing of it has been shown: the stream begins with what comes next.
void Presentation::Impl::forget_held() {
    for (TrackInput& track : tracks) track.drop_held();
}

void Presentation::Impl::start_when_ready(bool at_once) {
    auto plan = plan_presentation(settings, tracks, now, at_once);
    if (!plan) return;
    std::vector<std::string> names;
    for (const TrackInput& track : tracks) names.push_back(track.options().name);
    packager = std::make_unique<Packager>(settings, *plan, std::move(names), wall, notices);
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (tracks[i].withdrawn()) continue;
        if (!plan->joins[i]) {
            notices.once("late " + tracks[i].options().name,
                         tracks[i].options().name + ": nothing has come yet; the stream starts without it.");
            continue;
        }
        (void)packager->join(i, tracks[i].kind(), *tracks[i].format(), plan->cadences[i], tracks[i].options().bitrate);
    }
    replay_lead();
}

void Presentation::Impl::replay_lead() {
    TrackInput& lead = tracks[packager->lead()];
    const TimePoint present = now;
    UnixTime first_wall = earliest_wall(lead.held());
    while (!lead.held().empty()) {
        const HeldFrame held = lead.take_oldest();
        packager->lead_frame(held.frame, present, first_wall);
        first_wall = held.wall;
        release_followers();
    }
}

void Presentation::Impl::package(TrackIndex track, const Frame& frame) {
    if (!packager->line(track)) {
        package_late(track, frame);
    } else if (track == packager->lead()) {
        silence.arrived(track, now);
        packager->lead_frame(frame, now, wall);
    } else {
        package_follower(track, frame);
    }
    hand_over_lead();
    release_followers();
    fill_absence();
}

// A track whose first frames come after the first playlist joins at the next segment.
void Presentation::Impl::package_late(TrackIndex track, const Frame& frame) {
    TrackInput& input = tracks[track];
    if (input.video() && !frame.key && input.held().empty()) return;
    const bool leads_from_now = input.video() && !tracks[packager->lead()].video();
    if (leads_from_now) return promote_video(track, frame);
    if (packager->join(track, input.kind(), *input.format(), declared_cadence(*input.format()),
                       input.options().bitrate)) {
        package_follower(track, frame);
    }
}

void Presentation::Impl::promote_video(TrackIndex track, const Frame& frame) {
    TrackInput& input = tracks[track];
    if (!packager->join(track, input.kind(), *input.format(), declared_cadence(*input.format()),
                        input.options().bitrate))
        return;
    silence.arrived(track, now);
    packager->interrupt(now);
    packager->set_lead(track);
    packager->lead_frame(frame, now, wall);
}

// Not the one that the lead has reported, which may have gone on in a burst since.
bool Presentation::Impl::is_another_interruption(TrackIndex track, const Frame& frame) const {
    if (!packager->running() || packager->since_start() <= kOneInterruption) return false;
    const Duration at = packager->since_start(track, frame);
    return at > kOneInterruption || at < -kOneInterruption;
}

void Presentation::Impl::package_follower(TrackIndex track, const Frame& frame) {
    TrackInput& input = tracks[track];
    // Videos show the same picture: of an interruption of it the one that leads knows, and what else interrupts one of
    // them, such as an encoder that was switched off, does not concern the others.
    const bool told_by_lead = input.video() && tracks[packager->lead()].video();
    if (frame.discontinuity && !told_by_lead && is_another_interruption(track, frame))
        packager->interrupt_at_next_key();
    if (packager->out_of_line(track, frame)) {
        notices.once("out of line " + input.options().name,
                     input.options().name +
                         ": its timestamps do not belong to the same timeline as the video's; its "
                         "frames are dropped until they do.");
        return;  // as good as silence
    }
    silence.arrived(track, now);
    if (input.held().empty() && packager->admits(track, frame)) {
        packager->follow(track, frame);
    } else {
        input.hold(frame, now, wall);
    }
}

void Presentation::Impl::release_followers() {
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (i == packager->lead() || !packager->line(i)) continue;
        TrackInput& input = tracks[i];
        while (!input.held().empty()) {
            if (packager->out_of_line(i, input.held().front().frame)) {
                input.take_oldest();
            } else if (packager->admits(i, input.held().front().frame)) {
                packager->follow(i, input.take_oldest().frame);
            } else {
                break;
            }
        }
    }
}

bool Presentation::Impl::switched_off(TrackIndex track) const {
    return tracks[track].video() && packager->line(track) &&
           silence.missing(track) > packager->patience_with_rung(track);
}

bool Presentation::Impl::silent(TrackIndex track) const {
    return tracks[track].ended() || now - silence.last_arrival(track) > packager->patience() || switched_off(track);
}

// An encoder that led was switched off, and others of the same picture go on: one of them leads from now on, and
// nobody is interrupted.
void Presentation::Impl::hand_over_lead() {
    const std::size_t lead = packager->lead();
    if (!tracks[lead].video() || !packager->running() || packager->lead_absent()) return;
    if (!tracks[lead].ended() && !switched_off(lead)) return;
    std::optional<std::size_t> heir;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (i == lead || silent(i) || !packager->may_lead(i)) continue;
        if (!heir || (tracks[i].options().steady && !tracks[*heir].options().steady)) heir = i;
    }
    if (!heir) return;
    packager->hand_over_lead(*heir);
    TrackInput& input = tracks[*heir];
    while (!input.held().empty()) {
        const HeldFrame held = input.take_oldest();
        packager->lead_frame(held.frame, now, held.wall);
    }
}

void Presentation::Impl::fill_absence() {
    std::vector<bool> absent;
    for (std::size_t i = 0; i < tracks.size(); ++i) absent.push_back(silent(i));
    packager->fill_absence(now, absent);
}

// The publisher came back without the track that led: after a while the others go on alone.
void Presentation::Impl::start_without_lead() {
    if (packager->running()) return;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (i == packager->lead() || !packager->line(i) || tracks[i].held().empty()) continue;
        const HeldFrame& oldest = tracks[i].held().front();
        if (now - oldest.arrival < packager->patience()) continue;
        tracks[i].drop_until_key();
        if (tracks[i].held().empty()) continue;
        const HeldFrame& first = tracks[i].held().front();
        packager->start(i, first.frame, first.arrival, first.wall);
        return;
    }
}

void Presentation::Impl::tick() {
    if (ended) return;
    if (!packager) {
        start_when_ready(false);
        return;
    }
    const TimePoint lead_arrival = silence.last_arrival(packager->lead());
    if (!packager->lead_absent() && now - lead_arrival > packager->patience()) packager->lose_lead(lead_arrival);
    fill_absence();
    start_without_lead();
    release_followers();
    packager->retire(now);
}

TimePoint Presentation::Impl::deadline() const {
    if (ended) return kNever;
    if (!packager) {
        const bool waiting =
            std::any_of(tracks.begin(), tracks.end(), [](const auto& track) { return !track.held().empty(); });
        return waiting ? now + kLookAgain : kNever;
    }
    TimePoint next = std::min(packager->next_fill(), packager->next_expiry());
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (!packager->line(i)) continue;
        const TimePoint falls_silent = silence.last_arrival(i) + packager->patience() + 1ns;
        if (falls_silent > now) next = std::min(next, falls_silent);
    }
    return next;
}

void Presentation::Impl::end(TrackIndex track) {
    if (tracks[track].ended()) return;
    tracks[track].end();
    finish_when_all_ended();
    if (ended || !packager || packager->lead() != track) return;
    hand_over_lead();
    if (packager->lead() == track) packager->lose_lead(now);
}

void Presentation::Impl::finish_when_all_ended() {
    if (std::all_of(tracks.begin(), tracks.end(), [](const auto& input) { return input.ended(); })) finish();
}

void Presentation::Impl::finish() {
    if (!packager) start_when_ready(true);
    ended = true;
    if (!packager) return;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const bool mapped = packager->running() && packager->line(i) && packager->line(i)->started();
        while (mapped && !tracks[i].held().empty() && packager->has_room(i, tracks[i].held().front().frame)) {
            packager->follow(i, tracks[i].take_oldest().frame);
        }
    }
    packager->end();
}

std::uint64_t Presentation::Impl::revision() const {
    std::uint64_t sum = ended ? 1 : 0;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (const TrackLine* line = packager->line(i)) sum += line->rendition().revision();
    }
    return sum;
}

void Presentation::Impl::publish() {
    if (!packager || revision() == published_revision) return;
    published_revision = revision();
    snapshot = builder.published(*packager, tracks, ended);
}

Presentation::Presentation(Settings settings, UnixTime now) : impl_(std::make_unique<Impl>(std::move(settings), now)) {}
Presentation::~Presentation() = default;

TrackIndex Presentation::add_track(codec::Kind kind, TrackOptions options) {
    impl_->add_track(kind, std::move(options));
    return impl_->tracks.size() - 1;
}

void Presentation::describe(TrackIndex track, TrackOptions options) {
    impl_->describe(track, std::move(options));
    impl_->publish();
}

void Presentation::withdraw(TrackIndex track) {
    impl_->withdraw(track);
    impl_->publish();
}

Result<> Presentation::set_format(TrackIndex track, codec::TrackFormat format) {
    auto set = impl_->set_format(track, std::move(format));
    impl_->publish();
    return set;
}

Result<> Presentation::push(TrackIndex track, const Frame& frame, TimePoint now, UnixTime wall) {
    impl_->now = now;
    impl_->wall = wall;
    auto pushed = impl_->push(track, frame);
    impl_->publish();
    return pushed;
}

void Presentation::end(TrackIndex track) {
    impl_->end(track);
    impl_->publish();
}

void Presentation::end_all() {
    for (std::size_t i = 0; i < impl_->tracks.size(); ++i) impl_->end(i);
    impl_->publish();
}

void Presentation::interrupt(TimePoint now) {
    impl_->now = now;
    if (!impl_->packager) impl_->forget_held();
    if (impl_->packager && !impl_->ended) impl_->packager->interrupt(now);
    impl_->publish();
}

void Presentation::tick(TimePoint now, UnixTime wall) {
    impl_->now = now;
    impl_->wall = wall;
    impl_->tick();
    impl_->publish();
}

TimePoint Presentation::deadline() const {
    return impl_->deadline();
}

std::shared_ptr<const Snapshot> Presentation::snapshot() const {
    return impl_->snapshot;
}

std::vector<Notice> Presentation::take_notices() {
    return impl_->notices.take();
}

Stats Presentation::stats() const {
    Stats stats;
    if (!impl_->packager) return stats;
    const Packager& packager = *impl_->packager;
    for (std::size_t i = 0; i < impl_->tracks.size(); ++i) {
        const TrackLine* line = packager.line(i);
        if (!line) continue;
        stats.parts += line->rendition().parts_made();
        stats.gaps += line->rendition().gaps_made();
        stats.bytes_held += line->rendition().bytes_held();
    }
    const RenditionSnapshot& lead = impl_->snapshot->renditions[packager.lead()];
    stats.segments = lead.segments.size() - lead.first_listed;
    stats.discontinuities = packager.discontinuities();
    stats.target_duration = packager.promises().target();
    stats.part_target = duration_of(packager.promises().part_target, kPrinted);
    stats.live_edge_latency = impl_->wall - packager.live_edge();
    return stats;
}

}  // namespace millrace::hls
