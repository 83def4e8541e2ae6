// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/srtp_keys.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "webrtc/core/secure/openssl.hpp"

namespace millrace::webrtc {

namespace {

// RFC 3711 4.3.2: a session's keys are told apart by a label; those of RTCP are three further.
enum class Label : std::uint8_t { cipher = 0, authentication = 1, salt = 2 };
constexpr std::uint8_t kRtcpLabels = 3;

// RFC 3711 4.3.3: the AES-CM pseudo-random function is AES in counter mode over zeros, from the master salt with the
// label in it. The key derivation rate is zero, so that the label alone is the key_id; it is 48 bits above the salt's
// end.
bool derive(const MasterKey& master, std::uint8_t label, std::span<std::uint8_t> out) {
    std::array<std::uint8_t, 16> counter{};
    std::ranges::copy(master.salt.bytes, counter.begin());
    counter[7] ^= label;

    CipherContext cipher(EVP_CIPHER_CTX_new());
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    int written = 0;
    return cipher != nullptr &&
           EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_ctr(), nullptr, master.key.data(), counter.data()) == 1 &&
           EVP_EncryptUpdate(cipher.get(), out.data(), &written, out.data(), static_cast<int>(out.size())) == 1;
}

bool derive_session(const MasterKey& master, std::uint8_t labels, SessionKeys& keys) {
    auto label = [labels](Label which) { return static_cast<std::uint8_t>(labels + static_cast<std::uint8_t>(which)); };
    return derive(master, label(Label::cipher), keys.cipher.bytes) &&
           derive(master, label(Label::authentication), keys.authentication.bytes) &&
           derive(master, label(Label::salt), keys.salt.bytes);
}

// RFC 7714 11: GCM's 96-bit master salt is the salt of this function with 16 zero bits behind it.
MasterKey master_of(ByteView key, ByteView salt) {
    MasterKey master;
    std::ranges::copy(key, master.key.bytes.begin());
    std::ranges::copy(salt, master.salt.bytes.begin());
    return master;
}

}  // namespace

Result<SideKeys> derive_side(const MasterKey& master) {
    SideKeys keys;
    if (!derive_session(master, 0, keys.rtp) || !derive_session(master, kRtcpLabels, keys.rtcp))
        return fail(Fault::no_resource, "deriving SRTP keys: " + take_openssl_error());
    return keys;
}

Result<SrtpKeys> derive_srtp_keys(SrtpProfile profile, ByteView exported) {
    if (exported.size() != exported_size(profile)) return fail(Fault::bug, "keying material of a wrong size");
    // RFC 5764 4.2: both keys, then both salts; the client's first.
    ByteReader in(exported);
    ByteView client_key = in.take(kSrtpKeySize);
    ByteView server_key = in.take(kSrtpKeySize);
    ByteView client_salt = in.take(salt_size(profile));
    ByteView server_salt = in.take(salt_size(profile));

    auto client = derive_side(master_of(client_key, client_salt));
    if (!client) return tl::unexpected(std::move(client.error()));
    auto server = derive_side(master_of(server_key, server_salt));
    if (!server) return tl::unexpected(std::move(server.error()));
    return SrtpKeys{profile, *client, *server};
}

}  // namespace millrace::webrtc
