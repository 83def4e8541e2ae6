// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads bit fields and Exp-Golomb codes, most significant bit first. Knows no syntax and never reads outside.
#pragma once

#include <cstdint>

#include "common/base/bytes.hpp"

namespace millrace::codec {

// Reading past the end, or an Exp-Golomb code beyond 32 bits, yields zeros and sets failed(): check once, at the end.
class BitReader {
  public:
    explicit BitReader(ByteView bytes) : bytes_(bytes) {}

    std::uint32_t bits(unsigned count) {  // at most 32
        if (count > remaining()) {
            fail();
            return 0;
        }
        std::uint64_t value = 0;
        for (unsigned i = 0; i < count; ++i, ++at_) value = value << 1 | (bytes_[at_ / 8] >> (7 - at_ % 8) & 1u);
        return static_cast<std::uint32_t>(value);
    }
    bool flag() { return bits(1) != 0; }

    void skip(std::size_t count) {
        if (count > remaining()) {
            fail();
        } else {
            at_ += count;
        }
    }

    // ue(v) of ITU-T H.264 and H.265 clause 9.1 / 9.2.
    std::uint32_t ue() {
        unsigned zeros = 0;
        while (!failed_ && !flag()) ++zeros;
        if (zeros > 31) fail();
        return failed_ ? 0 : (1u << zeros) - 1 + bits(zeros);
    }
    // se(v)
    std::int32_t se() {
        std::uint32_t code = ue();
        auto magnitude = static_cast<std::int32_t>(code / 2 + code % 2);
        return code % 2 ? magnitude : -magnitude;
    }

    [[nodiscard]] std::size_t remaining() const { return bytes_.size() * 8 - at_; }
    [[nodiscard]] bool failed() const { return failed_; }

  private:
    void fail() {
        failed_ = true;
        at_ = bytes_.size() * 8;
    }

    ByteView bytes_;
    std::size_t at_ = 0;  // in bits
    bool failed_ = false;
};

}  // namespace millrace::codec
