// SPDX-License-Identifier: LGPL-2.1-or-later
// CMAF boxes for one track: the header (ftyp, moov) and the head of a chunk (styp, prft, moof, mdat's own header).
// Knows nothing of parts, playlists or where sample bytes come from. ISO/IEC 14496-12 and 23000-19.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::hls {

// One access unit as its trun entry tells it. Times are ticks of the track's timescale.
struct Sample {
    std::uint32_t duration = 0;
    std::uint32_t size = 0;               // bytes
    std::int32_t composition_offset = 0;  // pts - dts; negative is allowed (trun version 1)
    bool sync = false;                    // IDR; every audio frame
    bool disposable = false;              // nothing refers to it
};

struct Track {
    codec::TrackFormat format;
    std::uint32_t timescale = 90000;  // ticks/s; the sample rate for audio
    std::uint32_t track_id = 1;
};

// The timescale CM-7 asks for: exact for the frame rate (30000 for 29.97), 90000 when unknown; for audio the sample
// rate.
std::uint32_t natural_timescale(const codec::TrackFormat& format);

// ftyp and moov. Fails with bad_input when the configuration is unusable (an empty avcC, no sample rate). What the
// configuration says goes over what the format says, and fills in what it lacks.
Result<Bytes> cmaf_header(const Track& track);

struct ChunkHead {
    std::uint32_t sequence_number = 1;   // mfhd, counts up by one a chunk
    std::uint64_t base_decode_time = 0;  // tfdt, ticks
    std::span<const Sample> samples;
    bool starts_segment = false;          // writes styp
    bool ends_stream = false;             // adds the lmsg brand to styp
    std::optional<UnixTime> produced_at;  // writes prft
};

// Everything of the chunk that comes before its first sample byte; the samples' bytes follow, in order, unchanged, and
// must stay under 4 GiB together. At least one sample is needed: a chunk without media means nothing.
Bytes cmaf_chunk_head(const Track& track, const ChunkHead& chunk);

}  // namespace millrace::hls
