// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads a rendition's chunks back to samples on a timeline, as a player would.
#pragma once

#include <vector>

#include "hls/core/snapshot.hpp"

namespace millrace::test {

struct ReadSample {
    std::int64_t decode_time = 0;
    std::int64_t presentation_time = 0;
    std::uint32_t duration = 0;
    std::uint32_t size = 0;
    bool sync = false;
};

struct ReadChunk {
    std::int64_t decode_time = 0;
    std::uint32_t sequence_number = 0;
    bool starts_segment = false;
    std::vector<ReadSample> samples;

    [[nodiscard]] std::int64_t duration() const {
        std::int64_t sum = 0;
        for (const ReadSample& sample : samples) sum += sample.duration;
        return sum;
    }
};

ReadChunk read_chunk(const hls::Part& part);

// All parts that a rendition still holds, oldest first; gaps are left out.
std::vector<ReadChunk> read_chunks(const hls::RenditionSnapshot& rendition);

// CM-6, MP-6: decode times run on through parts and segments, gaps included; only a discontinuity may skip some.
void expect_one_timeline(const hls::RenditionSnapshot& rendition);

}  // namespace millrace::test
