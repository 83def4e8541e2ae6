// SPDX-License-Identifier: LGPL-2.1-or-later
// The head of a CMAF chunk: styp, prft, moof and the header of mdat (ISO/IEC 23000-19 7.3.2.3). Clauses below without
// a document are of ISO/IEC 14496-12.
#include <algorithm>

#include "hls/core/box_writer.hpp"
#include "hls/core/cmaf.hpp"

namespace millrace::hls {

namespace {

// 8.8.3.1: sample_depends_on, sample_is_depended_on and sample_is_non_sync_sample (CM-8).
constexpr std::uint32_t kDependsOnNothing = 0x02000000;
constexpr std::uint32_t kDependsOnOthers = 0x01000000;
constexpr std::uint32_t kDisposable = 0x00800000;
constexpr std::uint32_t kNotSync = 0x00010000;

std::uint32_t flags_of(const Sample& sample) {
    return (sample.sync ? kDependsOnNothing : kDependsOnOthers | kNotSync) | (sample.disposable ? kDisposable : 0);
}

// 8.8.7 tfhd and 8.8.8 trun: which fields stand where.
enum Tfhd : std::uint32_t { kDefaultDuration = 0x8, kDefaultSize = 0x10, kDefaultFlags = 0x20, kBaseIsMoof = 0x20000 };
enum Trun : std::uint32_t {
    kDataOffset = 0x1,
    kFirstFlags = 0x4,
    kDurations = 0x100,
    kSizes = 0x200,
    kFlags = 0x400,
    kCompositionOffsets = 0x800,
};

// The shortest way to say all samples: what they share goes into tfhd once, what only the first has into
// first_sample_flags (CM-8).
struct Layout {
    std::uint32_t tfhd = kBaseIsMoof;
    std::uint32_t trun = kDataOffset;
    Sample shared;  // where tfhd says so
};

template <class Field>
bool all_same(std::span<const Sample> samples, Field field) {
    return std::all_of(samples.begin(), samples.end(), [&](const Sample& s) { return field(s) == field(samples[0]); });
}

Layout layout_of(std::span<const Sample> samples) {
    Layout layout;
    if (samples.empty()) return layout;
    layout.shared = samples.back();
    bool same_duration = all_same(samples, [](const Sample& s) { return s.duration; });
    bool same_size = all_same(samples, [](const Sample& s) { return s.size; });
    bool same_flags = all_same(samples, flags_of);
    bool only_first_differs = !same_flags && all_same(samples.subspan(1), flags_of);

    if (same_duration) {
        layout.tfhd |= kDefaultDuration;
    } else {
        layout.trun |= kDurations;
    }
    if (same_size) {
        layout.tfhd |= kDefaultSize;
    } else {
        layout.trun |= kSizes;
    }
    if (same_flags || only_first_differs) layout.tfhd |= kDefaultFlags;
    if (only_first_differs) layout.trun |= kFirstFlags;
    if (!same_flags && !only_first_differs) layout.trun |= kFlags;
    bool in_order =
        std::all_of(samples.begin(), samples.end(), [](const Sample& s) { return s.composition_offset == 0; });
    if (!in_order) layout.trun |= kCompositionOffsets;
    return layout;
}

// 8.16.2. msdh and cmfs: a segment that begins; lmsg: the stream's last (CM-9).
void write_styp(ByteWriter& out, bool ends_stream) {
    Box box(out, "styp");
    out.text("msdh");
    out.u32(0);
    out.text("msdh");
    out.text("cmfs");
    if (ends_stream) out.text("lmsg");
}

// 8.16.5. Seconds since 1900, and a binary fraction.
void write_prft(ByteWriter& out, const Track& track, UnixTime when, std::uint64_t media_time) {
    constexpr std::uint32_t kArbitraryButConsistent = 8;
    constexpr std::int64_t kNanosecond = 1'000'000'000;
    constexpr std::uint64_t kFrom1900To1970 = 2'208'988'800;
    Box box(out, "prft", 1, kArbitraryButConsistent);
    auto nanoseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(when.nanoseconds, 0));
    out.u32(track.track_id);
    out.u32(nanoseconds / kNanosecond + kFrom1900To1970);
    out.u32((nanoseconds % kNanosecond << 32) / kNanosecond);
    out.u64(media_time);
}

void write_tfhd(ByteWriter& out, const Track& track, const Layout& layout) {
    Box box(out, "tfhd", 0, layout.tfhd);
    out.u32(track.track_id);
    if (layout.tfhd & kDefaultDuration) out.u32(layout.shared.duration);
    if (layout.tfhd & kDefaultSize) out.u32(layout.shared.size);
    if (layout.tfhd & kDefaultFlags) out.u32(flags_of(layout.shared));
}

// Returns where data_offset stands, which is known once moof is whole.
std::size_t write_trun(ByteWriter& out, std::span<const Sample> samples, const Layout& layout) {
    Box box(out, "trun", 1, layout.trun);  // version 1: signed composition offsets
    out.u32(samples.size());
    std::size_t data_offset = out.size();
    out.u32(0);
    if (layout.trun & kFirstFlags) out.u32(flags_of(samples.front()));
    for (const Sample& sample : samples) {
        if (layout.trun & kDurations) out.u32(sample.duration);
        if (layout.trun & kSizes) out.u32(sample.size);
        if (layout.trun & kFlags) out.u32(flags_of(sample));
        if (layout.trun & kCompositionOffsets) out.u32(static_cast<std::uint32_t>(sample.composition_offset));
    }
    return data_offset;
}

void write_moof(ByteWriter& out, const Track& track, const ChunkHead& chunk) {
    constexpr std::size_t kMdatHeader = 8;
    Layout layout = layout_of(chunk.samples);
    std::size_t start = out.size();
    std::size_t data_offset = 0;
    {
        Box moof(out, "moof");
        {
            Box mfhd(out, "mfhd", 0, 0);
            out.u32(chunk.sequence_number);
        }
        Box traf(out, "traf");
        write_tfhd(out, track, layout);
        {
            Box tfdt(out, "tfdt", 1, 0);
            out.u64(chunk.base_decode_time);
        }
        data_offset = write_trun(out, chunk.samples, layout);
    }
    out.patch_u32(data_offset, static_cast<std::uint32_t>(out.size() - start + kMdatHeader));
}

void write_mdat_header(ByteWriter& out, std::span<const Sample> samples) {
    std::uint64_t size = 8;
    for (const Sample& sample : samples) size += sample.size;
    out.u32(size);
    out.text("mdat");
}

}  // namespace

Bytes cmaf_chunk_head(const Track& track, const ChunkHead& chunk) {
    constexpr std::size_t kLongestWithoutSamples = 192;
    constexpr std::size_t kLongestSample = 16;
    ByteWriter out(kLongestWithoutSamples + kLongestSample * chunk.samples.size());
    if (chunk.starts_segment) write_styp(out, chunk.ends_stream);
    if (chunk.produced_at) write_prft(out, track, *chunk.produced_at, chunk.base_decode_time);
    write_moof(out, track, chunk);
    write_mdat_header(out, chunk.samples);
    return std::move(out).take();
}

}  // namespace millrace::hls
