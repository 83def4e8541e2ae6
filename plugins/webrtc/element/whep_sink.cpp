// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-millwhepsink
 * @title: millwhepsink
 *
 * Sends its tracks to any number of WebRTC viewers, who join by WHEP (draft-ietf-wish-whep) at `/PATH/whep`; a player
 * page is at `/PATH/`. The media of all viewers of the process that name the same `udp-listen` goes through one UDP
 * port; viewers whose firewall lets no UDP through come to the same port by TCP. Packets are made once; a viewer costs
 * their encryption, and no thread and no descriptor.
 *
 * Video is sent as it comes: H.264, H.265, VP8, VP9 or AV1, without B-frames, in a profile that browsers decode. What
 * browsers cannot show is reported as a warning, and viewers are told why. Opus is sent as it comes too; AAC, MP3 and
 * raw audio are made into Opus, once for all viewers. Of several audio pads one is used, rather one of Opus.
 *
 * Several videos are renditions of one: each viewer is sent the one that its connection carries, as transport-wide
 * feedback, REMB and losses tell, and changed at key frames without anything being agreed anew. A rendition is called
 * and sized as its stream says (a ladder's do) or by its pad's properties; one that its stream calls not for real time
 * is ignored, one that browsers cannot show is left out. Where that leaves none, the source is asked for one that they
 * can show, by an event upstream. A viewer may ask for one by name: POST to `/PATH/whep?rendition=NAME`. What there is
 * the answer's header `Millrace-Renditions` tells: `1080p;bitrate=4000000, 480p;bitrate=800000`.
 *
 * A viewer that joins is sent the current group of pictures at once. Where that is older than two seconds, and when
 * viewers have lost too much, the encoder upstream is asked for a key frame (GstForceKeyUnit), once a second at most.
 *
 * An application can hand in a SoupServer of its own through a GstContext of type `millrace.http-server`, whose
 * structure has it as `server`; `listen` is then not used.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=60 ! h264parse ! millwhepsink
 * path=test
 * ]| A test picture at http://localhost:8080/test/
 * |[
 * gst-launch-1.0 millrtmpsrc path=live/cam1 name=in in.video_0 ! queue ! rtc.video_0 millwhepsink name=rtc
 * path=live/cam1 in.audio_0 ! queue ! rtc.audio_0
 * ]| What is published to rtmp://localhost/live/cam1, at http://localhost:8080/live/cam1/
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! tee name=t t. ! queue ! x264enc tune=zerolatency key-int-max=60
 * bitrate=2500 ! h264parse ! rtc.video_0 t. ! queue ! videoscale ! video/x-raw,width=160,height=120 ! x264enc
 * tune=zerolatency key-int-max=60 bitrate=300 ! h264parse ! rtc.video_1 millwhepsink name=rtc path=test
 * ]| Two renditions; each viewer is sent the one that its connection carries
 */
#include "webrtc/element/whep_sink.hpp"

#include <gst/video/video.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/gst/element.hpp"
#include "common/gst/http_context.hpp"
#include "common/gst/pacer.hpp"
#include "common/gst/post.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/rendition.hpp"
#include "common/gst/signals.hpp"
#include "common/gst/sink_pads.hpp"
#include "common/gst/sink_state.hpp"
#include "common/net/worker.hpp"
#include "webrtc/element/track_input.hpp"
#include "webrtc/element/whep/broadcast.hpp"
#include "webrtc/element/whep_sink_pad.hpp"

GST_DEBUG_CATEGORY_STATIC(millwhepsink_debug);
#define GST_CAT_DEFAULT millwhepsink_debug

using namespace millrace;

namespace {

using webrtc::Broadcast;
using webrtc::ViewerInfo;
using webrtc::WhepSettings;
using Row = gst::Property<WhepSettings>;

const std::array kProperties{
    Row{.name = "path", .blurb = "The stream's path in URLs, such as live/cam1", .field = &WhepSettings::path},
    Row{.name = "listen",
        .blurb = "Address of the HTTP server as [ADDRESS]:PORT; empty = the process's default, :8080 unless set",
        .field = &WhepSettings::listen},
    Row{.name = "udp-listen",
        .blurb = "Address of the UDP port for all media as [ADDRESS]:PORT; empty = the process's default, :8189 unless "
                 "set",
        .field = &WhepSettings::udp_listen},
    Row{.name = "advertise",
        .blurb = "Addresses that viewers are told to reach the UDP port at, ADDRESS or ADDRESS:PORT, separated by "
                 "commas; empty = those of the machine",
        .field = &WhepSettings::advertise},
    Row{.name = "ice-servers",
        .blurb = "STUN and TURN servers that viewers are told of, stun://HOST:PORT or turn://USER:PASSWORD@HOST:PORT, "
                 "separated by commas",
        .field = &WhepSettings::ice_servers},
    Row{.name = "max-viewers",
        .blurb = "Most viewers at a time, others are told to try later; 0 = no limit",
        .field = &WhepSettings::max_viewers},
    Row{.name = "instant-start",
        .blurb = "Whether a viewer that joins is sent the current group of pictures at once, or waits for a key frame",
        .field = &WhepSettings::instant_start},
    Row{.name = "workers",
        .blurb = "Threads that send to viewers, each on a core; 0 = one a core; the first sink of a UDP port decides",
        .field = &WhepSettings::workers,
        .max = 64},
};

enum Signal { kAuthorize, kViewerJoined, kViewerLeft, kSignals };
guint signals[kSignals];

class WhepSink {
  public:
    explicit WhepSink(GstElement* element) : element_(element), pacer_(element) {
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
    bool event(GstPad* pad, gst::Ref<GstEvent> event);

    GstStructure* stats();

    Guarded<WhepSettings> settings;

  private:
    std::shared_ptr<Broadcast> broadcast() {
        Lock lock(mutex_);
        return broadcast_;
    }
    Broadcast::Callbacks callbacks();

    bool set_caps(GstPad* pad, GstCaps* caps);
    bool set_media_caps(GstPad* pad, const GstCaps* caps);
    bool set_transcoder(GstPad* pad, GstCaps* caps);
    bool transcoded_event(GstPad* pad, GstEvent* event);
    GstFlowReturn send(GstPad* pad, GstBuffer* buffer);
    [[nodiscard]] std::optional<Duration> running_time() const;
    GstFlowReturn drop(GstPad* pad, const Error& error);
    void refuse(GstPad* pad, const Error& why);
    void on_refused(GstPad* pad, const Error& why);
    void warn_refused(GstPad* pad, const Error& why);
    void start_stream(GstPad* pad, GstEvent* event);
    void end_of_stream(GstPad* pad);
    bool all_ended();

    // Several pads may bring sound; viewers are sent that of one.
    bool takes_sound(GstPad* pad, bool opus);
    bool has_sound(GstPad* pad);
    bool is_heard(GstPad* pad);
    void let_go_of_sound(GstPad* pad);

    // Video comes by the pad that nobody can be shown.
    bool miss_video(GstPad* pad);
    bool want_realtime();

    void want_key_frame(webrtc::TrackId track);
    bool authorize(const ViewerInfo& viewer);
    void tell(Signal signal, const ViewerInfo& viewer, const std::string& reason = {});

    GstElement* const element_;
    gst::Pacer pacer_;

    Mutex mutex_;
    // From start() to stop(). Streaming threads hold a share of their own while they use it.
    std::shared_ptr<Broadcast> broadcast_ GUARDED_BY(mutex_);
    GstPad* sound_ GUARDED_BY(mutex_) = nullptr;  // the pad whose sound viewers are sent
    bool sound_is_opus_ GUARDED_BY(mutex_) = false;
    std::atomic<bool> asked_for_realtime_{false};  // since viewers were last shown something
};

}  // namespace

MILL_DEFINE_ELEMENT(MillWhepSink, mill_whep_sink, WhepSink)
GST_ELEMENT_REGISTER_DEFINE(millwhepsink, "millwhepsink", GST_RANK_NONE, mill_whep_sink_get_type())

namespace {

WhepSink& sink_of(gpointer element) {
    return *static_cast<MillWhepSink*>(element)->impl;
}

// ---- pads -----------------------------------------------------------------------------------------------------------

// The template says what an encoder is to make. What is fixed already is looked at when it comes, so that the error can
// say what to do.
gboolean query_pad(GstPad* pad, GstObject* parent, GstQuery* query) {
    if (GST_QUERY_TYPE(query) != GST_QUERY_ACCEPT_CAPS) return gst_pad_query_default(pad, parent, query);
    GstCaps* caps = nullptr;
    gst_query_parse_accept_caps(query, &caps);
    auto without_profile = gst::adopt(gst_caps_copy(caps));
    for (guint i = 0; i < gst_caps_get_size(without_profile.get()); ++i)
        gst_structure_remove_field(gst_caps_get_structure(without_profile.get(), i), "profile");
    auto templ = gst::adopt(gst_pad_get_pad_template_caps(pad));
    gst_query_set_accept_caps_result(query, gst_caps_can_intersect(without_profile.get(), templ.get()));
    return TRUE;
}

// The lowest number that no other pad has; nothing where there are too many.
std::optional<webrtc::TrackId> free_rung(GstElement* element) {
    std::array<bool, webrtc::kMostTracks> taken{};
    for (const auto& pad : gst::sink_pads(element)) taken.at(webrtc::state_of(pad.get()).track) = true;
    for (webrtc::TrackId id = 0; id < webrtc::kMostRungs; ++id)
        if (!taken[id]) return id;
    return std::nullopt;
}

GstPad* WhepSink::request_pad(GstPadTemplate* templ, const gchar* name) {
    const codec::Kind kind = gst::kind_of(templ);
    const auto track = kind == codec::Kind::audio ? webrtc::kSound : free_rung(element_);
    if (!track) {
        GST_ERROR_OBJECT(element_, "there are %u renditions of the video already", webrtc::kMostRungs);
        return nullptr;
    }
    const std::string chosen = gst::pad_name(element_, templ, name);
    auto* pad = GST_PAD(g_object_new(MILL_TYPE_WHEP_SINK_PAD, "name", chosen.c_str(), "direction", GST_PAD_SINK,
                                     "template", templ, nullptr));
    webrtc::state_of(pad).kind = kind;
    webrtc::state_of(pad).track = *track;
    gst_pad_set_chain_function(pad, [](GstPad* pad, GstObject* parent, GstBuffer* buffer) {
        return sink_of(parent).chain(pad, gst::adopt(buffer));
    });
    gst_pad_set_event_function(pad, [](GstPad* pad, GstObject* parent, GstEvent* event) -> gboolean {
        return sink_of(parent).event(pad, gst::adopt(event));
    });
    gst_pad_set_query_function(pad, query_pad);
    if (auto running = broadcast()) running->expect(*track);
    gst_pad_set_active(pad, TRUE);
    gst_element_add_pad(element_, pad);
    return pad;
}

void WhepSink::release_pad(GstPad* pad) {
    auto held = gst::share(pad);
    gst_pad_set_active(pad, FALSE);
    gst_element_remove_pad(element_, pad);
    if (webrtc::state_of(pad).kind == codec::Kind::audio) return let_go_of_sound(pad);
    if (auto running = broadcast()) running->end(webrtc::state_of(pad).track);
}

// ---- start and stop -------------------------------------------------------------------------------------------------

Broadcast::Callbacks WhepSink::callbacks() {
    return {.want_key_frame = [this](webrtc::TrackId track) { want_key_frame(track); },
            .authorize = [this](const ViewerInfo& viewer) { return authorize(viewer); },
            .joined =
                [this](const ViewerInfo& viewer) {
                    GST_INFO_OBJECT(element_, "viewer %s: joined %s", viewer.address.c_str(), viewer.path.c_str());
                    tell(kViewerJoined, viewer);
                },
            .left =
                [this](const ViewerInfo& viewer, const std::string& why) {
                    GST_INFO_OBJECT(element_, "viewer %s: left %s: %s", viewer.address.c_str(), viewer.path.c_str(),
                                    why.c_str());
                    tell(kViewerLeft, viewer, why);
                }};
}

bool WhepSink::start() {
    auto started = Broadcast::start(settings.copy(), callbacks(), gst::http_server_of(element_));
    if (!started) {
        gst::post(element_, std::move(started).error().while_("starting millwhepsink"));
        return false;
    }
    for (const auto& pad : gst::sink_pads(element_)) {
        webrtc::state_of(pad.get()).reset();
        (*started)->expect(webrtc::state_of(pad.get()).track);
    }
    pacer_.pause();
    asked_for_realtime_ = false;
    Lock lock(mutex_);
    sound_ = nullptr;
    broadcast_ = std::move(*started);
    return true;
}

void WhepSink::stop() {
    std::shared_ptr<Broadcast> ended;
    Lock lock(mutex_);
    ended.swap(broadcast_);
}

// ---- data -----------------------------------------------------------------------------------------------------------

GstFlowReturn WhepSink::chain(GstPad* pad, gst::Ref<GstBuffer> buffer) {
    webrtc::WhepPadState& state = webrtc::state_of(pad);
    const bool video = state.kind == codec::Kind::video;
    if (video && (state.ignored || state.refused)) {
        (void)miss_video(pad);
        return GST_FLOW_OK;
    }
    if (!video && (state.ignored || !is_heard(pad))) return GST_FLOW_OK;
    return state.transcoder ? state.transcoder->push(std::move(buffer)) : send(pad, buffer.get());
}

GstFlowReturn WhepSink::send(GstPad* pad, GstBuffer* buffer) {
    webrtc::WhepPadState& state = webrtc::state_of(pad);
    auto running = broadcast();
    if (!running) return GST_FLOW_FLUSHING;
    auto reading = state.reader.read(buffer);
    if (!reading) return drop(pad, reading.error());
    if (!*reading) return GST_FLOW_OK;
    const codec::Frame& frame = (*reading)->frame;
    if (!state.live) state.live = gst::Pacer::is_live(pad);
    if (!*state.live && !pacer_.wait_until(frame.dts)) return GST_FLOW_FLUSHING;
    if (auto pushed = running->push(state.track, frame, running_time()); !pushed) {
        if (pushed.error().fault != Fault::refused) return drop(pad, pushed.error());
        on_refused(pad, pushed.error());
    }
    return GST_FLOW_OK;
}

std::optional<Duration> WhepSink::running_time() const {
    const GstClockTime time = gst_element_get_current_running_time(element_);
    if (!GST_CLOCK_TIME_IS_VALID(time)) return std::nullopt;
    return Duration(static_cast<std::int64_t>(time));
}

// One bad frame must not end a stream that people watch.
GstFlowReturn WhepSink::drop(GstPad* pad, const Error& error) {
    GST_DEBUG_OBJECT(pad, "dropped a frame: %s", error.what.c_str());
    if (!std::exchange(webrtc::state_of(pad).warned, true)) {
        gst::warn(element_,
                  std::string("pad ") + GST_PAD_NAME(pad) + ": frames that cannot be used are dropped: " + error.what);
    }
    return GST_FLOW_OK;
}

void WhepSink::refuse(GstPad* pad, const Error& why) {
    if (auto running = broadcast()) running->refuse(webrtc::state_of(pad).track, why);
    on_refused(pad, why);
}

// Where viewers are shown another rendition there is nothing to do, nor where one is made for them.
void WhepSink::on_refused(GstPad* pad, const Error& why) {
    GST_INFO_OBJECT(pad, "left out: %s", why.what.c_str());
    webrtc::WhepPadState& state = webrtc::state_of(pad);
    state.refused = true;
    if (state.kind == codec::Kind::audio || miss_video(pad)) warn_refused(pad, why);
}

// Not an error: other outputs may well show the stream.
void WhepSink::warn_refused(GstPad* pad, const Error& why) {
    gst::warn(element_, "stream " + settings.copy().path + " cannot be played over WebRTC: pad " + GST_PAD_NAME(pad) +
                            ": " + why.what);
}

// ---- video that cannot be shown -------------------------------------------------------------------------------------

// True where nothing is shown, and nobody upstream will change that.
bool WhepSink::miss_video(GstPad* pad) {
    constexpr Duration kOthersCome = 2s;
    webrtc::WhepPadState& state = webrtc::state_of(pad);
    if (asked_for_realtime_) return false;
    const TimePoint now = net::now();
    if (!state.unshown_since) state.unshown_since = now;
    const bool others = std::ranges::any_of(gst::sink_pads(element_), [](const auto& other) {
        const webrtc::WhepPadState& state = webrtc::state_of(other.get());
        return state.kind == codec::Kind::video && !state.ignored && !state.refused;
    });
    // What says of itself that it is for others has been thought of: what is for us may be on its way.
    if ((others || state.ignored) && now - *state.unshown_since < kOthersCome) return false;
    auto running = broadcast();
    if (!running || running->shows(codec::Kind::video)) return false;
    return !asked_for_realtime_.exchange(true) && !want_realtime();
}

bool WhepSink::want_realtime() {
    bool heard = false;
    for (const auto& pad : gst::sink_pads(element_)) {
        const webrtc::WhepPadState& state = webrtc::state_of(pad.get());
        if (state.kind != codec::Kind::video || (!state.refused && !state.ignored)) continue;
        heard = gst_pad_push_event(pad.get(), gst::realtime_wanted().release()) || heard;
    }
    if (auto running = broadcast(); running && heard) running->await_video();
    return heard;
}

// ---- the sound of several pads --------------------------------------------------------------------------------------

// The first that comes; but what is Opus already is better than what is made into it.
bool WhepSink::takes_sound(GstPad* pad, bool opus) {
    Lock lock(mutex_);
    if (sound_ != nullptr && sound_ != pad && (!opus || sound_is_opus_)) return false;
    sound_ = pad;
    sound_is_opus_ = opus;
    return true;
}

bool WhepSink::has_sound(GstPad* pad) {
    Lock lock(mutex_);
    return sound_ == pad;
}

// Whether viewers are sent the pad's sound; it takes the place of one that has gone.
bool WhepSink::is_heard(GstPad* pad) {
    {
        Lock lock(mutex_);
        if (sound_ != nullptr) return sound_ == pad;
    }
    auto caps = gst::adopt(gst_pad_get_current_caps(pad));
    return caps && set_caps(pad, caps.get()) && has_sound(pad);
}

void WhepSink::let_go_of_sound(GstPad* pad) {
    {
        Lock lock(mutex_);
        if (sound_ != nullptr && sound_ != pad) return;
        sound_ = nullptr;
    }
    auto running = broadcast();
    if (!running) return;
    running->end(webrtc::kSound);
    const bool another = std::ranges::any_of(gst::sink_pads(element_), [&](const auto& other) {
        const webrtc::WhepPadState& state = webrtc::state_of(other.get());
        return other.get() != pad && state.kind == codec::Kind::audio && !state.ignored && !state.ended;
    });
    if (another) running->expect(webrtc::kSound);
}

// ---- events ---------------------------------------------------------------------------------------------------------

bool WhepSink::set_caps(GstPad* pad, GstCaps* caps) {
    webrtc::WhepPadState& state = webrtc::state_of(pad);
    if (state.ignored) return true;
    const bool audio = state.kind == codec::Kind::audio;
    const bool opus = gst_structure_has_name(gst_caps_get_structure(caps, 0), "audio/x-opus");
    if (audio && !takes_sound(pad, opus)) return state.has_caps = true;
    const bool set = audio && !opus ? set_transcoder(pad, caps) : set_media_caps(pad, caps);
    state.has_caps = set;
    return set;
}

bool WhepSink::set_media_caps(GstPad* pad, const GstCaps* caps) {
    webrtc::WhepPadState& state = webrtc::state_of(pad);
    auto running = broadcast();
    if (!running) return false;
    auto media = webrtc::media_from_caps(caps, state.reader);
    running->describe(state.track, webrtc::track_options(pad));
    if (media) {
        running->begin(state.track, std::move(*media));
        state.refused = false;
        state.unshown_since.reset();
        if (state.kind == codec::Kind::video) asked_for_realtime_ = false;
        return true;
    }
    if (media.error().fault == Fault::refused) {
        refuse(pad, media.error());
        return true;
    }
    gst::post(element_, std::move(media).error().while_(std::string("pad ") + GST_PAD_NAME(pad)));
    return false;
}

bool WhepSink::set_transcoder(GstPad* pad, GstCaps* caps) {
    webrtc::WhepPadState& state = webrtc::state_of(pad);
    auto made = webrtc::make_opus_transcoder(
        caps, {.event = [this, pad](GstEvent* event) { return transcoded_event(pad, event); },
               .buffer = [this, pad](gst::Ref<GstBuffer> buffer) { return send(pad, buffer.get()); }});
    if (!made) {
        refuse(pad, made.error());
        return true;
    }
    state.transcoder = std::move(*made);
    // What came before belongs to it too: a new encoding begins with its name.
    auto start = gst::adopt(gst_pad_get_sticky_event(pad, GST_EVENT_STREAM_START, 0));
    if (start) state.transcoder->send(std::move(start));
    const bool taken = state.transcoder->send(gst::adopt(gst_event_new_caps(caps)));
    if (auto segment = gst::adopt(gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0)))
        state.transcoder->send(std::move(segment));
    return taken;
}

bool WhepSink::transcoded_event(GstPad* pad, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) webrtc::state_of(pad).reader.set_segment(event);
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return true;
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    return set_media_caps(pad, caps);
}

bool WhepSink::event(GstPad* pad, gst::Ref<GstEvent> event) {
    webrtc::WhepPadState& state = webrtc::state_of(pad);
    switch (GST_EVENT_TYPE(event.get())) {
        case GST_EVENT_CAPS: {
            GstCaps* caps = nullptr;
            gst_event_parse_caps(event.get(), &caps);
            return set_caps(pad, caps);
        }
        case GST_EVENT_SEGMENT:
            state.reader.set_segment(event.get());
            if (state.transcoder) state.transcoder->send(event);
            return true;
        case GST_EVENT_STREAM_START:
            start_stream(pad, event.get());
            break;
        case GST_EVENT_FLUSH_STOP:
            if (state.transcoder) state.transcoder->send(event);
            break;
        case GST_EVENT_EOS:
            end_of_stream(pad);
            return true;
        default:
            break;
    }
    return gst_pad_event_default(pad, GST_OBJECT(element_), event.release());
}

void WhepSink::start_stream(GstPad* pad, GstEvent* event) {
    webrtc::WhepPadState& state = webrtc::state_of(pad);
    state.reader.start_stream();
    state.transcoder.reset();
    state.ended = false;
    state.said = gst::rendition_of(event);
    state.ignored = state.said && !state.said->realtime;
    if (!state.ignored) return;
    GST_INFO_OBJECT(pad, "is for other outputs");
    if (state.kind == codec::Kind::audio) return let_go_of_sound(pad);
    auto running = broadcast();
    if (!running) return;
    running->end(state.track);
    running->await_video();
}

// Where there is one, it does not matter when those end that are for other outputs.
bool has_any_for_us(GstElement* element) {
    return std::ranges::any_of(gst::sink_pads(element), [](const auto& pad) {
        const webrtc::WhepPadState& state = webrtc::state_of(pad.get());
        return state.has_caps && !state.ignored;
    });
}

void WhepSink::end_of_stream(GstPad* pad) {
    webrtc::WhepPadState& state = webrtc::state_of(pad);
    state.transcoder.reset();
    state.ended = true;
    const bool counts = !state.ignored;
    if (counts && state.kind == codec::Kind::audio) let_go_of_sound(pad);
    if (counts && state.kind == codec::Kind::video)
        if (auto running = broadcast()) running->end(state.track);
    if ((counts || !has_any_for_us(element_)) && all_ended())
        gst_element_post_message(element_, gst_message_new_eos(GST_OBJECT(element_)));
}

// A pad that never had caps is one whose track the publisher does not send: nobody will ever end it.
bool WhepSink::all_ended() {
    const bool for_us = has_any_for_us(element_);
    return std::ranges::all_of(gst::sink_pads(element_), [&](const auto& pad) {
        const webrtc::WhepPadState& state = webrtc::state_of(pad.get());
        return state.ended || (for_us ? !state.has_caps || state.ignored : !state.ignored);
    });
}

// ---- what viewers cause ---------------------------------------------------------------------------------------------

// Not on a worker: what is upstream may take its time.
void WhepSink::want_key_frame(webrtc::TrackId track) {
    auto ask = [](GstElement* element, gpointer wanted) {
        for (const auto& pad : gst::sink_pads(element)) {
            if (webrtc::state_of(pad.get()).track != GPOINTER_TO_UINT(wanted)) continue;
            GST_DEBUG_OBJECT(pad.get(), "asking for a key frame");
            gst_pad_push_event(pad.get(), gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
        }
    };
    gst_element_call_async(element_, ask, GUINT_TO_POINTER(track), nullptr);
}

gst::OwnedStructure to_structure(const ViewerInfo& viewer, const std::string& reason) {
    gst::OwnedStructure structure(gst_structure_new("viewer", "path", G_TYPE_STRING, viewer.path.c_str(), "protocol",
                                                    G_TYPE_STRING, "whep", "address", G_TYPE_STRING,
                                                    viewer.address.c_str(), "session", G_TYPE_STRING, viewer.id.c_str(),
                                                    "token", G_TYPE_STRING, viewer.token.c_str(), nullptr));
    if (!reason.empty()) gst_structure_set(structure.get(), "reason", G_TYPE_STRING, reason.c_str(), nullptr);
    return structure;
}

bool WhepSink::authorize(const ViewerInfo& viewer) {
    if (!g_signal_has_handler_pending(element_, signals[kAuthorize], 0, FALSE)) return true;
    auto request = to_structure(viewer, {});
    gboolean allowed = FALSE;
    g_signal_emit(element_, signals[kAuthorize], 0, request.get(), &allowed);
    GST_INFO_OBJECT(element_, "viewer %s: %s for %s", viewer.address.c_str(), allowed ? "authorized" : "not authorized",
                    viewer.path.c_str());
    return allowed;
}

void WhepSink::tell(Signal signal, const ViewerInfo& viewer, const std::string& reason) {
    auto structure = to_structure(viewer, reason);
    g_signal_emit(element_, signals[signal], 0, structure.get());
}

// A list of structures: what each rendition of the video is, and who is sent it.
void set_renditions(GstStructure* structure, const std::vector<Broadcast::Stats::Rendition>& renditions) {
    GValue list = G_VALUE_INIT;
    gst_value_list_init(&list, static_cast<guint>(renditions.size()));
    for (const auto& rendition : renditions) {
        GValue value = G_VALUE_INIT;
        g_value_init(&value, GST_TYPE_STRUCTURE);
        g_value_take_boxed(
            &value, gst_structure_new("rendition", "rendition", G_TYPE_STRING, rendition.name.c_str(), "viewers",
                                      G_TYPE_UINT64, rendition.viewers, "bitrate", G_TYPE_UINT64, rendition.bitrate,
                                      "refused", G_TYPE_BOOLEAN, static_cast<gboolean>(rendition.refused), nullptr));
        gst_value_list_append_and_take_value(&list, &value);
    }
    gst_structure_take_value(structure, "renditions", &list);
}

GstStructure* WhepSink::stats() {
    GstStructure* structure = gst_structure_new_empty("application/x-millwhepsink-stats");
    auto running = broadcast();
    if (!running) return structure;
    const Broadcast::Stats stats = running->stats();
    gst_structure_set(
        structure,  //
        "viewers", G_TYPE_UINT64, stats.viewers, "sessions", G_TYPE_UINT64, static_cast<guint64>(stats.sessions),
        "joined", G_TYPE_UINT64, stats.joined, "packets", G_TYPE_UINT64, stats.sent.packets, "bytes", G_TYPE_UINT64,
        stats.sent.bytes, "resent", G_TYPE_UINT64, stats.sent.resent, "resends-refused", G_TYPE_UINT64,
        stats.sent.refused, "key-frame-requests", G_TYPE_UINT64, stats.sent.key_frame_requests, "rejected-rtcp",
        G_TYPE_UINT64, stats.sent.rejected_rtcp, "skips", G_TYPE_UINT64, stats.sent.restarts, "switches-up",
        G_TYPE_UINT64, stats.sent.climbs, "switches-down", G_TYPE_UINT64, stats.sent.descents, "stalls", G_TYPE_UINT64,
        stats.sent.stalls, "checks", G_TYPE_UINT64, stats.endpoint.checks, "rejected-checks", G_TYPE_UINT64,
        stats.endpoint.refused, "stray-datagrams", G_TYPE_UINT64, stats.endpoint.unroutable, "dropped-handshakes",
        G_TYPE_UINT64, stats.endpoint.overrun, nullptr);
    set_renditions(structure, stats.renditions);
    return structure;
}

// ---- GObject --------------------------------------------------------------------------------------------------------

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
    return gst::change_sink_state(sink_of(element), element, change, mill_whep_sink_parent_class);
}

}  // namespace

static void mill_whep_sink_class_init(MillWhepSinkClass* klass) {
    GST_DEBUG_CATEGORY_INIT(millwhepsink_debug, "millwhepsink", 0, "WebRTC viewers");

    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_whep_sink_finalize;
    gst::install_properties<sink_of, kProperties>(
        object_class, "Counters: viewers, packets, bytes, retransmissions, rejected datagrams");

    // authorize(request) → allowed: asked, on a network thread, before a viewer is answered; without a handler all are.
    signals[kAuthorize] = gst::new_structure_signal(mill_whep_sink_get_type(), "authorize", G_TYPE_BOOLEAN);
    // Both on a network thread.
    signals[kViewerJoined] = gst::new_structure_signal(mill_whep_sink_get_type(), "viewer-joined", G_TYPE_NONE);
    signals[kViewerLeft] = gst::new_structure_signal(mill_whep_sink_get_type(), "viewer-left", G_TYPE_NONE);

    GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element_class, "WebRTC sink", "Sink/Network/WebRTC",
                                          "Sends its tracks to WebRTC viewers, who join by WHEP",
                                          "Millrace maintainers");
    auto add_template = [&](const char* name, const char* caps) {
        gst_element_class_add_pad_template(
            element_class,
            gst_pad_template_new_with_gtype(name, GST_PAD_SINK, GST_PAD_REQUEST,
                                            gst::adopt(gst_caps_from_string(caps)).get(), MILL_TYPE_WHEP_SINK_PAD));
    };
    add_template("video_%u", webrtc::kWhepVideoCaps);
    add_template("audio_%u", webrtc::kWhepAudioCaps);
    element_class->request_new_pad = [](GstElement* element, GstPadTemplate* templ, const gchar* name, const GstCaps*) {
        return sink_of(element).request_pad(templ, name);
    };
    element_class->release_pad = [](GstElement* element, GstPad* pad) { sink_of(element).release_pad(pad); };
    element_class->change_state = change_state;
    gst_type_mark_as_plugin_api(MILL_TYPE_WHEP_SINK_PAD, static_cast<GstPluginAPIFlags>(0));
}
