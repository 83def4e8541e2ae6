// SPDX-License-Identifier: LGPL-2.1-or-later
// Values as playlists write them: independent of the locale, never with an exponent (SYN-3, SYN-4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/time.hpp"

namespace millrace::hls {

std::string decimal(std::int64_t printed);     // 20000 -> "0.20000": 1/100000 s as a decimal-floating-point
std::string thousandths(std::uint64_t value);  // 29970 -> "29.970"
std::string date_time(UnixTime time);          // "2026-11-22T11:27:32.123Z"
std::string quoted(std::string_view text);     // "…", without what a quoted-string cannot hold

// #NAME:A=1,B="x": attributes in the order they are added.
class AttributeList {
  public:
    explicit AttributeList(std::string_view tag) : line_("#" + std::string(tag) + ":") {}
    AttributeList& add(std::string_view name, std::string_view value) {
        if (!first_) line_ += ',';
        first_ = false;
        line_.append(name).append("=").append(value);
        return *this;
    }
    AttributeList& add_if(bool wanted, std::string_view name, std::string_view value) {
        return wanted ? add(name, value) : *this;
    }
    [[nodiscard]] std::string line() const { return line_ + "\n"; }

  private:
    std::string line_;
    bool first_ = true;
};

}  // namespace millrace::hls
