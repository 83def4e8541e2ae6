// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep/admission.hpp"

#include <memory>
#include <utility>

#include "common/net/log.hpp"
#include "webrtc/core/sdp/offer_parser.hpp"
#include "webrtc/core/signalling/refusals.hpp"
#include "webrtc/element/signalling/session_names.hpp"

namespace millrace::webrtc {

namespace {

SignallingReply no_such_rendition(const std::string& asked, const std::vector<RenditionName>& there) {
    std::string names;
    for (const RenditionName& rendition : there) names += (names.empty() ? "" : ", ") + rendition.name;
    return problem(400, "No such rendition", "There is no rendition " + asked + "; there are: " + names);
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
    auto id = new_session_id();
    if (!id) return problem_of(id.error());
    ViewerInfo viewer{std::move(*id), terms_.path, client, std::string(join.token)};
    if (terms_.authorize && !terms_.authorize(viewer)) return unauthorized(!join.token.empty(), "watch");
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
    auto number = new_session_number();
    if (!number) return problem_of(number.error());
    SourceNames names = terms_.names;
    names.session_id = *number;
    NewSession made;
    made.id = viewer.id;
    made.location = session_location(terms_.path, kWhepEndpoint, viewer.id);
    made.peer = answer.peer_fingerprint;
    made.peer_ufrag = answer.peer_ufrag;
    made.transport = transport_section(answer);
    // It is called before admit() returns.
    auto session = std::make_shared<ViewerSession>(std::move(viewer), answer, names, terms_.viewers, pinned, owner_);
    made.answer = [answer = std::move(answer), names](const LocalTransport& local) {
        return answer_text(answer, local, names);
    };
    made.events = std::move(session);
    return sessions_.admit(std::move(made));
}

}  // namespace millrace::webrtc
