// SPDX-License-Identifier: LGPL-2.1-or-later
// Protects one viewer's RTP (RFC 3711, RFC 7714), out of place: the payload that all viewers share is encrypted
// straight to where the datagram is assembled, and copied nowhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "webrtc/core/secure/cm_sha1.hpp"
#include "webrtc/core/secure/gcm.hpp"
#include "webrtc/core/secure/srtp_backend.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc {

class SrtpSender {
  public:
    // What one viewer may be sent: audio, video and its retransmissions, and as many again.
    static constexpr std::size_t kMaxSources = 8;

    static Result<SrtpSender> make(SrtpProfile profile, const SessionKeys& keys,
                                   const SrtpBackend& backend = SrtpBackend::best());

    // Writes the header, the encrypted payload and the tag to `out` and returns how many bytes that is; 0 when `out` is
    // too small, the header is no RTP header, or it does not carry this index's sequence number. `header` is the whole
    // RTP header with its extensions, and may already stand at the beginning of `out`.
    //
    // The index is the stream's unwrapped sequence number, which all viewers share. A viewer's rollover counter begins
    // at 0 with the first packet that it gets of a source: a receiver has no other way to know it (RFC 3711 3.3.1).
    // If it loses all packets up to the first roll-over it guesses wrong for good: who gives each viewer sequence
    // numbers of its own should begin below 2^15.
    //
    // A retransmission must be the very same packet: one index with two contents would give away both.
    std::size_t protect(ByteView header, ByteView payload, std::uint64_t index, std::span<std::uint8_t> out);

    [[nodiscard]] SrtpProfile profile() const { return profile_; }
    // What protect() adds to header and payload.
    [[nodiscard]] std::size_t overhead() const { return tag_size(profile_); }

  private:
    struct Source {
        std::uint32_t ssrc = 0;
        std::uint64_t base = 0;  // the index at which its rollover counter is 0
    };
    using Transform = std::variant<std::unique_ptr<GcmSealer>, CmSha1>;

    SrtpSender(SrtpProfile profile, const SessionKeys& keys, Transform transform)
        : profile_(profile), keys_(keys), transform_(std::move(transform)) {}

    std::optional<std::uint64_t> own_index(std::uint32_t ssrc, std::uint64_t index);
    bool protect_with(GcmSealer& gcm, ByteView header, ByteView payload, std::uint64_t index, std::uint8_t* out);
    bool protect_with(CmSha1& cm, ByteView header, ByteView payload, std::uint64_t index, std::uint8_t* out);

    SrtpProfile profile_;
    SessionKeys keys_;
    Transform transform_;
    std::array<Source, kMaxSources> sources_{};
    std::size_t source_count_ = 0;
};

}  // namespace millrace::webrtc
