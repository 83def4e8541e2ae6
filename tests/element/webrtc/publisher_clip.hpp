// SPDX-License-Identifier: LGPL-2.1-or-later
// What a publisher of the tests sends, over and over: real H.264 and Opus in packets, with every picture known again by
// its slice.
#pragma once

#include <optional>
#include <vector>

#include "common/base/bytes.hpp"
#include "webrtc/core/rtp/packetizer.hpp"

namespace millrace::webrtc::test {

struct PublisherClip {
    // Two seconds; a key frame every second, and a slice a picture. Made once a size.
    static const PublisherClip& of(unsigned width = 320, unsigned height = 240, unsigned kilobits = kRate);

    static constexpr unsigned kRate = 800;  // kbit/s
    static constexpr std::size_t kPictures = 60;
    static constexpr std::size_t kKeyInterval = 30;
    static constexpr std::uint32_t kPictureTicks = 3000;  // of 90 kHz
    static constexpr std::uint32_t kSoundTicks = 960;     // of 48 kHz

    std::vector<Payloads> pictures;
    std::vector<Bytes> slices;  // of them
    std::vector<Payloads> sounds;

    // Which picture this access unit is, with all of its slice.
    [[nodiscard]] std::optional<std::size_t> number_of(ByteView access_unit) const;
};

}  // namespace millrace::webrtc::test
