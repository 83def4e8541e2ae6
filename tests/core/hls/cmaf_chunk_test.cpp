// SPDX-License-Identifier: LGPL-2.1-or-later
// Chunk heads, box by box (CM-4 to CM-11), read back to the samples that went in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hls/core/cmaf.hpp"
#include "tests/support/box_reader.hpp"

namespace millrace::hls {
namespace {

using test::BoxNode;
using testing::ElementsAre;
using testing::ElementsAreArray;

const Track kTrack{.timescale = 90000, .track_id = 7};

constexpr std::uint32_t kSync = 0x02000000;
constexpr std::uint32_t kDelta = 0x01010000;
constexpr std::uint32_t kDisposable = 0x01810000;

struct ReadSample {
    std::uint32_t duration, size, flags;
    std::int32_t composition_offset;
    bool operator==(const ReadSample&) const = default;
};

std::ostream& operator<<(std::ostream& out, const ReadSample& sample) {
    return out << sample.duration << " ticks, " << sample.size << " bytes, flags " << std::hex << sample.flags
               << std::dec << ", offset " << sample.composition_offset;
}

// A chunk as a player sees it: head and payload together.
struct Chunk {
    Bytes bytes;
    std::vector<BoxNode> boxes;

    explicit Chunk(const ChunkHead& head) : bytes(cmaf_chunk_head(kTrack, head)) {
        for (const Sample& sample : head.samples) bytes.insert(bytes.end(), sample.size, 0xee);
        boxes = test::read_boxes(bytes);
    }
    [[nodiscard]] std::vector<std::string> types() const {
        std::vector<std::string> out;
        for (const BoxNode& box : boxes) out.push_back(box.type);
        return out;
    }
    [[nodiscard]] const BoxNode& box(std::string_view type) const {
        for (const BoxNode& box : boxes) {
            if (box.type == type) return box;
        }
        throw std::runtime_error("no " + std::string(type));
    }
    [[nodiscard]] const BoxNode& traf() const { return box("moof").at("traf"); }
};

// ISO/IEC 14496-12 8.8.7 and 8.8.8, as a demuxer reads them.
std::vector<ReadSample> samples_in(const Chunk& chunk) {
    ByteReader tfhd = chunk.traf().at("tfhd").fields();
    std::uint32_t tfhd_flags = tfhd.u32();
    tfhd.skip(4);
    ReadSample defaults{};
    if (tfhd_flags & 0x08) defaults.duration = tfhd.u32();
    if (tfhd_flags & 0x10) defaults.size = tfhd.u32();
    if (tfhd_flags & 0x20) defaults.flags = tfhd.u32();
    EXPECT_TRUE(tfhd.empty() && !tfhd.failed());

    ByteReader trun = chunk.traf().at("trun").fields();
    std::uint32_t trun_flags = trun.u32() & 0xffffff;
    std::vector<ReadSample> samples(trun.u32(), defaults);
    EXPECT_TRUE(trun_flags & 1);
    trun.skip(4);
    if (trun_flags & 0x4) samples.at(0).flags = trun.u32();
    for (ReadSample& sample : samples) {
        if (trun_flags & 0x100) sample.duration = trun.u32();
        if (trun_flags & 0x200) sample.size = trun.u32();
        if (trun_flags & 0x400) sample.flags = trun.u32();
        if (trun_flags & 0x800) sample.composition_offset = static_cast<std::int32_t>(trun.u32());
    }
    EXPECT_TRUE(trun.empty() && !trun.failed());
    return samples;
}

const std::vector<Sample> kGop = {{3000, 900, 3000, true, false},
                                  {3000, 100, 6000, false, false},
                                  {3000, 50, 0, false, true},
                                  {3000, 70, -3000, false, true}};

TEST(CmafChunk, InsideASegmentItIsMoofAndMdatAlone) {
    Chunk chunk({.samples = kGop});
    EXPECT_THAT(chunk.types(), ElementsAre("moof", "mdat"));
    EXPECT_THAT(chunk.box("moof").child_types(), ElementsAre("mfhd", "traf"));
    EXPECT_THAT(chunk.traf().child_types(), ElementsAre("tfhd", "tfdt", "trun"));
}

TEST(CmafChunk, EverySampleIsReadBackAsItWentIn) {
    Chunk chunk({.samples = kGop});
    EXPECT_THAT(samples_in(chunk),
                ElementsAre(ReadSample{3000, 900, kSync, 3000}, ReadSample{3000, 100, kDelta, 6000},
                            ReadSample{3000, 50, kDisposable, 0}, ReadSample{3000, 70, kDisposable, -3000}));
}

TEST(CmafChunk, EveryKindOfDifferenceIsReadBackAsItWentIn) {
    // Each bit makes the second or third sample differ in one field, so that every layout is met.
    for (unsigned mask = 0; mask < 128; ++mask) {
        std::vector<Sample> samples(1 + mask % 4, Sample{1024, 200, 0, true, false});
        auto& last = samples.back();
        auto& second = samples[samples.size() / 2];
        if (mask & 4) last.duration = 1023;
        if (mask & 8) last.size = 201;
        if (mask & 16) last.sync = false;
        if (mask & 32) second.disposable = true;
        if (mask & 64) second.composition_offset = -5;
        std::vector<ReadSample> expected;
        for (const Sample& s : samples) {
            std::uint32_t flags = (s.sync ? kSync : kDelta) | (s.disposable ? 0x00800000 : 0);
            expected.push_back({s.duration, s.size, flags, s.composition_offset});
        }
        EXPECT_THAT(samples_in(Chunk({.samples = samples})), ElementsAreArray(expected)) << mask;
    }
}

TEST(CmafChunk, DataOffsetPointsAtTheFirstSample) {
    for (bool starts : {false, true}) {
        Chunk chunk({.samples = kGop, .starts_segment = starts, .produced_at = UnixTime{}});
        ByteReader trun = chunk.traf().at("trun").fields();
        trun.skip(8);
        const BoxNode& mdat = chunk.box("mdat");
        EXPECT_EQ(chunk.box("moof").offset + trun.u32(), mdat.offset + 8);
        EXPECT_EQ(mdat.body.size(), 900u + 100 + 50 + 70);
    }
}

TEST(CmafChunk, AddressingIsRelativeToMoof) {
    Chunk chunk({.samples = kGop});
    ByteReader tfhd = chunk.traf().at("tfhd").fields();
    std::uint32_t flags = tfhd.u32();
    EXPECT_TRUE(flags & 0x020000) << "default-base-is-moof";
    EXPECT_FALSE(flags & 0x000001) << "base-data-offset-present";
    EXPECT_EQ(tfhd.u32(), kTrack.track_id);
}

TEST(CmafChunk, DecodeTimeIs64Bits) {
    Chunk chunk({.sequence_number = 42, .base_decode_time = 0x123456789abc, .samples = kGop});
    ByteReader tfdt = chunk.traf().at("tfdt").fields();
    EXPECT_EQ(tfdt.u32(), 0x01000000u) << "version 1";
    EXPECT_EQ(tfdt.u64(), 0x123456789abcu);
    ByteReader mfhd = chunk.box("moof").at("mfhd").fields();
    mfhd.skip(4);
    EXPECT_EQ(mfhd.u32(), 42u);
}

// CM-8: first_sample_flags where only the first differs, nothing per sample that all share.
TEST(CmafChunk, AGopSpendsFourBytesASampleBeyondItsFirstFlags) {
    const std::vector<Sample> low_delay = {{3000, 900, 0, true}, {3000, 100}, {3000, 101}, {3000, 102}};
    Chunk chunk({.samples = low_delay});
    EXPECT_EQ(chunk.traf().at("tfhd").bytes.size(), 8u + 4 + 4 + 4 + 4);
    EXPECT_EQ(chunk.traf().at("trun").bytes.size(), 8u + 4 + 4 + 4 + 4 + 4 * low_delay.size());
}

TEST(CmafChunk, AudioOfConstantSizeSpendsNothingASample) {
    const std::vector<Sample> frames(9, Sample{1024, 256, 0, true});
    Chunk chunk({.samples = frames});
    EXPECT_EQ(chunk.traf().at("trun").bytes.size(), 8u + 4 + 4 + 4);
}

TEST(CmafChunk, StypStartsASegmentAndNothingElse) {
    Chunk chunk({.samples = kGop, .starts_segment = true});
    EXPECT_THAT(chunk.types(), ElementsAre("styp", "moof", "mdat"));
    EXPECT_EQ(as_text(chunk.box("styp").body), std::string_view("msdh\0\0\0\0msdhcmfs", 16));
    EXPECT_THAT(Chunk({.samples = kGop, .ends_stream = true}).types(), ElementsAre("moof", "mdat"));
}

TEST(CmafChunk, TheLastSegmentSaysSo) {
    Chunk chunk({.samples = kGop, .starts_segment = true, .ends_stream = true});
    EXPECT_EQ(as_text(chunk.box("styp").body.last(4)), "lmsg");
}

TEST(CmafChunk, ProductionTimeStandsRightBeforeMoof) {
    // 2024-01-01T00:00:00.5Z is 3913056000.5 s after 1900.
    Chunk chunk({.base_decode_time = 0x1122334455,
                 .samples = kGop,
                 .starts_segment = true,
                 .produced_at = UnixTime{1'704'067'200'500'000'000}});
    EXPECT_THAT(chunk.types(), ElementsAre("styp", "prft", "moof", "mdat"));
    ByteReader prft = chunk.box("prft").fields();
    EXPECT_EQ(prft.u32(), 0x01000008u) << "version 1, flags 8";
    EXPECT_EQ(prft.u32(), kTrack.track_id);
    EXPECT_EQ(prft.u32(), 3913056000u);
    EXPECT_EQ(prft.u32(), 0x80000000u);
    EXPECT_EQ(prft.u64(), 0x1122334455u);
    EXPECT_TRUE(prft.empty());
}

TEST(CmafChunk, IsBuiltInOneAllocation) {
    std::vector<Sample> samples(500, Sample{3000, 1, 1, false, false});
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = {3000 + static_cast<std::uint32_t>(i % 2), 10, 1, i % 3 == 0};
    Bytes head = cmaf_chunk_head(kTrack, {.samples = samples, .starts_segment = true, .produced_at = UnixTime{}});
    EXPECT_EQ(head.capacity(), 192 + 16 * samples.size()) << "grew beyond what it reserved";
}

}  // namespace
}  // namespace millrace::hls
