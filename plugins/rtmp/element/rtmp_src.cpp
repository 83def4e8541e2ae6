// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-millrtmpsrc
 * @title: millrtmpsrc
 *
 * Waits for an RTMP publisher of its path and outputs its tracks: H.264, AAC and MP3, and what Enhanced RTMP adds. All
 * sources of a process that name the same `listen` share one port; publishers are told apart by their path, which is
 * `APP/STREAM` of rtmp://HOST/APP/STREAM.
 *
 * A publisher that leaves may come back within `reconnect-timeout`: the pads stay open and the stream goes on after a
 * discontinuity. After that the source sends EOS.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 millrtmpsrc path=live/cam1 name=in in.video_0 ! queue ! hls.video_0 millhlssink name=hls
 * path=live/cam1 in.audio_0 ! queue ! hls.audio_0
 * ]| What `ffmpeg -re -i clip.mp4 -c copy -f flv rtmp://localhost/live/cam1` publishes, at
 * http://localhost:8080/live/cam1/
 */
#include "rtmp/element/rtmp_src.hpp"

#include <array>
#include <memory>

#include "common/gst/element.hpp"
#include "common/gst/post.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/signals.hpp"
#include "common/gst/track_caps.hpp"
#include "rtmp/element/reception.hpp"

GST_DEBUG_CATEGORY_STATIC(millrtmpsrc_debug);
#define GST_CAT_DEFAULT millrtmpsrc_debug

using namespace millrace;

namespace {

using gst::PublisherInfo;
using rtmp::SourceSettings;
using Row = gst::Property<SourceSettings>;

const std::array kProperties{
    Row{.name = "path",
        .blurb = "The path to take publishers of, APP/STREAM, such as live/cam1",
        .field = &SourceSettings::path},
    Row{.name = "listen",
        .blurb = "Address to listen on as [ADDRESS]:PORT; empty = the process's default, :1935 unless set",
        .field = &SourceSettings::listen},
    Row{.name = "latency",
        .blurb = "What a synchronising sink waits to absorb network jitter in ns; others ignore it",
        .field = &SourceSettings::latency,
        .max = 60'000'000'000},
    Row{.name = "reconnect-timeout",
        .blurb = "How long the pads stay open for a publisher to come back in ns",
        .field = &SourceSettings::reconnect_timeout,
        .max = 3'600'000'000'000},
};

enum Signal { kAuthorize, kPublisherConnected, kPublisherDisconnected, kSignals };
guint signals[kSignals];

class RtmpSrc {
  public:
    explicit RtmpSrc(GstElement* element) : element_(element) { GST_OBJECT_FLAG_SET(element, GST_ELEMENT_FLAG_SOURCE); }

    bool start();
    void stop();
    template <class F>
    void running(F&& use) {
        Lock lock(mutex_);
        if (reception_) use(*reception_);
    }
    bool query(GstQuery* query);
    bool send_event(GstEvent* event);
    GstStructure* stats();

    Guarded<SourceSettings> settings;

  private:
    bool authorize(const PublisherInfo& publisher);
    void tell(Signal signal, const PublisherInfo& publisher);

    GstElement* const element_;
    Mutex mutex_;
    std::unique_ptr<rtmp::Reception> reception_ GUARDED_BY(mutex_);
};

}  // namespace

MILL_DEFINE_ELEMENT(MillRtmpSrc, mill_rtmp_src, RtmpSrc)
GST_ELEMENT_REGISTER_DEFINE(millrtmpsrc, "millrtmpsrc", GST_RANK_NONE, mill_rtmp_src_get_type())

namespace {

RtmpSrc& source_of(gpointer element) {
    return *static_cast<MillRtmpSrc*>(element)->impl;
}

bool RtmpSrc::start() {
    auto started = rtmp::Reception::start(
        element_, settings.copy(),
        {.authorize = [this](const PublisherInfo& publisher) { return authorize(publisher); },
         .connected =
             [this](const PublisherInfo& publisher) {
                 GST_INFO_OBJECT(element_, "publisher %s: took %s", publisher.address.c_str(), publisher.path.c_str());
                 tell(kPublisherConnected, publisher);
             },
         .disconnected =
             [this](const PublisherInfo& publisher, const std::string& reason) {
                 GST_INFO_OBJECT(element_, "publisher %s: left %s: %s", publisher.address.c_str(),
                                 publisher.path.c_str(), reason.empty() ? "it ended the stream" : reason.c_str());
                 tell(kPublisherDisconnected, publisher);
             }});
    if (!started) {
        gst::post(element_, std::move(started).error().while_("starting millrtmpsrc"));
        return false;
    }
    Lock lock(mutex_);
    reception_ = std::move(*started);
    return true;
}

void RtmpSrc::stop() {
    std::unique_ptr<rtmp::Reception> ended;
    Lock lock(mutex_);
    ended.swap(reception_);
}

bool RtmpSrc::authorize(const PublisherInfo& publisher) {
    if (!g_signal_has_handler_pending(element_, signals[kAuthorize], 0, FALSE)) return true;
    gboolean allowed = FALSE;
    g_signal_emit(element_, signals[kAuthorize], 0, publisher.facts.get(), &allowed);
    GST_INFO_OBJECT(element_, "publisher %s: %s for %s", publisher.address.c_str(),
                    allowed ? "authorized" : "not authorized", publisher.path.c_str());
    return allowed;
}

void RtmpSrc::tell(Signal signal, const PublisherInfo& publisher) {
    g_signal_emit(element_, signals[signal], 0, publisher.facts.get());
}

bool RtmpSrc::query(GstQuery* query) {
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return false;
    gst_query_set_latency(query, TRUE, static_cast<GstClockTime>(settings.copy().latency.count()), GST_CLOCK_TIME_NONE);
    return true;
}

// An application ends a live pipeline by sending EOS to its sources (gst-launch-1.0 -e, the launcher). Answers false
// while there are no pads to say it on.
bool RtmpSrc::send_event(GstEvent* event) {
    if (GST_EVENT_TYPE(event) != GST_EVENT_EOS) {
        return GST_ELEMENT_CLASS(mill_rtmp_src_parent_class)->send_event(element_, event);
    }
    gst_event_unref(event);
    GST_OBJECT_LOCK(element_);
    const bool has_pads = element_->numsrcpads > 0;
    GST_OBJECT_UNLOCK(element_);
    if (has_pads) running([](rtmp::Reception& reception) { reception.end(); });
    return has_pads;
}

GstStructure* RtmpSrc::stats() {
    GstStructure* structure = gst_structure_new_empty("application/x-millrtmpsrc-stats");
    running([&](const rtmp::Reception& reception) {
        const rtmp::Counters& counters = reception.counters();
        gst_structure_set(structure, "publishers", G_TYPE_UINT64, counters.publishers.load(), "video-frames",
                          G_TYPE_UINT64, counters.video_frames.load(), "audio-frames", G_TYPE_UINT64,
                          counters.audio_frames.load(), "bytes", G_TYPE_UINT64, counters.bytes.load(),
                          "timestamp-jumps", G_TYPE_UINT64, counters.jumps.load(), "drift", G_TYPE_INT64,
                          counters.drift.load(), nullptr);
    });
    return structure;
}

// ---- GObject --------------------------------------------------------------------------------------------------------

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
    RtmpSrc& source = source_of(element);
    if (change == GST_STATE_CHANGE_READY_TO_PAUSED && !source.start()) return GST_STATE_CHANGE_FAILURE;
    if (change == GST_STATE_CHANGE_PAUSED_TO_PLAYING) source.running([](auto& run) { run.play(); });
    if (change == GST_STATE_CHANGE_PLAYING_TO_PAUSED) source.running([](auto& run) { run.pause(); });
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) source.running([](auto& run) { run.unblock(); });
    auto result = GST_ELEMENT_CLASS(mill_rtmp_src_parent_class)->change_state(element, change);
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) source.stop();
    // A live source has nothing to show before it plays.
    const bool live_pause = change == GST_STATE_CHANGE_READY_TO_PAUSED || change == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
    return result == GST_STATE_CHANGE_SUCCESS && live_pause ? GST_STATE_CHANGE_NO_PREROLL : result;
}

}  // namespace

static void mill_rtmp_src_class_init(MillRtmpSrcClass* klass) {
    GST_DEBUG_CATEGORY_INIT(millrtmpsrc_debug, "millrtmpsrc", 0, "RTMP publishers");

    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_rtmp_src_finalize;
    gst::install_properties<source_of, kProperties>(
        object_class, "Counters: publishers, frames, bytes, timestamp jumps, clock drift in ns");

    // authorize(request) → allowed: asked, on a network thread, before a publisher is taken; without a handler all are.
    signals[kAuthorize] = gst::new_structure_signal(mill_rtmp_src_get_type(), "authorize", G_TYPE_BOOLEAN);
    signals[kPublisherConnected] =
        gst::new_structure_signal(mill_rtmp_src_get_type(), "publisher-connected", G_TYPE_NONE);
    signals[kPublisherDisconnected] =
        gst::new_structure_signal(mill_rtmp_src_get_type(), "publisher-disconnected", G_TYPE_NONE);

    GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element_class, "RTMP publisher source", "Source/Network/RTMP",
                                          "Waits for an RTMP publisher of its path and outputs its tracks",
                                          "Millrace maintainers");
    auto add_template = [&](const char* name, const char* caps) {
        gst_element_class_add_pad_template(
            element_class,
            gst_pad_template_new(name, GST_PAD_SRC, GST_PAD_SOMETIMES, gst::adopt(gst_caps_from_string(caps)).get()));
    };
    add_template("video_%u", gst::kVideoCaps);
    add_template("audio_%u", gst::kAudioCaps);
    element_class->change_state = change_state;
    element_class->send_event = [](GstElement* element, GstEvent* event) -> gboolean {
        return source_of(element).send_event(event);
    };
    element_class->query = [](GstElement* element, GstQuery* query) -> gboolean {
        return source_of(element).query(query);
    };
}
