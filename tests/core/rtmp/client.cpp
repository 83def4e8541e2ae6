// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/core/rtmp/client.hpp"

#include <cstdio>

namespace millrace::rtmp::test {

namespace {

constexpr std::uint32_t kStream = 1;  // the first that createStream returns

}  // namespace

Client& Client::handshake() {
    out_.push_back(3);
    out_.insert(out_.end(), 2 * kHandshakeSize, 0);
    return *this;
}

Client& Client::connect(std::string_view app, amf::Object more) {
    amf::Object object{{"app", app},
                       {"type", "nonprivate"},
                       {"flashVer", "FMLE/3.0 (test)"},
                       {"tcUrl", "rtmp://localhost/" + std::string(app)}};
    object.insert(object.end(), more.begin(), more.end());
    return command(0, "connect", 1, std::move(object));
}

Client& Client::create_stream() {
    return command(0, "createStream", 4);
}

Client& Client::publish(std::string_view name, std::string_view mode) {
    return command(kStream, "publish", 5, amf::Null{}, {name, mode});
}

Client& Client::begin(std::string_view app, std::string_view name) {
    handshake().connect(app);
    command(0, "releaseStream", 2, amf::Null{}, {name});
    command(0, "FCPublish", 3, amf::Null{}, {name});
    return create_stream().publish(name);
}

Client& Client::command(std::uint32_t stream_id, std::string_view name, double transaction, amf::Value object,
                        amf::Array arguments) {
    Bytes payload = write_command({std::string(name), transaction, std::move(object), std::move(arguments)});
    return message(3, {MessageType::command_amf0, 0, stream_id, std::move(payload)});
}

Client& Client::data(amf::Array values) {
    ByteWriter payload;
    for (const amf::Value& value : values) amf::write_amf0(payload, value);
    return message(4, {MessageType::data_amf0, 0, kStream, std::move(payload).take()});
}

Client& Client::number(MessageType type, std::uint32_t number) {
    ByteWriter payload;
    payload.u32(number);
    return message(kControlChunkStream, {type, 0, 0, std::move(payload).take()});
}

Client& Client::message(std::uint32_t chunk_stream, const Message& message) {
    writer_.write(out_, chunk_stream, message);
    return *this;
}

Client& Client::raw(ByteView bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    return *this;
}

Client& Client::video(std::uint32_t timestamp, Bytes payload) {
    return message(6, {MessageType::video, timestamp, kStream, std::move(payload)});
}

Client& Client::audio(std::uint32_t timestamp, Bytes payload) {
    return message(4, {MessageType::audio, timestamp, kStream, std::move(payload)});
}

Client& Client::h264_configuration(std::uint32_t timestamp) {
    return video(timestamp, Bytes{0x17, 0, 0, 0, 0} + avcc());
}

Client& Client::h264_frame(std::uint32_t timestamp, bool key, std::int32_t composition, std::size_t size) {
    ByteWriter tag;
    tag.u8(key ? 0x17 : 0x27);
    tag.u8(1);
    tag.u24(static_cast<std::uint32_t>(composition) & 0xffffff);
    tag.u32(size);
    tag.u8(key ? 0x65 : 0x41);
    for (std::size_t i = 1; i < size; ++i) tag.u8(i * 7 + timestamp);
    return video(timestamp, std::move(tag).take());
}

Client& Client::aac_configuration(std::uint32_t timestamp) {
    return audio(timestamp, Bytes{0xaf, 0} + audio_specific_config());
}

Client& Client::aac_frame(std::uint32_t timestamp) {
    return audio(timestamp, {0xaf, 1, 0x21, 0x10, 0x05});
}

Bytes avcc() {
    return unhex(
        "0164000cffe1 0019 6764000cacd9428df930110000030001000003003c0f142996"
        "01 0004 68efbcb0 fdf8f800");
}

Bytes audio_specific_config() {
    return {0x12, 0x10};
}

Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

std::string hex(ByteView bytes) {
    std::string digits;
    for (std::uint8_t byte : bytes) {
        char pair[3];
        std::snprintf(pair, sizeof pair, "%02x", byte);
        digits += pair;
    }
    return digits;
}

Bytes unhex(std::string_view digits) {
    Bytes bytes;
    unsigned value = 1;
    for (char digit : digits) {
        if (digit == ' ') continue;
        value = value << 4 | static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        if (value < 0x100) continue;
        bytes.push_back(static_cast<std::uint8_t>(value));
        value = 1;
    }
    return bytes;
}

std::vector<Message> answers(ByteView output) {
    std::vector<Message> messages;
    if (output.size() < 1 + 2 * kHandshakeSize) return messages;
    output = output.subspan(1 + 2 * kHandshakeSize);
    ChunkReader reader{Limits{}};
    for (;;) {
        auto message = reader.next(output);
        if (!message || !*message) return messages;
        if ((*message)->type == MessageType::set_chunk_size) {
            if (!reader.set_chunk_size(ByteReader((*message)->payload).u32())) return {};
        }
        messages.push_back(std::move(**message));
    }
}

std::vector<std::string> answered_commands(ByteView output) {
    std::vector<std::string> lines;
    for (const Message& message : answers(output)) {
        if (message.type != MessageType::command_amf0) continue;
        auto command = read_command(message);
        if (!command) return {"unreadable"};
        std::string line = command->name + " " + std::to_string(static_cast<int>(command->transaction));
        const amf::Object* status = command->arguments.empty() ? nullptr : command->arguments.front().object();
        if (const amf::Value* code = status ? amf::find(*status, "code") : nullptr) line += " " + *code->string();
        lines.push_back(std::move(line));
    }
    return lines;
}

namespace {

std::string words_of_format(const codec::TrackFormat& f) {
    return std::to_string(static_cast<int>(f.codec)) + " " + hex(f.config) + " " + std::to_string(f.width) + "x" +
           std::to_string(f.height) + " " + std::to_string(f.sample_rate) + " Hz " + std::to_string(f.channels);
}

struct InWords {
    std::string operator()(const PublishRequested& e) const {
        return "publish " + e.path + " app=" + e.app + " stream=" + e.stream + " query=" + e.query +
               " url=" + e.tc_url + " from " + e.flash_version;
    }
    std::string operator()(const FormatChanged& e) const { return "format " + words_of_format(e.format); }
    std::string operator()(const Media& e) const {
        return std::string(e.kind == codec::Kind::video ? "video " : "audio ") + std::to_string(e.dts.count()) + "+" +
               std::to_string((e.pts - e.dts).count()) + (e.key ? " key " : " ") + hex(e.payload.view());
    }
    std::string operator()(const Metadata& e) const {
        ByteWriter bytes;
        amf::write_amf0(bytes, e.values);
        return "metadata " + hex(bytes.view());
    }
    std::string operator()(const Notice& e) const { return "notice " + e.text; }
    std::string operator()(const Unpublished&) const { return "unpublished"; }
    std::string operator()(const Closed& e) const { return e.why ? "closed: " + e.why->what : "closed"; }
};

}  // namespace

std::string in_words(const Event& event) {
    return std::visit(InWords{}, event);
}

Result<> Server::receive(ByteView bytes) {
    auto received = session.receive(bytes, now);
    drain();
    return received;
}

void Server::drain() {
    while (auto event = session.next_event()) {
        bool asked = std::holds_alternative<PublishRequested>(*event);
        events.push_back(std::move(*event));
        if (asked && accepts) session.accept(now);
    }
    Bytes more = session.take_output();
    output.insert(output.end(), more.begin(), more.end());
}

std::vector<std::string> Server::story() const {
    std::vector<std::string> lines;
    for (const Event& event : events) lines.push_back(in_words(event));
    return lines;
}

}  // namespace millrace::rtmp::test
