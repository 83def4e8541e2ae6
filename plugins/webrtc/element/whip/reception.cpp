// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whip/reception.hpp"

#include <utility>

#include "common/gst/http_context.hpp"
#include "common/gst/post.hpp"

namespace millrace::webrtc {

namespace {

PublisherMedia::Totals sum(PublisherMedia::Totals a, const PublisherMedia::Totals& b) {
    a.video_frames += b.video_frames;
    a.audio_frames += b.audio_frames;
    a.gaps += b.gaps;
    a.dropped += b.dropped;
    a.overrun += b.overrun;
    a.jumps += b.jumps;
    a.drift_ppm = b.drift_ppm;
    return a;
}

constexpr Duration kLeastStep = 1ns;  // from a frame to the next

}  // namespace

Reception::Reception(GstElement* element, const WhipSettings& settings, gst::SourceEvents& events)
    : element_(element),
      settings_(settings),
      events_(events),
      pads_(element, gst::TrackPads::key_frames_wanted(
                         [this](codec::Kind kind, unsigned number) { want_key_frame(kind, number); })),
      opening_(pads_),
      control_(std::make_unique<net::Worker>("mill-whip")) {}

Result<std::unique_ptr<gst::SourceRun>> Reception::start(GstElement* element, const WhipSettings& settings,
                                                         gst::SourceEvents& events) {
    auto path = gst::path_to_take(settings.path);
    if (!path) return tl::unexpected(std::move(path).error());
    WhipSettings known = settings;
    known.path = std::move(*path);
    std::unique_ptr<Reception> run(new Reception(element, known, events));
    if (auto opened = run->open(); !opened) return tl::unexpected(std::move(opened).error());
    return run;
}

Result<> Reception::open() {
    auto desk = Desk::open(
        settings_,
        {.authorize = [this](const gst::PublisherInfo& publisher) { return events_.authorize(publisher); },
         .connected =
             [this](const gst::PublisherInfo& info, const std::shared_ptr<PublisherSession>& session) {
                 control_->post([this, info, session] { on_connected(info, session); });
             },
         .gone = [this](const std::shared_ptr<PublisherSession>& session,
                        const std::string& why) { control_->post([this, session, why] { on_gone(session, why); }); }});
    if (!desk) return tl::unexpected(std::move(desk).error());
    auto listener = Listener::at(settings_.listen, gst::http_server_of(element_));
    if (!listener) return tl::unexpected(std::move(listener).error());
    listener_ = std::move(*listener);
    desk_ = std::move(*desk);
    control_->run(
        [this] { patience_ = std::make_unique<net::Worker::Timer>(*control_, [this] { give_up_waiting(); }); });
    auto claim = listener_->directory()->claim(settings_.path, desk_);
    if (!claim) return tl::unexpected(std::move(claim).error());
    claim_ = std::move(*claim);
    listener_->serve(settings_.path, desk_);
    return {};
}

Reception::~Reception() {
    unblock();
    // The claim before the desk: who asks in between is told that the source is gone, not that they may not publish.
    control_->run([this] {
        claim_.reset();
        end_media();
        patience_.reset();
    });
    if (desk_) desk_->close();
    control_.reset();
    pads_.remove();
}

void Reception::play() {
    playing_ = true;
    control_->post([this] { begin_media(); });
}

void Reception::pause() {
    playing_ = false;
}

void Reception::end() {
    control_->post([this] { end_of_stream(); });
}

void Reception::unblock() {
    ended_ = true;
}

std::shared_ptr<PublisherSession> Reception::session() const {
    return live_.with([](const auto& live) { return live ? live->session : nullptr; });
}

// ---- publishers that come and go ------------------------------------------------------------------------------------

void Reception::on_connected(const gst::PublisherInfo& info, const std::shared_ptr<PublisherSession>& session) {
    if (ended_) return;
    // The one before has been replaced, and its end is still to be told.
    if (auto before = this->session()) on_gone(before, "");
    patience_->at(kNever);
    ++publishers_;
    opening_.begin(session->terms());
    key_frames_.assign(session->terms().tracks.size(), {});
    live_.with([&](auto& live) { live.emplace(Live{info, session, nullptr}); });
    begin_media();
    events_.connected(info);
}

void Reception::begin_media() {
    auto session = this->session();
    if (!session || !playing_ || ended_ || live_.with([](const auto& live) { return live->media != nullptr; })) return;
    const ReceptionTerms& terms = session->terms();
    auto media = PublisherMedia::make(
        element_, terms, settings_.latency, progress_.latest() + kLeastStep,
        {.format = [this](std::size_t track, const gst::Ref<GstCaps>& caps) { opening_.format(track, caps); },
         .frame = [this, &terms](
                      std::size_t track,
                      gst::Ref<GstBuffer> frame) { on_frame(track, terms.tracks[track].video, std::move(frame)); },
         .key_frame_needed = [session = session.get()](std::size_t track) { session->want_key_frame(track); }});
    if (!media) {
        gst::warn(element_, "the publisher of " + settings_.path + " is turned away: " + media.error().what);
        desk_->end(session->id());
        return;
    }
    session->attach(media->get());
    live_.with([&](auto& live) { live->media = std::move(*media); });
}

// Returns when nothing of the publisher comes out any more.
void Reception::end_media() {
    std::optional<Live> ended;
    live_.with([&](auto& live) { ended.swap(live); });
    if (!ended) return;
    ended->session->attach(nullptr);
    if (!ended->media) return;
    const auto totals = ended->media->totals();
    before_.with([&](auto& before) { before = sum(before, totals); });
    ended->media.reset();
}

void Reception::on_gone(const std::shared_ptr<PublisherSession>& session, const std::string& why) {
    if (this->session() != session) return;
    const gst::PublisherInfo info = live_.with([](const auto& live) { return live->info; });
    end_media();
    if (!ended_) pads_.interrupted();
    if (pads_.any()) patience_->at(net::now() + settings_.reconnect_timeout);
    events_.disconnected(info, why);
}

// The publisher did not come back. The path is free again: whoever publishes it next is a new stream.
void Reception::give_up_waiting() {
    end_of_stream();
}

// Frees the path first: who sees the EOS may start the source's successor at once.
void Reception::end_of_stream() {
    if (ended_.exchange(true)) return;
    claim_.reset();
    end_media();
    pads_.end_of_stream();
}

// ---- frames ---------------------------------------------------------------------------------------------------------

void Reception::on_frame(std::size_t track, bool video, gst::Ref<GstBuffer> frame) {
    if (!playing_ || ended_) return;
    bytes_ += gst_buffer_get_size(frame.get());
    if (GST_BUFFER_PTS_IS_VALID(frame.get()))
        progress_.reached(Duration(static_cast<std::int64_t>(GST_BUFFER_PTS(frame.get()))));
    if (video) watch_key_frames(track, *frame.get());
    const GstFlowReturn flow = opening_.frame(track, std::move(frame), net::now());
    if (flow != GST_FLOW_OK) finish(flow);
}

// A browser makes key frames only when it is asked; outputs that cut segments need one now and then.
void Reception::watch_key_frames(std::size_t track, const GstBuffer& frame) {
    auto session = this->session();
    if (!session) return;
    KeyFrames& of = key_frames_[track];
    const GstClockTime time = GST_BUFFER_PTS(&frame);
    if (!GST_BUFFER_FLAG_IS_SET(&frame, GST_BUFFER_FLAG_DELTA_UNIT)) {
        of = {time, GST_CLOCK_TIME_NONE};
        return session->key_frame_arrived(track);
    }
    const auto interval = static_cast<GstClockTime>(settings_.key_interval.count());
    if (interval == 0 || !GST_CLOCK_TIME_IS_VALID(of.last) || GST_CLOCK_TIME_IS_VALID(of.asked)) return;
    if (time < of.last + interval) return;
    of.asked = time;  // it is asked for again until it is there
    session->want_key_frame(track);
}

void Reception::want_key_frame(codec::Kind kind, unsigned number) {
    auto session = this->session();
    const auto track = opening_.track_of(kind, number);
    if (session && track && *track < session->terms().tracks.size()) session->want_key_frame(*track);
}

void Reception::finish(GstFlowReturn flow) {
    if (flow == GST_FLOW_FLUSHING || ended_) return;
    if (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS) {
        GST_ELEMENT_FLOW_ERROR(element_, flow);
    }
    control_->post([this] { end_of_stream(); });
}

// ---- statistics -----------------------------------------------------------------------------------------------------

void Reception::fill_stats(GstStructure* stats) const {
    auto totals = before_.copy();
    ReceptionStats session;
    live_.with([&](const auto& live) {
        if (!live) return;
        if (live->media) totals = sum(totals, live->media->totals());
        session = live->session->stats();
    });
    gst_structure_set(stats, "publishers", G_TYPE_UINT64, publishers_.load(), "video-frames", G_TYPE_UINT64,
                      totals.video_frames, "audio-frames", G_TYPE_UINT64, totals.audio_frames, "bytes", G_TYPE_UINT64,
                      bytes_.load(), "timestamp-jumps", G_TYPE_UINT64, totals.jumps, "drift-ppm", G_TYPE_DOUBLE,
                      totals.drift_ppm, "gaps", G_TYPE_UINT64, totals.gaps, "dropped-frames", G_TYPE_UINT64,
                      totals.dropped, "overrun", G_TYPE_UINT64, totals.overrun, nullptr);
    TrackReceptionStats all;
    for (const TrackReceptionStats& track : session.tracks) {
        all.packets += track.packets;
        all.lost += track.lost;
        all.recovered += track.recovered;
        all.requested += track.requested;
        all.key_frame_requests += track.key_frame_requests;
        all.jitter = std::max(all.jitter, track.jitter);
        all.round_trip = std::max(all.round_trip, track.round_trip);
    }
    const std::uint64_t refused = session.unknown_source + session.wrong_type + session.forged + session.replayed +
                                  session.malformed + session.too_many_sources + session.rejected_rtcp;
    gst_structure_set(stats, "packets", G_TYPE_UINT64, all.packets, "lost", G_TYPE_INT64, all.lost, "recovered",
                      G_TYPE_UINT64, all.recovered, "retransmission-requests", G_TYPE_UINT64, all.requested,
                      "key-frame-requests", G_TYPE_UINT64, all.key_frame_requests, "refused-packets", G_TYPE_UINT64,
                      refused, "jitter", G_TYPE_UINT64, static_cast<guint64>(all.jitter.count()), "round-trip",
                      G_TYPE_UINT64, static_cast<guint64>(all.round_trip.count()), nullptr);
}

}  // namespace millrace::webrtc
