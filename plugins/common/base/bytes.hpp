// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes: views, shared immutable blobs, and a reader and a writer of network byte order that never step outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace {

using ByteView = std::span<const std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Immutable bytes with shared ownership: rendered once, served to any number of readers on any thread.
class Blob {
  public:
    Blob() = default;
    explicit Blob(Bytes bytes) : bytes_(std::make_shared<const Bytes>(std::move(bytes))) {}
    static Blob of(std::string_view text) { return Blob(Bytes(text.begin(), text.end())); }

    [[nodiscard]] ByteView view() const { return bytes_ ? ByteView(*bytes_) : ByteView(); }
    [[nodiscard]] std::string_view text() const { return as_text(view()); }
    [[nodiscard]] std::size_t size() const { return bytes_ ? bytes_->size() : 0; }
    [[nodiscard]] bool empty() const { return size() == 0; }
    // Keeps the bytes alive for owners that only understand void pointers.
    [[nodiscard]] std::shared_ptr<const Bytes> share() const { return bytes_; }

  private:
    std::shared_ptr<const Bytes> bytes_;
};

// Reads big-endian fields. Reading past the end yields zeros and sets failed(): check once, at the end.
class ByteReader {
  public:
    explicit ByteReader(ByteView bytes) : rest_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(unsigned_field(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(unsigned_field(2)); }
    std::uint32_t u24() { return static_cast<std::uint32_t>(unsigned_field(3)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(unsigned_field(4)); }
    std::uint64_t u64() { return unsigned_field(8); }

    ByteView take(std::size_t count) {
        if (count > rest_.size()) {
            failed_ = true;
            rest_ = {};
            return {};
        }
        ByteView taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }
    void skip(std::size_t count) { take(count); }

    [[nodiscard]] ByteView rest() const { return rest_; }
    [[nodiscard]] std::size_t remaining() const { return rest_.size(); }
    [[nodiscard]] bool empty() const { return rest_.empty(); }
    [[nodiscard]] bool failed() const { return failed_; }

  private:
    std::uint64_t unsigned_field(std::size_t width) {
        std::uint64_t value = 0;
        for (std::uint8_t byte : take(width)) value = value << 8 | byte;
        return value;
    }

    ByteView rest_;
    bool failed_ = false;
};

// Appends big-endian fields to a vector it owns.
class ByteWriter {
  public:
    ByteWriter() = default;
    explicit ByteWriter(std::size_t expected) { out_.reserve(expected); }

    void u8(std::uint64_t value) { unsigned_field(value, 1); }
    void u16(std::uint64_t value) { unsigned_field(value, 2); }
    void u24(std::uint64_t value) { unsigned_field(value, 3); }
    void u32(std::uint64_t value) { unsigned_field(value, 4); }
    void u64(std::uint64_t value) { unsigned_field(value, 8); }
    void bytes(ByteView view) { out_.insert(out_.end(), view.begin(), view.end()); }
    void text(std::string_view view) { bytes(as_bytes(view)); }
    void zeros(std::size_t count) { out_.insert(out_.end(), count, 0); }

    // Overwrites a 32-bit field written earlier, such as a box size.
    void patch_u32(std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i) out_[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
    }

    [[nodiscard]] std::size_t size() const { return out_.size(); }
    [[nodiscard]] ByteView view() const { return out_; }
    [[nodiscard]] Bytes take() && { return std::move(out_); }

  private:
    void unsigned_field(std::uint64_t value, std::size_t width) {
        std::uint8_t field[8];
        for (std::size_t i = 0; i < width; ++i) field[i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
        out_.insert(out_.end(), field, field + width);
    }

    Bytes out_;
};

}  // namespace millrace
