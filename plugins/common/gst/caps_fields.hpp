// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers in caps, where what is missing or makes no sense is as good as not said.
#pragma once

#include <gst/gst.h>

#include <cstdint>

#include "common/codec/track_format.hpp"

namespace millrace::gst {

// 0 where there is none, or less.
inline std::uint32_t integer(const GstStructure* structure, const char* field) {
    gint value = 0;
    gst_structure_get_int(structure, field, &value);
    return value > 0 ? static_cast<std::uint32_t>(value) : 0;
}

inline codec::Rational fraction(const GstStructure* structure, const char* field, codec::Rational otherwise = {}) {
    gint numerator = 0;
    gint denominator = 1;
    if (!gst_structure_get_fraction(structure, field, &numerator, &denominator)) return otherwise;
    if (numerator <= 0 || denominator <= 0) return otherwise;
    return {static_cast<std::uint32_t>(numerator), static_cast<std::uint32_t>(denominator)};
}

}  // namespace millrace::gst
