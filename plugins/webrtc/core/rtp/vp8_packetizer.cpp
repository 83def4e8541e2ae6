// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/vp8_packetizer.hpp"

#include "webrtc/core/rtp/packet_plan.hpp"

namespace millrace::webrtc {

namespace {

// 4.2
constexpr unsigned kExtended = 0x80;   // X: a second byte says what else there is
constexpr unsigned kStart = 0x10;      // S, with the partition index 0: the frame begins here
constexpr unsigned kPictureId = 0x80;  // I, in the second byte
constexpr std::size_t kDescriptorSize = 2 + PictureId::kSize;

}  // namespace

// Where partitions begin is not said but for the first: no browser reads it.
Result<Payloads> Vp8Packetizer::packetize(ByteView frame) {
    if (frame.empty()) return fail(Fault::bad_input, "an empty VP8 frame");
    bool key = (frame[0] & 1) == 0;  // RFC 6386 9.1: the lowest bit is set in all but key frames
    std::size_t size = even_size(frame.size(), max_ - kDescriptorSize);
    PayloadWriter out(frame.size() + (frame.size() / size + 1) * kDescriptorSize);
    for (ByteView rest = frame; !rest.empty();) {
        std::size_t part = std::min(size, rest.size());
        out.begin();
        out.u8(kExtended | (rest.size() == frame.size() ? kStart : 0));
        out.u8(kPictureId);
        picture_.write(out);
        out.bytes(rest.first(part));
        out.end();
        rest = rest.subspan(part);
    }
    picture_.advance();
    return std::move(out).finish(key, true);
}

}  // namespace millrace::webrtc
