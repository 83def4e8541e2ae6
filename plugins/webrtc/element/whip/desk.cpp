// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whip/desk.hpp"

#include <array>
#include <utility>
#include <vector>

#include "webrtc/core/sdp/words.hpp"
#include "webrtc/core/signalling/refusals.hpp"
#include "webrtc/element/signalling/publication.hpp"
#include "webrtc/element/whip/application.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::array kAllCodecs{Codec::h264, Codec::h265, Codec::av1, Codec::vp9, Codec::vp8, Codec::opus};

// A publisher that was cut off, or whose page was loaded again, is not noticed by its consent for half a minute. One
// that is live sends sound or pictures all the time.
constexpr Duration kSilence = 2s;

Result<std::vector<Codec>> codecs_in(const std::string& list) {
    std::vector<Codec> codecs;
    for (std::string_view item : list_items(list)) {
        const Codec* found = nullptr;
        for (const Codec& codec : kAllCodecs)
            if (same_name(item, rtp_name(codec))) found = &codec;
        if (found == nullptr)
            return fail(Fault::bad_input,
                        "codecs: '" + std::string(item) + "' is none of h264, h265, av1, vp9, vp8 and opus");
        codecs.push_back(*found);
    }
    if (codecs.empty()) return fail(Fault::bad_input, "codecs: none is named, such as h264,opus");
    return codecs;
}

}  // namespace

Result<std::shared_ptr<Desk>> Desk::open(const WhipSettings& settings, Callbacks callbacks) {
    auto codecs = codecs_in(settings.codecs);
    if (!codecs) return tl::unexpected(std::move(codecs).error());
    auto endpoint = Endpoint::at(settings.udp_listen);
    if (!endpoint) return tl::unexpected(std::move(endpoint).error());
    auto terms = Sessions::terms_of(**endpoint, settings.advertise, settings.ice_servers);
    if (!terms) return tl::unexpected(std::move(terms).error());

    ReceptionWishes wishes;
    wishes.codecs = std::move(*codecs);
    wishes.max_bitrate = settings.max_bitrate;
    std::shared_ptr<Desk> desk(new Desk(settings, std::move(wishes), std::move(callbacks)));
    desk->roster_ = std::make_shared<Roster>(0);
    desk->sessions_ = std::make_unique<Sessions>(std::move(*terms), std::move(*endpoint), desk->roster_);
    return desk;
}

void Desk::close() {
    gate_.close();
    roster_->remove_all();
}

bool Desk::authorize(const gst::PublisherInfo& publisher) {
    const auto pass = gate_.enter();
    return pass && callbacks_.authorize(publisher);
}

SignallingReply Desk::publish(const Join& join, const std::shared_ptr<Application>& application) {
    auto publication = negotiate_publication(join.offer, wishes_);
    if (!publication) return problem_of(publication.error());
    const std::string id = publication->id;
    auto session = std::make_shared<PublisherSession>(id, publication->terms, weak_from_this());
    std::weak_ptr<PublisherSession> weak_session = session;
    applications_.with([&](auto& all) { all[id] = application; });
    SignallingReply reply = sessions_->admit(session_of(std::move(*publication), path_, std::move(session)));
    if (reply.status != 201) {
        take_application(id);
        return reply;
    }
    application->accepted({.end =
                               [weak = weak_from_this(), id] {
                                   if (auto desk = weak.lock()) desk->end(id);
                               },
                           .is_silent =
                               [weak_session] {
                                   auto heard = weak_session.lock();
                                   return !heard || net::now() - heard->last_heard() > kSilence;
                               }});
    return reply;
}

SignallingReply Desk::leave(const Leave& leave) {
    SignallingReply reply = sessions_->leave(leave);
    // At once: who leaves may return before the session is taken down, and one that never connected hears nothing.
    if (auto application = take_application(std::string(leave.session))) application->withdraw();
    return reply;
}

void Desk::end(const std::string& id) {
    sessions_->leave(Leave{id});
    if (auto application = take_application(id)) application->withdraw();
}

std::shared_ptr<Application> Desk::take_application(const std::string& id) {
    return applications_.with([&](auto& all) -> std::shared_ptr<Application> {
        auto found = all.find(id);
        if (found == all.end()) return nullptr;
        auto taken = std::move(found->second);
        all.erase(found);
        return taken;
    });
}

void Desk::connected(const std::shared_ptr<PublisherSession>& session) {
    roster_->connected(session->id());
    const auto application = applications_.with([&](const auto& all) -> std::shared_ptr<Application> {
        auto found = all.find(session->id());
        return found == all.end() ? nullptr : found->second;
    });
    const auto pass = gate_.enter();
    if (pass && application) callbacks_.connected(application->info(), session);
}

void Desk::said_goodbye(const std::shared_ptr<PublisherSession>& session) {
    end(session->id());
}

void Desk::gone(const std::shared_ptr<PublisherSession>& session, const Error& why) {
    end(session->id());
    const auto pass = gate_.enter();
    if (pass) callbacks_.gone(session, why.fault == Fault::refused ? "" : why.what);
}

}  // namespace millrace::webrtc
