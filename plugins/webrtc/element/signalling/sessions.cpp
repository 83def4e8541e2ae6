// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/signalling/sessions.hpp"
#include "webrtc/core/sdp/words.hpp"
#include "webrtc/core/signalling/ice_servers.hpp"

#include "webrtc/core/secure/random.hpp"
#include "webrtc/core/signalling/refusals.hpp"

namespace millrace::webrtc {

namespace {

bool matches(std::string_view if_match, const std::string& etag) {
    return if_match == "*" || if_match == "\"" + etag + "\"";
}

}  // namespace

Result<Sessions::Terms> Sessions::terms_of(const Endpoint& endpoint, const std::string& advertise,
                                           const std::string& ice_servers) {
    auto servers = parse_ice_servers(ice_servers);
    if (!servers) return tl::unexpected(std::move(servers).error().while_("ice-servers"));
    Terms terms{{}, std::move(*servers)};
    for (std::string_view address : list_items(advertise)) terms.advertise.emplace_back(address);
    if (auto candidates = endpoint.candidates(terms.advertise); !candidates)
        return tl::unexpected(std::move(candidates).error().while_("advertise"));
    return terms;
}

SignallingReply Sessions::admit(NewSession session) {
    auto local = make_ice_credentials();
    if (!local) return problem_of(local.error());
    auto ours = transport(*local);
    if (!ours) return problem_of(ours.error());
    std::string text = session.answer(*ours);
    auto registration = endpoint_->admit(*local, session.peer, session.events);
    if (!registration) return problem_of(registration.error());
    auto added = roster_->add(session.id, {std::move(session.events), std::move(*registration), local->ufrag,
                                           std::move(session.peer_ufrag), std::move(session.transport)});
    if (!added) return try_again(kRetryLater, "No room", added.error().what);
    return joined(session.location, local->ufrag, std::move(text), terms_.ice_servers);
}

Result<LocalTransport> Sessions::transport(const IceCredentials& local) const {
    auto candidates = endpoint_->candidates(terms_.advertise);
    if (!candidates) return tl::unexpected(std::move(candidates).error());
    return LocalTransport{local.ufrag, local.password, endpoint_->fingerprint(), std::move(*candidates)};
}

SignallingReply Sessions::patch(const Patch& patch) {
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
    return known ? reply : no_such_session();
}

SignallingReply Sessions::restart(Roster::Entry& entry, const IceFragment& fragment) {
    auto local = make_ice_credentials();
    if (!local) return problem_of(local.error());
    auto ours = transport(*local);
    if (!ours) return problem_of(ours.error());
    if (auto restarted = entry.registration->restart(*local); !restarted) return problem_of(restarted.error());
    entry.etag = local->ufrag;
    entry.peer_ufrag = fragment.ufrag;
    return restarted(entry.etag, ice_fragment_text(entry.transport, *ours));
}

SignallingReply Sessions::leave(const Leave& leave) {
    return roster_->remove(leave.session) ? left() : no_such_session();
}

}  // namespace millrace::webrtc
