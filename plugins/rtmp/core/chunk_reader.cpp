// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/chunk_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace millrace::rtmp {

namespace {

// 5.3.1.2: the message header of each of the four formats, without the extended timestamp.
constexpr std::array<std::size_t, 4> kMessageHeaderSize = {11, 7, 3, 0};
constexpr std::size_t kExtendedSize = 4;

// 5.3.1.1: six bits of the first byte, or a marker that one or two more bytes follow.
std::size_t basic_header_size(std::uint8_t first) {
    switch (first & 0x3f) {
        case 0:
            return 2;
        case 1:
            return 3;
        default:
            return 1;
    }
}

std::uint32_t read_chunk_stream_id(ByteReader& in) {
    std::uint32_t id = in.u8() & 0x3f;
    if (id > 1) return id;
    std::uint32_t low = in.u8();
    return id == 0 ? 64 + low : 64 + low + 256U * in.u8();
}

// The one little-endian field of the protocol (5.3.1.2.1).
std::uint32_t read_stream_id(ByteReader& in) {
    std::uint32_t id = 0;
    for (int shift = 0; shift < 32; shift += 8) id |= static_cast<std::uint32_t>(in.u8()) << shift;
    return id;
}

}  // namespace

Result<std::optional<Message>> ChunkReader::next(ByteView& in) {
    for (;;) {
        MaybeMessage read;
        if (pushed_back_.empty()) {
            if (in.empty()) return std::nullopt;
            read = step(in);
        } else {
            Bytes again = std::exchange(pushed_back_, {});
            ByteView view = again;
            read = step(view);
            pushed_back_.insert(pushed_back_.end(), view.begin(), view.end());
        }
        if (!read || *read) return read;
    }
}

ChunkReader::MaybeMessage ChunkReader::step(ByteView& in) {
    switch (step_) {
        case Step::header:
            return read_header(in);
        case Step::repeated_timestamp:
            return read_repeated_timestamp(in);
        case Step::payload:
            return read_payload(in);
    }
    return fail(Fault::bug, "chunk reader in no state");
}

ChunkReader::MaybeMessage ChunkReader::read_header(ByteView& in) {
    // How long the header is shows as it is read: the first byte, then the timestamp field, have a say in it.
    while (header_filled_ < header_size()) {
        if (in.empty()) return std::nullopt;
        std::size_t part = std::min(in.size(), header_size() - header_filled_);
        std::copy_n(in.begin(), part, header_.begin() + static_cast<std::ptrdiff_t>(header_filled_));
        header_filled_ += part;
        in = in.subspan(part);
    }
    if (auto begun = begin_chunk(); !begun) return tl::unexpected(begun.error());
    header_filled_ = 0;
    // A message without payload is whole already.
    if (step_ == Step::payload && chunk_left_ == 0) return read_payload(in);
    return std::nullopt;
}

// What is known of it so far: never too long.
std::size_t ChunkReader::header_size() const {
    if (header_filled_ == 0) return 1;
    std::size_t basic = basic_header_size(header_[0]);
    std::size_t fields = kMessageHeaderSize[header_[0] >> 6];
    std::size_t size = basic + fields;
    if (fields == 0 || header_filled_ < size) return size;
    bool extended = ByteReader(ByteView(header_).subspan(basic)).u24() == kExtendedTimestamp;
    return extended ? size + kExtendedSize : size;
}

Result<> ChunkReader::begin_chunk() {
    ByteReader fields(ByteView(header_).first(header_filled_));
    unsigned format = header_[0] >> 6;
    auto index = stream_index(read_chunk_stream_id(fields));
    if (!index) return tl::unexpected(index.error());
    current_ = *index;
    ChunkStream& stream = streams_[current_];

    if (!stream.assembling) {
        if (auto begun = begin_message(stream, format, fields); !begun) return begun;
    } else if (format != 3) {
        return fail(Fault::bad_input,
                    "a new message header inside a message of chunk stream " + std::to_string(stream.id));
    }
    chunk_left_ = std::min<std::size_t>(chunk_size_, stream.length - stream.payload.size());
    step_ = format == 3 && stream.extended ? Step::repeated_timestamp : Step::payload;
    repeated_ = 0;
    return {};
}

Result<> ChunkReader::begin_message(ChunkStream& stream, unsigned format, ByteReader& fields) {
    // Type 1 on a fresh chunk stream breaks 5.3.1.2.2, but librtmp begins its pings so; 0 is then what it differs from.
    if (!stream.used && format > 1)
        return fail(Fault::bad_input, "chunk stream " + std::to_string(stream.id) + " begins without a message header");
    if (format <= 2) stream.field = fields.u24();
    if (format <= 1) {
        stream.length = fields.u24();
        stream.type = static_cast<MessageType>(fields.u8());
    }
    if (format == 0) stream.stream_id = read_stream_id(fields);
    if (format <= 2) {
        stream.extended = stream.field == kExtendedTimestamp;
        if (stream.extended) stream.field = fields.u32();
    }
    // Type 3 repeats the delta; after type 0 that is its timestamp (5.3.1.2.4). Modulo 2^32 on purpose.
    stream.timestamp = format == 0 ? stream.field : stream.timestamp + stream.field;
    stream.used = true;
    return reserve(stream);
}

// Counts the message by its declared length, so that a flood of promises is refused before it is kept.
Result<> ChunkReader::reserve(ChunkStream& stream) {
    if (stream.length > limits_.max_input - std::min(buffered_, limits_.max_input))
        return fail(Fault::bad_input, "messages of " + std::to_string(buffered_ + stream.length) +
                                          " bytes in assembly; at most " + std::to_string(limits_.max_input) +
                                          " are allowed");
    stream.assembling = true;
    stream.payload = Bytes();
    stream.payload.reserve(stream.length);
    buffered_ += stream.length;
    return {};
}

// 5.3.1.3 has type 3 chunks repeat an extended timestamp; some senders do not. Only a repetition is taken for one, and
// a byte that differs decides at once, so that nobody waits for the other three.
ChunkReader::MaybeMessage ChunkReader::read_repeated_timestamp(ByteView& in) {
    std::uint32_t field = streams_[current_].field;
    auto expected = [field](std::size_t at) { return static_cast<std::uint8_t>(field >> (24 - 8 * at)); };
    while (repeated_ < kExtendedSize) {
        if (in.empty()) return std::nullopt;
        if (in.front() != expected(repeated_)) {
            for (std::size_t at = 0; at < repeated_; ++at) pushed_back_.push_back(expected(at));
            break;
        }
        in = in.subspan(1);
        ++repeated_;
    }
    step_ = Step::payload;
    if (chunk_left_ == 0) return read_payload(in);
    return std::nullopt;
}

ChunkReader::MaybeMessage ChunkReader::read_payload(ByteView& in) {
    ChunkStream& stream = streams_[current_];
    ByteView part = in.first(std::min(in.size(), chunk_left_));
    stream.payload.insert(stream.payload.end(), part.begin(), part.end());
    in = in.subspan(part.size());
    chunk_left_ -= part.size();
    if (chunk_left_ > 0) return std::nullopt;

    step_ = Step::header;
    if (stream.payload.size() < stream.length) return std::nullopt;
    stream.assembling = false;
    buffered_ -= stream.length;
    return Message{stream.type, stream.timestamp, stream.stream_id, std::move(stream.payload)};
}

Result<> ChunkReader::set_chunk_size(std::uint32_t size) {
    if (size == 0 || size > 0x7fffffff)
        return fail(Fault::bad_input, "chunk size " + std::to_string(size) + " is not between 1 and 2147483647");
    chunk_size_ = std::min(size, kMaxMessageLength);
    return {};
}

void ChunkReader::abort(std::uint32_t chunk_stream) {
    for (ChunkStream& stream : streams_) {
        if (stream.id != chunk_stream || !stream.assembling) continue;
        stream.assembling = false;
        stream.payload = Bytes();
        buffered_ -= stream.length;
    }
}

Result<std::size_t> ChunkReader::stream_index(std::uint32_t id) {
    if (current_ < streams_.size() && streams_[current_].id == id) return current_;
    auto found = std::find_if(streams_.begin(), streams_.end(), [id](const ChunkStream& s) { return s.id == id; });
    if (found != streams_.end()) return static_cast<std::size_t>(found - streams_.begin());
    if (streams_.size() == limits_.max_chunk_streams)
        return fail(Fault::bad_input, "more than " + std::to_string(limits_.max_chunk_streams) + " chunk streams");
    streams_.push_back({});
    streams_.back().id = id;
    return streams_.size() - 1;
}

}  // namespace millrace::rtmp
