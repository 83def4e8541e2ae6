// SPDX-License-Identifier: LGPL-2.1-or-later
// The other side's session description as a viewer reads it, by code that shares nothing with what wrote it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "webrtc/core/sdp/answer.hpp"
#include "webrtc/core/sdp/stream_format.hpp"
#include "webrtc/core/secure/fingerprint.hpp"
#include "webrtc/core/secure/random.hpp"

namespace millrace::webrtc::test {

struct RemoteSection {
    struct Format {
        std::uint8_t number = 0;
        std::string rtpmap;  // "H264/90000"
        std::string fmtp;
    };
    std::string kind;
    std::string mid;
    bool rejected = false;
    std::vector<Format> formats;
    std::vector<std::uint32_t> ssrcs;
    std::optional<std::uint32_t> rtx_ssrc;
    std::vector<std::pair<unsigned, std::string>> extensions;  // by number
};

struct RemoteDescription {
    IceCredentials ice;
    std::optional<Fingerprint> fingerprint;
    std::string setup;
    std::vector<HostCandidate> candidates;  // IPv4 and UDP
    std::vector<RemoteSection> sections;
};

// Fails with bad_input where there is nothing to connect to.
Result<RemoteDescription> read_remote_description(std::string_view text);

// What a payload type carries; a retransmission's codec is the one that it repeats.
struct PayloadMeaning {
    enum class Kind : std::uint8_t { unknown, video, audio, rtx } kind = Kind::unknown;
    Codec codec = Codec::h264;
};
using PayloadMeanings = std::array<PayloadMeaning, 128>;
PayloadMeanings payload_meanings(const RemoteDescription& remote);

}  // namespace millrace::webrtc::test
