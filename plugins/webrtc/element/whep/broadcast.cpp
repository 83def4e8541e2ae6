// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep/broadcast.hpp"

#include <atomic>
#include <map>
#include <string_view>
#include <utility>

#include "webrtc/core/sdp/words.hpp"
#include "webrtc/core/secure/random.hpp"

namespace millrace::webrtc {

namespace {

constexpr Duration kTick = 1s;

// What is random in a stream: names that its viewers tell it by, and where its numbers begin (RFC 3550 5.1).
struct Dice {
    SourceNames names;
    ClockOffsets clocks;
    std::array<std::uint16_t, kMostTracks> first_sequences{};
};

Result<Dice> roll() {
    std::array<std::uint8_t, 20 + 2 * kMostTracks> random{};
    if (auto filled = fill_random(random); !filled) return tl::unexpected(std::move(filled).error());
    auto cname = random_ice_text(16);
    auto stream_id = random_ice_text(16);
    if (!cname || !stream_id) return tl::unexpected(Error{Fault::no_resource, "the machine has no randomness to give"});
    ByteReader in(random);
    Dice dice;
    dice.names.cname = std::move(*cname);
    dice.names.stream_id = std::move(*stream_id);
    // Neither zero nor the same: the lowest bits tell them apart.
    dice.names.video_ssrc = (in.u32() & ~3U) | 1U;
    dice.names.video_rtx_ssrc = (in.u32() & ~3U) | 2U;
    dice.names.audio_ssrc = (in.u32() & ~3U) | 3U;
    dice.clocks = {in.u32(), in.u32()};
    for (std::uint16_t& first : dice.first_sequences) first = in.u16();
    return dice;
}

}  // namespace

// What sessions and workers reach of a broadcast. Outlives it for as long as one of them is in a call.
class Broadcast::Hub : public ViewerSession::Owner {
  public:
    explicit Hub(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}

    // Before anything else happens.
    void set_up(const std::vector<std::shared_ptr<net::Worker>>& workers, const ClockOffsets& clocks,
                std::shared_ptr<Roster> roster) {
        roster_ = std::move(roster);
        for (const auto& worker : workers)
            fan_outs_[worker.get()] = {
                worker, std::make_shared<FanOut>(worker, clocks, [this](RungId rung) { want_key_frame(rung); })};
    }

    void append(TrackId track, const FramePtr& frame, const StreamOrigin& origin) {
        if (track != kSound && is_asked_again(track, *frame)) ask(track);
        for (const auto& [key, share] : fan_outs_)
            share.worker->post(
                [fan_out = share.fan_out, track, frame, origin] { fan_out->append(track, frame, origin); });
    }
    void open(RungId rung, const StreamFormat& format, std::uint64_t declared) {
        for (const auto& [key, share] : fan_outs_)
            share.worker->post(
                [fan_out = share.fan_out, rung, format, declared] { fan_out->open(rung, format, declared); });
    }
    void close(RungId rung) {
        for (const auto& [key, share] : fan_outs_)
            share.worker->post([fan_out = share.fan_out, rung] { fan_out->close(rung); });
    }

    // No worker calls anything of ours any more.
    void end() {
        for (const auto& [key, share] : fan_outs_) share.worker->run([&fan_out = share.fan_out] { fan_out->end(); });
    }

    [[nodiscard]] FanOut::Totals totals() const {
        FanOut::Totals sum;
        for (const auto& [key, share] : fan_outs_) sum += share.fan_out->totals();
        return sum;
    }
    [[nodiscard]] std::uint64_t viewers() const { return viewers_; }
    [[nodiscard]] std::uint64_t ever_joined() const { return ever_joined_; }
    [[nodiscard]] const Callbacks& callbacks() const { return callbacks_; }

    std::shared_ptr<FanOut> fan_out_of(const net::Worker& worker) override {
        auto found = fan_outs_.find(&worker);
        return found == fan_outs_.end() ? nullptr : found->second.fan_out;
    }
    void joined(const ViewerInfo& viewer) override {
        ++viewers_;
        ++ever_joined_;
        roster_->connected(viewer.id);
        if (callbacks_.joined) callbacks_.joined(viewer);
    }
    void said_goodbye(const ViewerInfo& viewer) override { roster_->remove(viewer.id); }
    void left(const ViewerInfo& viewer, const Error& why) override {
        --viewers_;
        roster_->remove(viewer.id);
        if (callbacks_.left) callbacks_.left(viewer, why.what);
    }
    void failed(const ViewerInfo& viewer, const Error&) override { roster_->remove(viewer.id); }

  private:
    struct Share {
        std::shared_ptr<net::Worker> worker;
        std::shared_ptr<FanOut> fan_out;
    };

    using Requests = std::array<KeyFrameRequests, kMostRungs>;

    // The workers' wishes are one.
    void want_key_frame(RungId rung) {
        if (requests_.with([&](Requests& requests) { return requests[rung].want(net::now()); })) ask(rung);
    }
    // A wish that came too soon after another is not forgotten: a frame that is no key frame is the time to say it.
    bool is_asked_again(RungId rung, const Frame& frame) {
        return requests_.with([&](Requests& requests) {
            if (frame.key_frame()) requests[rung].key_frame_arrived();
            return requests[rung].poll(frame.arrival);
        });
    }
    void ask(RungId rung) {
        if (callbacks_.want_key_frame) callbacks_.want_key_frame(rung);
    }

    const Callbacks callbacks_;
    std::map<const net::Worker*, Share> fan_outs_;
    std::shared_ptr<Roster> roster_;
    Guarded<Requests> requests_;
    std::atomic<std::uint64_t> viewers_{0};
    std::atomic<std::uint64_t> ever_joined_{0};
};

// Its streaming thread's, but another pad may take its place: then the numbers go on.
struct Broadcast::Track {
    Track(std::uint16_t first_sequence, const RtpClock& clock) : feed(first_sequence, clock) {}

    Mutex mutex;
    TrackFeed feed GUARDED_BY(mutex);
    bool refused GUARDED_BY(mutex) = false;
};

// ---- start and stop -------------------------------------------------------------------------------------------------

Broadcast::Broadcast(const WhepSettings& settings, Callbacks callbacks)
    : hub_(std::make_shared<Hub>(std::move(callbacks))), roster_(std::make_shared<Roster>(settings.max_viewers)) {}

Result<std::unique_ptr<Broadcast>> Broadcast::start(const WhepSettings& settings, Callbacks callbacks,
                                                    const std::shared_ptr<net::HttpServer>& given) {
    if (settings.path.empty()) {
        return fail(Fault::bad_input,
                    "no path is set; say under which path to serve the stream, such as path=live/cam1");
    }
    std::unique_ptr<Broadcast> broadcast(new Broadcast(settings, std::move(callbacks)));
    if (auto opened = broadcast->open(settings, given); !opened)
        return tl::unexpected(std::move(opened).error().while_("stream " + settings.path));
    return broadcast;
}

Result<> Broadcast::open(const WhepSettings& settings, const std::shared_ptr<net::HttpServer>& given) {
    auto dice = roll();
    if (!dice) return tl::unexpected(std::move(dice).error());
    for (TrackId id = 0; id < kMostTracks; ++id) {
        const RtpClock clock =
            id == kSound ? RtpClock{48'000, dice->clocks.audio} : RtpClock{90'000, dice->clocks.video};
        tracks_[id] = std::make_unique<Track>(dice->first_sequences[id], clock);
    }

    EndpointOptions options;
    options.udp.workers = settings.workers;
    auto endpoint = Endpoint::at(settings.udp_listen, options);
    if (!endpoint) return tl::unexpected(std::move(endpoint).error());
    endpoint_ = std::move(*endpoint);
    auto sessions = Sessions::terms_of(*endpoint_, settings.advertise, settings.ice_servers);
    if (!sessions) return tl::unexpected(std::move(sessions).error());

    hub_->set_up(endpoint_->workers(), dice->clocks, roster_);
    ViewerSettings viewers;
    viewers.instant_start = settings.instant_start;
    Admission::Terms terms{settings.path, std::move(sessions->advertise), std::move(sessions->ice_servers), viewers,
                           dice->names,   hub_->callbacks().authorize};
    admission_ = std::make_shared<Admission>(std::move(terms), endpoint_, roster_, hub_);

    handler_ = std::make_shared<WhepHandler>(settings.path, admission_);
    auto announced = web::announce(
        {settings.path, "whep", std::string(kWhepEndpoint)}, handler_,
        [](std::string_view resource) { return is_signalling(resource, kWhepEndpoint); }, settings.listen, given);
    if (!announced) return tl::unexpected(std::move(announced).error());
    announcements_ = std::move(*announced);
    start_clock();
    return {};
}

void Broadcast::start_clock() {
    worker_ = net::next_io_worker();
    worker_->run([this] {
        timer_ = std::make_unique<net::Worker::Timer>(*worker_, [this] { tick(); });
        timer_->at(net::now() + kTick);
    });
}

// Who watches makes no requests, and the stream is to run on for their sake.
void Broadcast::tick() {
    if (hub_->viewers() > 0)
        for (const auto& announcement : announcements_) announcement->in_use();
    timer_->at(net::now() + kTick);
}

Broadcast::~Broadcast() {
    if (worker_) worker_->run([this] { timer_.reset(); });
    if (handler_) handler_->close();
    announcements_.clear();
    roster_->remove_all();
    hub_->end();
}

// ---- tracks ---------------------------------------------------------------------------------------------------------

void Broadcast::expect(TrackId id) {
    admission_->with_tracks([&](StreamTracks& tracks) { tracks.expect(id, net::now()); });
}

void Broadcast::await_video() {
    admission_->with_tracks([](StreamTracks& tracks) { tracks.await_video(net::now()); });
}

void Broadcast::describe(TrackId id, TrackOptions options) {
    admission_->with_tracks([&](StreamTracks& tracks) { tracks.describe(id, std::move(options)); });
}

void Broadcast::begin(TrackId id, TrackMedia media) {
    Track& begun = *tracks_[id];
    {
        Lock lock(begun.mutex);
        begun.feed.begin(std::move(media.packetizer));
        begun.refused = false;
    }
    const bool broken = admission_->with_tracks([&](StreamTracks& tracks) {
        const auto before = tracks.track(id).format;
        tracks.set(id, media.format, net::now());
        if (id != kSound) hub_->open(id, media.format, tracks.track(id).options.bitrate);
        return before && !tracks.has_encoding(*before);
    });
    // What was agreed with the viewers does not hold any more: they have to ask anew.
    if (broken) roster_->remove_all();
}

Result<> Broadcast::push(TrackId id, const codec::Frame& frame, std::optional<Duration> running_time) {
    Track& pushed = *tracks_[id];
    Result<FramePtr> packets;
    const TimePoint now = net::now();
    {
        Lock lock(pushed.mutex);
        if (pushed.refused) return {};
        packets = pushed.feed.push(frame, now);
    }
    if (!packets) {
        if (packets.error().fault == Fault::refused) refuse(id, packets.error());
        return tl::unexpected(std::move(packets).error());
    }
    if (*packets) hub_->append(id, *packets, origin(frame, running_time, now));
    return {};
}

namespace {

// The running time that it is now, as far as the first frame tells. By the pipeline's clock a frame's age is what its
// encoding took; one that is older was not late, but its source's timestamps are.
Duration time_at(const codec::Frame& frame, std::optional<Duration> running_time) {
    constexpr Duration kOldest = 500ms;
    const bool plausible = running_time && *running_time >= frame.pts && *running_time - frame.pts < kOldest;
    return plausible ? *running_time : frame.pts;
}

}  // namespace

// One mapping for all tracks, or sound and picture drift apart. It holds until a frame comes before its time: then the
// stream began earlier than we thought, as when a publisher's first frame was on its way longer than the others.
StreamOrigin Broadcast::origin(const codec::Frame& frame, std::optional<Duration> running_time, TimePoint now) {
    return origin_.with([&](std::optional<StreamOrigin>& origin) {
        if (!origin || origin->origin + frame.pts > now) {
            const Duration time = origin ? frame.pts : time_at(frame, running_time);
            origin = StreamOrigin{now - time, SendClock(time, net::wall_now())};
        }
        return *origin;
    });
}

void Broadcast::refuse(TrackId id, const Error& why) {
    {
        Lock lock(tracks_[id]->mutex);
        tracks_[id]->refused = true;
    }
    const bool broken = admission_->with_tracks([&](StreamTracks& tracks) {
        const auto before = tracks.track(id).format;
        tracks.refuse(id, why);
        return !tracks.shows(kind_of(id)) || (before && !tracks.has_encoding(*before));
    });
    if (id != kSound) hub_->close(id);
    // Who joined before it showed has a picture that stands still.
    if (broken) roster_->remove_all();
}

void Broadcast::end(TrackId id) {
    const bool over = admission_->with_tracks([&](StreamTracks& tracks) {
        tracks.clear(id);
        return !tracks.has_begun();
    });
    if (id != kSound) hub_->close(id);
    if (over) roster_->remove_all();
}

bool Broadcast::shows(codec::Kind kind) const {
    return admission_->with_tracks([&](const StreamTracks& tracks) { return tracks.shows(kind); });
}

Broadcast::Stats Broadcast::stats() const {
    Stats stats{roster_->size(), hub_->viewers(), hub_->ever_joined(), hub_->totals(), endpoint_->counters(), {}};
    admission_->with_tracks([&](const StreamTracks& tracks) {
        for (RungId id = 0; id < kMostRungs; ++id) {
            const StreamTracks::Track& track = tracks.track(id);
            if (!track.format && !track.refused) continue;
            const auto& rung = stats.sent.rungs[id];
            const std::uint64_t declared = track.options.bitrate;
            stats.renditions.push_back({track.options.name, rung.viewers,
                                        declared > 0 ? declared : rung.bits_per_second, track.refused.has_value()});
        }
    });
    return stats;
}

}  // namespace millrace::webrtc
