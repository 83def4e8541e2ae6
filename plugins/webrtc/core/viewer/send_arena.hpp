// SPDX-License-Identifier: LGPL-2.1-or-later
// What one pass over the viewers writes, laid out for the kernel: packets of one size to one viewer are one send, which
// it cuts up (UDP_SEGMENT). One buffer for all, of a bounded size: when it is full it is sent, and the pass goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/bytes.hpp"
#include "webrtc/core/ice/transport_address.hpp"

namespace millrace::webrtc {

class SendArena {
  public:
    static constexpr std::size_t kMostSegments = 64;   // UDP_MAX_SEGMENTS
    static constexpr std::size_t kMostBytes = 60'000;  // below the 64 KiB of a datagram, headers and all

    // Datagrams of `segment` bytes to one address; the last may be shorter.
    struct Run {
        TransportAddress to;
        std::size_t offset = 0;
        std::size_t size = 0;
        std::size_t segment = 0;
    };

    explicit SendArena(std::size_t capacity = std::size_t{512} << 10) : buffer_(capacity) {}

    // Room for the next datagram; empty when there is not so much left. Valid until the next call.
    std::span<std::uint8_t> reserve(std::size_t size);
    // The first `size` bytes of what was reserved are a datagram.
    void commit(const TransportAddress& to, std::size_t size);

    [[nodiscard]] const std::vector<Run>& runs() const { return runs_; }
    [[nodiscard]] ByteView bytes(const Run& run) const { return ByteView(buffer_).subspan(run.offset, run.size); }
    [[nodiscard]] std::size_t room() const { return buffer_.size() - used_; }
    [[nodiscard]] bool empty() const { return runs_.empty(); }
    void clear();

  private:
    [[nodiscard]] bool extends_last(const TransportAddress& to, std::size_t size) const;

    Bytes buffer_;
    std::size_t used_ = 0;
    std::vector<Run> runs_;
};

}  // namespace millrace::webrtc
