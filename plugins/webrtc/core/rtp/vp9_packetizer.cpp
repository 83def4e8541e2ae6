// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/vp9_packetizer.hpp"

#include "common/codec/vp9.hpp"
#include "webrtc/core/rtp/packet_plan.hpp"

namespace millrace::webrtc {

namespace {

// 4.2
constexpr unsigned kPictureId = 0x80;  // I
constexpr unsigned kPredicted = 0x40;  // P: from an earlier picture
constexpr unsigned kBegins = 0x08;     // B
constexpr unsigned kEnds = 0x04;       // E
constexpr unsigned kStructure = 0x02;  // V: the scalability structure follows
constexpr std::size_t kDescriptorSize = 1 + PictureId::kSize;

constexpr std::uint32_t kLargestSide = 0xffff;

}  // namespace

// 4.2.1: one layer of this size, and pictures that each refer to the one before.
Bytes Vp9Packetizer::scalability_structure() const {
    constexpr unsigned kSizes = 0x10;        // Y
    constexpr unsigned kGroup = 0x08;        // G
    constexpr unsigned kReferences1 = 0x04;  // R of a picture in the group
    bool sized = width_ > 0 && height_ > 0 && width_ <= kLargestSide && height_ <= kLargestSide;
    ByteWriter out(8);
    out.u8((sized ? kSizes : 0) | kGroup);
    if (sized) {
        out.u16(width_);
        out.u16(height_);
    }
    out.u8(1);  // N_G
    out.u8(kReferences1);
    out.u8(1);  // P_DIFF
    return std::move(out).take();
}

Result<Payloads> Vp9Packetizer::packetize(ByteView frame) {
    if (frame.empty()) return fail(Fault::bad_input, "an empty VP9 frame");
    bool key = codec::is_vp9_key_frame(frame);
    Bytes structure = key ? scalability_structure() : Bytes();
    // The structure is of the first packet only, which has so much less of the frame.
    std::size_t size = even_size(structure.size() + frame.size(), max_ - kDescriptorSize);
    PayloadWriter out(frame.size() + structure.size() + (frame.size() / size + 2) * kDescriptorSize);
    for (ByteView rest = frame; !rest.empty();) {
        bool first = rest.size() == frame.size();
        ByteView said = first ? ByteView(structure) : ByteView();
        std::size_t part = std::min(size > said.size() ? size - said.size() : 1, rest.size());
        out.begin();
        out.u8(kPictureId | (key ? 0 : kPredicted) | (first ? kBegins : 0) | (part == rest.size() ? kEnds : 0) |
               (said.empty() ? 0 : kStructure));
        picture_.write(out);
        out.bytes(said);
        out.bytes(rest.first(part));
        out.end();
        rest = rest.subspan(part);
    }
    picture_.advance();
    return std::move(out).finish(key, true);
}

}  // namespace millrace::webrtc
