// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/av1_depacketizer.hpp"

#include <utility>

namespace millrace::webrtc {

namespace {

// The aggregation header (4.4).
constexpr std::uint8_t kContinues = 0x80;      // Z
constexpr std::uint8_t kToBeContinued = 0x40;  // Y
constexpr std::uint8_t kElementsShift = 4;     // W
constexpr std::uint8_t kElementsMask = 0x03;

// An OBU's header (AV1 specification 5.3.2).
constexpr std::uint8_t kForbidden = 0x80;
constexpr std::uint8_t kTypeMask = 0x0f;
constexpr std::uint8_t kTypeShift = 3;
constexpr std::uint8_t kHasExtension = 0x04;
constexpr std::uint8_t kHasSize = 0x02;
constexpr std::uint8_t kTemporalDelimiter = 2;
constexpr std::uint8_t kTileList = 8;

// Up to four bytes are enough for all that fits into a datagram; of an OBU's own size as many are read (4.10.5).
std::optional<std::size_t> read_leb128(ByteReader& in) {
    std::size_t value = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const std::uint8_t byte = in.u8();
        value |= std::size_t{byte & 0x7fU} << (7 * i);
        if ((byte & 0x80) == 0) return in.failed() ? std::nullopt : std::optional(value);
    }
    return {};
}

void append_leb128(Bytes& out, std::size_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

}  // namespace

std::optional<Bytes> Av1Depacketizer::push(ByteView payload, bool starts, bool last) {
    if (starts) {
        // The unit before was never ended: its last packet is missing.
        if (!unit_.empty() || open_) give_up();
        broken_ = false;
        unit_ = {kTemporalDelimiter << kTypeShift | kHasSize, 0};
    }
    if (!broken_ && !take(payload)) {
        give_up();
        ++refused_;
    }
    if (!last) return {};
    if (open_ && !broken_) ++refused_;
    const bool whole = !broken_ && !open_ && unit_.size() > 2;
    Bytes unit = std::exchange(unit_, {});
    give_up();
    return whole ? std::optional(std::move(unit)) : std::nullopt;
}

void Av1Depacketizer::lost() {
    give_up();
}

void Av1Depacketizer::give_up() {
    unit_.clear();
    obu_.clear();
    open_ = false;
    broken_ = true;
}

bool Av1Depacketizer::take(ByteView payload) {
    ByteReader in(payload);
    const std::uint8_t header = in.u8();
    if (in.failed()) return false;
    const unsigned told = header >> kElementsShift & kElementsMask;  // 0: each says its length
    bool continues = (header & kContinues) != 0;
    if (continues != open_) return false;
    for (unsigned number = 1; !in.empty(); ++number) {
        if (told != 0 && number > told) return false;
        std::size_t size = in.remaining();
        if (number != told) {
            auto said = read_leb128(in);
            if (!said || *said > in.remaining()) return false;
            size = *said;
        }
        const ByteView element = in.take(size);
        if (!take_element(element, continues, in.empty() && (header & kToBeContinued) != 0)) return false;
        continues = false;
    }
    return true;
}

bool Av1Depacketizer::take_element(ByteView element, bool continues, bool to_be_continued) {
    if (unit_.size() + obu_.size() + element.size() > kMostBytes) return false;
    if (!continues) obu_.clear();
    obu_.insert(obu_.end(), element.begin(), element.end());
    open_ = to_be_continued;
    return to_be_continued || close_obu();
}

// What it says of its own size (4.5 asks it not to) is left out, and its size said anew.
bool Av1Depacketizer::close_obu() {
    if (obu_.empty()) return true;
    ByteReader in(obu_);
    const std::uint8_t header = in.u8();
    const bool extended = (header & kHasExtension) != 0;
    const std::uint8_t extension = extended ? in.u8() : 0;
    if (in.failed() || (header & kForbidden) != 0) return false;
    ByteView payload = in.rest();
    if ((header & kHasSize) != 0) {
        auto size = read_leb128(in);
        if (!size || *size > in.remaining()) return false;
        payload = in.take(*size);
    }
    const unsigned type = header >> kTypeShift & kTypeMask;
    if (type != kTemporalDelimiter && type != kTileList) {
        unit_.push_back(header | kHasSize);
        if (extended) unit_.push_back(extension);
        append_leb128(unit_, payload.size());
        unit_.insert(unit_.end(), payload.begin(), payload.end());
    }
    obu_.clear();
    return true;
}

}  // namespace millrace::webrtc
