// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a chunk stream, whole and in pieces: the same messages, and never more memory than the limit.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "rtmp/core/chunk_reader.hpp"

using namespace millrace;

namespace {

struct Outcome {
    std::vector<rtmp::Message> messages;
    std::string error;
    bool operator==(const Outcome&) const = default;
};

rtmp::Limits limits() {
    rtmp::Limits limits;
    limits.max_input = 64 << 10;
    return limits;
}

void obey(rtmp::ChunkReader& reader, const rtmp::Message& message) {
    std::uint32_t number = ByteReader(message.payload).u32();
    if (message.type == rtmp::MessageType::set_chunk_size) (void)reader.set_chunk_size(number);
    if (message.type == rtmp::MessageType::abort) reader.abort(number);
}

Outcome read(ByteView bytes, std::size_t piece) {
    rtmp::ChunkReader reader(limits());
    Outcome outcome;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        ByteView part = bytes.subspan(at, std::min(piece, bytes.size() - at));
        for (;;) {
            auto message = reader.next(part);
            if (reader.buffered() > limits().max_input) std::abort();
            if (!message) {
                outcome.error = message.error().what;
                return outcome;
            }
            if (!*message) break;
            obey(reader, **message);
            outcome.messages.push_back(std::move(**message));
        }
        if (!part.empty()) std::abort();
    }
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    ByteView bytes(data + 1, size - 1);
    if (read(bytes, size) != read(bytes, 1U + data[0] % 16U)) std::abort();
    return 0;
}
