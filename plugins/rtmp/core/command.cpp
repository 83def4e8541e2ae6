// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/command.hpp"

#include <utility>

namespace millrace::rtmp {

namespace {

bool is_amf3(MessageType type) {
    return type == MessageType::command_amf3 || type == MessageType::data_amf3;
}

Result<amf::Array> read_values(const Message& message) {
    ByteReader in(message.payload);
    // The AMF3 types begin with a byte that says how the rest is encoded; 0, AMF0, is all there ever was.
    if (is_amf3(message.type) && !in.empty() && in.rest().front() == 0) in.skip(1);
    amf::Budget budget;
    amf::Array values;
    while (!in.empty()) {
        auto value = amf::read_amf0(in, budget);
        if (!value) return tl::unexpected(value.error());
        values.push_back(std::move(*value));
    }
    return values;
}

}  // namespace

Result<Command> read_command(const Message& message) {
    auto values = read_values(message);
    if (!values) return tl::unexpected(std::move(values).error().while_("reading a command"));
    const std::string* name = values->empty() ? nullptr : values->front().string();
    if (!name) return fail(Fault::bad_input, "a command without a name");

    Command command;
    command.name = *name;
    if (values->size() > 1) {
        const double* transaction = (*values)[1].number();
        if (!transaction) return fail(Fault::bad_input, "a command without a transaction number");
        command.transaction = *transaction;
    }
    if (values->size() > 2) command.object = std::move((*values)[2]);
    for (std::size_t i = 3; i < values->size(); ++i) command.arguments.push_back(std::move((*values)[i]));
    return command;
}

Result<amf::Array> read_data(const Message& message) {
    return read_values(message).map_error([](Error error) { return std::move(error).while_("reading metadata"); });
}

Bytes write_command(const Command& command) {
    ByteWriter out;
    amf::write_amf0(out, command.name);
    amf::write_amf0(out, command.transaction);
    amf::write_amf0(out, command.object);
    for (const amf::Value& argument : command.arguments) amf::write_amf0(out, argument);
    return std::move(out).take();
}

std::string_view text_argument(const Command& command, std::size_t index) {
    if (index >= command.arguments.size()) return {};
    const std::string* text = command.arguments[index].string();
    return text ? std::string_view(*text) : std::string_view();
}

}  // namespace millrace::rtmp
