// SPDX-License-Identifier: LGPL-2.1-or-later
// What the AMF0 and AMF3 readers share: spending of the budget, and a failure that sticks until the value is returned.
#pragma once

#include <optional>
#include <string>

#include "rtmp/core/amf.hpp"

namespace millrace::rtmp::amf {

// Recursive readers return an empty value after a failure and check failed() in their loops, so that the failure is
// made into a Result once, at the top.
class Reading {
  public:
    Reading(ByteReader& in, Budget& budget) : in_(in), budget_(budget) {}

    [[nodiscard]] bool failed() const { return failure_.has_value(); }

  protected:
    Value refuse(Fault fault, std::string what) {
        if (!failure_) failure_ = Error{fault, std::move(what)};
        return {};
    }
    Value malformed(std::string what) { return refuse(Fault::bad_input, std::move(what)); }

    // One level of nesting, for as long as it lives.
    class Level {
      public:
        explicit Level(Reading& reading) : reading_(reading), open_(reading.budget_.depth > 0) {
            if (open_) {
                --reading_.budget_.depth;
            } else {
                reading_.malformed("AMF nested too deep");
            }
        }
        ~Level() {
            if (open_) ++reading_.budget_.depth;
        }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

      private:
        Reading& reading_;
        bool open_;
    };

    bool spend_values(std::size_t count) { return spend(budget_.values, count, "too many AMF values in one message"); }
    bool spend_bytes(std::size_t count) { return spend(budget_.bytes, count, "too much AMF text in one message"); }

    // Bytes of the value itself: a length that the message does not have is the commonest lie.
    ByteView take(std::size_t count, const char* what) {
        if (count > in_.remaining()) {
            malformed(std::string("AMF ") + what + " of " + std::to_string(count) +
                      " bytes is longer than its message");
            return {};
        }
        return spend_bytes(count) ? in_.take(count) : ByteView();
    }

    Result<Value> result(Value value) {
        if (!failure_ && in_.failed()) malformed("AMF value is cut off");
        if (failure_) return tl::unexpected(*failure_);
        return value;
    }

    ByteReader& in_;
    Budget& budget_;

  private:
    bool spend(std::size_t& left, std::size_t count, const char* refusal) {
        if (count > left) {
            refuse(Fault::no_resource, refusal);
            return false;
        }
        left -= count;
        return true;
    }

    std::optional<Error> failure_;
};

}  // namespace millrace::rtmp::amf
