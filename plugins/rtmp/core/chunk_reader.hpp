// SPDX-License-Identifier: LGPL-2.1-or-later
// The chunk stream, read: bytes in any cut become whole messages (RTMP 1.0, clause 5.3). Knows which messages exist
// only as numbers; its owner tells it of Set Chunk Size and Abort.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "rtmp/core/limits.hpp"
#include "rtmp/core/message.hpp"

namespace millrace::rtmp {

class ChunkReader {
  public:
    explicit ChunkReader(const Limits& limits) : limits_(limits) {}

    // Takes bytes off the front of `in` until a message is whole or `in` is empty. After an error nothing more is read.
    Result<std::optional<Message>> next(ByteView& in);

    // 5.4.1: 1 to 2^31-1; more than a message can hold is as good as unlimited.
    Result<> set_chunk_size(std::uint32_t size);
    // 5.4.2: forgets the partial message of a chunk stream.
    void abort(std::uint32_t chunk_stream);

    // Bytes set aside for messages that are not whole yet.
    [[nodiscard]] std::size_t buffered() const { return buffered_; }

  private:
    struct ChunkStream {
        std::uint32_t id = 0;
        bool used = false;            // has had a header that the next can refer to
        std::uint32_t timestamp = 0;  // of the message in assembly, absolute
        std::uint32_t field = 0;      // the timestamp or delta as last sent: what type 3 repeats
        bool extended = false;        // it was sent in the extended field
        std::uint32_t length = 0;
        MessageType type{};
        std::uint32_t stream_id = 0;
        bool assembling = false;
        Bytes payload;
    };

    // A chunk is read in three steps, each of which may wait for bytes.
    enum class Step { header, repeated_timestamp, payload };
    using MaybeMessage = Result<std::optional<Message>>;

    MaybeMessage step(ByteView& in);
    MaybeMessage read_header(ByteView& in);
    MaybeMessage read_repeated_timestamp(ByteView& in);
    MaybeMessage read_payload(ByteView& in);

    [[nodiscard]] std::size_t header_size() const;
    Result<> begin_chunk();
    Result<> begin_message(ChunkStream& stream, unsigned format, ByteReader& fields);
    Result<> reserve(ChunkStream& stream);
    Result<std::size_t> stream_index(std::uint32_t id);

    Limits limits_;
    std::uint32_t chunk_size_ = kInitialChunkSize;
    std::size_t buffered_ = 0;

    Step step_ = Step::header;
    std::array<std::uint8_t, 18> header_{};  // basic header 3, message header 11, extended timestamp 4
    std::size_t header_filled_ = 0;
    std::size_t repeated_ = 0;    // bytes of a repeated extended timestamp that have matched so far
    std::size_t chunk_left_ = 0;  // payload bytes of this chunk that are still to come
    std::size_t current_ = 0;     // index into streams_
    Bytes pushed_back_;           // looked like a repeated timestamp, was payload; at most three bytes
    std::vector<ChunkStream> streams_;
};

}  // namespace millrace::rtmp
