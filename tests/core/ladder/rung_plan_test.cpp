// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/core/rung_plan.hpp"

#include <gtest/gtest.h>

namespace millrace::ladder {
namespace {

constexpr codec::Rational k30{30, 1};

Plan plan(const char* renditions, Picture input, bool copyable = true) {
    if (!input.frame_rate.known()) input.frame_rate = k30;
    return plan_rungs(*parse_renditions(renditions), input, copyable);
}

std::string size_of(const Rung& rung) {
    return std::to_string(rung.width) + "x" + std::to_string(rung.height);
}

struct Shape {
    const char* what;
    Picture input;
    const char* rendition;
    const char* size;
};

class Shapes : public testing::TestWithParam<Shape> {};

TEST_P(Shapes, KeepTheirAspect) {
    const Plan planned = plan((std::string(GetParam().rendition) + "@1M").c_str(), GetParam().input);
    ASSERT_EQ(planned.rungs.size(), 1u);
    EXPECT_EQ(size_of(planned.rungs.front()), GetParam().size);
}

INSTANTIATE_TEST_SUITE_P(All, Shapes,
                         testing::Values(Shape{"wide", {1920, 1080}, "720p", "1280x720"},
                                         Shape{"portrait", {1080, 1920}, "720p", "720x1280"},
                                         Shape{"a portrait's box is turned", {1080, 1920}, "640x360", "360x640"},
                                         Shape{"four by three", {1440, 1080}, "720p", "960x720"},
                                         Shape{"four by three in a wide box", {1440, 1080}, "1280x720", "960x720"},
                                         Shape{"wider than its box", {2560, 1080}, "1280x720", "1280x540"},
                                         Shape{"odd", {853, 481}, "360p", "638x360"},
                                         Shape{"as large as the input", {1280, 720}, "720p", "1280x720"},
                                         Shape{"odd and as large as the input", {1279, 719}, "719p", "1278x718"},
                                         Shape{"PAL in 16:9", {720, 576, {64, 45}}, "288p", "512x288"},
                                         Shape{"NTSC in 4:3", {720, 480, {8, 9}}, "270p", "360x270"},
                                         Shape{"square", {1000, 1000}, "500p", "500x500"}),
                         [](const auto& shape) {
                             std::string name;
                             for (const char c : std::string(shape.param.what))
                                 name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
                             return name;
                         });

TEST(RungPlan, NothingIsScaledUp) {
    const Plan planned = plan("copy,1080p@5M,720p@2500k,360p@800k", {1280, 720});
    ASSERT_EQ(planned.rungs.size(), 2u);
    EXPECT_EQ(planned.rungs[0].name, "720p");
    EXPECT_EQ(planned.rungs[1].name, "360p");
    ASSERT_EQ(planned.notes.size(), 1u);
    EXPECT_EQ(planned.notes[0], "1080p is left out: it would be larger than the input of 1280x720");
}

TEST(RungPlan, OfRungsThatAreAllTooLargeTheSmallestIsMadeAsLargeAsTheInput) {
    const Plan planned = plan("1080p@5M,720p@2500k", {640, 360});
    ASSERT_EQ(planned.rungs.size(), 1u);
    EXPECT_EQ(planned.rungs[0].name, "720p");
    EXPECT_EQ(size_of(planned.rungs[0]), "640x360");
    EXPECT_EQ(planned.notes.size(), 3u);
}

TEST(RungPlan, ACopyAloneIsEnough) {
    const Plan planned = plan("copy,1080p@5M", {640, 360});
    EXPECT_TRUE(planned.copy);
    EXPECT_TRUE(planned.rungs.empty());
}

TEST(RungPlan, WhatCannotBeCopiedIsEncoded) {
    const Plan planned = plan("copy", {1280, 720}, false);
    EXPECT_FALSE(planned.copy);
    ASSERT_EQ(planned.rungs.size(), 1u);
    EXPECT_EQ(size_of(planned.rungs[0]), "1280x720");
    EXPECT_EQ(planned.rungs[0].bitrate, 2'764'800u);
}

TEST(RungPlan, EachRungIsMadeFromTheSmallestThatIsLargeEnough) {
    const Plan planned = plan("1080p@5M,720p@2500k,360p@800k,480p@1M", {1920, 1080});
    ASSERT_EQ(planned.rungs.size(), 4u);
    EXPECT_EQ(planned.rungs[0].from, std::nullopt);
    EXPECT_EQ(planned.rungs[1].from, 0u);
    EXPECT_EQ(planned.rungs[2].from, 1u);
    EXPECT_EQ(planned.rungs[3].from, 1u) << "not from the smaller one before it";
}

TEST(RungPlan, ARungOfFewerPicturesIsNoSourceForOneOfMore) {
    const Plan planned = plan("720p30@2500k,480p@1M,360p30@800k", {1920, 1080});
    ASSERT_EQ(planned.rungs.size(), 3u);
    EXPECT_EQ(planned.rungs[1].from, std::nullopt);
    EXPECT_EQ(planned.rungs[2].from, 1u);
}

TEST(RungPlan, TheCopyKeepsItsPlace) {
    EXPECT_EQ(plan("copy,720p@2500k", {1920, 1080}).copy_at, 0u);
    EXPECT_EQ(plan("720p@2500k,copy", {1920, 1080}).copy_at, 1u);
}

}  // namespace
}  // namespace millrace::ladder
