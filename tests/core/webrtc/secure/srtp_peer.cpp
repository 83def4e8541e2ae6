// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/core/webrtc/secure/srtp_peer.hpp"

#include <stdexcept>

namespace millrace::webrtc::test {

namespace {

srtp_policy_t policy_of(SrtpProfile profile) {
    srtp_policy_t policy{};
    if (profile == SrtpProfile::aead_aes_128_gcm) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    policy.window_size = 1024;
    return policy;
}

}  // namespace

SrtpPeer::SrtpPeer(SrtpProfile profile, ByteView key_and_salt, bool sends) {
    static const srtp_err_status_t kInitialised = srtp_init();
    Bytes key(key_and_salt.begin(), key_and_salt.end());
    srtp_policy_t policy = policy_of(profile);
    policy.ssrc.type = sends ? ssrc_any_outbound : ssrc_any_inbound;
    policy.key = key.data();
    srtp_t session = nullptr;
    if (kInitialised != srtp_err_status_ok || srtp_create(&session, &policy) != srtp_err_status_ok)
        throw std::runtime_error("libsrtp");
    session_.reset(session);
}

std::optional<Bytes> SrtpPeer::read_rtp(Bytes packet) {
    int size = static_cast<int>(packet.size());
    if (srtp_unprotect(session_.get(), packet.data(), &size) != srtp_err_status_ok) return {};
    packet.resize(static_cast<std::size_t>(size));
    return packet;
}

std::optional<Bytes> SrtpPeer::read_rtcp(Bytes packet) {
    int size = static_cast<int>(packet.size());
    if (srtp_unprotect_rtcp(session_.get(), packet.data(), &size) != srtp_err_status_ok) return {};
    packet.resize(static_cast<std::size_t>(size));
    return packet;
}

Bytes SrtpPeer::write_rtcp(Bytes packet) {
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    if (srtp_protect_rtcp(session_.get(), packet.data(), &size) != srtp_err_status_ok)
        throw std::runtime_error("srtp_protect_rtcp");
    packet.resize(static_cast<std::size_t>(size));
    return packet;
}

Bytes exported_bytes(SrtpProfile profile) {
    Bytes bytes(exported_size(profile));
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + 11);
    return bytes;
}

Bytes key_and_salt(SrtpProfile profile, bool of_server) {
    const Bytes exported = exported_bytes(profile);
    ByteView key = ByteView(exported).subspan(of_server ? kSrtpKeySize : 0, kSrtpKeySize);
    ByteView salt =
        ByteView(exported).subspan(2 * kSrtpKeySize + (of_server ? salt_size(profile) : 0), salt_size(profile));
    Bytes both(key.begin(), key.end());
    both.insert(both.end(), salt.begin(), salt.end());
    return both;
}

}  // namespace millrace::webrtc::test
