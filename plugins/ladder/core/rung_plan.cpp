// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/core/rung_plan.hpp"

#include <algorithm>

namespace millrace::ladder {

namespace {

struct Size {
    std::uint64_t width = 0;
    std::uint64_t height = 0;

    [[nodiscard]] std::uint64_t area() const { return width * height; }
};

// As 4:2:0 needs it.
std::uint32_t even(std::uint64_t length) {
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(length & ~std::uint64_t{1}, 2));
}

std::uint64_t scaled(std::uint64_t length, std::uint64_t by, std::uint64_t over) {
    return (length * by + over / 2) / std::max<std::uint64_t>(over, 1);
}

// What is shown, in square pixels: whichever side is too short for its shape is made longer, nothing is thrown away.
Size shown(const Picture& picture) {
    const codec::Rational aspect = picture.pixel_aspect.known() ? picture.pixel_aspect : codec::Rational{1, 1};
    if (aspect.numerator >= aspect.denominator)
        return {scaled(picture.width, aspect.numerator, aspect.denominator), picture.height};
    return {picture.width, scaled(picture.height, aspect.denominator, aspect.numerator)};
}

// The largest size of the input's shape within what was asked for. "720p" is a shorter side, so that a portrait picture
// keeps its detail; a box is turned where the picture is.
Size fitted(const RenditionRequest& request, const Size& input) {
    const bool portrait = input.height > input.width;
    if (request.width == 0) {
        return portrait ? Size{request.height, scaled(input.height, request.height, input.width)}
                        : Size{scaled(input.width, request.height, input.height), request.height};
    }
    Size box{request.width, request.height};
    if (portrait != (box.height > box.width)) std::swap(box.width, box.height);
    const bool by_width = box.width * input.height <= box.height * input.width;
    return by_width ? Size{box.width, scaled(input.height, box.width, input.width)}
                    : Size{scaled(input.width, box.height, input.height), box.height};
}

// Rounding to even pixels is no scaling up.
bool is_larger(const Size& wanted, const Size& input) {
    return wanted.width > input.width + 1 || wanted.height > input.height + 1;
}

std::string text(const Size& size) {
    return std::to_string(size.width) + "x" + std::to_string(size.height);
}

Rung rung_of(const RenditionRequest& request, const Size& size) {
    return {.name = request.name,
            .width = even(size.width),
            .height = even(size.height),
            .frame_rate = request.frame_rate,
            .bitrate = request.bitrate,
            .codec = request.codec,
            .from = {}};
}

// Whether a picture for `small` can be made from each picture of `large` that it needs.
bool serves(const Rung& large, const Rung& small) {
    const bool as_often = large.frame_rate == 0 || (small.frame_rate > 0 && small.frame_rate <= large.frame_rate);
    return as_often && large.width >= small.width && large.height >= small.height;
}

// From the smallest that is large enough: the fewer pixels are read, the less it costs.
void choose_sources(std::vector<Rung>& rungs) {
    for (std::size_t i = 0; i < rungs.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (!serves(rungs[j], rungs[i])) continue;
            const auto& best = rungs[i].from;
            if (!best || rungs[j].width * rungs[j].height < rungs[*best].width * rungs[*best].height) rungs[i].from = j;
        }
    }
}

}  // namespace

Plan plan_rungs(const std::vector<RenditionRequest>& requests, const Picture& input, bool copyable) {
    const Size size = shown(input);
    Plan plan;
    const RenditionRequest* smallest = nullptr;
    for (const RenditionRequest& request : requests) {
        if (request.copy) {
            plan.copy = copyable;
            plan.copy_at = plan.rungs.size();
            if (!copyable) plan.notes.push_back("copy is left out: no output carries this input as it is");
            continue;
        }
        const Size wanted = fitted(request, size);
        if (is_larger(wanted, size)) {
            plan.notes.push_back(request.name + " is left out: it would be larger than the input of " + text(size));
            if (smallest == nullptr || fitted(*smallest, size).area() >= wanted.area()) smallest = &request;
            continue;
        }
        plan.rungs.push_back(rung_of(request, wanted));
    }
    if (!plan.copy && plan.rungs.empty()) {
        plan.rungs.push_back(smallest != nullptr ? rung_of(*smallest, size) : rung_like(input, "encoded"));
        plan.notes.push_back(plan.rungs.front().name + " is made as large as the input: nothing else would be left");
    }
    choose_sources(plan.rungs);
    return plan;
}

Rung rung_like(const Picture& input, std::string name) {
    constexpr std::uint64_t kBitsPerPixelOf30 = 3;  // bit/s a pixel: 2.8 Mbit/s of 720p
    constexpr std::uint64_t kLeast = 300'000;
    constexpr std::uint64_t kMost = 6'000'000;
    const Size size = shown(input);
    return {.name = std::move(name),
            .width = even(size.width),
            .height = even(size.height),
            .frame_rate = 0,
            .bitrate = std::clamp(size.area() * kBitsPerPixelOf30, kLeast, kMost),
            .codec = codec::Codec::h264,
            .from = {}};
}

}  // namespace millrace::ladder
