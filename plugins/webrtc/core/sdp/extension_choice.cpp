// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/extension_choice.hpp"

#include <algorithm>
#include <string_view>

namespace millrace::webrtc {

namespace {

// RFC 8285 4.2: a one-byte header has identifiers 1 to 14.
constexpr unsigned kMaxId = 14;

bool publisher_sends(const HeaderExtension& extension) {
    return extension.direction == Direction::sendrecv || extension.direction == Direction::sendonly;
}

bool viewer_receives(const HeaderExtension& extension) {
    return extension.direction == Direction::sendrecv || extension.direction == Direction::recvonly;
}

constexpr struct {
    std::string_view uri;
    std::uint8_t IncomingExtensions::*id;
} kIncoming[] = {{kMidUri, &IncomingExtensions::mid},
                 {kStreamNameUri, &IncomingExtensions::rid},
                 {kRepairedStreamNameUri, &IncomingExtensions::repaired_rid},
                 {kTransportCcUri, &IncomingExtensions::transport_cc},
                 {kAbsSendTimeUri, &IncomingExtensions::abs_send_time}};

bool is_taken(const IncomingExtensions& all, std::uint8_t id) {
    return std::ranges::any_of(kIncoming, [&](const auto& row) { return all.*row.id == id; });
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

IncomingExtensions choose_incoming(const std::vector<HeaderExtension>& offered, bool transport_cc,
                                   IncomingExtensions& all) {
    IncomingExtensions ids;
    auto choose = [&](const auto& row) {
        for (const HeaderExtension& extension : offered) {
            if (extension.uri != row.uri || extension.id > kMaxId || !publisher_sends(extension)) continue;
            const auto id = static_cast<std::uint8_t>(extension.id);
            if (all.*row.id == 0 && !is_taken(all, id)) all.*row.id = id;
            if (all.*row.id == id) ids.*row.id = id;
        }
    };
    for (const auto& row : kIncoming) {
        if (row.id == &IncomingExtensions::transport_cc && !transport_cc) continue;
        if (row.id == &IncomingExtensions::abs_send_time && ids.transport_cc != 0) continue;
        choose(row);
    }
    return ids;
}

}  // namespace millrace::webrtc
