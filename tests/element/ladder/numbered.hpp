// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures that carry their number, which survives scaling and encoding: sixteen bars, bright for a one.
#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include <cstdint>
#include <optional>

namespace millrace::ladder::test {

inline constexpr int kBars = 16;

inline const char* const kRaw = "video/x-raw,format=I420";

// Into the luma of an I420, Y42B, Y444 or NV12 picture, or of one with 10 bits.
inline void draw_number(GstVideoFrame* frame, std::uint32_t number) {
    const int width = GST_VIDEO_FRAME_WIDTH(frame);
    const int height = GST_VIDEO_FRAME_HEIGHT(frame);
    const int stride = GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0);
    const bool deep = GST_VIDEO_FRAME_COMP_DEPTH(frame, 0) > 8;
    auto* luma = static_cast<std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(frame, 0));
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const bool one = (number >> (x * kBars / width)) & 1;
            const int value = one ? 200 : 50;
            if (deep) {
                reinterpret_cast<std::uint16_t*>(luma + y * stride)[x] = static_cast<std::uint16_t>(value * 4);
            } else {
                luma[y * stride + x] = static_cast<std::uint8_t>(value);
            }
        }
    }
}

// Nothing where a bar is neither bright nor dark.
inline std::optional<std::uint32_t> read_number(GstVideoFrame* frame) {
    const int width = GST_VIDEO_FRAME_WIDTH(frame);
    const int stride = GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0);
    const auto* luma = static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(frame, 0));
    const std::uint8_t* middle = luma + GST_VIDEO_FRAME_HEIGHT(frame) / 2 * stride;
    std::uint32_t number = 0;
    for (int bar = 0; bar < kBars; ++bar) {
        const int value = middle[(2 * bar + 1) * width / (2 * kBars)];
        if (value > 90 && value < 160) return std::nullopt;
        if (value >= 160) number |= 1U << bar;
    }
    return number;
}

}  // namespace millrace::ladder::test
