// SPDX-License-Identifier: LGPL-2.1-or-later
// AMF0 read and written (AMF0 specification, clause 2), and what values of either format have in common.
#include <algorithm>
#include <bit>

#include "rtmp/core/amf.hpp"
#include "rtmp/core/amf_reading.hpp"

namespace millrace::rtmp::amf {

namespace {

// AMF0, clause 2.1.
enum class Marker : std::uint8_t {
    number = 0x00,
    boolean = 0x01,
    string = 0x02,
    object = 0x03,
    null = 0x05,
    undefined = 0x06,
    reference = 0x07,
    ecma_array = 0x08,
    object_end = 0x09,
    strict_array = 0x0a,
    date = 0x0b,
    long_string = 0x0c,
    unsupported = 0x0d,
    xml_document = 0x0f,
    typed_object = 0x10,
    avmplus_object = 0x11,
};

class Amf0Reading : public Reading {
  public:
    using Reading::Reading;

    Result<Value> read() { return result(value()); }

  private:
    Value value() {
        Level level(*this);
        if (failed() || !spend_values(1)) return {};
        if (in_.empty()) return malformed("AMF value is cut off");
        auto marker = static_cast<Marker>(in_.u8());
        switch (marker) {
            case Marker::number:
                return number();
            case Marker::boolean:
                return in_.u8() != 0;
            case Marker::string:
                return text(in_.u16());
            case Marker::long_string:
            case Marker::xml_document:
                return text(in_.u32());
            case Marker::null:
                return Null{};
            case Marker::undefined:
            case Marker::unsupported:
                return Undefined{};
            case Marker::typed_object:
                text(in_.u16());
                return object(false);  // the class name is of no use here
            case Marker::object:
                return object(false);
            case Marker::ecma_array:
                in_.skip(4);
                return object(true);  // 2.10: the count is a mere hint
            case Marker::strict_array:
                return strict_array();
            case Marker::date:
                return date();
            case Marker::avmplus_object:
                return avmplus();
            // References would let few bytes stand for much memory, and no publisher uses them in a command.
            case Marker::reference:
                return malformed("AMF0 references are not supported");
            case Marker::object_end:
                break;
        }
        return malformed("unknown AMF0 type " + std::to_string(static_cast<unsigned>(marker)));
    }

    double number() { return std::bit_cast<double>(in_.u64()); }

    std::string text(std::size_t size) { return std::string(as_text(take(size, "string"))); }

    Value date() {
        double milliseconds = number();
        in_.skip(2);  // 2.13: the time zone is reserved and not to be used
        return Date{milliseconds};
    }

    // Some encoders leave out the end of the last ECMA array of a message.
    Value object(bool may_lack_end) {
        Object properties;
        for (;;) {
            if (may_lack_end && in_.empty()) return properties;
            std::string name = text(in_.u16());
            if (failed()) return {};
            if (in_.failed() || in_.empty()) return malformed("AMF object is cut off");
            if (name.empty() && in_.rest().front() == static_cast<std::uint8_t>(Marker::object_end)) {
                in_.skip(1);
                return properties;
            }
            Value property = value();
            if (failed()) return {};
            properties.push_back({std::move(name), std::move(property)});
        }
    }

    Value strict_array() {
        std::size_t count = in_.u32();
        if (count > in_.remaining())
            return malformed("AMF array of " + std::to_string(count) + " values in a shorter message");
        Array values;
        for (std::size_t i = 0; i < count; ++i) {
            Value element = value();
            if (failed()) return {};
            values.push_back(std::move(element));
        }
        return values;
    }

    Value avmplus() {
        auto read = read_amf3(in_, budget_);
        if (!read) return refuse(read.error().fault, read.error().what);
        return std::move(*read);
    }
};

void write_name(ByteWriter& out, std::string_view name) {
    name = name.substr(0, 0xffff);
    out.u16(name.size());
    out.text(name);
}

struct Writing {
    ByteWriter& out;

    void marker(Marker marker) { out.u8(static_cast<std::uint8_t>(marker)); }

    void operator()(Undefined) { marker(Marker::undefined); }
    void operator()(Null) { marker(Marker::null); }
    void operator()(bool boolean) {
        marker(Marker::boolean);
        out.u8(boolean ? 1 : 0);
    }
    void operator()(double number) {
        marker(Marker::number);
        out.u64(std::bit_cast<std::uint64_t>(number));
    }
    void operator()(const std::string& text) {
        if (text.size() > 0xffff) {
            marker(Marker::long_string);
            out.u32(text.size());
            out.text(text);
        } else {
            marker(Marker::string);
            write_name(out, text);
        }
    }
    void operator()(const Object& object) {
        marker(Marker::object);
        for (const Property& property : object) {
            write_name(out, property.name);
            write_amf0(out, property.value);
        }
        out.u16(0);
        marker(Marker::object_end);
    }
    void operator()(const Array& array) {
        marker(Marker::strict_array);
        out.u32(array.size());
        for (const Value& value : array) write_amf0(out, value);
    }
    void operator()(Date date) {
        marker(Marker::date);
        out.u64(std::bit_cast<std::uint64_t>(date.milliseconds));
        out.u16(0);
    }
    void operator()(const Bytes&) { marker(Marker::undefined); }  // AMF0 has no byte arrays
};

}  // namespace

bool Value::operator==(const Value& other) const {
    return value_ == other.value_;
}

const Value* find(const Object& object, std::string_view name) {
    auto found = std::find_if(object.begin(), object.end(), [name](const Property& p) { return p.name == name; });
    return found == object.end() ? nullptr : &found->value;
}

Result<Value> read_amf0(ByteReader& in, Budget& budget) {
    return Amf0Reading(in, budget).read();
}

void write_amf0(ByteWriter& out, const Value& value) {
    std::visit(Writing{out}, value.get());
}

}  // namespace millrace::rtmp::amf
