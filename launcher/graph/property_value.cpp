// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/graph/property_value.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <optional>

#include "common/gst/ref.hpp"
#include "launcher/config/quantity.hpp"
#include "launcher/config/suggestion.hpp"

namespace millrace::launcher {

namespace {

using gst::adopt;

tl::unexpected<Error> wrong(const GParamSpec* spec, const std::string& text, const std::string& expected) {
    return fail(Fault::bad_input, "'" + text + "' is not a value of '" + spec->name + "'; it takes " + expected);
}

// Units as blurbs write them, in the order in which they are looked for ("second" is in all the others).
struct BlurbUnit {
    const char* word;
    Dimension dimension;
    std::int64_t factor;
};
constexpr BlurbUnit kBlurbUnits[] = {
    {"nanosecond", Dimension::duration, 1},
    {"in ns", Dimension::duration, 1},
    {"(ns", Dimension::duration, 1},
    {"microsecond", Dimension::duration, 1'000},
    {"in us", Dimension::duration, 1'000},
    {"(us", Dimension::duration, 1'000},
    {"millisecond", Dimension::duration, 1'000'000},
    {"in ms", Dimension::duration, 1'000'000},
    {"(ms", Dimension::duration, 1'000'000},
    {"amount of ms", Dimension::duration, 1'000'000},
    {"second", Dimension::duration, 1'000'000'000},
    {"kbit", Dimension::bitrate, 1'000},
    {"kbps", Dimension::bitrate, 1'000},
    {"kb/s", Dimension::bitrate, 1'000},
    {"kilobit", Dimension::bitrate, 1'000},
    {"kilobyte", Dimension::size, 1'000},
    {"kbyte", Dimension::size, 1'000},
};

// What one step of the property is worth; nothing when it does not say and guessing would be dangerous.
std::optional<std::int64_t> step_of(const GParamSpec* spec, Dimension dimension) {
    std::string blurb = g_param_spec_get_blurb(const_cast<GParamSpec*>(spec))
                            ? g_param_spec_get_blurb(const_cast<GParamSpec*>(spec))
                            : "";
    std::transform(blurb.begin(), blurb.end(), blurb.begin(), [](char c) { return g_ascii_tolower(c); });
    for (const BlurbUnit& unit : kBlurbUnits) {
        if (unit.dimension == dimension && blurb.find(unit.word) != std::string::npos) return unit.factor;
    }
    if (dimension != Dimension::duration) return 1;
    bool clock_time = spec->value_type == G_TYPE_UINT64 || spec->value_type == G_TYPE_INT64;  // GstClockTime
    return clock_time ? std::optional<std::int64_t>(1) : std::nullopt;
}

// Both ends of every integer property, signed or not.
__extension__ typedef __int128 Wide;

struct Range {
    Wide low = 0;
    Wide high = 0;
};

std::optional<Range> integer_range(const GParamSpec* spec) {
    if (G_IS_PARAM_SPEC_INT(spec)) return Range{G_PARAM_SPEC_INT(spec)->minimum, G_PARAM_SPEC_INT(spec)->maximum};
    if (G_IS_PARAM_SPEC_UINT(spec)) return Range{G_PARAM_SPEC_UINT(spec)->minimum, G_PARAM_SPEC_UINT(spec)->maximum};
    if (G_IS_PARAM_SPEC_INT64(spec)) return Range{G_PARAM_SPEC_INT64(spec)->minimum, G_PARAM_SPEC_INT64(spec)->maximum};
    if (G_IS_PARAM_SPEC_UINT64(spec))
        return Range{G_PARAM_SPEC_UINT64(spec)->minimum, G_PARAM_SPEC_UINT64(spec)->maximum};
    if (G_IS_PARAM_SPEC_LONG(spec)) return Range{G_PARAM_SPEC_LONG(spec)->minimum, G_PARAM_SPEC_LONG(spec)->maximum};
    if (G_IS_PARAM_SPEC_ULONG(spec)) return Range{G_PARAM_SPEC_ULONG(spec)->minimum, G_PARAM_SPEC_ULONG(spec)->maximum};
    if (G_IS_PARAM_SPEC_CHAR(spec)) return Range{G_PARAM_SPEC_CHAR(spec)->minimum, G_PARAM_SPEC_CHAR(spec)->maximum};
    if (G_IS_PARAM_SPEC_UCHAR(spec)) return Range{G_PARAM_SPEC_UCHAR(spec)->minimum, G_PARAM_SPEC_UCHAR(spec)->maximum};
    return std::nullopt;
}

std::string decimal(Wide number) {
    return number < 0 ? std::to_string(static_cast<std::int64_t>(number))
                      : std::to_string(static_cast<std::uint64_t>(number));
}

// A plain integer, decimal or 0x…; up to 64 bits with either sign.
std::optional<Wide> plain_integer(const std::string& text) {
    if (text.empty() || g_ascii_isspace(text.front()) || text.front() == '+') return std::nullopt;
    char* end = nullptr;
    errno = 0;
    bool negative = text.front() == '-';
    Wide value = negative ? static_cast<Wide>(std::strtoll(text.c_str(), &end, 0))
                          : static_cast<Wide>(std::strtoull(text.c_str(), &end, 0));
    return errno == 0 && *end == '\0' ? std::optional(value) : std::nullopt;
}

Result<Wide> with_unit(const GParamSpec* spec, const std::string& text, const Quantity& quantity) {
    auto step = step_of(spec, quantity.dimension);
    if (!step) {
        return fail(Fault::bad_input, std::string("'") + spec->name + "' does not say in which unit it counts time; '" +
                                          text + "' must be a plain number");
    }
    if (quantity.value % *step != 0) return wrong(spec, text, "whole steps of a larger unit");
    return static_cast<Wide>(quantity.value / *step);
}

Result<std::string> integer(const GParamSpec* spec, const std::string& text, const Range& range) {
    auto number = plain_integer(text);
    if (!number) {
        auto quantity = parse_quantity(text);
        if (!quantity) return wrong(spec, text, "a number from " + decimal(range.low) + " to " + decimal(range.high));
        auto scaled = with_unit(spec, text, *quantity);
        if (!scaled) return tl::unexpected(scaled.error());
        number = *scaled;
    }
    if (*number < range.low || *number > range.high) {
        return wrong(spec, text, "a number from " + decimal(range.low) + " to " + decimal(range.high));
    }
    return decimal(*number);
}

Result<std::string> real(const GParamSpec* spec, const std::string& text) {
    bool is_float = G_IS_PARAM_SPEC_FLOAT(spec);
    double low = is_float ? G_PARAM_SPEC_FLOAT(spec)->minimum : G_PARAM_SPEC_DOUBLE(spec)->minimum;
    double high = is_float ? G_PARAM_SPEC_FLOAT(spec)->maximum : G_PARAM_SPEC_DOUBLE(spec)->maximum;
    char* end = nullptr;
    double number = g_ascii_strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !(number >= low && number <= high)) {
        char from[G_ASCII_DTOSTR_BUF_SIZE];
        char to[G_ASCII_DTOSTR_BUF_SIZE];
        return wrong(spec, text,
                     std::string("a number from ") + g_ascii_formatd(from, sizeof from, "%g", low) + " to " +
                         g_ascii_formatd(to, sizeof to, "%g", high));
    }
    return text;
}

Result<std::string> boolean(const GParamSpec* spec, const std::string& text) {
    for (const char* yes : {"true", "yes", "on", "1"}) {
        if (g_ascii_strcasecmp(text.c_str(), yes) == 0) return std::string("true");
    }
    for (const char* no : {"false", "no", "off", "0"}) {
        if (g_ascii_strcasecmp(text.c_str(), no) == 0) return std::string("false");
    }
    return wrong(spec, text, "true or false");
}

std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t kMost = 12;
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) out += (i ? ", " : "") + names[i];
    return names.size() > kMost ? out + ", …" : out;
}

Result<std::string> enumerated(const GParamSpec* spec, const std::string& text) {
    const GEnumClass* klass = G_PARAM_SPEC_ENUM(spec)->enum_class;
    std::vector<std::string> nicks;
    auto number = plain_integer(text);
    for (guint i = 0; i < klass->n_values; ++i) {
        const GEnumValue& value = klass->values[i];
        if (text == value.value_nick || text == value.value_name || (number && *number == value.value)) {
            return std::string(value.value_nick);
        }
        nicks.emplace_back(value.value_nick);
    }
    std::string near = did_you_mean(text, nicks);
    return wrong(spec, text, near.empty() ? listed(nicks) : listed(nicks) + near);
}

Result<std::string> flags(const GParamSpec* spec, const std::vector<Text>& values) {
    const GFlagsClass* klass = G_PARAM_SPEC_FLAGS(spec)->flags_class;
    std::vector<std::string> nicks;
    for (guint i = 0; i < klass->n_values; ++i) nicks.emplace_back(klass->values[i].value_nick);
    std::string joined;
    for (const Text& value : values) {
        if (plain_integer(value.text) && values.size() == 1) return value.text;
        std::string rest = value.text + "+";
        for (auto plus = rest.find('+'); plus != std::string::npos; plus = rest.find('+')) {
            std::string nick = rest.substr(0, plus);
            rest.erase(0, plus + 1);
            if (std::find(nicks.begin(), nicks.end(), nick) == nicks.end()) {
                return wrong(spec, nick, listed(nicks) + did_you_mean(nick, nicks));
            }
            joined += (joined.empty() ? "" : "+") + nick;
        }
    }
    return joined;
}

// Caps, fractions, structures, arrays: whatever GStreamer itself can read from a text.
Result<std::string> deserialized(const GParamSpec* spec, const std::string& text) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, spec->value_type);
    bool read = gst_value_deserialize(&value, text.c_str());
    g_value_unset(&value);
    return read ? Result<std::string>(text) : wrong(spec, text, std::string("a ") + g_type_name(spec->value_type));
}

std::string joined(const std::vector<Text>& values, const char* separator) {
    std::string out;
    for (const Text& value : values) out += (out.empty() ? "" : separator) + value.text;
    return out;
}

}  // namespace

Result<std::string> property_text(const GParamSpec* spec, const Property& property) {
    if (G_IS_PARAM_SPEC_STRING(spec)) return joined(property.values, ",");
    if (G_IS_PARAM_SPEC_FLAGS(spec)) return flags(spec, property.values);
    if (spec->value_type == GST_TYPE_ARRAY) return deserialized(spec, "< " + joined(property.values, ", ") + " >");
    if (property.is_list)
        return fail(Fault::bad_input, std::string("'") + spec->name + "' takes one value, not a list");

    const std::string& text = property.values.front().text;
    if (G_IS_PARAM_SPEC_BOOLEAN(spec)) return boolean(spec, text);
    if (G_IS_PARAM_SPEC_ENUM(spec)) return enumerated(spec, text);
    if (G_IS_PARAM_SPEC_FLOAT(spec) || G_IS_PARAM_SPEC_DOUBLE(spec)) return real(spec, text);
    if (auto range = integer_range(spec)) return integer(spec, text, *range);
    return deserialized(spec, text);
}

void set_property(GstElement* element, const std::string& name, const std::string& text) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), name.c_str());
    if (spec && G_IS_PARAM_SPEC_STRING(spec)) {
        g_object_set(element, name.c_str(), text.c_str(), nullptr);  // as it is: quotes in it are the user's
    } else {
        gst_util_set_object_arg(G_OBJECT(element), name.c_str(), text.c_str());
    }
}

}  // namespace millrace::launcher
