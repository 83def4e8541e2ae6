// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-millhlssink
 * @title: millhlssink
 *
 * Serves its tracks as low-latency HLS (draft-pantos-hls-rfc8216bis) over HTTP: CMAF parts, blocking playlist reload,
 * preload hints, delta updates and rendition reports. Every sink pad is a rendition, called what its property
 * `rendition` or else its stream says. Videos are of one picture and have their key frames in the same places; one of
 * them may pause and come back. A player page is at `/PATH/`, the
 * multivariant playlist at `/PATH/index.m3u8`. All sinks of a process that name the same `listen` share one server.
 *
 * An application can hand in a SoupServer of its own through a GstContext of type `millrace.http-server`, whose
 * structure has it as `server`; `listen` is then not used.
 *
 * Live sources are never delayed; others are played out by the pipeline's clock.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=30 ! h264parse ! millhlssink
 * path=test
 * ]| A test picture at http://localhost:8080/test/
 * |[
 * gst-launch-1.0 millrtmpsrc path=live/cam1 name=in in.video_0 ! queue ! hls.video_0 millhlssink name=hls
 * path=live/cam1 in.audio_0 ! queue ! hls.audio_0
 * ]| What is published to rtmp://localhost/live/cam1, at http://localhost:8080/live/cam1/
 * |[
 * gst-launch-1.0 millhlssink name=hls path=ladder video_0::rendition=720p video_0::bitrate=2500000
 * video_1::rendition=360p video_1::bitrate=800000 videotestsrc is-live=true !
 * video/x-raw,format=I420,width=1280,height=720 ! tee name=picture picture. ! queue ! x264enc tune=zerolatency
 * bitrate=2500 key-int-max=30 option-string=scenecut=0 ! h264parse ! hls.video_0 picture. ! queue ! videoscale !
 * video/x-raw,width=640,height=360 ! x264enc tune=zerolatency bitrate=800 key-int-max=30 option-string=scenecut=0 !
 * h264parse ! hls.video_1
 * ]| Two renditions of a test picture, between which players change by themselves
 */
#include "hls/element/hls_sink.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "common/gst/element.hpp"
#include "common/gst/http_context.hpp"
#include "common/gst/pacer.hpp"
#include "common/gst/post.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/sink_pads.hpp"
#include "common/gst/sink_state.hpp"
#include "common/gst/track_caps.hpp"
#include "hls/element/live_origin.hpp"
#include "hls/element/sink_pad.hpp"

GST_DEBUG_CATEGORY_STATIC(millhlssink_debug);
#define GST_CAT_DEFAULT millhlssink_debug

using namespace millrace;

namespace {

using hls::SinkSettings;
using Row = gst::Property<SinkSettings>;

const std::array kProperties{
    Row{.name = "path", .blurb = "The stream's path in URLs, such as live/cam1", .field = &SinkSettings::path},
    Row{.name = "listen",
        .blurb = "Address of the HTTP server as [ADDRESS]:PORT; empty = the process's default, :8080 unless set",
        .field = &SinkSettings::listen},
    Row{.name = "part-duration",
        .blurb = "Longest part in ns, fitted to whole frames; players can be about three parts behind live",
        .field = &SinkSettings::part_duration,
        .min = 100'000'000,
        .max = 5'000'000'000},
    Row{.name = "segment-duration",
        .blurb = "Shortest segment in ns; segments start at key frames",
        .field = &SinkSettings::segment_duration,
        .min = 1'000'000'000,
        .max = 60'000'000'000},
    Row{.name = "window",
        .blurb = "How much media a live playlist lists in ns; at least six segments are kept",
        .field = &SinkSettings::window,
        .max = 3'600'000'000'000},
    Row{.name = "dvr-window",
        .blurb = "How far back a viewer can seek in ns, held in memory; 0 = the window",
        .field = &SinkSettings::dvr_window,
        .max = 86'400'000'000'000},
    Row{.name = "directory",
        .blurb = "Folder that playlists and segments are also written to, atomically; empty = none",
        .field = &SinkSettings::directory},
    Row{.name = "playlist-name",
        .blurb = "Name of the multivariant playlist below the path",
        .field = &SinkSettings::playlist_name},
    Row{.name = "program-date-time",
        .blurb = "Whether playlists say when each segment was captured; players measure their latency by it",
        .field = &SinkSettings::program_date_time},
};

class HlsSink {
  public:
    explicit HlsSink(GstElement* element) : element_(element), pacer_(element) {
        GST_OBJECT_FLAG_SET(element, GST_ELEMENT_FLAG_SINK);
    }

    GstPad* request_pad(GstPadTemplate* templ, const gchar* name);
    void release_pad(GstPad* pad);

    bool start();
    void stop();
    void play() { pacer_.play(); }
    void pause() { pacer_.pause(); }
    // Wakes streaming threads, so that pads can be deactivated.
    void unblock() { pacer_.stop(); }

    GstFlowReturn chain(GstPad* pad, gst::Ref<GstBuffer> buffer);
    bool event(GstPad* pad, GstEvent* event);

    GstStructure* stats();

    Guarded<SinkSettings> settings;

  private:
    std::shared_ptr<hls::LiveOrigin> origin() {
        Lock lock(mutex_);
        return origin_;
    }
    static void declare(GstPad* pad, hls::LiveOrigin& origin);
    void start_stream(GstPad* pad, GstEvent* event);
    GstFlowReturn drop(GstPad* pad, const Error& error);
    bool set_caps(GstPad* pad, GstCaps* caps);
    void end_of_stream(GstPad* pad);
    bool all_ended();

    GstElement* const element_;
    gst::Pacer pacer_;

    Mutex mutex_;
    // From start() to stop(). Streaming threads hold a share of their own while they use it.
    std::shared_ptr<hls::LiveOrigin> origin_ GUARDED_BY(mutex_);
};

// gst-launch-1.0 and applications reach a pad's properties as `video_0::rendition`.
GObject* child_by_index(GstChildProxy* proxy, guint index) {
    GST_OBJECT_LOCK(proxy);
    auto* pad = static_cast<GObject*>(g_list_nth_data(GST_ELEMENT(proxy)->sinkpads, index));
    if (pad) g_object_ref(pad);
    GST_OBJECT_UNLOCK(proxy);
    return pad;
}

guint children_count(GstChildProxy* proxy) {
    return GST_ELEMENT(proxy)->numsinkpads;
}

void implement_child_proxy(gpointer iface, gpointer) {
    auto* proxy = static_cast<GstChildProxyInterface*>(iface);
    proxy->get_child_by_index = child_by_index;
    proxy->get_children_count = children_count;
}

}  // namespace

MILL_INSTANCE(MillHlsSink, GstElement, HlsSink)
G_DEFINE_TYPE_WITH_CODE(MillHlsSink, mill_hls_sink, GST_TYPE_ELEMENT,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_CHILD_PROXY, implement_child_proxy))
MILL_LIFETIME(MillHlsSink, mill_hls_sink, GstElement, HlsSink)
GST_ELEMENT_REGISTER_DEFINE(millhlssink, "millhlssink", GST_RANK_NONE, mill_hls_sink_get_type())

namespace {

HlsSink& sink_of(gpointer element) {
    return *static_cast<MillHlsSink*>(element)->impl;
}

// ---- pads -----------------------------------------------------------------------------------------------------------

GstPad* HlsSink::request_pad(GstPadTemplate* templ, const gchar* name) {
    const std::string chosen = gst::pad_name(element_, templ, name);
    auto* pad = GST_PAD(g_object_new(MILL_TYPE_HLS_SINK_PAD, "name", chosen.c_str(), "direction", GST_PAD_SINK,
                                     "template", templ, nullptr));
    hls::state_of(pad).kind = gst::kind_of(templ);
    gst_pad_set_chain_function(pad, [](GstPad* pad, GstObject* parent, GstBuffer* buffer) {
        return sink_of(parent).chain(pad, gst::adopt(buffer));
    });
    gst_pad_set_event_function(pad, [](GstPad* pad, GstObject* parent, GstEvent* event) -> gboolean {
        return sink_of(parent).event(pad, event);
    });
    if (auto running = origin()) declare(pad, *running);
    gst_pad_set_active(pad, TRUE);
    gst_element_add_pad(element_, pad);
    gst_child_proxy_child_added(GST_CHILD_PROXY(element_), G_OBJECT(pad), chosen.c_str());
    return pad;
}

void HlsSink::declare(GstPad* pad, hls::LiveOrigin& origin) {
    hls::PadState& state = hls::state_of(pad);
    state.track = origin.add_track(state.kind, hls::track_options(pad));
    if (state.unwanted()) origin.withdraw(*state.track);
}

void HlsSink::release_pad(GstPad* pad) {
    auto held = gst::share(pad);
    gst_pad_set_active(pad, FALSE);
    hls::PadState& state = hls::state_of(pad);
    if (auto running = origin(); running && state.track) running->end(*state.track);
    gst_child_proxy_child_removed(GST_CHILD_PROXY(element_), G_OBJECT(pad), GST_PAD_NAME(pad));
    gst_element_remove_pad(element_, pad);
}

// ---- start and stop -------------------------------------------------------------------------------------------------

bool HlsSink::start() {
    auto warn = [this](const std::string& text) {
        GST_WARNING_OBJECT(element_, "%s", text.c_str());
        gst::warn(element_, text);
    };
    auto started = hls::LiveOrigin::start(settings.copy(), warn, gst::http_server_of(element_));
    if (!started) {
        gst::post(element_, std::move(started).error().while_("starting millhlssink"));
        return false;
    }
    std::shared_ptr<hls::LiveOrigin> origin = std::move(*started);
    for (const auto& each : gst::sink_pads(element_)) {
        GstPad* pad = each.get();
        hls::PadState& state = hls::state_of(pad);
        declare(pad, *origin);
        state.has_caps = state.ended = state.warned = false;
        state.live.reset();
    }
    pacer_.pause();
    Lock lock(mutex_);
    origin_ = std::move(origin);
    return true;
}

void HlsSink::stop() {
    std::shared_ptr<hls::LiveOrigin> ended;
    Lock lock(mutex_);
    ended.swap(origin_);
}

// ---- data -----------------------------------------------------------------------------------------------------------

GstFlowReturn HlsSink::chain(GstPad* pad, gst::Ref<GstBuffer> buffer) {
    hls::PadState& state = hls::state_of(pad);
    auto running = origin();
    if (!running || !state.track) return GST_FLOW_FLUSHING;
    if (state.unwanted()) return GST_FLOW_OK;
    auto reading = state.reader.read(buffer.get());
    if (!reading) return drop(pad, reading.error());
    if (!*reading) return GST_FLOW_OK;
    const hls::Frame& frame = (*reading)->frame;
    if (!state.live) state.live = gst::Pacer::is_live(pad);
    if (!*state.live && !pacer_.wait_until(frame.dts)) return GST_FLOW_FLUSHING;
    if (auto pushed = running->push(*state.track, frame); !pushed) return drop(pad, pushed.error());
    return GST_FLOW_OK;
}

// One bad frame must not end a stream that people watch.
GstFlowReturn HlsSink::drop(GstPad* pad, const Error& error) {
    GST_DEBUG_OBJECT(pad, "dropped a frame: %s", error.what.c_str());
    if (!std::exchange(hls::state_of(pad).warned, true)) {
        gst::warn(element_,
                  std::string("pad ") + GST_PAD_NAME(pad) + ": frames that cannot be used are dropped: " + error.what);
    }
    return GST_FLOW_OK;
}

bool HlsSink::set_caps(GstPad* pad, GstCaps* caps) {
    hls::PadState& state = hls::state_of(pad);
    auto running = origin();
    if (!running || !state.track) return false;
    if (state.unwanted()) return state.has_caps = true;
    auto format = state.reader.set_caps(caps);
    auto set = format ? running->set_format(*state.track, std::move(*format)) : tl::unexpected(format.error());
    if (!set) {
        gst::post(element_, std::move(set).error().while_(std::string("pad ") + GST_PAD_NAME(pad)));
        return false;
    }
    return state.has_caps = true;
}

// Its description comes with it, after the pad was asked for. A stream of a pad that was withdrawn may be wanted.
void HlsSink::start_stream(GstPad* pad, GstEvent* event) {
    hls::PadState& state = hls::state_of(pad);
    state.reader.start_stream();
    state.ended = false;
    const bool was_unwanted = state.unwanted();
    state.described = gst::rendition_of(event);
    auto running = origin();
    if (!running || !state.track) return;
    if (was_unwanted != state.unwanted()) {
        if (was_unwanted) return declare(pad, *running);
        return running->withdraw(*state.track);
    }
    if (!state.unwanted()) running->describe(*state.track, hls::track_options(pad));
}

bool HlsSink::event(GstPad* pad, GstEvent* raw) {
    auto event = gst::adopt(raw);
    switch (GST_EVENT_TYPE(raw)) {
        case GST_EVENT_CAPS: {
            GstCaps* caps = nullptr;
            gst_event_parse_caps(raw, &caps);
            return set_caps(pad, caps);
        }
        case GST_EVENT_SEGMENT:
            hls::state_of(pad).reader.set_segment(raw);
            return true;
        case GST_EVENT_STREAM_START:
            start_stream(pad, raw);
            break;
        case GST_EVENT_EOS:
            end_of_stream(pad);
            return true;
        case GST_EVENT_CUSTOM_DOWNSTREAM:
            // From a source whose publisher went away and may come back.
            if (gst_event_has_name(raw, "millrace-interrupted")) {
                if (auto running = origin()) running->interrupt();
            }
            break;
        default:
            break;
    }
    return gst_pad_event_default(pad, GST_OBJECT(element_), event.release());
}

void HlsSink::end_of_stream(GstPad* pad) {
    hls::PadState& state = hls::state_of(pad);
    state.ended = true;
    if (auto running = origin(); running && state.track) running->end(*state.track);
    if (all_ended()) gst_element_post_message(element_, gst_message_new_eos(GST_OBJECT(element_)));
}

// A pad that never had caps is one whose track the publisher does not send: nobody will ever end it.
bool HlsSink::all_ended() {
    return std::ranges::all_of(gst::sink_pads(element_), [](const auto& pad) {
        const hls::PadState& state = hls::state_of(pad.get());
        return !state.has_caps || state.ended;
    });
}

GstStructure* HlsSink::stats() {
    auto running = origin();
    GstStructure* structure = gst_structure_new_empty("application/x-millhlssink-stats");
    if (!running) return structure;
    const hls::Stats stats = running->stats();
    gst_structure_set(structure,  //
                      "segments", G_TYPE_UINT64, stats.segments, "parts", G_TYPE_UINT64, stats.parts, "gaps",
                      G_TYPE_UINT64, stats.gaps, "discontinuities", G_TYPE_UINT64, stats.discontinuities, "bytes-held",
                      G_TYPE_UINT64, stats.bytes_held, "target-duration", G_TYPE_UINT64,
                      static_cast<guint64>(stats.target_duration.count()), "part-target", G_TYPE_UINT64,
                      static_cast<guint64>(stats.part_target.count()), nullptr);
    return structure;
}

// ---- GObject --------------------------------------------------------------------------------------------------------

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
    return gst::change_sink_state(sink_of(element), element, change, mill_hls_sink_parent_class);
}

}  // namespace

static void mill_hls_sink_class_init(MillHlsSinkClass* klass) {
    GST_DEBUG_CATEGORY_INIT(millhlssink_debug, "millhlssink", 0, "Low-latency HLS sink");

    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_hls_sink_finalize;
    gst::install_properties<sink_of, kProperties>(
        object_class, "Counters: segments, parts, gaps, discontinuities, bytes held, durations in ns");

    GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element_class, "Low-latency HLS sink", "Sink/Network/HLS",
                                          "Serves its tracks as low-latency HLS over HTTP", "Millrace maintainers");
    auto add_template = [&](const char* name, const char* caps) {
        gst_element_class_add_pad_template(
            element_class,
            gst_pad_template_new_with_gtype(name, GST_PAD_SINK, GST_PAD_REQUEST,
                                            gst::adopt(gst_caps_from_string(caps)).get(), MILL_TYPE_HLS_SINK_PAD));
    };
    add_template("video_%u", gst::kVideoCaps);
    add_template("audio_%u", gst::kAudioCaps);
    element_class->request_new_pad = [](GstElement* element, GstPadTemplate* templ, const gchar* name, const GstCaps*) {
        return sink_of(element).request_pad(templ, name);
    };
    element_class->release_pad = [](GstElement* element, GstPad* pad) { sink_of(element).release_pad(pad); };
    element_class->change_state = change_state;
    gst_type_mark_as_plugin_api(MILL_TYPE_HLS_SINK_PAD, static_cast<GstPluginAPIFlags>(0));
}
