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
#include "common/gst/properties.hpp"
#include "common/gst/publisher_source_element.hpp"
#include "rtmp/element/reception.hpp"

GST_DEBUG_CATEGORY_STATIC(millrtmpsrc_debug);
#define GST_CAT_DEFAULT millrtmpsrc_debug

using namespace millrace;

namespace {

using gst::SourceSettings;
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
    gst::kReconnectTimeout,
};

class RtmpSrc : public gst::PublisherSourceElement {
  public:
    explicit RtmpSrc(GstElement* element) : PublisherSourceElement(element, "millrtmpsrc", millrtmpsrc_debug) {}

    Guarded<SourceSettings> settings;

  private:
    Result<std::unique_ptr<gst::SourceRun>> start_run(GstElement* element, gst::SourceEvents& events) override {
        return rtmp::Reception::start(element, settings.copy(), events);
    }
    Duration latency() override { return settings.copy().latency; }
};

}  // namespace

MILL_DEFINE_ELEMENT(MillRtmpSrc, mill_rtmp_src, RtmpSrc)
GST_ELEMENT_REGISTER_DEFINE(millrtmpsrc, "millrtmpsrc", GST_RANK_NONE, mill_rtmp_src_get_type())

namespace {

RtmpSrc& source_of(gpointer element) {
    return *static_cast<MillRtmpSrc*>(element)->impl;
}

}  // namespace

static void mill_rtmp_src_class_init(MillRtmpSrcClass* klass) {
    GST_DEBUG_CATEGORY_INIT(millrtmpsrc_debug, "millrtmpsrc", 0, "RTMP publishers");

    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_rtmp_src_finalize;
    gst::install_properties<source_of, kProperties>(
        object_class, "Counters: publishers, frames, bytes, timestamp jumps, clock drift in ns");

    GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element_class, "RTMP publisher source", "Source/Network/RTMP",
                                          "Waits for an RTMP publisher of its path and outputs its tracks",
                                          "Millrace maintainers");
    gst::install_publisher_source<source_of>(element_class);
}
