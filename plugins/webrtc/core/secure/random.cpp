// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/random.hpp"

#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "common/base/bytes.hpp"
#include "webrtc/core/secure/openssl.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::string_view kIceAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Result<> fill_random(std::span<std::uint8_t> out) {
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
        return fail(Fault::no_resource, "no random bytes: " + take_openssl_error());
    return {};
}

Result<std::uint32_t> random_u32() {
    std::array<std::uint8_t, 4> bytes{};
    if (auto filled = fill_random(bytes); !filled) return tl::unexpected(std::move(filled.error()));
    return ByteReader(bytes).u32();
}

Result<std::string> random_ice_text(std::size_t length) {
    Bytes bytes(length);
    if (auto filled = fill_random(bytes); !filled) return tl::unexpected(std::move(filled.error()));
    std::string text;
    text.reserve(length);
    // 64 characters: six of a byte's bits choose one, each as likely as the next.
    for (std::uint8_t byte : bytes) text.push_back(kIceAlphabet[byte & 0x3f]);
    return text;
}

Result<IceCredentials> make_ice_credentials() {
    auto ufrag = random_ice_text(kUfragLength);
    if (!ufrag) return tl::unexpected(std::move(ufrag.error()));
    auto password = random_ice_text(kPasswordLength);
    if (!password) return tl::unexpected(std::move(password.error()));
    return IceCredentials{std::move(*ufrag), std::move(*password)};
}

}  // namespace millrace::webrtc
