// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/config/quantity.hpp"

#include <limits>

namespace millrace::launcher {

namespace {

struct Unit {
    std::string_view suffix;
    Dimension dimension;
    std::int64_t factor;
};

constexpr Unit kUnits[] = {
    {"ns", Dimension::duration, 1},
    {"us", Dimension::duration, 1'000},
    {"ms", Dimension::duration, 1'000'000},
    {"s", Dimension::duration, 1'000'000'000},
    {"min", Dimension::duration, 60'000'000'000},
    {"h", Dimension::duration, 3'600'000'000'000},
    {"k", Dimension::bitrate, 1'000},
    {"M", Dimension::bitrate, 1'000'000},
    {"G", Dimension::bitrate, 1'000'000'000},
    {"B", Dimension::size, 1},
    {"kB", Dimension::size, 1'000},
    {"MB", Dimension::size, 1'000'000},
    {"GB", Dimension::size, 1'000'000'000},
    {"KiB", Dimension::size, 1 << 10},
    {"MiB", Dimension::size, 1 << 20},
    {"GiB", Dimension::size, 1 << 30},
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Adds `digit * weight` unless that overflows.
bool add(std::int64_t& sum, std::int64_t digit, std::int64_t weight) {
    std::int64_t product = 0;
    return !__builtin_mul_overflow(digit, weight, &product) && !__builtin_add_overflow(sum, product, &sum);
}

}  // namespace

std::optional<Quantity> parse_quantity(std::string_view text) {
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    std::size_t end = 0;
    while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
    std::string_view number = text.substr(0, end);
    if (number.empty() || !is_digit(number.front()) || !is_digit(number.back())) return std::nullopt;

    for (const Unit& unit : kUnits) {
        if (unit.suffix != text.substr(end)) continue;
        std::int64_t whole = 0;
        std::int64_t value = 0;
        std::size_t i = 0;
        for (; i < number.size() && is_digit(number[i]); ++i) {
            if (__builtin_mul_overflow(whole, 10, &whole) || !add(whole, number[i] - '0', 1)) return std::nullopt;
        }
        if (!add(value, whole, unit.factor)) return std::nullopt;
        if (i < number.size()) ++i;  // the point
        for (std::int64_t weight = unit.factor / 10; i < number.size(); ++i, weight /= 10) {
            if (!is_digit(number[i])) return std::nullopt;  // a second point
            if (!add(value, number[i] - '0', weight)) return std::nullopt;
        }
        return Quantity{unit.dimension, negative ? -value : value};
    }
    return std::nullopt;
}

}  // namespace millrace::launcher
