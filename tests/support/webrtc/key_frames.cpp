// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/key_frames.hpp"

namespace millrace::webrtc::test {

namespace {

PayloadContents of_h264_nal(unsigned type) {
    constexpr unsigned kIdr = 5;
    constexpr unsigned kSps = 7;
    return {type == kIdr, type == kSps};
}

PayloadContents of_h265_nal(unsigned type) {
    constexpr unsigned kFirstIrap = 16;
    constexpr unsigned kLastIrap = 21;
    constexpr unsigned kSps = 33;
    return {type >= kFirstIrap && type <= kLastIrap, type == kSps};
}

template <class OfNal, class TypeOf>
PayloadContents of_aggregate(ByteView nals, OfNal of_nal, TypeOf type_of) {
    PayloadContents all;
    for (ByteReader in(nals); !in.empty() && !in.failed();) {
        ByteView nal = in.take(in.u16());
        if (nal.empty()) break;
        const PayloadContents one = of_nal(type_of(nal[0]));
        all = {all.key || one.key, all.parameters || one.parameters};
    }
    return all;
}

// RFC 6184 5.2
PayloadContents of_h264(ByteView payload) {
    auto type_of = [](std::uint8_t header) -> unsigned { return header & 0x1fU; };
    const unsigned type = type_of(payload[0]);
    if (type == 24) return of_aggregate(payload.subspan(1), of_h264_nal, type_of);
    if (type == 28 && payload.size() > 1) return of_h264_nal(type_of(payload[1]));
    return of_h264_nal(type);
}

// RFC 7798 4.4
PayloadContents of_h265(ByteView payload) {
    auto type_of = [](std::uint8_t header) -> unsigned { return header >> 1 & 0x3fU; };
    const unsigned type = type_of(payload[0]);
    if (type == 48 && payload.size() > 2) return of_aggregate(payload.subspan(2), of_h265_nal, type_of);
    if (type == 49 && payload.size() > 2) return of_h265_nal(payload[2] & 0x3fU);
    return of_h265_nal(type);
}

// RFC 7741 4.2, 4.3: behind the descriptor of a frame's first packet, the frame's own first bit.
PayloadContents of_vp8(ByteView payload) {
    ByteReader in(payload);
    const unsigned first = in.u8();
    if ((first & 0x80) != 0) {
        const unsigned more = in.u8();
        if ((more & 0x80) != 0 && (in.u8() & 0x80) != 0) in.skip(1);
        if ((more & 0x40) != 0) in.skip(1);
        if ((more & 0x30) != 0) in.skip(1);
    }
    const bool begins = (first & 0x10) != 0 && (first & 0x07) == 0 && !in.empty();
    return {begins && (in.u8() & 1) == 0, true};
}

}  // namespace

PayloadContents contents_of(Codec codec, ByteView payload) {
    if (payload.empty()) return {};
    switch (codec) {
        case Codec::h264:
            return of_h264(payload);
        case Codec::h265:
            return of_h265(payload);
        case Codec::vp8:
            return of_vp8(payload);
        case Codec::vp9:  // RFC 9628 4.2: begins a frame (B) that is not predicted (P)
            return {(payload[0] & 0x48) == 0x08, true};
        case Codec::av1:  // the first packet of a coded video sequence (N)
            return {(payload[0] & 0x08) != 0, true};
        case Codec::opus:
            break;
    }
    return {};
}

}  // namespace millrace::webrtc::test
