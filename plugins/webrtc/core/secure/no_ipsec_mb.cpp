// SPDX-License-Identifier: LGPL-2.1-or-later
// What stands in when this was built without ipsec-mb's header.
#include "webrtc/core/secure/ipsec_mb.hpp"

namespace millrace::webrtc {

bool has_ipsec_mb() {
    return false;
}

std::unique_ptr<GcmSealer> make_ipsec_mb_gcm(GcmKeyView) {
    return nullptr;
}

}  // namespace millrace::webrtc
