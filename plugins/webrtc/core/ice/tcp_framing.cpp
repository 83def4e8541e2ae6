// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/ice/tcp_framing.hpp"

#include <string>

namespace millrace::webrtc {

namespace {
constexpr std::size_t kLengthSize = 2;
}

Result<> TcpDeframer::push(ByteView bytes, const std::function<void(ByteView)>& take) {
    rest_.insert(rest_.end(), bytes.begin(), bytes.end());
    ByteView left(rest_);
    while (left.size() >= kLengthSize) {
        const std::size_t length = std::size_t{left[0]} << 8 | left[1];
        if (length > kMostFramed)
            return fail(Fault::bad_input, "a datagram of " + std::to_string(length) + " bytes over TCP");
        if (left.size() < kLengthSize + length) break;
        if (length > 0) take(left.subspan(kLengthSize, length));
        left = left.subspan(kLengthSize + length);
    }
    rest_.erase(rest_.begin(), rest_.end() - static_cast<std::ptrdiff_t>(left.size()));
    return {};
}

void put_framed(Bytes& out, ByteView datagram) {
    out.push_back(static_cast<std::uint8_t>(datagram.size() >> 8));
    out.push_back(static_cast<std::uint8_t>(datagram.size()));
    out.insert(out.end(), datagram.begin(), datagram.end());
}

}  // namespace millrace::webrtc
