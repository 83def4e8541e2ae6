// SPDX-License-Identifier: LGPL-2.1-or-later
// Commands and data messages: a name and AMF values (RTMP 1.0, clause 7.1.1 and 7.2). Knows none of them by name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "rtmp/core/amf.hpp"
#include "rtmp/core/message.hpp"

namespace millrace::rtmp {

struct Command {
    std::string name;
    double transaction = 0;  // 0: no answer is expected
    amf::Value object;       // the command object; null for most
    amf::Array arguments;
};

// From a message of type 20, or 17 (AMF0 values behind one byte, which may switch to AMF3 one by one).
Result<Command> read_command(const Message& message);
// The values of a data message of type 18 or 15, its name first.
Result<amf::Array> read_data(const Message& message);

Bytes write_command(const Command& command);

// The argument if it is there and a string, or "".
[[nodiscard]] std::string_view text_argument(const Command& command, std::size_t index);

}  // namespace millrace::rtmp
