// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-millladder
 * @title: millladder
 *
 * One stream in, its renditions out, for low-latency HLS and WebRTC at once. Key frames of all renditions are the same
 * input frames: those of the input where `copy` is among the renditions, otherwise one every `key-interval`.
 *
 * `renditions` is a list, highest first: `copy` (the input as it is), `720p@2500k` (its shorter side 720 pixels, 2.5
 * Mbit/s), `640x360@800k` (within that box), `720p30@2M` (every second frame of 60), `720p@1500k:h265` (also `h264` and
 * `av1`). The aspect ratio is kept, nothing is scaled up, and a rendition larger than the input is left out. The input
 * is decoded once and each rendition is scaled from the smallest one that is large enough.
 *
 * Pads of inputs are requested as `video_%u` and `audio_%u` (one video, any number of sounds). The n-th rendition of
 * the list comes out of `video_n`, counted from 0. Sound comes out of `audio_0` as AAC; where the input is not AAC,
 * Opus comes out of `audio_1`. Each pad tells what is behind it which rendition it is and for which outputs it is
 * meant, so `millhlssink` and `millwhepsink` can both be linked to all pads and take what is theirs. A copy with
 * B-frames is not for WebRTC; where no other rendition is there for it, one more is encoded, and a warning says so.
 *
 * A machine that cannot keep up loses frames of the highest encoded rendition, then that rendition, and no time; a
 * warning says so once, `stats` says what is missing, and it is taken back when there is room again.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=1280,height=720 ! millladder name=ladder
 * renditions=720p@2500k,360p@800k ladder.video_0 ! queue ! hls.video_0 ladder.video_1 ! queue ! hls.video_1 millhlssink
 * name=hls path=test
 * ]| A test picture in two renditions at http://localhost:8080/test/
 * |[
 * gst-launch-1.0 millrtmpsrc path=live/cam1 name=in in.video_0 ! queue ! ladder.video_0 in.audio_0 ! queue !
 * ladder.audio_0 millladder name=ladder renditions=copy,360p@800k ladder.video_0 ! queue ! hls.video_0 ladder.video_1 !
 * queue ! hls.video_1 ladder.audio_0 ! queue ! hls.audio_0 millhlssink name=hls path=live/cam1
 * ]| What is published to rtmp://localhost/live/cam1, as it is and small
 */
#include "ladder/element/ladder.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "common/gst/element.hpp"
#include "common/gst/post.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/sink_pads.hpp"
#include "common/gst/track_caps.hpp"
#include "ladder/element/audio_track.hpp"
#include "ladder/element/ladder_pad.hpp"
#include "ladder/element/video_track.hpp"

GST_DEBUG_CATEGORY_STATIC(millladder_debug);
#define GST_CAT_DEFAULT millladder_debug

using namespace millrace;

namespace {

struct LadderSettings {
    std::string renditions = "copy,720p@2500k,360p@800k";
    std::string video_encoder = "auto";
    std::string speed = "veryfast";
    Duration key_interval = 2s;
};
using Row = gst::Property<LadderSettings>;

const std::array kProperties{
    Row{.name = "renditions",
        .blurb =
            "What comes out, highest first: copy, SIZE@BITRATE or SIZE@BITRATE:CODEC, separated by commas; a size is "
            "720p, 720p30 or 640x360, a bitrate 2500k or 4M in bit/s, a codec h264, h265 or av1",
        .field = &LadderSettings::renditions},
    Row{.name = "video-encoder",
        .blurb = "Element that encodes, such as x264enc or vah264enc; auto = hardware that works, else the fastest",
        .field = &LadderSettings::video_encoder},
    Row{.name = "speed",
        .blurb =
            "Speed of encoding against quality: ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, "
            "veryslow, placebo",
        .field = &LadderSettings::speed},
    Row{.name = "key-interval",
        .blurb = "From one key frame to the next in ns, where no copy of the input says when they come",
        .field = &LadderSettings::key_interval,
        .min = 100'000'000,
        .max = 60'000'000'000},
};

constexpr const char* kVideoInput =
    "video/x-h264, stream-format=(string)avc, alignment=(string)au; "
    "video/x-h265, stream-format=(string)hvc1, alignment=(string)au; "
    "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu; "
    "video/x-vp8; video/x-vp9; video/mpeg, mpegversion=(int){ 1, 2, 4 }, systemstream=(boolean)false; image/jpeg; "
    "video/x-raw";
constexpr const char* kAudioInput =
    "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw, framed=(boolean)true; "
    "audio/mpeg, mpegversion=(int)1, layer=(int)[1, 3], parsed=(boolean)true; "
    "audio/x-opus, channel-mapping-family=(int)0; audio/x-ac3, framed=(boolean)true; audio/x-mulaw; audio/x-alaw; "
    "audio/x-raw";
constexpr const char* kVideoOutput =
    "video/x-h264, stream-format=(string)avc, alignment=(string)au; "
    "video/x-h265, stream-format=(string)hvc1, alignment=(string)au; "
    "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu; "
    "video/x-vp8; video/x-vp9";
constexpr const char* kAudioOutput =
    "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw, framed=(boolean)true; "
    "audio/x-opus, channel-mapping-family=(int)0";

class Ladder {
  public:
    explicit Ladder(GstElement* element) : element_(element) {}

    GstPad* request_pad(GstPadTemplate* templ);
    void release_pad(GstPad* pad);

    bool start();
    void unblock();
    void stop();

    GstFlowReturn chain(GstPad* pad, gst::Ref<GstBuffer> buffer);
    bool event(GstPad* pad, gst::Ref<GstEvent> event);
    GstStructure* stats();
    std::string outputs();

    Guarded<LadderSettings> settings;

  private:
    // A sink pad's; made when its stream begins.
    struct Track {
        std::unique_ptr<ladder::VideoTrack> video;
        std::unique_ptr<ladder::AudioTrack> audio;
    };
    std::shared_ptr<Track> track_of(GstPad* pad);
    ladder::Outlet outlet();
    void warn_once(const std::string& text);

    GstElement* const element_;
    Mutex mutex_;
    ladder::RungsSettings plan_ GUARDED_BY(mutex_);  // from start() on
    std::map<GstPad*, std::shared_ptr<Track>> tracks_ GUARDED_BY(mutex_);
    std::set<std::string> warned_ GUARDED_BY(mutex_);
    bool running_ GUARDED_BY(mutex_) = false;
};

}  // namespace

MILL_DEFINE_ELEMENT(MillLadder, mill_ladder, Ladder)
GST_ELEMENT_REGISTER_DEFINE(millladder, "millladder", GST_RANK_NONE, mill_ladder_get_type())

namespace {

Ladder& ladder_of(gpointer element) {
    return *static_cast<MillLadder*>(element)->impl;
}

// ---- pads -----------------------------------------------------------------------------------------------------------

// An element cannot have two pads of one name, and `video_0` is the first rendition's: what is requested as `video_0`
// is called in_video_0.
std::string name_of_input(GstElement* element, codec::Kind kind) {
    const std::string prefix = kind == codec::Kind::video ? "in_video_" : "in_audio_";
    for (unsigned number = 0;; ++number) {
        std::string name = prefix + std::to_string(number);
        if (!gst::adopt(gst_element_get_static_pad(element, name.c_str()))) return name;
    }
}

unsigned number_of(GstPad* pad) {
    const std::string name = GST_PAD_NAME(pad);
    return static_cast<unsigned>(g_ascii_strtoull(name.c_str() + name.find_last_of('_') + 1, nullptr, 10));
}

GstPad* Ladder::request_pad(GstPadTemplate* templ) {
    const codec::Kind kind = gst::kind_of(templ);
    const std::string name = name_of_input(element_, kind);
    if (kind == codec::Kind::video && name != "in_video_0") {
        GST_DEBUG_OBJECT(element_, "there is a video input already, and a ladder has one");
        return nullptr;
    }
    GstPad* pad = gst_pad_new_from_template(templ, name.c_str());
    gst_pad_set_chain_function(pad, [](GstPad* pad, GstObject* parent, GstBuffer* buffer) {
        return ladder_of(parent).chain(pad, gst::adopt(buffer));
    });
    gst_pad_set_event_function(pad, [](GstPad* pad, GstObject* parent, GstEvent* event) -> gboolean {
        return ladder_of(parent).event(pad, gst::adopt(event));
    });
    gst_pad_set_active(pad, TRUE);
    gst_element_add_pad(element_, pad);
    return pad;
}

void Ladder::release_pad(GstPad* pad) {
    auto held = gst::share(pad);
    if (auto track = track_of(pad); track && track->video) track->video->stop();
    gst_pad_set_active(pad, FALSE);
    std::shared_ptr<Track> ended;
    {
        Lock lock(mutex_);
        if (auto found = tracks_.find(pad); found != tracks_.end()) {
            ended = std::move(found->second);
            tracks_.erase(found);
        }
    }
    ended.reset();
    gst_element_remove_pad(element_, pad);
}

// ---- start and stop -------------------------------------------------------------------------------------------------

bool Ladder::start() {
    const LadderSettings wanted = settings.copy();
    auto requests = ladder::parse_renditions(wanted.renditions);
    if (!requests) {
        gst::post(element_, std::move(requests).error().while_("starting millladder: renditions"));
        return false;
    }
    if (!ladder::is_speed(wanted.speed)) {
        gst::post(element_, {Fault::bad_input,
                             "starting millladder: speed: '" + wanted.speed + "' is none of " + ladder::all_speeds()});
        return false;
    }
    Lock lock(mutex_);
    plan_ = {.requests = std::move(*requests),
             .encoder = wanted.video_encoder,
             .speed = wanted.speed,
             .key_interval = wanted.key_interval,
             .live = true,
             .copied = false};
    warned_.clear();
    running_ = true;
    return true;
}

void Ladder::unblock() {
    Lock lock(mutex_);
    for (const auto& [pad, track] : tracks_)
        if (track->video) track->video->stop();
}

void Ladder::stop() {
    std::map<GstPad*, std::shared_ptr<Track>> ended;
    Lock lock(mutex_);
    running_ = false;
    ended.swap(tracks_);
}

ladder::Outlet Ladder::outlet() {
    return {.element = element_,
            .warn = [this](const std::string& text) { warn_once(text); },
            .fail = [this](const Error& error) { gst::post(element_, error); }};
}

void Ladder::warn_once(const std::string& text) {
    GST_WARNING_OBJECT(element_, "%s", text.c_str());
    {
        Lock lock(mutex_);
        if (!warned_.insert(text).second) return;
    }
    gst::warn(element_, text);
}

// ---- data -----------------------------------------------------------------------------------------------------------

std::shared_ptr<Ladder::Track> Ladder::track_of(GstPad* pad) {
    Lock lock(mutex_);
    auto found = tracks_.find(pad);
    if (found != tracks_.end() || !running_) return found != tracks_.end() ? found->second : nullptr;
    auto track = std::make_shared<Track>();
    if (gst::kind_of(GST_PAD_PAD_TEMPLATE(pad)) == codec::Kind::video) {
        track->video = std::make_unique<ladder::VideoTrack>(pad, plan_, outlet());
    } else {
        track->audio = std::make_unique<ladder::AudioTrack>(pad, number_of(pad), outlet());
    }
    return tracks_.emplace(pad, std::move(track)).first->second;
}

GstFlowReturn Ladder::chain(GstPad* pad, gst::Ref<GstBuffer> buffer) {
    auto track = track_of(pad);
    if (!track) return GST_FLOW_FLUSHING;
    return track->video ? track->video->push(std::move(buffer)) : track->audio->push(std::move(buffer));
}

bool Ladder::event(GstPad* pad, gst::Ref<GstEvent> event) {
    auto track = track_of(pad);
    if (!track) return false;
    track->video ? track->video->event(std::move(event)) : track->audio->event(std::move(event));
    return true;
}

// ---- stats ----------------------------------------------------------------------------------------------------------

const char* word(ladder::Keep keep) {
    switch (keep) {
        case ladder::Keep::all:
            return "all";
        case ladder::Keep::half:
            return "half";
        case ladder::Keep::none:
            return "none";
    }
    return "";
}

void append(GValue* list, GstStructure* structure) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed(&value, structure);
    gst_value_list_append_and_take_value(list, &value);
}

void append(GValue* list, const std::string& text) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_STRING);
    g_value_set_string(&value, text.c_str());
    gst_value_list_append_and_take_value(list, &value);
}

GstStructure* to_structure(const ladder::Rungs::Report::One& one) {
    return gst_structure_new("rendition", "rendition", G_TYPE_STRING, one.rung.name.c_str(), "width", G_TYPE_UINT,
                             one.rung.width, "height", G_TYPE_UINT, one.rung.height, "bitrate", G_TYPE_UINT64,
                             one.rung.bitrate, "encoder", G_TYPE_STRING, one.encoder.c_str(), "frames", G_TYPE_UINT64,
                             one.counters.frames, "dropped", G_TYPE_UINT64, one.counters.dropped, "lag", G_TYPE_UINT64,
                             static_cast<guint64>(std::max<std::int64_t>(one.counters.lag.count(), 0)), "keeps",
                             G_TYPE_STRING, word(one.keep), nullptr);
}

GstStructure* Ladder::stats() {
    GstStructure* structure = gst_structure_new_empty("application/x-millladder-stats");
    std::shared_ptr<Track> video;
    {
        Lock lock(mutex_);
        for (const auto& [pad, track] : tracks_)
            if (track->video) video = track;
    }
    if (!video) return structure;
    const auto report = video->video->report();
    GValue renditions = G_VALUE_INIT;
    g_value_init(&renditions, GST_TYPE_LIST);
    for (const auto& one : report.rungs.rungs) append(&renditions, to_structure(one));
    GValue notes = G_VALUE_INIT;
    g_value_init(&notes, GST_TYPE_LIST);
    for (const std::string& note : report.rungs.notes) append(&notes, note);
    gst_structure_set(structure, "width", G_TYPE_UINT, report.rungs.input.width, "height", G_TYPE_UINT,
                      report.rungs.input.height, "frames", G_TYPE_UINT64, report.frames, "dropped", G_TYPE_UINT64,
                      report.dropped, "copied", G_TYPE_BOOLEAN, report.copied, "decoder", G_TYPE_STRING,
                      report.decoder.c_str(), nullptr);
    gst_structure_take_value(structure, "renditions", &renditions);
    gst_structure_take_value(structure, "notes", &notes);
    return structure;
}

// Those of `renditions` and the sound that there always is, for who plans a pipeline before anything runs.
std::string Ladder::outputs() {
    const auto requests = ladder::parse_renditions(settings.copy().renditions);
    std::string names;
    for (std::size_t i = 0; requests && i < requests->size(); ++i) names += "video_" + std::to_string(i) + ",";
    return names + "audio_0";
}

// ---- GObject --------------------------------------------------------------------------------------------------------

constexpr guint kOutputs = kProperties.size() + 2;  // behind stats

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    if (id != kOutputs) return gst::get_property<ladder_of, kProperties>(object, id, value, spec);
    g_value_set_string(value, ladder_of(object).outputs().c_str());
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
    Ladder& ladder = ladder_of(element);
    if (change == GST_STATE_CHANGE_READY_TO_PAUSED && !ladder.start()) return GST_STATE_CHANGE_FAILURE;
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) ladder.unblock();
    auto result = GST_ELEMENT_CLASS(mill_ladder_parent_class)->change_state(element, change);
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) ladder.stop();
    return result;
}

}  // namespace

static void mill_ladder_class_init(MillLadderClass* klass) {
    GST_DEBUG_CATEGORY_INIT(millladder_debug, "millladder", 0, "Renditions of one stream");

    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_ladder_finalize;
    gst::install_properties<ladder_of, kProperties>(
        object_class,
        "The input, and of each rendition its size, frames, drops, lag in ns, and whether it keeps all, half or none");
    object_class->get_property = get_property;
    g_object_class_install_property(
        object_class, kOutputs,
        g_param_spec_string("outputs", "outputs", "Names of the pads that are to come, separated by commas", "",
                            static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

    GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element_class, "Ladder", "Codec/Encoder/Converter/Video",
                                          "Makes the renditions of one stream, key frames aligned",
                                          "Millrace maintainers");
    auto add_input = [&](const char* name, const char* caps) {
        gst_element_class_add_pad_template(
            element_class,
            gst_pad_template_new(name, GST_PAD_SINK, GST_PAD_REQUEST, gst::adopt(gst_caps_from_string(caps)).get()));
    };
    // Not %u: a class has one template of a name.
    auto add_output = [&](const char* name, const char* caps) {
        gst_element_class_add_pad_template(
            element_class,
            gst_pad_template_new_with_gtype(name, GST_PAD_SRC, GST_PAD_SOMETIMES,
                                            gst::adopt(gst_caps_from_string(caps)).get(), MILL_TYPE_LADDER_PAD));
    };
    add_input("video_%u", kVideoInput);
    add_input("audio_%u", kAudioInput);
    add_output("video_%d", kVideoOutput);
    add_output("audio_%d", kAudioOutput);
    element_class->request_new_pad = [](GstElement* element, GstPadTemplate* templ, const gchar*, const GstCaps*) {
        return ladder_of(element).request_pad(templ);
    };
    element_class->release_pad = [](GstElement* element, GstPad* pad) { ladder_of(element).release_pad(pad); };
    element_class->change_state = change_state;
    gst_type_mark_as_plugin_api(MILL_TYPE_LADDER_PAD, static_cast<GstPluginAPIFlags>(0));
}
