// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep/admission.hpp"

#include <glib.h>

#include <array>
#include <memory>
#include <utility>

#include "common/net/log.hpp"
#include "webrtc/core/sdp/ice_fragment.hpp"
#include "webrtc/core/sdp/offer_parser.hpp"
#include "webrtc/core/secure/random.hpp"

namespace millrace::webrtc {

namespace {

constexpr const char* kRetrySoon = "1";   // seconds
constexpr const char* kRetryLater = "5";  // seconds

SignallingReply problem_of(const Error& error) {
    switch (error.fault) {
        case Fault::bad_input:
            return problem(400, "The offer cannot be read", error.what);
        case Fault::refused:
            return problem(406, "Nothing in common", error.what);
        default:
            return problem(500, "The session could not be made", error.what);
    }
}

SignallingReply try_again(const char* seconds, std::string_view title, std::string_view detail) {
    SignallingReply reply = problem(503, title, detail);
    reply.headers.emplace_back("Retry-After", seconds);
    return reply;
}

SignallingReply unauthorized(bool had_token) {
    if (had_token) return problem(403, "Not allowed", "The token does not allow to watch this stream.");
    SignallingReply reply = problem(401, "Not authorized", "This stream needs a token: Authorization: Bearer TOKEN.");
    reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
}

Result<std::string> random_hex(std::size_t digits) {
    Bytes dice((digits + 1) / 2);
    if (auto filled = fill_random(dice); !filled) return tl::unexpected(std::move(filled).error());
    std::string text;
    for (std::uint8_t byte : dice) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    text.resize(digits);
    return text;
}

Result<std::uint64_t> random_session_number() {
    std::array<std::uint8_t, 8> dice{};
    if (auto filled = fill_random(dice); !filled) return tl::unexpected(std::move(filled).error());
    return ByteReader(dice).u64() >> 1;
}

// As a path in a Location header has it (RFC 3986 3.3).
std::string percent_encoded(const std::string& path) {
    std::unique_ptr<gchar, decltype(&g_free)> encoded(g_uri_escape_string(path.c_str(), "/!$&'()*+,;=:@", FALSE),
                                                      &g_free);
    return encoded.get();
}

SignallingReply no_such_rendition(const std::string& asked, const std::vector<RenditionName>& there) {
    std::string names;
    for (const RenditionName& rendition : there) names += (names.empty() ? "" : ", ") + rendition.name;
    return problem(400, "No such rendition", "There is no rendition " + asked + "; there are: " + names);
}

bool matches(std::string_view if_match, const std::string& etag) {
    return if_match == "*" || if_match == "\"" + etag + "\"";
}

}  // namespace

std::optional<SignallingReply> Admission::obstacle(const StreamTracks& tracks) const {
    if (const Error* why = tracks.refusal()) return problem(406, "The stream cannot be played over WebRTC", why->what);
    if (!tracks.has_begun())
        return try_again(kRetrySoon, "The stream has not begun", "There is nothing to send yet; try again.");
    if (roster_->is_full()) return try_again(kRetryLater, "No room", "As many watch this stream as may; try later.");
    return {};
}

// ---- requests -------------------------------------------------------------------------------------------------------

SignallingReply Admission::join(const Join& join, const std::string& client) {
    auto id = random_hex(kSessionIdSize);
    if (!id) return problem_of(id.error());
    ViewerInfo viewer{std::move(*id), terms_.path, client, std::string(join.token)};
    if (terms_.authorize && !terms_.authorize(viewer)) return unauthorized(!join.token.empty());
    const StreamTracks tracks = tracks_.copy();
    if (auto reply = obstacle(tracks)) return *reply;
    const auto pinned = join.rendition.empty() ? std::nullopt : tracks.named(join.rendition);
    if (!join.rendition.empty() && !pinned) return no_such_rendition(join.rendition, tracks.renditions());

    auto offer = parse_offer(join.offer);
    if (!offer) return problem_of(offer.error());
    // Sixteen reports a second are for who adapts to them.
    const Wishes wishes{.extensions = {.transport_cc = tracks.has_a_choice() && !pinned}};
    Streams streams = tracks.streams();
    // Who asks for a rung agrees to its encoding.
    if (pinned && streams.video && !same_encoding(*streams.video, *tracks.track(*pinned).format))
        streams = {.video = tracks.track(*pinned).format, .audio = streams.audio};
    auto answer = negotiate(*offer, streams, terms_.names, wishes);
    if (!answer) return problem_of(answer.error());
    if (answer->video() != nullptr && answer->video()->fit == Fit::stretched) {
        net::log_detail("viewer " + client + " of " + terms_.path +
                        ": it offers no decoder for this profile and level of the video; it may see nothing");
    }
    SignallingReply reply = admit(std::move(*answer), std::move(viewer), pinned);
    if (const auto renditions = tracks.renditions(); reply.status == 201 && renditions.size() > 1)
        add_renditions(reply, renditions);
    return reply;
}

SignallingReply Admission::admit(Answer answer, ViewerInfo viewer, std::optional<RungId> pinned) {
    auto local = make_ice_credentials();
    auto number = random_session_number();
    if (!local || !number) return problem_of(!local ? local.error() : number.error());
    auto ours = transport(*local);
    if (!ours) return problem_of(ours.error());
    SourceNames names = terms_.names;
    names.session_id = *number;

    const std::string location =
        "/" + percent_encoded(terms_.path) + "/" + std::string(kWhepEndpoint) + "/" + viewer.id;
    std::string text = answer_text(answer, *ours, names);
    const Fingerprint peer = answer.peer_fingerprint;
    std::string peer_ufrag = answer.peer_ufrag;
    FragmentSection section = transport_section(answer);
    auto session = std::make_shared<ViewerSession>(std::move(viewer), std::move(answer), std::move(names),
                                                   terms_.viewers, pinned, owner_);
    auto registration = endpoint_->admit(*local, peer, session);
    if (!registration) return problem_of(registration.error());
    if (auto added =
            roster_->add({session, std::move(*registration), local->ufrag, std::move(peer_ufrag), std::move(section)});
        !added)
        return try_again(kRetryLater, "No room", added.error().what);
    return joined(location, local->ufrag, std::move(text), terms_.ice_servers);
}

Result<LocalTransport> Admission::transport(const IceCredentials& local) const {
    auto candidates = endpoint_->candidates(terms_.advertise);
    if (!candidates) return tl::unexpected(std::move(candidates).error());
    return LocalTransport{local.ufrag, local.password, endpoint_->fingerprint(), std::move(*candidates)};
}

SignallingReply Admission::patch(const Patch& patch) {
    SignallingReply reply;
    const bool known = roster_->with(patch.session, [&](Roster::Entry& entry) {
        // RFC 9725 4.3.1: which ICE session is meant has to be said.
        if (patch.if_match.empty())
            reply =
                problem(428, "If-Match is missing", "Send the session's ETag in If-Match, or * for an ICE restart.");
        else if (!matches(patch.if_match, entry.etag))
            reply = problem(412, "Another ICE session", "The session has been restarted; its ETag is another by now.");
        else if (patch.fragment.ufrag.empty() || patch.fragment.ufrag == entry.peer_ufrag)
            reply = trickled();
        else
            reply = restart(entry, patch.fragment);
    });
    return known ? reply : problem(404, "Not found", "There is no such session; it may be over.");
}

SignallingReply Admission::restart(Roster::Entry& entry, const IceFragment& fragment) {
    auto local = make_ice_credentials();
    if (!local) return problem_of(local.error());
    auto ours = transport(*local);
    if (!ours) return problem_of(ours.error());
    if (auto restarted = entry.registration->restart(*local); !restarted) return problem_of(restarted.error());
    entry.etag = local->ufrag;
    entry.peer_ufrag = fragment.ufrag;
    return restarted(entry.etag, ice_fragment_text(entry.transport, *ours));
}

SignallingReply Admission::leave(const Leave& leave) {
    if (roster_->remove(leave.session)) return left();
    return problem(404, "Not found", "There is no such session; it may be over.");
}

}  // namespace millrace::webrtc
