// SPDX-License-Identifier: LGPL-2.1-or-later
// Properties as rows: name, blurb, range and the member of a Settings struct that holds the value. The default is the
// member's initialiser. install(), set() and get() are the same for every element.
#pragma once

#include <gst/gst.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <variant>

#include "common/base/time.hpp"

namespace millrace::gst {

template <class Settings>
struct Property {
    const char* name;
    const char* blurb;  // with the unit; the default and the range are added by introspection
    std::variant<std::string Settings::*, bool Settings::*, std::uint32_t Settings::*, std::uint64_t Settings::*,
                 Duration Settings::*>
        field;
    std::uint64_t min = 0;
    std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
    bool while_running = false;  // may be changed in any state; otherwise it is read when the element starts
};

namespace detail {

inline GParamSpec* spec(const char* name, const char* blurb, const std::string& value, std::uint64_t, std::uint64_t,
                        GParamFlags flags) {
    return g_param_spec_string(name, name, blurb, value.c_str(), flags);
}
inline GParamSpec* spec(const char* name, const char* blurb, bool value, std::uint64_t, std::uint64_t,
                        GParamFlags flags) {
    return g_param_spec_boolean(name, name, blurb, value, flags);
}
inline GParamSpec* spec(const char* name, const char* blurb, std::uint32_t value, std::uint64_t min, std::uint64_t max,
                        GParamFlags flags) {
    auto bound = std::min<std::uint64_t>(max, G_MAXUINT);
    return g_param_spec_uint(name, name, blurb, static_cast<guint>(min), static_cast<guint>(bound), value, flags);
}
inline GParamSpec* spec(const char* name, const char* blurb, std::uint64_t value, std::uint64_t min, std::uint64_t max,
                        GParamFlags flags) {
    return g_param_spec_uint64(name, name, blurb, min, max, value, flags);
}
inline GParamSpec* spec(const char* name, const char* blurb, Duration value, std::uint64_t min, std::uint64_t max,
                        GParamFlags flags) {
    // A Duration is signed: the largest GstClockTime it can hold.
    auto bound = std::min<std::uint64_t>(max, G_MAXINT64);
    return g_param_spec_uint64(name, name, blurb, min, bound, static_cast<guint64>(value.count()), flags);
}

inline void read(const GValue* value, std::string& field) {
    const gchar* text = g_value_get_string(value);
    field = text ? text : "";
}
inline void read(const GValue* value, bool& field) {
    field = g_value_get_boolean(value);
}
inline void read(const GValue* value, std::uint32_t& field) {
    field = g_value_get_uint(value);
}
inline void read(const GValue* value, std::uint64_t& field) {
    field = g_value_get_uint64(value);
}
inline void read(const GValue* value, Duration& field) {
    field = Duration(static_cast<std::int64_t>(g_value_get_uint64(value)));
}

inline void write(const std::string& field, GValue* value) {
    g_value_set_string(value, field.c_str());
}
inline void write(bool field, GValue* value) {
    g_value_set_boolean(value, field);
}
inline void write(std::uint32_t field, GValue* value) {
    g_value_set_uint(value, field);
}
inline void write(std::uint64_t field, GValue* value) {
    g_value_set_uint64(value, field);
}
inline void write(Duration field, GValue* value) {
    g_value_set_uint64(value, static_cast<guint64>(field.count()));
}

}  // namespace detail

// Installs row i as property i + 1. Further properties of the class start at rows.size() + 1.
template <class Settings>
void install(GObjectClass* klass, std::span<const Property<Settings>> rows) {
    static const Settings defaults{};
    guint id = 0;
    for (const auto& row : rows) {
        auto flags =
            static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                     (row.while_running ? GST_PARAM_MUTABLE_PLAYING : GST_PARAM_MUTABLE_READY));
        GParamSpec* spec = std::visit(
            [&](auto field) { return detail::spec(row.name, row.blurb, defaults.*field, row.min, row.max, flags); },
            row.field);
        g_object_class_install_property(klass, ++id, spec);
    }
}

// False when `id` is none of the rows.
template <class Settings>
bool set(std::span<const Property<Settings>> rows, Settings& settings, guint id, const GValue* value) {
    if (id == 0 || id > rows.size()) return false;
    std::visit([&](auto field) { detail::read(value, settings.*field); }, rows[id - 1].field);
    return true;
}

template <class Settings>
bool get(std::span<const Property<Settings>> rows, const Settings& settings, guint id, GValue* value) {
    if (id == 0 || id > rows.size()) return false;
    std::visit([&](auto field) { detail::write(settings.*field, value); }, rows[id - 1].field);
    return true;
}

template <class Settings, std::size_t count>
std::span<const Property<Settings>> all_of(const std::array<Property<Settings>, count>& rows) {
    return rows;
}

// The GObject functions of an element whose rows are the array `rows`. `impl_of(object)` has `settings` under a lock,
// and stats() where the element has that property, the one behind the rows.
template <auto impl_of, const auto& rows>
void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    if (!impl_of(object).settings.with([&](auto& settings) { return set(all_of(rows), settings, id, value); })) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

template <auto impl_of, const auto& rows>
void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    auto& impl = impl_of(object);
    if constexpr (requires { impl.stats(); }) {
        if (id == rows.size() + 1) return g_value_take_boxed(value, impl.stats());
    }
    if (!get(all_of(rows), impl.settings.copy(), id, value)) G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

// All of that for a class: the rows, stats with a blurb that says what it counts, where there is any, and the
// functions.
template <auto impl_of, const auto& rows>
void install_properties(GObjectClass* klass, const char* stats = nullptr) {
    klass->set_property = set_property<impl_of, rows>;
    klass->get_property = get_property<impl_of, rows>;
    install(klass, all_of(rows));
    if (stats == nullptr) return;
    auto flags = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_property(klass, static_cast<guint>(rows.size() + 1),
                                    g_param_spec_boxed("stats", "stats", stats, GST_TYPE_STRUCTURE, flags));
}

}  // namespace millrace::gst
