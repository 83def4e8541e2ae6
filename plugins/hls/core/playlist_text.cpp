// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/playlist_text.hpp"

#include <chrono>

#include "hls/core/media_time.hpp"

namespace millrace::hls {

namespace {

std::string padded(std::uint64_t value, std::size_t width) {
    std::string digits = std::to_string(value);
    return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

}  // namespace

std::string decimal(std::int64_t printed) {
    const auto value = static_cast<std::uint64_t>(printed < 0 ? 0 : printed);
    return std::to_string(value / kPrinted) + "." + padded(value % kPrinted, 5);
}

std::string thousandths(std::uint64_t value) {
    return std::to_string(value / 1000) + "." + padded(value % 1000, 3);
}

std::string date_time(UnixTime time) {
    using namespace std::chrono;
    const milliseconds since_epoch(divide_nearest(time.nanoseconds, 1'000'000));
    const days day = floor<days>(since_epoch);
    const year_month_day date{sys_days(day)};
    const hh_mm_ss clock(since_epoch - day);
    return padded(static_cast<unsigned>(static_cast<int>(date.year())), 4) + "-" +
           padded(static_cast<unsigned>(date.month()), 2) + "-" + padded(static_cast<unsigned>(date.day()), 2) + "T" +
           padded(static_cast<std::uint64_t>(clock.hours().count()), 2) + ":" +
           padded(static_cast<std::uint64_t>(clock.minutes().count()), 2) + ":" +
           padded(static_cast<std::uint64_t>(clock.seconds().count()), 2) + "." +
           padded(static_cast<std::uint64_t>(clock.subseconds().count()), 3) + "Z";
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        const bool allowed = c != '"' && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
        out += allowed ? c : '_';
    }
    return out + '"';
}

}  // namespace millrace::hls
