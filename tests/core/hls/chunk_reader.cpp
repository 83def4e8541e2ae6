// SPDX-License-Identifier: LGPL-2.1-or-later
// moof's tables, back to samples.
#include "tests/core/hls/chunk_reader.hpp"

#include <gtest/gtest.h>

#include "tests/support/box_reader.hpp"

namespace millrace::test {

ReadChunk read_chunk(const hls::Part& part) {
    Bytes bytes(part.head.view().begin(), part.head.view().end());
    bytes.insert(bytes.end(), part.payload.view().begin(), part.payload.view().end());
    const std::vector<BoxNode> boxes = read_boxes(bytes);
    ReadChunk chunk;
    for (const BoxNode& box : boxes) chunk.starts_segment = chunk.starts_segment || box.type == "styp";
    const BoxNode* moof = nullptr;
    for (const BoxNode& box : boxes) moof = box.type == "moof" ? &box : moof;
    ByteReader mfhd = moof->at("mfhd").fields();
    mfhd.skip(4);
    chunk.sequence_number = mfhd.u32();
    const BoxNode& traf = moof->at("traf");
    ByteReader tfdt = traf.at("tfdt").fields();
    EXPECT_EQ(tfdt.u32() >> 24, 1u);
    chunk.decode_time = static_cast<std::int64_t>(tfdt.u64());

    ByteReader tfhd = traf.at("tfhd").fields();
    const std::uint32_t tfhd_flags = tfhd.u32();
    tfhd.skip(4);
    std::uint32_t duration = 0, size = 0, flags = 0;
    if (tfhd_flags & 0x08) duration = tfhd.u32();
    if (tfhd_flags & 0x10) size = tfhd.u32();
    if (tfhd_flags & 0x20) flags = tfhd.u32();
    ByteReader trun = traf.at("trun").fields();
    const std::uint32_t trun_flags = trun.u32() & 0xffffff;
    const std::uint32_t count = trun.u32();
    trun.skip(4);
    std::uint32_t first_flags = flags;
    if (trun_flags & 0x4) first_flags = trun.u32();
    std::int64_t at = chunk.decode_time;
    for (std::uint32_t i = 0; i < count; ++i) {
        ReadSample sample;
        sample.decode_time = at;
        sample.duration = trun_flags & 0x100 ? trun.u32() : duration;
        sample.size = trun_flags & 0x200 ? trun.u32() : size;
        const std::uint32_t own = trun_flags & 0x400 ? trun.u32() : (i == 0 ? first_flags : flags);
        sample.sync = (own & 0x10000) == 0;
        sample.presentation_time = at + (trun_flags & 0x800 ? static_cast<std::int32_t>(trun.u32()) : 0);
        at += sample.duration;
        chunk.samples.push_back(sample);
    }
    EXPECT_FALSE(trun.failed());
    return chunk;
}

std::vector<ReadChunk> read_chunks(const hls::RenditionSnapshot& rendition) {
    std::vector<ReadChunk> chunks;
    const auto add = [&](const hls::Segment& segment) {
        for (const auto& part : segment.parts) {
            if (!part->gap) chunks.push_back(read_chunk(*part));
        }
    };
    for (const auto& segment : rendition.segments) add(*segment);
    add(*rendition.open);
    return chunks;
}

void expect_one_timeline(const hls::RenditionSnapshot& rendition) {
    std::int64_t end = rendition.segments.empty() ? 0 : rendition.segments.front()->start;
    std::uint32_t timescale = rendition.segments.empty() ? 0 : rendition.segments.front()->timescale;
    const auto check = [&](const hls::Segment& segment) {
        if (segment.discontinuity) {
            EXPECT_GE(static_cast<double>(segment.start) / segment.timescale,
                      static_cast<double>(end) / timescale - 1e-4);
        } else {
            EXPECT_EQ(segment.start, end) << segment.msn;
        }
        end = segment.start;
        timescale = segment.timescale;
        for (const auto& part : segment.parts) {
            if (!part->gap) {
                const ReadChunk chunk = read_chunk(*part);
                EXPECT_EQ(chunk.decode_time, end) << segment.msn;
                EXPECT_EQ(chunk.duration(), part->duration) << segment.msn;
            }
            end += part->duration;
        }
        EXPECT_EQ(segment.start + segment.duration, end) << segment.msn;
    };
    for (const auto& segment : rendition.segments) check(*segment);
    if (!rendition.open->parts.empty()) check(*rendition.open);
}

}  // namespace millrace::test
