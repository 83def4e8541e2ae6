// SPDX-License-Identifier: LGPL-2.1-or-later
// Action Message Format: the values of RTMP's commands and metadata, read from AMF0 and AMF3, written as AMF0.
// Knows nothing of what the values mean. Adobe AMF0 (2007) and AMF3 (2013) specifications.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"

namespace millrace::rtmp::amf {

class Value;
struct Property;
using Object = std::vector<Property>;  // in the order of the wire; also ECMA arrays and typed objects
using Array = std::vector<Value>;

struct Undefined {
    bool operator==(const Undefined&) const = default;
};
struct Null {
    bool operator==(const Null&) const = default;
};
struct Date {
    double milliseconds = 0;  // since the Unix epoch, UTC
    bool operator==(const Date&) const = default;
};

class Value {
  public:
    using Variant = std::variant<Undefined, Null, bool, double, std::string, Object, Array, Date, Bytes>;

    // Defined below, where Property is complete.
    Value();
    Value(Undefined);
    Value(Null);
    Value(bool boolean);
    Value(double number);
    Value(std::string text);
    Value(std::string_view text);
    Value(const char* text);
    Value(Object object);
    Value(Array array);
    Value(Date date);
    Value(Bytes bytes);

    [[nodiscard]] const Variant& get() const { return value_; }
    [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&value_); }
    [[nodiscard]] const double* number() const { return std::get_if<double>(&value_); }
    [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&value_); }
    [[nodiscard]] const Object* object() const { return std::get_if<Object>(&value_); }
    [[nodiscard]] const Array* array() const { return std::get_if<Array>(&value_); }

    bool operator==(const Value& other) const;

  private:
    Variant value_;
};

struct Property {
    std::string name;
    Value value;
    bool operator==(const Property& other) const = default;
};

inline Value::Value() = default;
inline Value::Value(Undefined) {}
inline Value::Value(Null) : value_(Null{}) {}
inline Value::Value(bool boolean) : value_(boolean) {}
inline Value::Value(double number) : value_(number) {}
inline Value::Value(std::string text) : value_(std::move(text)) {}
inline Value::Value(std::string_view text) : value_(std::string(text)) {}
inline Value::Value(const char* text) : value_(std::string(text)) {}
inline Value::Value(Object object) : value_(std::move(object)) {}
inline Value::Value(Array array) : value_(std::move(array)) {}
inline Value::Value(Date date) : value_(date) {}
inline Value::Value(Bytes bytes) : value_(std::move(bytes)) {}

// The property of that name, or nullptr; the first one when a sender repeats itself.
[[nodiscard]] const Value* find(const Object& object, std::string_view name);

// What one message may decode to. Depth bounds recursion; the other two stop few bytes from becoming much memory, which
// one-byte values (40 bytes each in memory) and AMF3 references would otherwise do.
struct Budget {
    unsigned depth = 32;
    std::size_t values = 8192;
    std::size_t bytes = 1 << 20;  // of strings and byte arrays, counted again for every reference to them
};

// Reads the next value and moves `in` past it. Malformed input and nesting deeper than the budget are bad_input;
// a well-formed message that is merely too large is no_resource.
Result<Value> read_amf0(ByteReader& in, Budget& budget);
// A value of its own reference tables, as it follows AMF0's avmplus-object marker.
Result<Value> read_amf3(ByteReader& in, Budget& budget);

void write_amf0(ByteWriter& out, const Value& value);

}  // namespace millrace::rtmp::amf
