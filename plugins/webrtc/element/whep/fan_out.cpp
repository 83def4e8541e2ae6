// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep/fan_out.hpp"

#include <algorithm>
#include <utility>

namespace millrace::webrtc {

namespace {

// What is not urgent, such as reports, is looked after as often as this when no frame comes.
constexpr Duration kIdle = 250ms;

// From so many viewers on, sound waits for the next picture and goes as the last segment of its send: a packet that is
// sent alone costs as much as nine together.
constexpr std::size_t kManyViewers = 64;
constexpr Duration kSoundWaits = 45ms;     // a picture at 24 frames a second, and a little
constexpr Duration kPicturesFlow = 100ms;  // there is a next picture to wait for

}  // namespace

struct FanOut::Place {
    Place(Viewer who, std::shared_ptr<PeerPath> where) : viewer(std::move(who)), path(std::move(where)) {}

    Viewer viewer;
    std::shared_ptr<PeerPath> path;
    std::size_t index = 0;  // in places_
    bool urgent = false;    // in urgent_
};

FanOut::Totals& FanOut::Totals::operator+=(const Totals& other) {
    packets += other.packets;
    bytes += other.bytes;
    resent += other.resent;
    refused += other.refused;
    key_frame_requests += other.key_frame_requests;
    rejected_rtcp += other.rejected_rtcp;
    restarts += other.restarts;
    climbs += other.climbs;
    descents += other.descents;
    stalls += other.stalls;
    for (RungId id = 0; id < kMostRungs; ++id) {
        rungs[id].viewers += other.rungs[id].viewers;
        rungs[id].bits_per_second = std::max(rungs[id].bits_per_second, other.rungs[id].bits_per_second);
    }
    return *this;
}

namespace {

FanOut::Totals totals_of(const Viewer& viewer, TimePoint now) {
    const ViewerStats stats = viewer.stats(now);
    return {.packets = stats.packets,
            .bytes = stats.bytes,
            .resent = stats.resent,
            .refused = stats.refused,
            .key_frame_requests = stats.key_frame_requests,
            .rejected_rtcp = stats.rejected_rtcp,
            .restarts = stats.restarts,
            .climbs = stats.climbs,
            .descents = stats.descents};
}

}  // namespace

FanOut::FanOut(std::shared_ptr<net::Worker> worker, const ClockOffsets& offsets,
               std::function<void(RungId)> want_key_frame)
    : worker_(std::move(worker)), want_key_frame_(std::move(want_key_frame)) {
    stream_.video = {.ring = nullptr, .clock_rate = rtp_clock_rate(Codec::h264), .clock_offset = offsets.video};
    stream_.audio = {.ring = nullptr, .clock_rate = rtp_clock_rate(Codec::opus), .clock_offset = offsets.audio};
}

FanOut::~FanOut() = default;

// ---- frames ---------------------------------------------------------------------------------------------------------

void FanOut::open(RungId rung, const StreamFormat& format, std::uint64_t declared) {
    stream_.rungs.open(rung, format, declared);
}

void FanOut::close(RungId rung) {
    stream_.rungs.close(rung);
    if (!places_.empty()) pass();
}

void FanOut::append(TrackId track, const FramePtr& frame, const StreamOrigin& origin) {
    stream_.origin = origin.origin;
    stream_.wall = origin.wall;
    bool silence = false;  // of another rung: its viewers are not reached by any frame
    if (track == kSound) {
        stream_.audio.ring = &audio_;
        audio_.append(frame);
    } else {
        silence = stream_.rungs.append(track, frame);
    }
    const TimePoint now = net::now();
    if (places_.empty() && now - published_at_ >= kIdle) publish_totals();
    if (places_.empty()) return;
    if (rides_with_the_picture(track, now)) {
        audio_due_ = std::min(audio_due_, now + kSoundWaits);
        return schedule();
    }
    if (track != kSound) video_at_ = now;
    const bool for_all = track == kSound || silence || stream_.rungs.open() < 2;
    pass(for_all ? std::nullopt : std::optional(track));
}

bool FanOut::rides_with_the_picture(TrackId track, TimePoint now) const {
    return track == kSound && places_.size() >= kManyViewers && now - video_at_ < kPicturesFlow;
}

void FanOut::pass(std::optional<RungId> only) {
    // The others' sound waits for a picture of theirs.
    if (!only) audio_due_ = kNever;
    if (waits_) {
        again_ = true;
        return;
    }
    only_ = only;
    served_ = 0;
    if (!places_.empty()) first_ = (first_ + 1) % places_.size();
    go_on();
}

// The pass, from where it is.
void FanOut::go_on() {
    const TimePoint now = net::now();
    for (; served_ < places_.size(); ++served_) {
        Place& place = *places_[(first_ + served_) % places_.size()];
        if (only_ && !place.viewer.follows(*only_)) continue;
        if (!serve(place, now)) return;
    }
    if (!only_) passed_at_ = now;
    if (now - published_at_ >= kIdle) publish_totals();
    finish();
}

// Writes what there is for the viewer. False when the socket is full; resume() will be called.
bool FanOut::serve(Place& place, TimePoint now) {
    if (place.path->outbox() == nullptr) return true;  // it has just left
    for (;;) {
        if (outbox_->is_full()) {
            ++stalls_;
            waits_ = true;
            outbox_->wait(weak_from_this());
            return false;
        }
        const auto done = place.viewer.send(stream_, now, place.path->address(), outbox_->arena());
        if (const auto rung = place.viewer.take_key_frame_wish()) want_key_frame_(*rung);
        if (done == Viewer::Pass::done) break;
        outbox_->flush();
    }
    if (!place.urgent && place.viewer.urgent_deadline() != kNever) {
        place.urgent = true;
        urgent_.push_back(&place);
    }
    return true;
}

// What was written goes, and the next pass is planned.
void FanOut::finish() {
    if (outbox_ != nullptr) outbox_->flush();
    schedule();
}

void FanOut::resume() {
    waits_ = false;
    if (served_ < places_.size()) go_on();
    if (!waits_) serve_urgent();
    if (!waits_ && std::exchange(again_, false)) pass();
}

// ---- viewers --------------------------------------------------------------------------------------------------------

FanOut::Place* FanOut::add(Viewer viewer, std::shared_ptr<PeerPath> path) {
    if (!timer_) timer_ = std::make_unique<net::Worker::Timer>(*worker_, [this] { on_timer(); });
    outbox_ = path->outbox();
    auto place = std::make_unique<Place>(std::move(viewer), std::move(path));
    Place* added = place.get();
    added->index = places_.size();
    if (served_ == places_.size()) ++served_;  // no pass is under way, and it is not to look like one
    places_.push_back(std::move(place));
    if (!waits_ && serve(*added, net::now())) finish();
    return added;
}

void FanOut::remove(Place* place) {
    gone_ += totals_of(place->viewer, net::now());
    if (place->urgent) std::erase(urgent_, place);
    const std::size_t index = place->index;
    places_.back()->index = index;
    std::swap(places_[index], places_.back());
    places_.pop_back();
    served_ = std::min(served_, places_.size());
    if (places_.empty()) publish_totals();
}

FanOut::Heard FanOut::on_rtcp(Place* place, std::span<std::uint8_t> datagram, TimePoint now) {
    const bool authentic = place->viewer.on_rtcp(datagram, stream_, now).has_value();  // what was wrong is counted
    if (const auto rung = place->viewer.take_key_frame_wish()) want_key_frame_(*rung);
    if (!place->urgent && place->viewer.urgent_deadline() <= now) {
        place->urgent = true;
        urgent_.push_back(place);
        // In the next turn, with those of the others.
        schedule();
    }
    return {authentic, place->viewer.gone()};
}

void FanOut::end() {
    timer_.reset();
    outbox_ = nullptr;
    urgent_.clear();
    places_.clear();
    served_ = 0;
}

// ---- between frames -------------------------------------------------------------------------------------------------

void FanOut::serve_urgent() {
    const TimePoint now = net::now();
    std::vector<Place*> due;
    std::erase_if(urgent_, [&](Place* place) {
        const bool is_due = place->viewer.urgent_deadline() <= now;
        if (is_due) due.push_back(place);
        place->urgent = !is_due;
        return is_due;
    });
    for (std::size_t i = 0; i < due.size(); ++i) {
        if (serve(*due[i], now)) continue;
        for (; i < due.size(); ++i) {
            due[i]->urgent = true;
            urgent_.push_back(due[i]);
        }
        return;
    }
    finish();
}

void FanOut::schedule() {
    if (!timer_ || waits_) return;
    TimePoint next = std::min(passed_at_ + kIdle, audio_due_);
    for (const Place* place : urgent_) next = std::min(next, place->viewer.urgent_deadline());
    timer_->at(next);
}

void FanOut::on_timer() {
    const TimePoint now = net::now();
    if (audio_due_ <= now || passed_at_ + kIdle <= now) return pass();
    serve_urgent();
}

void FanOut::publish_totals() {
    const TimePoint now = net::now();
    Totals sum = gone_;
    for (const auto& place : places_) {
        sum += totals_of(place->viewer, now);
        if (const auto rung = place->viewer.rung()) ++sum.rungs[*rung].viewers;
    }
    for (RungId id = 0; id < kMostRungs; ++id) sum.rungs[id].bits_per_second = stream_.rungs.bits_per_second(id);
    sum.stalls = stalls_;
    published_at_ = now;
    published_.with([&](Totals& published) { published = sum; });
}

}  // namespace millrace::webrtc
