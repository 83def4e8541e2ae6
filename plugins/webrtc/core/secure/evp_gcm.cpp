// SPDX-License-Identifier: LGPL-2.1-or-later
// AES-128-GCM by OpenSSL.
#include "webrtc/core/secure/gcm.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "webrtc/core/secure/openssl.hpp"

namespace millrace::webrtc {

namespace {

// The context keeps its expanded key; a packet only gives it a new nonce.
class EvpGcm : public GcmSealer {
  public:
    explicit EvpGcm(CipherContext context) : context_(std::move(context)) {}

    bool seal(GcmNonceView nonce, ByteView associated, ByteView plain, std::uint8_t* out) override {
        EVP_CIPHER_CTX* context = context_.get();
        int written = 0;
        return EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
               EVP_EncryptUpdate(context, nullptr, &written, associated.data(), static_cast<int>(associated.size())) ==
                   1 &&
               // An update without bytes may not have a null pointer for them.
               (plain.empty() ||
                EVP_EncryptUpdate(context, out, &written, plain.data(), static_cast<int>(plain.size())) == 1) &&
               EVP_EncryptFinal_ex(context, out + plain.size(), &written) == 1 &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kGcmTagSize, out + plain.size()) == 1;
    }

  private:
    CipherContext context_;
};

class EvpGcmOpener : public GcmOpener {
  public:
    explicit EvpGcmOpener(CipherContext context) : context_(std::move(context)) {}

    bool open(GcmNonceView nonce, ByteView associated, ByteView sealed, std::uint8_t* out) override {
        if (sealed.size() < kGcmTagSize) return false;
        ByteView body = sealed.first(sealed.size() - kGcmTagSize);
        std::array<std::uint8_t, kGcmTagSize> tag{};  // OpenSSL takes the tag by a pointer that is not const
        std::ranges::copy(sealed.last(kGcmTagSize), tag.begin());

        EVP_CIPHER_CTX* context = context_.get();
        int written = 0;
        return EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
               EVP_DecryptUpdate(context, nullptr, &written, associated.data(), static_cast<int>(associated.size())) ==
                   1 &&
               (body.empty() ||
                EVP_DecryptUpdate(context, out, &written, body.data(), static_cast<int>(body.size())) == 1) &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kGcmTagSize, tag.data()) == 1 &&
               EVP_DecryptFinal_ex(context, out + body.size(), &written) == 1;
    }

  private:
    CipherContext context_;
};

// A context with its key expanded, for whichever direction `init` is of.
template <class Init>
CipherContext keyed(GcmKeyView key, Init init) {
    CipherContext context(EVP_CIPHER_CTX_new());
    if (context != nullptr && init(context.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr) != 1) return nullptr;
    return context;
}

}  // namespace

std::unique_ptr<GcmSealer> make_evp_gcm(GcmKeyView key) {
    CipherContext context = keyed(key, EVP_EncryptInit_ex);
    return context != nullptr ? std::make_unique<EvpGcm>(std::move(context)) : nullptr;
}

std::unique_ptr<GcmOpener> make_evp_gcm_opener(GcmKeyView key) {
    CipherContext context = keyed(key, EVP_DecryptInit_ex);
    return context != nullptr ? std::make_unique<EvpGcmOpener>(std::move(context)) : nullptr;
}

}  // namespace millrace::webrtc
