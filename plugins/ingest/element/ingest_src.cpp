// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-millingestsrc
 * @title: millingestsrc
 *
 * Outputs the tracks of whoever publishes its path first, by any of the ways that the installed plugins offer: each of
 * them listens at its process-wide address. While somebody publishes the path, others are refused.
 *
 * A publisher that leaves may come back within `reconnect-timeout`, also by another way: the pads stay, and the stream
 * goes on after a discontinuity, with new caps where the tracks have changed. After that the source sends EOS.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 millingestsrc path=live/cam1 name=in in.video_0 ! queue ! hls.video_0 millhlssink name=hls
 * path=live/cam1 in.audio_0 ! queue ! hls.audio_0
 * ]| What anyone publishes as live/cam1, such as `ffmpeg -re -i clip.mp4 -c copy -f flv rtmp://localhost/live/cam1`, at
 * http://localhost:8080/live/cam1/
 */
#include "ingest/element/ingest_src.hpp"

#include <array>
#include <memory>
#include <string>

#include "common/gst/element.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/publisher_source_element.hpp"
#include "ingest/element/ingestion.hpp"

GST_DEBUG_CATEGORY_STATIC(millingestsrc_debug);
#define GST_CAT_DEFAULT millingestsrc_debug

using namespace millrace;

namespace {

struct IngestSettings : gst::SourceSettings {
    IngestSettings() { latency = 0ns; }
};
using Row = gst::Property<IngestSettings>;

const std::array kProperties{
    Row{.name = "path", .blurb = "The path to take publishers of, such as live/cam1", .field = &IngestSettings::path},
    Row{.name = "latency",
        .blurb =
            "What a synchronising sink waits to absorb network jitter in ns; 0 = as the publisher's protocol has it",
        .field = &IngestSettings::latency,
        .max = 60'000'000'000},
    Row{.name = gst::kReconnectTimeout.name,
        .blurb = "How long the pads stay open for a publisher to come back, by whatever protocol, in ns",
        .field = &IngestSettings::reconnect_timeout,
        .max = gst::kReconnectTimeout.max},
};

// A bin, so that the source of a publisher has the clock, the contexts and the states of the rest.
class IngestSrc : public gst::PublisherSourceElement {
  public:
    explicit IngestSrc(GstBin* bin)
        : PublisherSourceElement(GST_ELEMENT(bin), "millingestsrc", millingestsrc_debug), bin_(bin) {
        gst_bin_set_suppressed_flags(bin, GST_ELEMENT_FLAG_SOURCE);  // it is one also while it has no child
    }

    Guarded<IngestSettings> settings;

  private:
    Result<std::unique_ptr<gst::SourceRun>> start_run(GstElement*, gst::SourceEvents& events) override {
        return ingest::Ingestion::start(bin_, settings.copy(), events, taken_latency_);
    }
    Duration latency() override {
        const Duration wanted = settings.copy().latency;
        return wanted > 0ns ? wanted : Duration(taken_latency_.load());
    }

    GstBin* const bin_;
    ingest::KnownLatency taken_latency_ = std::chrono::nanoseconds(gst::SourceSettings{}.latency).count();
};

}  // namespace

MILL_DEFINE_TYPE(MillIngestSrc, mill_ingest_src, GST_TYPE_BIN, GstBin, IngestSrc)
GST_ELEMENT_REGISTER_DEFINE(millingestsrc, "millingestsrc", GST_RANK_NONE, mill_ingest_src_get_type())

namespace {

IngestSrc& source_of(gpointer element) {
    return *static_cast<MillIngestSrc*>(element)->impl;
}

}  // namespace

static void mill_ingest_src_class_init(MillIngestSrcClass* klass) {
    GST_DEBUG_CATEGORY_INIT(millingestsrc_debug, "millingestsrc", 0, "publishers by any protocol");

    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_ingest_src_finalize;
    gst::install_properties<source_of, kProperties>(
        object_class,
        "The protocol of who publishes now; counters: publishers, those refused, changes of the source; "
        "statistics of the source");

    GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element_class, "Publisher source", "Source/Network/Bin",
                                          "Outputs the tracks of whoever publishes its path, by any protocol",
                                          "Millrace maintainers");
    gst_element_class_add_static_metadata(element_class, "publishers", "any");  // see providers_for() of the launcher
    // A protocol may bring what none of our outputs takes as it is.
    static const std::string video = std::string(gst::kVideoCaps) + "; video/x-vp8; video/x-vp9";
    gst::install_publisher_source<source_of>(element_class, video.c_str());
}
