// SPDX-License-Identifier: LGPL-2.1-or-later
// An RTMP message, whole: what the chunk stream carries in pieces. Adobe RTMP 1.0, clauses 5.4, 6 and 7.1.
#pragma once

#include <cstdint>

#include "common/base/bytes.hpp"

namespace millrace::rtmp {

enum class MessageType : std::uint8_t {
    set_chunk_size = 1,
    abort = 2,
    acknowledgement = 3,
    user_control = 4,
    window_acknowledgement_size = 5,
    set_peer_bandwidth = 6,
    audio = 8,
    video = 9,
    data_amf3 = 15,
    command_amf3 = 17,
    data_amf0 = 18,
    command_amf0 = 20,
    aggregate = 22,
};

enum class UserControl : std::uint16_t {
    stream_begin = 0,
    stream_eof = 1,
    set_buffer_length = 3,
    ping_request = 6,
    ping_response = 7,
};

struct Message {
    MessageType type{};
    std::uint32_t timestamp = 0;  // ms, absolute, wraps around after 49.7 days
    std::uint32_t stream_id = 0;  // message stream: 0 for the connection itself
    Bytes payload;

    bool operator==(const Message&) const = default;
};

// Chunk stream ids of ours. 2 is reserved for protocol control (5.4); the others are custom.
inline constexpr std::uint32_t kControlChunkStream = 2;
inline constexpr std::uint32_t kCommandChunkStream = 3;
inline constexpr std::uint32_t kStatusChunkStream = 5;

// The chunk size of both directions until Set Chunk Size says otherwise (5.4.1).
inline constexpr std::uint32_t kInitialChunkSize = 128;
// A message's length has 24 bits, so that a chunk can never be longer than this (5.4.1).
inline constexpr std::uint32_t kMaxMessageLength = 0xffffff;
// A 24-bit timestamp field of this value says that a 32-bit one follows (5.3.1.3).
inline constexpr std::uint32_t kExtendedTimestamp = 0xffffff;

}  // namespace millrace::rtmp
