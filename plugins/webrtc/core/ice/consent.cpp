// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/ice/consent.hpp"

#include <algorithm>

namespace millrace::webrtc {

bool Consent::on_check(const TransportAddress& from, bool use_candidate, TimePoint now) {
    checked_ = std::max(checked_, now);
    // DTLS may come before the nomination: a viewer that is sent nothing until then loses a second.
    if (address_ && (!use_candidate || *address_ == from)) return false;
    address_ = from;
    return true;
}

void Consent::on_media(TimePoint now) {
    checked_ = std::max(checked_, now);
}

Liveness Consent::liveness(TimePoint now) const {
    if (now < deadline()) return Liveness::alive;
    return connected_ ? Liveness::consent_lost : Liveness::never_connected;
}

TimePoint Consent::deadline() const {
    return connected_ ? checked_ + patience_.consent_for : created_ + patience_.connect_within;
}

}  // namespace millrace::webrtc
