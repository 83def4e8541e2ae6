// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads what SrtpSender protects (RFC 3711 3.3, RFC 7714), on contexts that keep their keys: Debian's libsrtp, which
// the core's tests read with, becomes slower with every session that there is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "tests/support/webrtc/rtp_view.hpp"
#include "webrtc/core/secure/cm_sha1.hpp"
#include "webrtc/core/secure/gcm.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc::test {

class SrtpReceiver {
  public:
    static Result<SrtpReceiver> make(SrtpProfile profile, const SessionKeys& keys);

    // Decrypts in place. The payload with its padding; empty when the tag is wrong. Replays are not looked for.
    std::optional<ByteView> open(std::span<std::uint8_t> packet, const RtpView& view);

  private:
    struct Source {
        std::uint32_t ssrc = 0;
        std::uint64_t highest = 0;  // index: rollover counter and sequence number
    };
    using Transform = std::variant<std::unique_ptr<GcmOpener>, CmSha1>;
    SrtpReceiver(SrtpProfile profile, const SessionKeys& keys, Transform transform)
        : profile_(profile), keys_(keys), transform_(std::move(transform)) {}

    bool open_with(GcmOpener& gcm, std::span<std::uint8_t> packet, const RtpView& view, std::uint64_t index);
    bool open_with(CmSha1& cm, std::span<std::uint8_t> packet, const RtpView& view, std::uint64_t index);

    SrtpProfile profile_;
    SessionKeys keys_;
    Transform transform_;
    std::vector<Source> sources_;
};

}  // namespace millrace::webrtc::test
