// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/signalling/publication.hpp"

#include <utility>

#include "webrtc/core/sdp/offer_parser.hpp"
#include "webrtc/core/secure/random.hpp"
#include "webrtc/element/signalling/session_names.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::size_t kCnameLength = 16;  // RFC 7022 4.2: 96 bits of randomness

}  // namespace

Result<Publication> negotiate_publication(std::string_view offer, const ReceptionWishes& wishes) {
    auto read = parse_offer(offer);
    if (!read) return tl::unexpected(std::move(read).error());
    auto answer = negotiate_reception(*read, wishes);
    if (!answer) return tl::unexpected(std::move(answer).error());
    auto id = new_session_id();
    if (!id) return tl::unexpected(std::move(id).error());
    auto number = new_session_number();
    if (!number) return tl::unexpected(std::move(number).error());
    auto cname = random_ice_text(kCnameLength);
    if (!cname) return tl::unexpected(std::move(cname).error());
    auto source = random_u32();
    if (!source) return tl::unexpected(std::move(source).error());
    ReceptionTerms terms = reception_terms(*answer, std::move(*cname), *source);
    return Publication{std::move(*id), std::move(terms), std::move(*answer), *number};
}

NewSession session_of(Publication publication, const std::string& path, std::shared_ptr<SessionEvents> events) {
    NewSession session;
    session.location = session_location(path, kWhipEndpoint, publication.id);
    session.id = std::move(publication.id);
    session.peer = publication.answer.peer_fingerprint;
    session.peer_ufrag = publication.answer.peer_ufrag;
    session.transport = transport_section(publication.answer);
    session.answer = [answer = std::move(publication.answer), number = publication.session_number](
                         const LocalTransport& local) { return publish_answer_text(answer, local, number); };
    session.events = std::move(events);
    return session;
}

}  // namespace millrace::webrtc
