// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whip/publisher_session.hpp"

#include <algorithm>

#include "webrtc/element/transport/outbox.hpp"

namespace millrace::webrtc {

namespace {

constexpr Duration kEarly = 1s;
constexpr Duration kLook = 1s;             // from one look at the statistics to the next, whatever comes
constexpr std::size_t kMostEarly = 2'000;  // packets: more than a second of them

}  // namespace

template <class F>
void PublisherSession::post(F&& use) {
    auto worker = worker_.copy();
    if (!worker) return;
    worker->post([weak = weak_from_this(), use = std::forward<F>(use)] {
        auto self = weak.lock();
        if (!self || !self->reception_) return;
        use(*self->reception_);
        self->after();
    });
}

// A publisher's first key frame comes before there is somebody to make frames of it.
void PublisherSession::attach(PublisherMedia* media) {
    way_.with([&](Way& way) {
        const auto early = std::exchange(way.early, {});
        way.media = media;
        way.awaited = false;
        // What is older is no beginning: its end was not kept.
        if (media == nullptr || early.empty() || net::now() - early.front().arrived > kEarly) return;
        for (const Early& each : early) media->packet(each.track, each.packet, each.arrived);
    });
}

void PublisherSession::want_key_frame(std::size_t track) {
    post([track](PublisherReception& reception) { reception.want_key_frame(track, net::now()); });
}

void PublisherSession::key_frame_arrived(std::size_t track) {
    post([track](PublisherReception& reception) { reception.key_frame_arrived(track); });
}

void PublisherSession::connected(std::shared_ptr<PeerPath> path, const SrtpKeys& keys) {
    auto owner = owner_.lock();
    if (!owner) return;
    auto reception = PublisherReception::make(terms_, keys);
    if (!reception) return owner->said_goodbye(shared_from_this());
    path_ = std::move(path);
    reception_.emplace(std::move(*reception));
    timer_ = std::make_unique<net::Worker::Timer>(*path_->worker(), [this] {
        const TimePoint now = net::now();
        reception_->on_deadline(now);
        stats_.with([&](ReceptionStats& stats) { stats = reception_->stats(); });
        look_at_ = now + kLook;
        after();
    });
    look_at_ = net::now() + kLook;
    worker_.with([&](auto& worker) { worker = path_->worker(); });
    owner->connected(shared_from_this());
    after();
}

// It is decrypted in place.
std::span<std::uint8_t> PublisherSession::decryptable(ByteView datagram) {
    scratch_.assign(datagram.begin(), datagram.end());
    return scratch_;
}

bool PublisherSession::rtp(ByteView datagram, TimePoint now) {
    if (!reception_) return false;
    const auto packet = reception_->on_rtp(decryptable(datagram), now);
    if (packet) {
        last_heard_ = now.time_since_epoch().count();
        hand_on(*packet, now);
    }
    after();
    return packet.has_value();
}

// Of a publisher's presence its media tell.
bool PublisherSession::rtcp(ByteView datagram, TimePoint now) {
    if (!reception_) return false;
    const bool stays = reception_->on_rtcp(decryptable(datagram), now);
    hand_on_sender_times();
    after();
    if (stays) return false;
    if (auto owner = owner_.lock()) owner->said_goodbye(shared_from_this());
    return false;
}

void PublisherSession::hand_on(const PublisherReception::Packet& packet, TimePoint now) {
    way_.with([&](Way& way) {
        if (way.media != nullptr) return way.media->packet(packet.track, packet.rtp, now);
        if (way.awaited && way.early.size() < kMostEarly)
            way.early.push_back({packet.track, Bytes(packet.rtp.begin(), packet.rtp.end()), now});
    });
}

// The newest wait in the reception until somebody wants to know.
void PublisherSession::hand_on_sender_times() {
    way_.with([&](Way& way) {
        if (way.media == nullptr) return;
        for (const auto& time : reception_->take_sender_times())
            way.media->sender_time(time.track, time.timestamp, time.ntp);
    });
}

void PublisherSession::after() {
    for (const Bytes& datagram : reception_->take_output()) send(datagram);
    timer_->at(std::min(reception_->deadline(), look_at_));
}

// What does not fit is lost, as it may be on the way.
void PublisherSession::send(const Bytes& datagram) {
    Outbox* out = path_->outbox();
    if (out == nullptr || out->is_full()) return;
    auto room = out->arena().reserve(datagram.size());
    if (room.empty()) return;
    std::ranges::copy(datagram, room.begin());
    out->arena().commit(path_->address(), datagram.size());
    out->flush();
}

void PublisherSession::gone(const Error& why) {
    timer_.reset();
    reception_.reset();
    worker_.with([](auto& worker) { worker.reset(); });
    path_.reset();
    if (auto owner = owner_.lock()) owner->gone(shared_from_this(), why);
}

}  // namespace millrace::webrtc
