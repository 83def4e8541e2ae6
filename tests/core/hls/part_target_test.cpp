// SPDX-License-Identifier: LGPL-2.1-or-later
// The part target that fits a set of tracks (PART-2 to PART-6), and what a part's frames make of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "hls/core/open_part.hpp"
#include "hls/core/part_target.hpp"

namespace millrace::hls {
namespace {

Cadence regular(std::uint32_t numerator, std::uint32_t denominator = 1) {
    return {.rate = {numerator, denominator}, .regular = true};
}
const Cadence kAac48 = regular(48000, 1024);
const Cadence kAac44 = regular(44100, 1024);

TEST(PartTarget, FitsWholeFrames) {
    struct Row {
        Duration asked;
        std::vector<Cadence> tracks;
        std::uint32_t target;
    };
    // PART-5's exact fits, and pairs of tracks.
    for (const Row& row :
         {Row{100ms, {regular(30)}, 10000}, Row{200ms, {regular(30)}, 20000}, Row{333ms, {regular(30)}, 33334},
          Row{500ms, {regular(30)}, 50000}, Row{100ms, {regular(30000, 1001)}, 10010},
          Row{200ms, {regular(30000, 1001)}, 20020}, Row{333ms, {regular(30000, 1001)}, 33367},
          Row{500ms, {regular(30000, 1001)}, 50050}, Row{200ms, {regular(25)}, 20000}, Row{200ms, {regular(24)}, 20834},
          Row{200ms, {kAac48}, 19200}, Row{100ms, {kAac48}, 10667}, Row{100ms, {regular(30), kAac48}, 10000},
          Row{200ms, {regular(30), kAac48}, 20000}, Row{1000ms, {regular(60), kAac44}, 100000},
          Row{200ms, {}, 20000}}) {
        EXPECT_EQ(fit_part_target(row.asked, row.tracks), row.target) << row.asked.count() << " " << row.tracks.size();
    }
}

TEST(PartTarget, HoldsAFrameThatIsLongerThanAsked) {
    EXPECT_EQ(fit_part_target(200ms, std::vector<Cadence>{regular(2)}), 50000u);
    const Cadence uneven{.rate = {4, 1}, .regular = false, .longest = 400ms};
    EXPECT_EQ(fit_part_target(200ms, std::vector<Cadence>{uneven}), 40000u);
    const Cadence still{.regular = false, .longest = 9s};
    EXPECT_EQ(fit_part_target(200ms, std::vector<Cadence>{still}), 100000u);  // a bound
}

TEST(PartTarget, IsNeverExceededByRounding) {
    for (std::uint32_t target : {10000u, 10667u, 20020u, 33367u, 100000u}) {
        for (std::uint32_t timescale : {48000u, 44100u, 90000u, 30000u, 60000u}) {
            const PartLimits limits = PartLimits::of(target, timescale);
            EXPECT_LE(limits.longest * 100000, std::int64_t{target} * timescale);
            EXPECT_GE(limits.shortest * 100000 * 100, std::int64_t{target} * 85 * timescale);
            EXPECT_LT(limits.shortest, limits.longest);
        }
    }
}

// Frames pushed into one part after the other, as a rendition would; the lengths of the parts in ticks.
class Parts {
  public:
    explicit Parts(PartLimits limits) : limits_(limits) {}

    void frame(std::int64_t at, std::int64_t nominal = 3000) {
        if (!part_.empty() && !part_.fits(at, nominal, limits_)) close(std::max(at, part_.start() + limits_.shortest));
        if (part_.empty()) part_.begin(end_);
        part_.add({.at = at, .nominal = nominal}, {.payload = payload_}, false);
        if (!part_.fits(part_.expected_next(), nominal, limits_)) {
            close(std::max(part_.expected_next(), part_.start() + limits_.shortest));
        }
    }
    std::vector<std::int64_t> lengths;
    std::vector<Sample> samples;

  private:
    void close(std::int64_t end) {
        const auto done = part_.finish(end, limits_.longest);
        EXPECT_EQ(done.start, end_);
        std::int64_t sum = 0;
        for (const Sample& sample : done.samples) {
            EXPECT_GT(sample.duration, 0u);
            sum += sample.duration;
        }
        EXPECT_EQ(sum, done.duration);
        end_ = done.start + done.duration;
        lengths.push_back(done.duration);
        samples.insert(samples.end(), done.samples.begin(), done.samples.end());
    }

    const Bytes payload_ = Bytes(10, 1);
    PartLimits limits_;
    OpenPart part_;
    std::int64_t end_ = 0;
};

TEST(Parts, CloseWithTheirLastFrameNotWithTheNext) {
    Parts parts(PartLimits::of(20000, 90000));
    for (int i = 0; i < 6; ++i) {
        EXPECT_TRUE(parts.lengths.empty());
        parts.frame(i * 3000);
    }
    EXPECT_THAT(parts.lengths, testing::ElementsAre(18000));
}

TEST(Parts, InsideOneDurationsAreExact) {
    Parts parts(PartLimits::of(20000, 90000));
    for (std::int64_t at : {0, 2900, 6100, 9000, 12050, 14990}) parts.frame(at);
    ASSERT_EQ(parts.samples.size(), 6u);
    std::vector<std::uint32_t> durations;
    for (const Sample& sample : parts.samples) durations.push_back(sample.duration);
    EXPECT_THAT(durations, testing::ElementsAre(2900, 3200, 2900, 3050, 2940, 3000));
}

TEST(Parts, WhatALastFrameLastedTooLongTheNextPartHasLess) {
    Parts parts(PartLimits::of(20000, 90000));
    for (int i = 0; i < 600; ++i) parts.frame(i * 3000 + (i % 7) * 150 - (i % 3) * 200);
    const auto sum = std::accumulate(parts.lengths.begin(), parts.lengths.end(), std::int64_t{0});
    EXPECT_NEAR(static_cast<double>(sum), 600.0 * 3000, 18000 + 1000);
}

TEST(Parts, AreNeverTooLongNorTooShort) {
    for (int step : {600, 1500, 2000, 3000, 3003, 3600, 4100, 7000}) {
        const PartLimits limits = PartLimits::of(20000, 90000);
        Parts parts(limits);
        for (int i = 0; i < 500; ++i) parts.frame(i * step, step);
        for (std::int64_t length : parts.lengths) {
            EXPECT_LE(length, limits.longest);
            EXPECT_GE(length, limits.shortest);
        }
    }
}

}  // namespace
}  // namespace millrace::hls
