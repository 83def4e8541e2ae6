// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/nal.hpp"

namespace millrace::codec {

std::optional<ByteView> NalReader::next() {
    while (!reader_.empty()) {
        std::size_t length = 0;
        for (std::uint8_t byte : reader_.take(length_size_)) length = length << 8 | byte;
        ByteView nal = reader_.take(length);
        if (!nal.empty()) return nal;
    }
    return std::nullopt;
}

Bytes unescape(ByteView nal) {
    Bytes payload;
    payload.reserve(nal.size());
    unsigned zeros = 0;
    for (std::uint8_t byte : nal) {
        bool emulation_prevention = zeros >= 2 && byte == 3;
        zeros = byte == 0 ? zeros + 1 : 0;
        if (!emulation_prevention) payload.push_back(byte);
    }
    return payload;
}

}  // namespace millrace::codec
