// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/element/ladder/running_ladder.hpp"

#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <utility>

#include "common/gst/read_map.hpp"
#include "tests/element/ladder/numbered.hpp"

extern "C" {
GST_PLUGIN_STATIC_DECLARE(millladder);
}

namespace millrace::ladder::test {

std::vector<std::uint32_t> Seen::numbers() const {
    std::vector<std::uint32_t> numbers;
    for (const Shown& each : shown) numbers.push_back(each.number);
    return numbers;
}

std::vector<std::uint32_t> Seen::keys() const {
    std::vector<std::uint32_t> numbers;
    for (const Shown& each : shown)
        if (each.key) numbers.push_back(each.number);
    return numbers;
}

struct RunningLadder::Branch {
    Mutex mutex;
    Seen seen GUARDED_BY(mutex);
    std::map<GstClockTime, bool> keys GUARDED_BY(mutex);  // by running time
    GstSegment encoded GUARDED_BY(mutex);
    GstSegment decoded GUARDED_BY(mutex);
    int silence GUARDED_BY(mutex) = 0;  // samples
};

namespace {

// Draws the next number into each raw picture.
GstPadProbeReturn number_picture(GstPad* pad, GstPadProbeInfo* info, gpointer count) {
    auto caps = gst::adopt(gst_pad_get_current_caps(pad));
    GstVideoInfo video;
    GstVideoFrame frame;
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    if (!caps || !gst_video_info_from_caps(&video, caps.get())) return GST_PAD_PROBE_OK;
    if (!gst_video_frame_map(&frame, &video, buffer, GST_MAP_WRITE)) return GST_PAD_PROBE_OK;
    draw_number(&frame, (*static_cast<std::atomic<std::uint32_t>*>(count))++);
    gst_video_frame_unmap(&frame);
    return GST_PAD_PROBE_OK;
}

// Takes from one what it says.
bool is_event(GstPadProbeInfo* info, GstSegment& segment, bool& ended) {
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER) return false;
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) gst_event_copy_segment(event, &segment);
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) ended = true;
    return true;
}

void register_plugin() {
    static const bool once = [] {
        gst_init(nullptr, nullptr);
        GST_PLUGIN_STATIC_REGISTER(millladder);
        return true;
    }();
    (void)once;
}

}  // namespace

RunningLadder::RunningLadder(const std::string& line, std::map<std::string, std::string> behind)
    : behind_(std::move(behind)) {
    register_plugin();
    GError* error = nullptr;
    pipeline_ = gst::share(gst_parse_launch(line.c_str(), &error));
    EXPECT_EQ(error, nullptr) << error->message;
    g_clear_error(&error);
    if (!GST_IS_PIPELINE(pipeline_.get())) {
        auto alone = pipeline_;
        pipeline_ = gst::share(gst_pipeline_new(nullptr));
        gst_bin_add(GST_BIN(pipeline_.get()), alone.get());
    }
    ladder_ = gst::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "l"));
    if (auto numbered = gst::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "n"))) {
        auto pad = gst::adopt(gst_element_get_static_pad(numbered.get(), "src"));
        gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, number_picture, new std::atomic<std::uint32_t>(0),
                          [](gpointer count) { delete static_cast<std::atomic<std::uint32_t>*>(count); });
    }
    g_signal_connect(ladder_.get(), "pad-added", G_CALLBACK(on_pad_added), this);
}

RunningLadder::~RunningLadder() {
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    Lock lock(mutex_);
    for (auto& [name, branch] : branches_) {
        Lock inner(branch->mutex);
        branch->seen.pad = {};
    }
}

void RunningLadder::play() {
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

void RunningLadder::on_pad_added(GstElement*, GstPad* pad, gpointer self) {
    if (GST_PAD_DIRECTION(pad) == GST_PAD_SRC) static_cast<RunningLadder*>(self)->add_branch(pad);
}

void RunningLadder::add_branch(GstPad* pad) {
    const std::string name = GST_PAD_NAME(pad);
    auto owned = std::make_unique<Branch>();
    Branch* branch = owned.get();
    {
        Lock lock(mutex_);
        branches_[name] = std::move(owned);
    }
    {
        Lock lock(branch->mutex);
        branch->seen.pad = gst::share(pad);
        gst_segment_init(&branch->encoded, GST_FORMAT_TIME);
        gst_segment_init(&branch->decoded, GST_FORMAT_TIME);
        auto start = gst::adopt(gst_pad_get_sticky_event(pad, GST_EVENT_STREAM_START, 0));
        EXPECT_TRUE(start);
        if (start) branch->seen.rendition = gst::rendition_of(start.get()).value_or(gst::Rendition());
        if (auto caps = gst::adopt(gst_pad_get_current_caps(pad)))
            branch->seen.known = gst::OwnedText(gst_caps_to_string(caps.get())).get();
    }
    const bool video = name.starts_with("video");
    const auto found = behind_.find(name);
    std::string line = found != behind_.end() ? found->second + " name=q ! queue ! " : "queue name=q ! ";
    line += video
                ? "decodebin name=d ! videoconvert ! video/x-raw,format=I420 ! fakesink name=s sync=false async=false"
                : "decodebin name=d ! audioconvert ! audio/x-raw,format=S16LE,channels=1 ! fakesink name=s sync=false "
                  "async=false";
    auto bin = gst::share(gst_parse_bin_from_description(line.c_str(), FALSE, nullptr));
    auto queue = gst::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "q"));
    auto sink = gst::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "s"));
    auto in = gst::adopt(gst_element_get_static_pad(queue.get(), "sink"));
    auto out = gst::adopt(gst_element_get_static_pad(sink.get(), "sink"));
    gst_element_add_pad(bin.get(), gst_ghost_pad_new("sink", in.get()));
    gst_bin_add(GST_BIN(pipeline_.get()), bin.get());
    gst_element_sync_state_with_parent(bin.get());
    const auto all = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
    gst_pad_add_probe(pad, all, on_encoded, branch, nullptr);
    gst_pad_add_probe(out.get(), all, video ? on_picture : on_sound, branch, nullptr);
    auto entry = gst::adopt(gst_element_get_static_pad(bin.get(), "sink"));
    EXPECT_EQ(gst_pad_link(pad, entry.get()), GST_PAD_LINK_OK);
}

GstPadProbeReturn RunningLadder::on_encoded(GstPad*, GstPadProbeInfo* info, gpointer data) {
    auto& branch = *static_cast<Branch*>(data);
    Lock lock(branch.mutex);
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER) {
        GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
        ++branch.seen.buffers;
        const GstClockTime time = gst_segment_to_running_time(&branch.encoded, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
        branch.keys[time] = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        return GST_PAD_PROBE_OK;
    }
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) gst_event_copy_segment(event, &branch.encoded);
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) branch.seen.ended = true;
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        GstCaps* caps = nullptr;
        gst_event_parse_caps(event, &caps);
        gst::OwnedText text(gst_caps_to_string(caps));
        branch.seen.caps = text.get();
        const GstStructure* structure = gst_caps_get_structure(caps, 0);
        gst_structure_get_int(structure, "width", &branch.seen.width);
        gst_structure_get_int(structure, "height", &branch.seen.height);
        gint numerator = 0;
        gint denominator = 1;
        if (gst_structure_get_fraction(structure, "framerate", &numerator, &denominator))
            branch.seen.rate = std::to_string(numerator) + "/" + std::to_string(denominator);
    }
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn RunningLadder::on_picture(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
    auto& branch = *static_cast<Branch*>(data);
    Lock lock(branch.mutex);
    if (is_event(info, branch.decoded, branch.seen.shown_to_its_end)) return GST_PAD_PROBE_OK;
    GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    auto caps = gst::adopt(gst_pad_get_current_caps(pad));
    GstVideoInfo video;
    GstVideoFrame frame;
    if (!caps || !gst_video_info_from_caps(&video, caps.get())) return GST_PAD_PROBE_OK;
    if (!gst_video_frame_map(&frame, &video, buffer, GST_MAP_READ)) return GST_PAD_PROBE_OK;
    const auto number = read_number(&frame);
    gst_video_frame_unmap(&frame);
    if (!number) ++branch.seen.unreadable;
    const GstClockTime time = gst_segment_to_running_time(&branch.decoded, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    if (number) branch.seen.shown.push_back({*number, time, branch.keys[time]});
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn RunningLadder::on_sound(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
    auto& branch = *static_cast<Branch*>(data);
    Lock lock(branch.mutex);
    if (is_event(info, branch.decoded, branch.seen.shown_to_its_end)) return GST_PAD_PROBE_OK;
    constexpr int kLoud = 3000;
    GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    auto caps = gst::adopt(gst_pad_get_current_caps(pad));
    auto map = gst::ReadMap::of(buffer);
    gint rate = 0;
    if (!caps || !map || !gst_structure_get_int(gst_caps_get_structure(caps.get(), 0), "rate", &rate))
        return GST_PAD_PROBE_OK;
    const auto* samples = reinterpret_cast<const std::int16_t*>(map->bytes().data());
    for (std::size_t i = 0; i < map->bytes().size() / 2; ++i) {
        if (std::abs(samples[i]) < kLoud) {
            ++branch.silence;
            continue;
        }
        if (branch.silence > rate / 4)
            branch.seen.beeps.push_back(
                gst_segment_to_running_time(&branch.decoded, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer)) +
                i * GST_SECOND / static_cast<guint>(rate));
        branch.silence = 0;
    }
    return GST_PAD_PROBE_OK;
}

void RunningLadder::take_messages() {
    auto bus = gst::adopt(gst_element_get_bus(pipeline_.get()));
    while (auto message = gst::adopt(gst_bus_pop(bus.get()))) {
        GError* error = nullptr;
        switch (GST_MESSAGE_TYPE(message.get())) {
            case GST_MESSAGE_EOS:
                ended_ = true;
                break;
            case GST_MESSAGE_ERROR:
                gst_message_parse_error(message.get(), &error, nullptr);
                error_ = error->message;
                break;
            case GST_MESSAGE_WARNING:
                gst_message_parse_warning(message.get(), &error, nullptr);
                warnings_.emplace_back(error->message);
                break;
            default:
                break;
        }
        g_clear_error(&error);
    }
}

bool RunningLadder::wait_until(const std::function<bool()>& true_of_it, int seconds) {
    for (const gint64 end = g_get_monotonic_time() + gint64{seconds} * G_USEC_PER_SEC; g_get_monotonic_time() < end;) {
        take_messages();
        if (true_of_it()) return true;
        if (!error_.empty()) return false;
        g_usleep(2'000);
    }
    return false;
}

bool RunningLadder::wait_for_end(int seconds) {
    return wait_until([&] { return ended_ || !error_.empty(); }, seconds);
}

bool RunningLadder::wait_for_end_of(const std::vector<std::string>& pads) {
    return wait_until([&] {
        return std::all_of(pads.begin(), pads.end(), [&](const auto& pad) { return seen(pad).shown_to_its_end; });
    });
}

std::vector<std::string> RunningLadder::warnings() {
    take_messages();
    return warnings_;
}

std::map<std::string, Seen> RunningLadder::seen() {
    std::map<std::string, Seen> all;
    Lock lock(mutex_);
    for (const auto& [name, branch] : branches_) {
        Lock inner(branch->mutex);
        all[name] = branch->seen;
    }
    return all;
}

gst::OwnedStructure RunningLadder::stats() {
    GstStructure* structure = nullptr;
    g_object_get(ladder_.get(), "stats", &structure, nullptr);
    return gst::OwnedStructure(structure);
}

}  // namespace millrace::ladder::test
