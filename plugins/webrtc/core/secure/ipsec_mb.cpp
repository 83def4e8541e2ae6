// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/ipsec_mb.hpp"

#include <dlfcn.h>
#define NO_COMPAT_IMB_API_053  // only the names of today
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

#include <string>

namespace millrace::webrtc {

namespace {

// The manager is a table of functions, whose layout the header knows: of a library of another major version it would be
// another table, which is why the version is in the name that is loaded.
IMB_MGR* load() {
    std::string name = "libIPSec_MB.so." + std::to_string(IMB_VERSION_NUM >> 16);
    void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return nullptr;
    auto allocate = reinterpret_cast<decltype(&alloc_mb_mgr)>(dlsym(library, "alloc_mb_mgr"));
    auto choose = reinterpret_cast<decltype(&init_mb_mgr_auto)>(dlsym(library, "init_mb_mgr_auto"));
    auto version = reinterpret_cast<decltype(&imb_get_version)>(dlsym(library, "imb_get_version"));
    if (allocate == nullptr || choose == nullptr || version == nullptr || version() < IMB_VERSION_NUM) return nullptr;

    IMB_MGR* manager = allocate(0);
    if (manager == nullptr) return nullptr;
    IMB_ARCH chosen = IMB_ARCH_NONE;
    choose(manager, &chosen);
    // Without AES instructions it emulates them, slower than OpenSSL does.
    return chosen == IMB_ARCH_NONE || chosen == IMB_ARCH_NOAESNI ? nullptr : manager;
}

// What seals is a function of the key and the packet alone, and the table is only read: any number of threads may.
IMB_MGR* manager() {
    static IMB_MGR* const kManager = load();
    return kManager;
}

class IpsecMbGcm : public GcmSealer {
  public:
    explicit IpsecMbGcm(GcmKeyView key) { IMB_AES128_GCM_PRE(manager(), key.data(), &key_); }
    IpsecMbGcm(const IpsecMbGcm&) = delete;
    IpsecMbGcm& operator=(const IpsecMbGcm&) = delete;
    ~IpsecMbGcm() override { OPENSSL_cleanse(&key_, sizeof key_); }

    bool seal(GcmNonceView nonce, ByteView associated, ByteView plain, std::uint8_t* out) override {
        gcm_context_data context;
        IMB_AES128_GCM_ENC(manager(), &key_, &context, out, plain.data(), plain.size(), nonce.data(), associated.data(),
                           associated.size(), out + plain.size(), kGcmTagSize);
        return true;
    }

  private:
    alignas(64) gcm_key_data key_;  // the expanded key and its powers for GHASH
};

}  // namespace

bool has_ipsec_mb() {
    return manager() != nullptr;
}

std::unique_ptr<GcmSealer> make_ipsec_mb_gcm(GcmKeyView key) {
    if (!has_ipsec_mb()) return nullptr;
    return std::make_unique<IpsecMbGcm>(key);
}

}  // namespace millrace::webrtc
