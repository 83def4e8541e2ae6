// SPDX-License-Identifier: LGPL-2.1-or-later
// What tests of millwhipsrc share: a pipeline with one on ports of its own, and a record of what comes out of it.
#pragma once

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/base/thread.hpp"
#include "common/gst/read_map.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/rendition.hpp"
#include "tests/element/webrtc/live_publisher.hpp"
#include "tests/support/test_pipeline.hpp"

namespace millrace::webrtc::test {

// What a sink got: every frame, and the events between them.
class Record {
  public:
    struct Frame {
        Duration time{};
        bool key = false;
        bool discontinuity = false;
        std::size_t size = 0;
        std::optional<std::size_t> picture;  // of the clip; empty: damaged, or sound
    };

    explicit Record(const gst::Ref<GstElement>& sink, const PublisherClip& clip = PublisherClip::of()) : clip_(clip) {
        auto pad = gst::adopt(gst_element_get_static_pad(sink.get(), "sink"));
        gst_pad_add_probe(
            pad.get(), static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
            [](GstPad*, GstPadProbeInfo* info, gpointer self) {
                static_cast<Record*>(self)->note(info);
                return GST_PAD_PROBE_OK;
            },
            this, nullptr);
    }
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;

    [[nodiscard]] std::vector<Frame> frames() const { return frames_.copy(); }
    [[nodiscard]] std::size_t count() const { return frames_.copy().size(); }
    [[nodiscard]] std::vector<std::string> events() const { return events_.copy(); }
    [[nodiscard]] bool has_event(const std::string& name) const {
        const auto all = events();
        return std::ranges::find(all, name) != all.end();
    }
    [[nodiscard]] std::vector<std::string> caps() const { return caps_.copy(); }
    [[nodiscard]] std::string rendition() const { return rendition_.copy(); }
    [[nodiscard]] std::size_t damaged() const {
        const auto all = frames();
        return static_cast<std::size_t>(std::ranges::count_if(all, [](const Frame& each) { return !each.picture; }));
    }

  private:
    void note(GstPadProbeInfo* info) {
        if (GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info); (info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0)
            return note(buffer);
        GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
        std::string name = GST_EVENT_TYPE_NAME(event);
        if (GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_DOWNSTREAM)
            name = gst_structure_get_name(gst_event_get_structure(event));
        if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
            GstCaps* caps = nullptr;
            gst_event_parse_caps(event, &caps);
            gst::OwnedText text(gst_caps_to_string(caps));
            caps_.with([&](auto& all) { all.emplace_back(text.get()); });
        }
        if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START)
            if (auto said = gst::rendition_of(event)) rendition_.with([&](auto& to) { to = said->name; });
        events_.with([&](auto& all) { all.push_back(name); });
    }
    void note(GstBuffer* buffer) {
        Frame frame;
        frame.time = Duration(static_cast<std::int64_t>(GST_BUFFER_PTS(buffer)));
        frame.key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        frame.discontinuity = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT);
        frame.size = gst_buffer_get_size(buffer);
        if (auto map = gst::ReadMap::of(buffer)) frame.picture = clip_.number_of(map->bytes());
        frames_.with([&](auto& all) { all.push_back(frame); });
    }

    const PublisherClip& clip_;
    Guarded<std::vector<Frame>> frames_;
    Guarded<std::vector<std::string>> events_;
    Guarded<std::vector<std::string>> caps_;
    Guarded<std::string> rendition_;
};

// A source of live/me whose two tracks are recorded, whenever it has pads for them. The records are reached by the
// pipeline's threads until it stops.
class Taking {
  public:
    static constexpr const char* kSound = " queue name=audio_0 ! fakesink name=audio sync=false async=false";

    // `sinks`: more of them, each behind a queue that has the name of the pad that it takes.
    explicit Taking(const std::string& properties = {}, const std::string& sinks = kSound,
                    std::uint16_t shared_http = 0)
        : http(shared_http != 0 ? shared_http : millrace::test::Socket::free_port()),
          pipeline("millwhipsrc name=in path=live/me listen=127.0.0.1:" + std::to_string(http) +
                   " udp-listen=127.0.0.1:0 " + properties +
                   " queue name=video_0 ! fakesink name=video sync=false async=false" + sinks),
          video(pipeline.find("video")) {
        if (auto sink = pipeline.find("audio")) audio.emplace(sink);
        auto link = +[](GstElement* source, GstPad* pad, const Taking* self) {
            gst::OwnedText name(gst_pad_get_name(pad));
            if (auto queue = self->pipeline.find(name.get()))
                gst_element_link_pads(source, name.get(), queue.get(), "sink");
        };
        g_signal_connect(source().get(), "pad-added", G_CALLBACK(link), this);
    }
    ~Taking() { pipeline.stop(); }
    Taking(const Taking&) = delete;
    Taking& operator=(const Taking&) = delete;

    bool plays() { return pipeline.play() != GST_STATE_CHANGE_FAILURE; }
    [[nodiscard]] gst::Ref<GstElement> source() const { return pipeline.find("in"); }
    [[nodiscard]] std::uint64_t stat(const char* name) const {
        GstStructure* stats = nullptr;
        g_object_get(source().get(), "stats", &stats, nullptr);
        gst::OwnedStructure owned(stats);
        guint64 value = 0;
        EXPECT_TRUE(gst_structure_get_uint64(stats, name, &value)) << name;
        return value;
    }

    const std::uint16_t http;
    millrace::test::Pipeline pipeline;
    Record video;
    std::optional<Record> audio;
};

}  // namespace millrace::webrtc::test
