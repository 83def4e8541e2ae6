// SPDX-License-Identifier: LGPL-2.1-or-later
// SRTCP (RFC 3711 3.4, RFC 7714 9): a viewer's sender reports out, its receiver reports and requests in. Some packets a
// second: OpenSSL does it, whatever backend RTP has.
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

// The E flag with the index, and the tag.
constexpr std::size_t srtcp_overhead(SrtpProfile profile) {
    return 4 + tag_size(profile);
}

class SrtcpSender {
  public:
    static Result<SrtcpSender> make(SrtpProfile profile, const SessionKeys& keys);

    // Writes the protected compound packet to `out` and returns its size; 0 when `out` is too small, `rtcp` has no
    // header, or the 2^31 indices of the keys are used up. `rtcp` and `out` may not overlap.
    std::size_t protect(ByteView rtcp, std::span<std::uint8_t> out);

  private:
    using Transform = std::variant<std::unique_ptr<GcmSealer>, CmSha1>;
    SrtcpSender(SrtpProfile profile, const SessionKeys& keys, Transform transform)
        : profile_(profile), keys_(keys), transform_(std::move(transform)) {}

    bool protect_with(GcmSealer& gcm, ByteView rtcp, std::uint8_t* out);
    bool protect_with(CmSha1& cm, ByteView rtcp, std::uint8_t* out);

    SrtpProfile profile_;
    SessionKeys keys_;
    Transform transform_;
    std::uint32_t index_ = 0;  // of the next packet
};

class SrtcpReceiver {
  public:
    // A browser sends its reports from one SSRC a receiver or one for all of them; each counts for itself.
    static constexpr std::size_t kMaxSources = 16;

    static Result<SrtcpReceiver> make(SrtpProfile profile, const SessionKeys& keys);

    // Decrypts in place; the compound packet is the view of the beginning of `packet` that is returned. Fails with
    // bad_input when the tag is wrong or the packet malformed, and with refused when it is a replay. After a failure
    // what is in `packet` is worth nothing.
    Result<ByteView> unprotect(std::span<std::uint8_t> packet);

  private:
    struct Source {
        std::uint32_t ssrc = 0;
        ReplayWindow window;
    };
    using Transform = std::variant<std::unique_ptr<GcmOpener>, CmSha1>;
    SrtcpReceiver(SrtpProfile profile, const SessionKeys& keys, Transform transform)
        : profile_(profile), keys_(keys), transform_(std::move(transform)) {}

    Source* source_of(std::uint32_t ssrc);
    bool open_with(GcmOpener& gcm, std::span<std::uint8_t> packet, std::uint32_t flag_and_index);
    bool open_with(CmSha1& cm, std::span<std::uint8_t> packet, std::uint32_t flag_and_index);

    SrtpProfile profile_;
    SessionKeys keys_;
    Transform transform_;
    std::array<Source, kMaxSources> sources_{};
    std::size_t source_count_ = 0;
};

}  // namespace millrace::webrtc
