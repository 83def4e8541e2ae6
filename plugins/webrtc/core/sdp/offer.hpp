// SPDX-License-Identifier: LGPL-2.1-or-later
// A peer's offer as plain data: what it can receive or sends, and how it is reached. Candidates are not kept: the lite
// side learns a peer's address from its checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "webrtc/core/secure/fingerprint.hpp"

namespace millrace::webrtc {

enum class Direction { sendrecv, sendonly, recvonly, inactive };
enum class Setup { unsaid, actpass, active, passive, holdconn };

struct PayloadType {
    std::uint8_t number = 0;
    std::string codec;  // as the offer spells it; names are compared without regard to case
    std::uint32_t clock_rate = 0;
    unsigned channels = 1;
    std::string fmtp;
    std::vector<std::string> feedback;  // "nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"
};

struct HeaderExtension {
    unsigned id = 0;
    Direction direction = Direction::sendrecv;  // as the offerer sees it (RFC 8285 5)
    std::string uri;
};

struct MediaSection {
    std::string kind;  // "audio", "video", "application"
    std::string protocol;
    std::string formats;    // the rest of the m= line, for the one that rejects it
    bool rejected = false;  // port 0, and not for the sake of a bundle
    std::string mid;
    Direction direction = Direction::sendrecv;
    std::vector<PayloadType> payload_types;  // in the order of preference
    std::vector<HeaderExtension> extensions;
    std::string ufrag;
    std::string password;
    std::optional<Fingerprint> fingerprint;
    Setup setup = Setup::unsaid;
    bool rtcp_mux = false;
    bool rtcp_rsize = false;
    // What it sends: the sources that it names, each once (RFC 5576 4.1), and which of them repeats which (4.2 and RFC
    // 4588 8.1: primary, retransmission).
    std::vector<std::uint32_t> sources;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> repeated;
    // The streams that it names to send (RFC 8851), and those of them that are layers of one picture, in its order
    // (RFC 8853 5.1; of alternatives the first; paused ones too).
    std::vector<std::string> sent_streams;
    std::vector<std::string> layers;
    std::vector<std::string> paused;  // of the layers, those that begin later
};

struct Offer {
    std::vector<std::string> bundle;  // the mids of the first BUNDLE group
    std::vector<MediaSection> media;
    bool ice_lite = false;

    [[nodiscard]] bool bundles(std::string_view mid) const {
        for (const std::string& bundled : bundle)
            if (bundled == mid && !mid.empty()) return true;
        return false;
    }
};

}  // namespace millrace::webrtc
