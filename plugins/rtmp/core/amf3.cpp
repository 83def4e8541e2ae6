// SPDX-License-Identifier: LGPL-2.1-or-later
// AMF3 read (AMF3 specification, clause 3), with its three reference tables. Nothing here writes it.
#include <bit>

#include "rtmp/core/amf.hpp"
#include "rtmp/core/amf_reading.hpp"

namespace millrace::rtmp::amf {

namespace {

// AMF3, clause 3.1.
enum class Marker : std::uint8_t {
    undefined = 0x00,
    null = 0x01,
    boolean_false = 0x02,
    boolean_true = 0x03,
    integer = 0x04,
    real = 0x05,
    string = 0x06,
    xml_document = 0x07,
    date = 0x08,
    array = 0x09,
    object = 0x0a,
    xml = 0x0b,
    byte_array = 0x0c,
    vector_int = 0x0d,
    vector_uint = 0x0e,
    vector_double = 0x0f,
    vector_object = 0x10,
    dictionary = 0x11,
};

// Sealed member names of a class (3.12).
struct Traits {
    bool dynamic = false;
    std::vector<std::string> members;
};

class Amf3Reading : public Reading {
  public:
    using Reading::Reading;

    Result<Value> read() { return result(value()); }

  private:
    // Most values begin with a number whose lowest bit says whether the value follows or was sent before (1.3.2).
    struct Head {
        bool inlined = true;
        std::size_t number = 0;
    };

    Value value() {
        Level level(*this);
        if (failed() || !spend_values(1)) return {};
        if (in_.empty()) return malformed("AMF value is cut off");
        auto marker = static_cast<Marker>(in_.u8());
        switch (marker) {
            case Marker::undefined:
                return Undefined{};
            case Marker::null:
                return Null{};
            case Marker::boolean_false:
                return false;
            case Marker::boolean_true:
                return true;
            case Marker::integer:
                return integer();
            case Marker::real:
                return real();
            case Marker::string:
                return string();
            case Marker::xml_document:
            case Marker::xml:
                return referable(&Amf3Reading::xml);
            case Marker::date:
                return referable(&Amf3Reading::date);
            case Marker::array:
                return referable(&Amf3Reading::array);
            case Marker::object:
                return object();
            case Marker::byte_array:
                return referable(&Amf3Reading::byte_array);
            case Marker::vector_int:
                return referable(&Amf3Reading::vector_int);
            case Marker::vector_uint:
                return referable(&Amf3Reading::vector_uint);
            case Marker::vector_double:
                return referable(&Amf3Reading::vector_double);
            case Marker::vector_object:
                return referable(&Amf3Reading::vector_object);
            case Marker::dictionary:
                return referable(&Amf3Reading::dictionary);
        }
        return malformed("unknown AMF3 type " + std::to_string(static_cast<unsigned>(marker)));
    }

    // 1.3.1: seven bits a byte, eight in the fourth.
    std::uint32_t u29() {
        std::uint32_t number = 0;
        for (int i = 0; i < 3; ++i) {
            std::uint8_t byte = in_.u8();
            number = number << 7 | (byte & 0x7f);
            if (byte < 0x80) return number;
        }
        return number << 8 | in_.u8();
    }

    Head head() {
        std::uint32_t number = u29();
        return {(number & 1) != 0, number >> 1};
    }

    Value integer() {
        auto number = static_cast<std::int32_t>(u29());
        return static_cast<double>(number >= 1 << 28 ? number - (1 << 29) : number);
    }

    double real() { return std::bit_cast<double>(in_.u64()); }

    // 1.3.2: the empty string is never sent by reference, and never enters the table.
    std::string string() {
        Head head = this->head();
        if (!head.inlined) {
            if (head.number >= strings_.size()) {
                malformed("AMF3 reference to a string that was not sent");
                return {};
            }
            const std::string& before = strings_[head.number];
            return spend_bytes(before.size()) ? before : std::string();
        }
        std::string text(as_text(take(head.number, "string")));
        if (!text.empty()) strings_.push_back(text);
        return text;
    }

    // Objects of all kinds share one table (2.2). What stands for itself inside itself has no finite value.
    Value referable(Value (Amf3Reading::*read)(std::size_t)) {
        Head head = this->head();
        if (failed()) return {};
        if (!head.inlined) return referred(head.number);
        std::size_t slot = open_slot();
        return close_slot(slot, (this->*read)(head.number));
    }

    struct Slot {
        bool whole = false;
        Value value;
        std::size_t values = 0;  // what a copy costs
        std::size_t bytes = 0;
    };

    std::size_t open_slot() {
        Slot& slot = objects_.emplace_back();
        slot.values = budget_.values;  // until it is closed: what was left before
        slot.bytes = budget_.bytes;
        return objects_.size() - 1;
    }

    Value close_slot(std::size_t index, Value value) {
        if (failed()) return {};
        Slot& slot = objects_[index];
        std::size_t values = slot.values - budget_.values;
        std::size_t bytes = slot.bytes - budget_.bytes;
        // The table keeps a copy, which is paid for as any other.
        if (!spend_values(values) || !spend_bytes(bytes)) return {};
        slot.whole = true;
        slot.value = value;
        slot.values = values;
        slot.bytes = bytes;
        return value;
    }

    Value referred(std::size_t index) {
        if (index >= objects_.size()) return malformed("AMF3 reference to an object that was not sent");
        const Slot& slot = objects_[index];
        if (!slot.whole) return malformed("AMF3 object that contains itself");
        if (!spend_values(slot.values + 1) || !spend_bytes(slot.bytes)) return {};
        return slot.value;
    }

    Value xml(std::size_t size) { return std::string(as_text(take(size, "XML document"))); }

    Value date(std::size_t) { return Date{real()}; }

    Value byte_array(std::size_t size) {
        ByteView bytes = take(size, "byte array");
        return Bytes(bytes.begin(), bytes.end());
    }

    // 3.11: first the properties by name, ended by an empty one, then `count` values. Named ones make it an object.
    Value array(std::size_t count) {
        Object named;
        if (!properties_until_empty_name(named)) return {};
        Array values;
        if (!elements(count, values)) return {};
        if (named.empty()) return values;
        for (std::size_t i = 0; i < values.size(); ++i) named.push_back({std::to_string(i), std::move(values[i])});
        return named;
    }

    Value object() {
        Head head = this->head();
        if (failed()) return {};
        if (!head.inlined) return referred(head.number);
        std::size_t slot = open_slot();
        Traits traits = this->traits(head.number);
        if (failed()) return {};
        Object properties;
        for (const std::string& member : traits.members) {
            if (!spend_bytes(member.size())) return {};
            Value property = value();
            if (failed()) return {};
            properties.push_back({member, std::move(property)});
        }
        if (traits.dynamic && !properties_until_empty_name(properties)) return {};
        return close_slot(slot, std::move(properties));
    }

    // 3.12, U29O-traits: bit 0 whether they follow, bit 1 externalizable, bit 2 dynamic, then the number of members.
    Traits traits(std::size_t flags) {
        if ((flags & 1) == 0) {
            if (flags >> 1 < traits_.size()) return traits_[flags >> 1];
            malformed("AMF3 reference to traits that were not sent");
            return {};
        }
        if ((flags & 2) != 0) {
            malformed("externalizable AMF3 objects are not supported");
            return {};
        }
        std::size_t count = flags >> 3;
        if (count > in_.remaining()) {
            malformed("AMF3 object of " + std::to_string(count) + " members in a shorter message");
            return {};
        }
        Traits traits;
        traits.dynamic = (flags & 4) != 0;
        string();  // the class name is of no use here
        for (std::size_t i = 0; i < count && !failed() && spend_values(1); ++i) traits.members.push_back(string());
        traits_.push_back(traits);
        return traits;
    }

    bool properties_until_empty_name(Object& into) {
        for (;;) {
            if (in_.empty()) malformed("AMF object is cut off");
            std::string name = string();
            if (failed()) return false;
            if (name.empty()) return true;
            Value property = value();
            if (failed()) return false;
            into.push_back({std::move(name), std::move(property)});
        }
    }

    bool elements(std::size_t count, Array& into) {
        if (!has_room_for(count, 1)) return false;
        for (std::size_t i = 0; i < count; ++i) {
            into.push_back(value());
            if (failed()) return false;
        }
        return true;
    }

    bool has_room_for(std::size_t count, std::size_t width) {
        if (count <= in_.remaining() / width) return true;
        malformed("AMF array of " + std::to_string(count) + " values in a shorter message");
        return false;
    }

    // 3.15: "fixed" flag, then the elements.
    template <class ReadOne>
    Value vector_of(std::size_t count, std::size_t width, ReadOne read_one) {
        in_.skip(1);
        if (!has_room_for(count, width) || !spend_values(count)) return {};
        Array values;
        for (std::size_t i = 0; i < count; ++i) values.emplace_back(read_one());
        return values;
    }
    Value vector_int(std::size_t count) {
        return vector_of(count, 4, [this] { return static_cast<double>(static_cast<std::int32_t>(in_.u32())); });
    }
    Value vector_uint(std::size_t count) {
        return vector_of(count, 4, [this] { return static_cast<double>(in_.u32()); });
    }
    Value vector_double(std::size_t count) {
        return vector_of(count, 8, [this] { return real(); });
    }
    Value vector_object(std::size_t count) {
        in_.skip(1);
        string();  // the class name of the elements
        Array values;
        return elements(count, values) ? Value(std::move(values)) : Value();
    }

    // 3.16: "weak keys" flag, then keys and values, any type each. Kept in that order.
    Value dictionary(std::size_t count) {
        in_.skip(1);
        Array values;
        return elements(count * 2, values) ? Value(std::move(values)) : Value();
    }

    std::vector<std::string> strings_;
    std::vector<Slot> objects_;
    std::vector<Traits> traits_;
};

}  // namespace

Result<Value> read_amf3(ByteReader& in, Budget& budget) {
    return Amf3Reading(in, budget).read();
}

}  // namespace millrace::rtmp::amf
