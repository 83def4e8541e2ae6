// SPDX-License-Identifier: LGPL-2.1-or-later
// A publisher for tests: builds the bytes that a client sends, and reads those that a server answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "rtmp/core/chunk_writer.hpp"
#include "rtmp/core/command.hpp"
#include "rtmp/core/session.hpp"

namespace millrace::rtmp::test {

// Each function appends to what take() returns.
class Client {
  public:
    Client& handshake();
    Client& connect(std::string_view app, amf::Object more = {});
    Client& create_stream();
    Client& publish(std::string_view name, std::string_view mode = "live");
    // All of the above: what every publisher sends before its media.
    Client& begin(std::string_view app = "live", std::string_view name = "cam1");

    Client& command(std::uint32_t stream_id, std::string_view name, double transaction, amf::Value object = amf::Null{},
                    amf::Array arguments = {});
    Client& data(amf::Array values);
    Client& number(MessageType type, std::uint32_t number);
    Client& message(std::uint32_t chunk_stream, const Message& message);
    Client& raw(ByteView bytes);

    Client& h264_configuration(std::uint32_t timestamp = 0);
    Client& h264_frame(std::uint32_t timestamp, bool key, std::int32_t composition = 0, std::size_t size = 100);
    Client& aac_configuration(std::uint32_t timestamp = 0);
    Client& aac_frame(std::uint32_t timestamp);
    Client& video(std::uint32_t timestamp, Bytes payload);
    Client& audio(std::uint32_t timestamp, Bytes payload);

    Bytes take() { return std::exchange(out_, {}); }

  private:
    ChunkWriter writer_;
    Bytes out_;
};

// An avcC of 160x90 H.264 High, and an AudioSpecificConfig of 44.1 kHz stereo AAC-LC.
Bytes avcc();
Bytes audio_specific_config();

Bytes operator+(Bytes a, const Bytes& b);
std::string hex(ByteView bytes);
Bytes unhex(std::string_view digits);

// What a server answered, without its handshake; empty when it is not whole messages.
std::vector<Message> answers(ByteView output);
// The commands among them as text: "_result 1", "onStatus 0 NetStream.Publish.Start".
std::vector<std::string> answered_commands(ByteView output);

// An event in words, payload and all, so that sequences can be compared and read.
std::string in_words(const Event& event);

// A session whose owner answers every publisher at once, and that keeps everything that happens.
class Server {
  public:
    explicit Server(Limits limits = {}) : session(limits, TimePoint()) {}

    // Feeds and drains. Returns what receive() did.
    Result<> receive(ByteView bytes);
    void drain();
    template <class T>
    std::vector<T> events_of() const {
        std::vector<T> found;
        for (const Event& event : events)
            if (auto* one = std::get_if<T>(&event)) found.push_back(*one);
        return found;
    }
    std::vector<std::string> story() const;

    Session session;
    TimePoint now;
    bool accepts = true;
    std::vector<Event> events;
    Bytes output;
};

}  // namespace millrace::rtmp::test
