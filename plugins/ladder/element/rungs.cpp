// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/element/rungs.hpp"

#include <algorithm>
#include <utility>

#include "common/gst/caps_fields.hpp"
#include "common/net/worker.hpp"
#include "ladder/element/encoder_table.hpp"

namespace millrace::ladder {

namespace {

constexpr const char* kRealtimeName = "realtime";

Duration to_duration(GstClockTime time) {
    return Duration(static_cast<std::int64_t>(time));
}

Picture picture_of(const GstCaps* caps) {
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    return {.width = gst::integer(structure, "width"),
            .height = gst::integer(structure, "height"),
            .pixel_aspect = gst::fraction(structure, "pixel-aspect-ratio", {1, 1}),
            .frame_rate = gst::fraction(structure, "framerate")};
}

// The same caps with the rate that is left of the input's.
gst::Ref<GstEvent> at_rate(GstEvent* caps_event, std::uint32_t most) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(caps_event, &caps);
    const codec::Rational rate = picture_of(caps).frame_rate;
    const double per_second = rate.known() ? static_cast<double>(rate.numerator) / rate.denominator : 0;
    const std::uint32_t divisor = FrameRateLimit::divisor(per_second, most);
    if (divisor <= 1) return gst::share(caps_event);
    auto slower = gst::adopt(gst_caps_copy(caps));
    gst_caps_set_simple(slower.get(), "framerate", GST_TYPE_FRACTION, static_cast<gint>(rate.numerator),
                        static_cast<gint>(rate.denominator * divisor), nullptr);
    return gst::adopt(gst_event_new_caps(slower.get()));
}

}  // namespace

Rungs::Rungs(RungsSettings settings, Callbacks callbacks)
    : settings_(std::move(settings)),
      callbacks_(std::move(callbacks)),
      schedule_(settings_.copied ? KeySchedule::following() : KeySchedule::every(settings_.key_interval)) {}

void Rungs::stop() {
    Lock lock(mutex_);
    for (const auto& place : places_) place->thread->stop();
}

void Rungs::flush() {
    Lock lock(mutex_);
    for (const auto& place : places_) place->thread->flush();
}

// ---- the plan -------------------------------------------------------------------------------------------------------

void Rungs::event(GstEvent* event) {
    switch (GST_EVENT_TYPE(event)) {
        case GST_EVENT_STREAM_START:
            return;
        case GST_EVENT_CAPS: {
            caps_ = gst::share(event);
            GstCaps* caps = nullptr;
            gst_event_parse_caps(event, &caps);
            return set_input(caps);
        }
        case GST_EVENT_SEGMENT:
            segment_ = gst::share(event);
            break;
        default:
            break;
    }
    for (std::size_t i = 0; i < places_.size(); ++i)
        if (!wanted_[i].from) send_to(i, gst::share(event));
}

void Rungs::send_to(std::size_t place, const gst::Ref<GstEvent>& event) {
    if (places_[place]->scaler) places_[place]->scaler->send(event);
}

void Rungs::set_input(const GstCaps* caps) {
    const Picture input = picture_of(caps);
    frame_rate_ =
        input.frame_rate.known() ? static_cast<double>(input.frame_rate.numerator) / input.frame_rate.denominator : 0;
    frame_ = frame_rate_ > 0 ? static_cast<std::int64_t>(1e9 / frame_rate_) : 0;
    Plan plan = plan_rungs(settings_.requests, input, settings_.copied);
    {
        Lock lock(mutex_);
        input_ = input;
        notes_ = std::move(plan.notes);
    }
    const bool first = places_.empty();
    for (std::size_t i = 0; first && i < plan.rungs.size(); ++i)
        add(plan.rungs[i], !settings_.copied && i + 1 == plan.rungs.size(), true);
    // A rung whose pad is there stays: what is too large for the new input is made as large as that.
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const std::string& name = places_[i]->thread->rung().name;
        const auto planned =
            std::find_if(plan.rungs.begin(), plan.rungs.end(), [&](const Rung& r) { return r.name == name; });
        Rung rung = planned != plan.rungs.end() ? *planned : rung_like(input, name);
        if (planned == plan.rungs.end() || plan.rungs.size() != places_.size()) rung.from.reset();
        fit(i, rung);
    }
    for (std::size_t i = 0; i < places_.size(); ++i)
        if (!wanted_[i].from) begin(i);
}

unsigned Rungs::number_of(const std::string& name) const {
    const auto found = std::find_if(settings_.requests.begin(), settings_.requests.end(),
                                    [&](const RenditionRequest& request) { return request.name == name; });
    return static_cast<unsigned>(found - settings_.requests.begin());
}

void Rungs::add(const Rung& rung, bool steady, bool segmented) {
    const double fps = frame_rate_ > 0 ? frame_rate_ / FrameRateLimit::divisor(frame_rate_, rung.frame_rate) : 30;
    auto encoder = make_encoder({.encoder = settings_.encoder,
                                 .codec = rung.codec,
                                 .speed = settings_.speed,
                                 .bitrate = rung.bitrate,
                                 .pixels_per_second = fps * rung.width * rung.height});
    if (!encoder) return callbacks_.failed(std::move(encoder).error().while_("rendition " + rung.name));
    auto output = callbacks_.output(number_of(rung.name), {.name = rung.name,
                                                           .bitrate = rung.bitrate,
                                                           .language = {},
                                                           .segmented = segmented,
                                                           .realtime = true,
                                                           .steady = steady});
    const std::size_t at = places_.size();
    auto place = std::make_unique<Place>();
    place->limit = FrameRateLimit(rung.frame_rate);
    place->thread = std::make_unique<RungThread>(rung, settings_.live, std::move(*encoder), std::move(output),
                                                 RungThread::Callbacks{.done =
                                                                           [this, at](Duration lag, TimePoint now) {
                                                                               Lock lock(mutex_);
                                                                               if (overload_ && settings_.live)
                                                                                   overload_->report(
                                                                                       at, lag, Duration(frame_), now);
                                                                           },
                                                                       .failed = callbacks_.failed});
    if (auto started = place->thread->start(); !started)
        return callbacks_.failed(std::move(started).error().while_("rendition " + rung.name));
    wanted_.push_back(rung);
    keeps_.push_back(Keep::all);
    Lock lock(mutex_);
    places_.push_back(std::move(place));
    overload_ = std::make_unique<Overload>(places_.size());
}

void Rungs::fit(std::size_t place, const Rung& rung) {
    wanted_[place] = rung;
    auto scaler = Scaler::make(rung.width, rung.height, places_[place]->thread->raw_format(),
                               [this, place](GstEvent* event) { on_scaled_event(place, event); });
    if (!scaler) return callbacks_.failed(std::move(scaler).error().while_("rendition " + rung.name));
    places_[place]->scaler = std::move(*scaler);
    send_to(place, gst::adopt(gst_event_new_stream_start(rung.name.c_str())));
}

void Rungs::begin(std::size_t place) {
    send_to(place, caps_);
    if (segment_) send_to(place, segment_);
}

// What one rung's pictures are is what those made from them are made from.
void Rungs::on_scaled_event(std::size_t place, GstEvent* event) {
    const auto type = GST_EVENT_TYPE(event);
    if (type == GST_EVENT_STREAM_START) return;
    places_[place]->thread->send(type == GST_EVENT_CAPS ? at_rate(event, wanted_[place].frame_rate)
                                                        : gst::share(event));
    for (std::size_t i = 0; i < places_.size(); ++i)
        if (wanted_[i].from == place) send_to(i, gst::share(event));
}

void Rungs::add_realtime() {
    const Picture input = [&] {
        Lock lock(mutex_);
        return input_;
    }();
    const std::size_t at = places_.size();
    add(rung_like(input, kRealtimeName), false, false);
    if (places_.size() == at) return;
    callbacks_.warn(
        "none of the renditions can be shown without reordering, in a codec that browsers decode in real time; "
        "one more is encoded for that, as large as the input. Ask for one in `renditions` to choose its size");
    fit(at, wanted_[at]);
    begin(at);
    places_[at]->waits_for_key = true;
    asked_ = true;
}

// ---- pictures -------------------------------------------------------------------------------------------------------

void Rungs::picture(gst::Ref<GstBuffer> picture, TimePoint arrival) {
    if (!GST_BUFFER_PTS_IS_VALID(picture.get()) || !caps_) return;
    if (realtime_wanted_.exchange(false)) add_realtime();
    const Duration pts = to_duration(GST_BUFFER_PTS(picture.get()));
    const Duration frame = GST_BUFFER_DURATION_IS_VALID(picture.get()) ? to_duration(GST_BUFFER_DURATION(picture.get()))
                                                                       : Duration(frame_);
    const bool key = take_requests_and_ask(pts);
    watch_load(net::now());
    for (std::size_t i = 0; i < places_.size(); ++i) {
        Place& place = *places_[i];
        place.scaled = {};
        const auto& from = wanted_[i].from ? places_[*wanted_[i].from]->scaled : picture;
        if (from) scale(i, from, pts, frame, key);
        if (!place.scaled || !is_encoded(place, keeps_[i], key)) continue;
        place.thread->push({.buffer = place.scaled, .event = {}, .key = key, .arrival = arrival});
    }
}

bool Rungs::take_requests_and_ask(Duration pts) {
    if (asked_.exchange(false)) schedule_.request(false);
    if (asked_with_input_.exchange(false)) schedule_.request(true);
    return schedule_.is_key(pts);
}

void Rungs::scale(std::size_t place, const gst::Ref<GstBuffer>& picture, Duration pts, Duration frame, bool key) {
    if (!places_[place]->scaler || !places_[place]->limit.keeps(pts, frame, key)) return;
    if (keeps_[place] == Keep::none && !is_source(place)) return;
    places_[place]->scaled = places_[place]->scaler->scale(picture);
}

bool Rungs::is_source(std::size_t place) const {
    return std::any_of(wanted_.begin(), wanted_.end(), [&](const Rung& rung) { return rung.from == place; });
}

bool Rungs::is_encoded(Place& place, Keep keep, bool key) {
    if (keep == Keep::none) {
        place.waits_for_key = true;
        return false;
    }
    if (place.waits_for_key && !key) return false;
    place.waits_for_key = false;
    if (keep == Keep::all) return true;
    const bool skipped = std::exchange(place.skip_next, !place.skip_next);
    return key || !skipped;
}

// ---- overload -------------------------------------------------------------------------------------------------------

void Rungs::watch_load(TimePoint now) {
    if (!settings_.live) return;
    auto change = Overload::Change::none;
    {
        Lock lock(mutex_);
        if (overload_) change = overload_->update(now);
        for (std::size_t i = 0; i < keeps_.size(); ++i) keeps_[i] = overload_->keep(i);
    }
    adapt(change);
}

void Rungs::adapt(Overload::Change change) {
    if (change == Overload::Change::none) return;
    const bool thinned = std::any_of(keeps_.begin(), keeps_.end(), [](Keep keep) { return keep != Keep::all; });
    // Said once, until it is over.
    if (thinned && !std::exchange(warned_, true))
        callbacks_.warn("this machine is too slow for all renditions in real time: " + wanted_.front().name +
                        " gets every second picture for now, or none, so that the delay stays as it is. Ask for fewer "
                        "or smaller renditions, or for a higher speed");
    if (!thinned) warned_ = false;
}

Rungs::Report Rungs::report() const {
    Lock lock(mutex_);
    Report report{.rungs = {}, .notes = notes_, .input = input_};
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const RungThread& thread = *places_[i]->thread;
        report.rungs.push_back({thread.rung(), thread.encoder(), thread.counters(), overload_->keep(i)});
    }
    return report;
}

}  // namespace millrace::ladder
