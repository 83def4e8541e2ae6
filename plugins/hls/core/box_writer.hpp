// SPDX-License-Identifier: LGPL-2.1-or-later
// ISO BMFF boxes as scopes (ISO/IEC 14496-12 4.2): a box's size is written when its scope ends. Knows no box by name.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/bytes.hpp"

namespace millrace::hls {

class Box {
  public:
    Box(ByteWriter& out, std::string_view type) : out_(out), start_(out.size()) {
        out.u32(0);
        out.text(type);
    }
    // A full box, which has a version and flags.
    Box(ByteWriter& out, std::string_view type, std::uint8_t version, std::uint32_t flags) : Box(out, type) {
        out.u8(version);
        out.u24(flags);
    }
    ~Box() { out_.patch_u32(start_, static_cast<std::uint32_t>(out_.size() - start_)); }
    Box(const Box&) = delete;
    Box& operator=(const Box&) = delete;

  private:
    ByteWriter& out_;
    std::size_t start_;
};

}  // namespace millrace::hls
