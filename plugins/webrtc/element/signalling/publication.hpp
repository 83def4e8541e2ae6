// SPDX-License-Identifier: LGPL-2.1-or-later
// From a publisher's offer to its session: what is agreed with it, under names of our own. Who may publish, and whether
// the path is free, is said before.
//
//     auto publication = negotiate_publication(join.offer, wishes);       // a failure is for problem_of()
//     auto events = std::make_shared<…>(publication->terms, …);           // the core's terms, for when it connects
//     return sessions.admit(session_of(std::move(*publication), path, events));
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "webrtc/core/sdp/reception.hpp"
#include "webrtc/element/signalling/sessions.hpp"

namespace millrace::webrtc {

struct Publication {
    std::string id;  // of the session
    ReceptionTerms terms;
    PublishAnswer answer;
    std::uint64_t session_number = 0;
};

// Fails with bad_input for what is no offer, with refused for one that there is nothing in to receive, and with
// no_resource when the machine has no entropy.
Result<Publication> negotiate_publication(std::string_view offer, const ReceptionWishes& wishes);

// Of the stream `path`, at its WHIP endpoint.
NewSession session_of(Publication publication, const std::string& path, std::shared_ptr<SessionEvents> events);

}  // namespace millrace::webrtc
