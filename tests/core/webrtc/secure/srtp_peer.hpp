// SPDX-License-Identifier: LGPL-2.1-or-later
// libsrtp as the viewer: it reads what we protect and protects what we read.
#pragma once

#include <srtp2/srtp.h>

#include <memory>
#include <optional>
#include <type_traits>

#include "common/base/bytes.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc::test {

class SrtpPeer {
  public:
    // The key and the salt of one direction, as they come out of the DTLS exporter.
    SrtpPeer(SrtpProfile profile, ByteView key_and_salt, bool sends);

    // Empty when libsrtp refuses.
    std::optional<Bytes> read_rtp(Bytes packet);
    std::optional<Bytes> read_rtcp(Bytes packet);
    Bytes write_rtcp(Bytes packet);

  private:
    struct Free {
        void operator()(srtp_t session) const { srtp_dealloc(session); }
    };
    std::unique_ptr<std::remove_pointer_t<srtp_t>, Free> session_;
};

// What DTLS would have exported: bytes that differ from each other.
Bytes exported_bytes(SrtpProfile profile);
// The server's key and salt, or the client's, in one piece as libsrtp wants them.
Bytes key_and_salt(SrtpProfile profile, bool of_server);

}  // namespace millrace::webrtc::test
