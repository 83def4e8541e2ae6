// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/cm_sha1.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <algorithm>
#include <utility>

namespace millrace::webrtc {

namespace {

MacContext make_hmac(const SessionKeys& keys) {
    Mac hmac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
    MacContext context(hmac != nullptr ? EVP_MAC_CTX_new(hmac.get()) : nullptr);  // holds the method itself
    char digest[] = "SHA1";
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
    if (context == nullptr ||
        EVP_MAC_init(context.get(), keys.authentication.data(), kSrtpAuthKeySize, parameters) != 1)
        return nullptr;
    return context;
}

}  // namespace

std::optional<CmSha1> CmSha1::make(const SessionKeys& keys) {
    CipherContext cipher(EVP_CIPHER_CTX_new());
    if (cipher == nullptr ||
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_ctr(), nullptr, keys.cipher.data(), nullptr) != 1)
        return {};
    MacContext mac = make_hmac(keys);
    if (mac == nullptr) return {};
    return CmSha1(std::move(cipher), std::move(mac));
}

bool CmSha1::crypt(const std::array<std::uint8_t, 16>& counter, ByteView in, std::uint8_t* out) {
    int written = 0;
    return EVP_EncryptInit_ex(cipher_.get(), nullptr, nullptr, nullptr, counter.data()) == 1 &&
           (in.empty() || EVP_EncryptUpdate(cipher_.get(), out, &written, in.data(), static_cast<int>(in.size())) == 1);
}

std::optional<CmSha1::Tag> CmSha1::authenticate(ByteView packet, ByteView trailer) {
    std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest{};
    std::size_t size = 0;
    // Without a key it begins anew with the one it has.
    if (EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(mac_.get(), packet.data(), packet.size()) != 1 ||
        EVP_MAC_update(mac_.get(), trailer.data(), trailer.size()) != 1 ||
        EVP_MAC_final(mac_.get(), digest.data(), &size, digest.size()) != 1)
        return {};
    Tag tag{};
    std::copy_n(digest.begin(), kTagSize, tag.begin());
    return tag;
}

}  // namespace millrace::webrtc
