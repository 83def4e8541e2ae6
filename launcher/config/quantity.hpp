// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers with a unit: durations (200ms, 2s), bitrates (2500k, 4M) and sizes (64MiB). Exact, without floating point.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::launcher {

enum class Dimension { duration, bitrate, size };

struct Quantity {
    Dimension dimension = Dimension::duration;
    std::int64_t value = 0;  // nanoseconds, bit/s or bytes
    bool operator==(const Quantity&) const = default;
};

// Nothing for a text that is not a number followed by a known unit, and for what does not fit 63 bits.
std::optional<Quantity> parse_quantity(std::string_view text);

}  // namespace millrace::launcher
