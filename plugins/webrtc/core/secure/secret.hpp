// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes that are wiped when they go: nothing of a key is left in freed memory.
#pragma once

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/bytes.hpp"

namespace millrace::webrtc {

template <std::size_t kSize>
struct Secret {
    std::array<std::uint8_t, kSize> bytes{};

    Secret() = default;
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { OPENSSL_cleanse(bytes.data(), bytes.size()); }

    [[nodiscard]] ByteView view() const { return bytes; }
    [[nodiscard]] const std::uint8_t* data() const { return bytes.data(); }
    std::uint8_t* data() { return bytes.data(); }
    bool operator==(const Secret&) const = default;
};

}  // namespace millrace::webrtc
