// SPDX-License-Identifier: LGPL-2.1-or-later
// NAL units and OBUs of access units: what is dropped, what stays, and where decoding can start.
#include "common/codec/access_unit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/codec/nal.hpp"
#include "tests/core/codec/samples.hpp"

namespace millrace::codec {
namespace {

using test::from_hex;
using testing::ElementsAreArray;

constexpr std::string_view kSps = "0000001c 6764001facb201b07bcde02d418181a9400000fa4000753023c60c92";
constexpr std::string_view kPps = "00000005 68ebccb22c";
constexpr std::string_view kAud = "00000002 09f0";
constexpr std::string_view kSei = "00000003 060180";
constexpr std::string_view kFiller = "00000004 0cffff80";
constexpr std::string_view kIdr = "00000005 6588840021";
constexpr std::string_view kSlice = "00000004 419a2204";

Bytes unit_of(std::initializer_list<std::string_view> nals) {
    Bytes out;
    for (std::string_view nal : nals) {
        Bytes bytes = from_hex(nal);
        out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return out;
}

AccessUnitFilter h264_filter() {
    return AccessUnitFilter::make(test::video_samples()[7].format()).value();
}

TEST(AccessUnit, NothingToDropMeansNoCopy) {
    AccessUnitFilter filter = h264_filter();
    Bytes in = unit_of({kSei, kIdr});
    auto out = filter.apply(in);
    ASSERT_TRUE(out);
    EXPECT_EQ(out->bytes.data(), in.data());
    EXPECT_EQ(out->bytes.size(), in.size());
    EXPECT_TRUE(out->sync);
}

TEST(AccessUnit, DelimitersFillerAndKnownParameterSetsAreDropped) {
    AccessUnitFilter filter = h264_filter();
    Bytes in = unit_of({kAud, kSps, kPps, kSei, kIdr, kFiller});
    auto out = filter.apply(in);
    ASSERT_TRUE(out);
    EXPECT_THAT(out->bytes, ElementsAreArray(unit_of({kSei, kIdr})));
    EXPECT_TRUE(out->sync);
    EXPECT_FALSE(out->new_parameter_sets);
}

TEST(AccessUnit, AParameterSetThatDiffersStaysAndIsTold) {
    AccessUnitFilter filter = h264_filter();
    constexpr std::string_view kOtherPps = "00000005 68ebccb22d";
    Bytes in = unit_of({kAud, kSps, kOtherPps, kIdr});
    auto out = filter.apply(in);
    ASSERT_TRUE(out);
    EXPECT_THAT(out->bytes, ElementsAreArray(unit_of({kOtherPps, kIdr})));
    EXPECT_TRUE(out->new_parameter_sets);
}

TEST(AccessUnit, OnlyAnIdrIsSync) {
    AccessUnitFilter filter = h264_filter();
    EXPECT_FALSE(filter.apply(unit_of({kSlice}))->sync);
    EXPECT_FALSE(filter.apply(unit_of({kSps, kPps, kSei, kSlice}))->sync);
    EXPECT_TRUE(filter.apply(unit_of({kAud, kIdr, kIdr}))->sync);
}

TEST(AccessUnit, ANalUnitLongerThanItsAccessUnitIsRefused) {
    AccessUnitFilter filter = h264_filter();
    Bytes whole = unit_of({kSei, kIdr});
    const std::size_t boundary = from_hex(kSei).size();
    for (std::size_t length = 1; length < whole.size(); ++length) {
        auto out = filter.apply(ByteView(whole).first(length));
        EXPECT_EQ(out.has_value(), length == boundary) << "cut to " << length;
    }
    EXPECT_FALSE(filter.apply(from_hex("ffffffff 65")));
}

TEST(AccessUnit, EmptyNalUnitsAreSteppedOver) {
    AccessUnitFilter filter = h264_filter();
    auto out = filter.apply(unit_of({"00000000", kIdr, "00000000"}));
    ASSERT_TRUE(out);
    EXPECT_TRUE(out->sync);
}

TEST(AccessUnit, H265CraIsNoSyncButIdrIs) {
    auto filter = AccessUnitFilter::make(test::video_samples()[9].format()).value();
    EXPECT_TRUE(filter.apply(from_hex("00000003 2601af"))->sync);
    EXPECT_TRUE(filter.apply(from_hex("00000003 2801af"))->sync);
    EXPECT_FALSE(filter.apply(from_hex("00000003 2a01af"))->sync);
    EXPECT_FALSE(filter.apply(from_hex("00000003 0201af"))->sync);
}

TEST(AccessUnit, H265DelimitersAndKnownParameterSetsAreDropped) {
    auto filter = AccessUnitFilter::make(test::video_samples()[9].format()).value();
    Bytes in = from_hex("00000003 460150 00000007 4401c172b46240 00000003 2601af");
    auto out = filter.apply(in);
    ASSERT_TRUE(out);
    EXPECT_THAT(out->bytes, ElementsAreArray(from_hex("00000003 2601af")));
}

TEST(AccessUnit, Av1TemporalDelimitersAreDroppedAndKeyFramesFound) {
    auto filter = AccessUnitFilter::make(test::video_samples()[12].format()).value();
    Bytes key = from_hex("1200 0a0b0000002d4cffb3c02f8004 3203 100000");
    auto out = filter.apply(key);
    ASSERT_TRUE(out);
    EXPECT_THAT(out->bytes, ElementsAreArray(from_hex("0a0b0000002d4cffb3c02f8004 3203 100000")));
    EXPECT_TRUE(out->sync);
    EXPECT_FALSE(filter.apply(from_hex("1200 3203 300000"))->sync);
    EXPECT_FALSE(filter.apply(from_hex("1200 3203 100000"))->sync) << "a key frame without its sequence header";
    EXPECT_FALSE(filter.apply(from_hex("1200 32ff")));
}

TEST(AccessUnit, Vp9KeyFramesAreFound) {
    auto filter = AccessUnitFilter::make(test::video_samples()[14].format()).value();
    EXPECT_TRUE(filter.apply(from_hex("82498342"))->sync);
    EXPECT_FALSE(filter.apply(from_hex("86004092"))->sync) << "an inter frame";
    EXPECT_FALSE(filter.apply(from_hex("88"))->sync) << "a frame shown again";
    EXPECT_FALSE(filter.apply({})->sync);
}

TEST(AccessUnit, AudioPassesAsItIs) {
    auto filter = AccessUnitFilter::make(test::audio_samples()[0].format()).value();
    Bytes in = from_hex("0000ffff");
    auto out = filter.apply(in);
    ASSERT_TRUE(out);
    EXPECT_EQ(out->bytes.data(), in.data());
    EXPECT_TRUE(out->sync);
}

TEST(AccessUnit, AFilterNeedsAUsableConfiguration) {
    auto filter = AccessUnitFilter::make({.codec = Codec::h264});
    ASSERT_FALSE(filter);
    EXPECT_EQ(filter.error().fault, Fault::bad_input);
}

TEST(Nal, EmulationPreventionIsRemovedOnlyAfterTwoZeros) {
    EXPECT_THAT(unescape(from_hex("000003010000030003000003")), ElementsAreArray(from_hex("000001000000030000")));
}

TEST(Nal, LengthsOfOneAndTwoBytesAreRead) {
    Bytes bytes = from_hex("0002 aabb 0001 cc");
    NalReader two(bytes, 2);
    EXPECT_THAT(*two.next(), ElementsAreArray(from_hex("aabb")));
    EXPECT_THAT(*two.next(), ElementsAreArray(from_hex("cc")));
    EXPECT_FALSE(two.next());
    EXPECT_FALSE(two.failed());
}

}  // namespace
}  // namespace millrace::codec
