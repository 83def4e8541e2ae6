// SPDX-License-Identifier: LGPL-2.1-or-later
// Which track a packet belongs to (RFC 8843 9.2): by its source where that is known or was announced, by what its
// header extensions name, or by a payload type that only one track has. A source that none of these knows costs
// nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/result.hpp"
#include "webrtc/core/publisher/reception_terms.hpp"
#include "webrtc/core/rtp/rtp_packet.hpp"

namespace millrace::webrtc {

class TrackRouting {
  public:
    // As many as can be decrypted.
    static constexpr std::size_t kMaxSources = 64;

    enum class Refusal : std::uint8_t {
        unknown_source,  // of no track, or of one that has another source by now
        wrong_type,      // a payload type that the track has not
    };
    struct Route {
        std::size_t track = 0;
        const IncomingCodec* codec = nullptr;
        std::uint32_t ssrc = 0;       // of the original packet, where this is a retransmission
        bool retransmission = false;  // RFC 4588
        bool new_source = false;      // the track's first packet from it
    };

    explicit TrackRouting(std::shared_ptr<const ReceptionTerms> terms);

    // A source belongs to a track for good; a track may change to a new one, and is deaf to the old one then.
    tl::expected<Route, Refusal> route(const RtpPacket& packet);

    // What the track sends from, or will by what was announced.
    [[nodiscard]] std::optional<std::uint32_t> source_of(std::size_t track) const;
    // What has been heard of it. Empty for what only was announced.
    [[nodiscard]] std::optional<std::uint32_t> heard_source_of(std::size_t track) const { return current_[track]; }
    [[nodiscard]] std::optional<std::size_t> track_heard_from(std::uint32_t ssrc) const;

  private:
    struct Source {
        std::uint32_t ssrc = 0;
        std::size_t track = 0;
        bool retransmission = false;
        std::optional<std::uint32_t> original;  // announced as what it retransmits
    };

    Source* known(std::uint32_t ssrc);
    [[nodiscard]] std::optional<Source> match(const RtpPacket& packet) const;
    [[nodiscard]] std::optional<Source> announced(std::uint32_t ssrc) const;
    [[nodiscard]] std::optional<Source> named(const RtpPacket& packet, bool& names) const;
    [[nodiscard]] std::optional<Source> only_with(const RtpPacket& packet) const;
    [[nodiscard]] const IncomingCodec* codec_of(const Source& source, std::uint8_t payload_type) const;

    std::shared_ptr<const ReceptionTerms> terms_;
    std::array<Source, kMaxSources> sources_{};
    std::size_t source_count_ = 0;
    std::vector<std::optional<std::uint32_t>> current_;  // a track
};

}  // namespace millrace::webrtc
