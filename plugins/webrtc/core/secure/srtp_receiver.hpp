// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads one publisher's SRTP (RFC 3711 3.3, RFC 7714), in place. Which packets are believed is decided by their tags
// alone: until one was right, nothing that a packet says changes anything here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "webrtc/core/secure/cm_sha1.hpp"
#include "webrtc/core/secure/gcm.hpp"
#include "webrtc/core/secure/replay_window.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc {

// Why a packet was refused. No words: a flood of them costs no memory.
enum class SrtpRefusal : std::uint8_t {
    malformed,         // no RTP, or a header that is longer than the packet
    forged,            // the tag is wrong
    replayed,          // seen before, or too old to know
    too_many_sources,  // the tag was right, but there are kMaxSources others
};

class SrtpReceiver {
  public:
    // Audio, and each layer of video with its retransmissions, some times over: an encoder that restarts may have
    // another SSRC. None is forgotten, or what it sent could be sent again by anybody.
    static constexpr std::size_t kMaxSources = 64;

    static Result<SrtpReceiver> make(SrtpProfile profile, const SessionKeys& keys);

    // Decrypts in place; the RTP packet is the beginning of `packet` that is returned. After a refusal what is in
    // `packet` is worth nothing.
    //
    // The rollover counter is not sent: it is 0 with the first packet of a source, and guessed from the sequence number
    // afterwards (RFC 3711 3.3.1). If all packets before the first roll-over are lost the guess stays wrong, which
    // senders avoid by beginning below 2^15.
    tl::expected<std::span<std::uint8_t>, SrtpRefusal> unprotect(std::span<std::uint8_t> packet);

  private:
    struct Source {
        std::uint32_t ssrc = 0;
        ReplayWindow window;
    };
    using Transform = std::variant<std::unique_ptr<GcmOpener>, CmSha1>;
    SrtpReceiver(SrtpProfile profile, const SessionKeys& keys, Transform transform)
        : profile_(profile), keys_(keys), transform_(std::move(transform)) {}

    Source* source_of(std::uint32_t ssrc);
    bool open_with(GcmOpener& gcm, std::span<std::uint8_t> packet, std::size_t header, std::uint64_t index);
    bool open_with(CmSha1& cm, std::span<std::uint8_t> packet, std::size_t header, std::uint64_t index);

    SrtpProfile profile_;
    SessionKeys keys_;
    Transform transform_;
    std::array<Source, kMaxSources> sources_{};
    std::size_t source_count_ = 0;
};

}  // namespace millrace::webrtc
