// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/chunk_writer.hpp"

#include <algorithm>

namespace millrace::rtmp {

namespace {

void write_basic_header(ByteWriter& out, unsigned format, std::uint32_t chunk_stream) {
    if (chunk_stream < 64) {
        out.u8(format << 6 | chunk_stream);
    } else if (chunk_stream < 64 + 256) {
        out.u8(format << 6);
        out.u8(chunk_stream - 64);
    } else {
        out.u8(format << 6 | 1);
        out.u8((chunk_stream - 64) & 0xff);
        out.u8((chunk_stream - 64) >> 8);
    }
}

}  // namespace

void ChunkWriter::write(Bytes& out, std::uint32_t chunk_stream, const Message& message) {
    bool extended = message.timestamp >= kExtendedTimestamp;
    ByteWriter chunks;
    write_basic_header(chunks, 0, chunk_stream);
    chunks.u24(extended ? kExtendedTimestamp : message.timestamp);
    chunks.u24(message.payload.size());
    chunks.u8(static_cast<std::uint8_t>(message.type));
    for (int shift = 0; shift < 32; shift += 8) chunks.u8(message.stream_id >> shift);
    if (extended) chunks.u32(message.timestamp);

    ByteView rest = message.payload;
    for (;;) {
        ByteView part = rest.first(std::min<std::size_t>(rest.size(), chunk_size_));
        chunks.bytes(part);
        rest = rest.subspan(part.size());
        if (rest.empty()) break;
        write_basic_header(chunks, 3, chunk_stream);
        if (extended) chunks.u32(message.timestamp);
    }
    ByteView written = chunks.view();
    out.insert(out.end(), written.begin(), written.end());
    if (message.type == MessageType::set_chunk_size) chunk_size_ = ByteReader(message.payload).u32();
}

}  // namespace millrace::rtmp
