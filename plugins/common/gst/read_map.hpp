// SPDX-License-Identifier: LGPL-2.1-or-later
// A buffer's bytes for as long as the object lives; unmapped on every path.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <utility>

#include "common/base/bytes.hpp"

namespace millrace::gst {

class ReadMap {
  public:
    // Empty when the memory cannot be mapped.
    static std::optional<ReadMap> of(GstBuffer* buffer) {
        ReadMap map(buffer);
        if (!gst_buffer_map(buffer, &map.info_, GST_MAP_READ)) {
            map.buffer_ = nullptr;
            return std::nullopt;
        }
        return map;
    }
    ReadMap(ReadMap&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)), info_(other.info_) {}
    ReadMap& operator=(ReadMap&&) = delete;
    ~ReadMap() {
        if (buffer_) gst_buffer_unmap(buffer_, &info_);
    }

    [[nodiscard]] ByteView bytes() const { return {info_.data, info_.size}; }

  private:
    explicit ReadMap(GstBuffer* buffer) : buffer_(buffer) {}

    GstBuffer* buffer_;
    GstMapInfo info_{};
};

// A buffer that owns `bytes` without copying them, or shows `size` of them from `offset` on.
inline GstBuffer* wrap_bytes(Bytes bytes, std::size_t offset, std::size_t size) {
    auto* owned = new Bytes(std::move(bytes));
    return gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, owned->data(), owned->size(), offset, size, owned,
                                       [](gpointer data) { delete static_cast<Bytes*>(data); });
}
inline GstBuffer* wrap_bytes(Bytes bytes) {
    const std::size_t size = bytes.size();
    return wrap_bytes(std::move(bytes), 0, size);
}

// A buffer whose memory is the shared bytes of `blob`.
inline GstBuffer* wrap_blob(const Blob& blob) {
    auto* owner = new std::shared_ptr<const Bytes>(blob.share());
    auto* data = const_cast<std::uint8_t*>(blob.view().data());
    return gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, data, blob.size(), 0, blob.size(), owner,
                                       [](gpointer held) { delete static_cast<std::shared_ptr<const Bytes>*>(held); });
}

}  // namespace millrace::gst
