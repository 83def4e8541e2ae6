// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/element/video_track.hpp"

#include <gst/video/video.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/codec/codec_table.hpp"
#include "common/gst/pacer.hpp"
#include "common/gst/track_caps.hpp"

namespace millrace::ladder {

namespace {

// What outputs can carry as it is.
constexpr std::array kCopied{"video/x-h264", "video/x-h265", "video/x-av1", "video/x-vp8", "video/x-vp9"};

bool is_copyable(const GstCaps* caps) {
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    return std::any_of(kCopied.begin(), kCopied.end(),
                       [&](const char* name) { return gst_structure_has_name(structure, name); });
}

bool asks_for_copy(const RungsSettings& settings) {
    return std::any_of(settings.requests.begin(), settings.requests.end(),
                       [](const auto& request) { return request.copy; });
}

bool asks_for_rungs(const RungsSettings& settings) {
    return std::any_of(settings.requests.begin(), settings.requests.end(),
                       [](const auto& request) { return !request.copy; });
}

// As far as the stream's configuration says before its first frame.
bool is_reordered(const GstCaps* caps) {
    const auto format = gst::format_from_caps(caps);
    const auto description = format ? codec::describe(*format) : tl::unexpected(format.error());
    return description && description->reordered.value_or(0) > 0;
}

bool is_key_frame_request(GstEvent* event) {
    return GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_UPSTREAM && gst_video_event_is_force_key_unit(event);
}

}  // namespace

VideoTrack::VideoTrack(GstPad* sink, RungsSettings settings, Outlet outlet)
    : sink_(sink), settings_(std::move(settings)), outlet_(std::move(outlet)), wants_copy_(asks_for_copy(settings_)) {}

VideoTrack::~VideoTrack() {
    stop();
    decoding_.reset();
}

void VideoTrack::stop() {
    Lock lock(mutex_);
    if (decoding_) decoding_->stop();
    if (rungs_) rungs_->stop();
}

std::unique_ptr<Output> VideoTrack::make_output(unsigned number, const gst::Rendition& rendition, GstEvent* caps) {
    auto stream_start = gst::adopt(gst_pad_get_sticky_event(sink_, GST_EVENT_STREAM_START, 0));
    return std::make_unique<Output>(
        Output::Origin{outlet_.element, stream_start.get(), caps}, codec::Kind::video, number, rendition,
        [this, copy = caps != nullptr](GstEvent* event) { return on_upstream(copy, event); },
        [this](GstQuery* query) { return on_query(query); });
}

// ---- what comes in --------------------------------------------------------------------------------------------------

void VideoTrack::event(gst::Ref<GstEvent> event) {
    switch (GST_EVENT_TYPE(event.get())) {
        case GST_EVENT_STREAM_START:
            if (copy_) copy_->begin(event.get());
            if (decoding_) decoding_->send(std::move(event));
            return;
        case GST_EVENT_CAPS:
            return set_caps(event.get());
        case GST_EVENT_FLUSH_START:
        case GST_EVENT_FLUSH_STOP:
            if (decoding_) decoding_->flush();
            if (rungs_) rungs_->flush();
            break;
        default:
            break;
    }
    if (copy_) copy_->send(gst_event_ref(event.get()));
    if (decoding_) decoding_->send(std::move(event));
}

void VideoTrack::set_caps(GstEvent* event) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    const bool first = !copy_ && !decoding_;
    if (first) settings_.live = gst::Pacer::is_live(sink_);
    if (first) settings_.copied = wants_copy_ && is_copyable(caps);
    if (first && wants_copy_ && !settings_.copied)
        outlet_.warn(std::string("rendition copy is left out: no output carries ") +
                     gst_structure_get_name(gst_caps_get_structure(caps, 0)) + " as it is");
    if (copy_)
        copy_->send(gst_event_ref(event));
    else if (settings_.copied)
        make_copy(event);
    if (first && (asks_for_rungs(settings_) || !settings_.copied)) return start_decoding(gst::share(event));
    if (decoding_) decoding_->send(gst::share(event));
}

void VideoTrack::make_copy(GstEvent* event) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    const auto found = std::find_if(settings_.requests.begin(), settings_.requests.end(),
                                    [](const auto& request) { return request.copy; });
    const auto number = static_cast<unsigned>(found - settings_.requests.begin());
    auto copy = make_output(number,
                            {.name = "copy",
                             .bitrate = 0,
                             .language = {},
                             .segmented = static_cast<bool>(gst::format_from_caps(caps)),
                             .realtime = !is_reordered(caps),
                             .steady = true},
                            event);
    Lock lock(mutex_);
    copy_ = std::move(copy);
}

// With what the stream has said so far.
void VideoTrack::start_decoding(gst::Ref<GstEvent> caps) {
    // Where the copy goes on, the rest is a loss and no end.
    auto failed = [this](const Error& error) { settings_.copied ? outlet_.warn(error.what) : outlet_.fail(error); };
    auto rungs = std::make_shared<Rungs>(settings_,
                                         Rungs::Callbacks{.output =
                                                              [this](unsigned number, const gst::Rendition& rendition) {
                                                                  return make_output(number, rendition, nullptr);
                                                              },
                                                          .warn = outlet_.warn,
                                                          .failed = failed});
    auto decoding = std::make_unique<Decoding>(
        settings_.live,
        Decoding::Callbacks{.event = [rungs](GstEvent* event) { rungs->event(event); },
                            .picture = [rungs](gst::Ref<GstBuffer> picture,
                                               TimePoint arrival) { rungs->picture(std::move(picture), arrival); },
                            .key = [rungs](Duration pts) { rungs->input_key(pts); },
                            .failed = failed});
    {
        Lock lock(mutex_);
        rungs_ = std::move(rungs);
        decoding_ = std::move(decoding);
    }
    replay(GST_EVENT_STREAM_START);
    decoding_->send(std::move(caps));
    replay(GST_EVENT_SEGMENT);
}

void VideoTrack::replay(GstEventType type) {
    if (auto event = gst::adopt(gst_pad_get_sticky_event(sink_, type, 0))) decoding_->send(std::move(event));
}

GstFlowReturn VideoTrack::push(gst::Ref<GstBuffer> buffer) {
    ++frames_;
    if (GST_BUFFER_DURATION_IS_VALID(buffer.get()))
        frame_ = static_cast<std::int64_t>(GST_BUFFER_DURATION(buffer.get()));
    if (realtime_wanted_.exchange(false)) {
        if (!decoding_) start_decoding(gst::adopt(gst_pad_get_sticky_event(sink_, GST_EVENT_CAPS, 0)));
        rungs_->want_realtime();
    }
    if (decoding_) decoding_->push(buffer);
    return copy_ ? copy_->push(std::move(buffer)) : GST_FLOW_OK;
}

// ---- what comes back ------------------------------------------------------------------------------------------------

bool VideoTrack::on_upstream(bool copy, GstEvent* event) {
    if (gst::is_realtime_wanted(event)) {
        realtime_wanted_ = true;
        return true;
    }
    if (is_key_frame_request(event)) {
        const bool input_may = gst_pad_push_event(sink_, gst_event_ref(event));
        Lock lock(mutex_);
        if (copy || !rungs_) return input_may;
        rungs_->request_key(input_may);
        return true;
    }
    // What is late, at one of the rungs, is no reason to ask the input for less.
    return copy && gst_pad_push_event(sink_, gst_event_ref(event));
}

bool VideoTrack::on_query(GstQuery* query) {
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return false;
    if (!gst_pad_peer_query(sink_, query)) return false;
    constexpr std::int64_t kFrameOf30 = 33'333'333;
    const std::int64_t frame = frame_;
    const auto own = static_cast<GstClockTime>(2 * (frame > 0 ? frame : kFrameOf30));
    gboolean live = FALSE;
    GstClockTime least = 0;
    GstClockTime most = GST_CLOCK_TIME_NONE;
    gst_query_parse_latency(query, &live, &least, &most);
    gst_query_set_latency(query, live, least + own, GST_CLOCK_TIME_IS_VALID(most) ? most + own : most);
    return true;
}

VideoTrack::Report VideoTrack::report() const {
    Lock lock(mutex_);
    Report report{.rungs = {}, .copied = copy_ != nullptr, .decoder = {}, .frames = frames_, .dropped = 0};
    if (rungs_) report.rungs = rungs_->report();
    if (decoding_) report.decoder = decoding_->decoder();
    if (decoding_) report.dropped = decoding_->dropped();
    return report;
}

}  // namespace millrace::ladder
