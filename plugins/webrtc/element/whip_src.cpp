// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-millwhipsrc
 * @title: millwhipsrc
 *
 * Waits for a WebRTC publisher of its path and outputs its tracks: H.264, H.265, VP8, VP9, AV1 and Opus, as they came.
 * Publishers POST their offer to http://HOST:8080/PATH/whip (WHIP, RFC 9725); a browser publishes from the page
 * http://HOST:8080/PATH/publish. All publishers and viewers of a process share one UDP port.
 *
 * What is lost on the way is asked for again, and sound and picture are aligned by the publisher's sender reports. The
 * publisher is told what arrives when (transport-cc, or REMB), so that its encoder follows what its network takes. Of a
 * picture that cannot be decoded for a loss nothing comes out until the next key frame, which is asked for at once.
 * Downstream asks for key frames by GstForceKeyUnit; outputs that cut segments get one every `key-interval`.
 *
 * A publisher that leaves may come back within `reconnect-timeout`: the pads stay open and the stream goes on after a
 * discontinuity. After that the source sends EOS. Layers of simulcast come out as video_0, video_1 …, each a rendition
 * named as the publisher does.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 millwhipsrc path=live/me name=in in.video_0 ! queue ! millhlssink path=live/me
 * ]| What a browser publishes at http://localhost:8080/live/me/publish, at http://localhost:8080/live/me/
 */
#include "webrtc/element/whip_src.hpp"

#include <array>
#include <memory>
#include <string>

#include "common/gst/element.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/publisher_source_element.hpp"
#include "common/gst/track_caps.hpp"
#include "webrtc/element/whip/reception.hpp"

GST_DEBUG_CATEGORY_STATIC(millwhipsrc_debug);
#define GST_CAT_DEFAULT millwhipsrc_debug

using namespace millrace;

namespace {

using webrtc::WhipSettings;
using Row = gst::Property<WhipSettings>;

const std::array kProperties{
    Row{.name = "path",
        .blurb = "The path to take publishers of, such as live/me, which is http://HOST/live/me/whip",
        .field = &WhipSettings::path},
    Row{.name = "listen",
        .blurb = "Address of the HTTP server as [ADDRESS]:PORT; empty = the process's default, :8080 unless set",
        .field = &WhipSettings::listen},
    Row{.name = "udp-listen",
        .blurb = "Address of the UDP port for all media as [ADDRESS]:PORT; empty = the process's default, :8189 unless "
                 "set",
        .field = &WhipSettings::udp_listen},
    Row{.name = "advertise",
        .blurb = "Addresses that publishers are told to reach the UDP port at, ADDRESS or ADDRESS:PORT, separated by "
                 "commas; empty = those of the machine",
        .field = &WhipSettings::advertise},
    Row{.name = "ice-servers",
        .blurb = "STUN and TURN servers that publishers are told of, stun://HOST:PORT or "
                 "turn://USER:PASSWORD@HOST:PORT, separated by commas",
        .field = &WhipSettings::ice_servers},
    Row{.name = "codecs",
        .blurb = "Codecs that are accepted, best first: the first that a publisher offers is taken",
        .field = &WhipSettings::codecs},
    Row{.name = "max-bitrate",
        .blurb = "Most that a publisher is asked to send in bit/s; 0 = what its network takes",
        .field = &WhipSettings::max_bitrate},
    Row{.name = "key-interval",
        .blurb = "A publisher that has made no key frame for so long is asked for one, in ns; 0 = never",
        .field = &WhipSettings::key_interval,
        .max = 3'600'000'000'000},
    Row{.name = "latency",
        .blurb =
            "How long a packet that is missing is waited for, a track's first packets (0.3 s at most) before they come "
            "out, and a synchronising sink, in ns",
        .field = &WhipSettings::latency,
        .max = 60'000'000'000},
    Row{.name = "reconnect-timeout",
        .blurb = "How long the pads stay open for a publisher to come back in ns",
        .field = &WhipSettings::reconnect_timeout,
        .max = 3'600'000'000'000},
};

class WhipSrc : public gst::PublisherSourceElement {
  public:
    explicit WhipSrc(GstElement* element) : PublisherSourceElement(element, "millwhipsrc", millwhipsrc_debug) {}

    Guarded<WhipSettings> settings;

  private:
    Result<std::unique_ptr<gst::SourceRun>> start_run(GstElement* element, gst::SourceEvents& events) override {
        return webrtc::Reception::start(element, settings.copy(), events);
    }
    Duration latency() override { return settings.copy().latency; }
};

}  // namespace

MILL_DEFINE_ELEMENT(MillWhipSrc, mill_whip_src, WhipSrc)
GST_ELEMENT_REGISTER_DEFINE(millwhipsrc, "millwhipsrc", GST_RANK_NONE, mill_whip_src_get_type())

namespace {

WhipSrc& source_of(gpointer element) {
    return *static_cast<MillWhipSrc*>(element)->impl;
}

}  // namespace

static void mill_whip_src_class_init(MillWhipSrcClass* klass) {
    GST_DEBUG_CATEGORY_INIT(millwhipsrc_debug, "millwhipsrc", 0, "WHIP publishers");

    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_whip_src_finalize;
    gst::install_properties<source_of, kProperties>(
        object_class,
        "Counters: publishers, frames, bytes, packets, what was lost and recovered, jitter and round-trip in ns");

    GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element_class, "WHIP publisher source", "Source/Network/WebRTC",
                                          "Waits for a WHIP publisher of its path and outputs its tracks",
                                          "Millrace maintainers");
    const std::string video =
        std::string(gst::kVideoCaps) + "; video/x-vp8; video/x-vp9, alignment=(string)super-frame";
    gst::install_publisher_source<source_of>(element_class, video.c_str());
}
