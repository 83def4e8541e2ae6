// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/extension_choice.hpp"

namespace millrace::webrtc {

namespace {

// RFC 8285 4.2: a one-byte header has identifiers 1 to 14.
constexpr unsigned kMaxId = 14;

bool viewer_receives(const HeaderExtension& extension) {
    return extension.direction == Direction::sendrecv || extension.direction == Direction::recvonly;
}

}  // namespace

ExtensionIds choose_extensions(const std::vector<HeaderExtension>& offered, const ExtensionWishes& wishes) {
    ExtensionIds ids;
    const struct {
        const char* uri;
        bool wanted;
        std::uint8_t& id;
    } rows[] = {{kMidUri, wishes.mid, ids.mid},
                {kAbsSendTimeUri, wishes.abs_send_time, ids.abs_send_time},
                {kTransportCcUri, wishes.transport_cc, ids.transport_cc},
                {kPlayoutDelayUri, wishes.playout_delay, ids.playout_delay}};
    for (const HeaderExtension& extension : offered) {
        if (extension.id > kMaxId || !viewer_receives(extension)) continue;
        for (const auto& row : rows)
            if (row.wanted && row.id == 0 && extension.uri == row.uri) row.id = static_cast<std::uint8_t>(extension.id);
    }
    return ids;
}

}  // namespace millrace::webrtc
