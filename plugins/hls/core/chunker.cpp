// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/chunker.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "hls/core/media_time.hpp"

namespace millrace::hls {

namespace {

constexpr Duration kLongestReorder = 10s;

}  // namespace

Result<Bytes> Chunker::set_format(codec::TrackFormat format) {
    Track track{.format = std::move(format)};
    track.timescale = natural_timescale(track.format);
    auto header = cmaf_header(track);
    if (!header) return header;
    // The end of what came before, in the new ticks.
    end_ = track_.timescale ? ticks_of(duration_of(end_, track_.timescale), track.timescale) : 0;
    track_ = std::move(track);
    const std::array cadences{declared_cadence(track_.format)};
    limits_ = PartLimits::of(fit_part_target(longest_chunk_, cadences), track_.timescale);
    grid_.emplace(track_.timescale, codec::kind_of(track_.format.codec), cadences.front());
    starts_fragment_ = true;
    started_ = false;
    return header;
}

Placement Chunker::place(const Frame& frame) {
    const Duration offset = std::clamp(frame.pts - frame.dts, -kLongestReorder, kLongestReorder);
    if (!started_) reorder_ = offset;
    Placement placement;
    placement.at = std::max<std::int64_t>(grid_->snap(ticks_of(frame.dts + reorder_, track_.timescale)), end_);
    placement.nominal = std::max<std::int64_t>(grid_->nominal(), 1);
    placement.composition_offset =
        static_cast<std::int32_t>(grid_->snap_offset(ticks_of(offset - reorder_, track_.timescale)));
    return placement;
}

std::vector<Chunk> Chunker::push(const Frame& frame) {
    std::vector<Chunk> chunks;
    if (!grid_) return chunks;
    const bool key = frame.key || codec::kind_of(track_.format.codec) == codec::Kind::audio;
    if (!started_ && !key) return chunks;
    if (frame.discontinuity) {
        close(chunks, part_.expected_next());
        grid_->restart();
    }
    const Placement placement = place(frame);
    const bool first = !std::exchange(started_, true);
    const std::int64_t fragment = ticks_of(shortest_fragment_, track_.timescale);
    if (first || frame.discontinuity || (key && placement.at - fragment_start_ >= fragment - placement.nominal / 2)) {
        close(chunks, placement.at);
        starts_fragment_ = true;
        fragment_start_ = placement.at;
    } else if (!part_.empty() && !part_.fits(placement.at, placement.nominal, limits_)) {
        close(chunks, std::max(placement.at, part_.start() + limits_.shortest));
    }
    // A hole that no frame of the last chunk can cover stays one: tfdt says where the stream goes on.
    const bool hole = placement.at - end_ > limits_.longest;
    if (part_.empty()) part_.begin(first || hole ? placement.at : end_);
    part_.add(placement, frame, key);
    if (part_.overfull() || !part_.fits(part_.expected_next(), placement.nominal, limits_)) {
        close(chunks, std::max(part_.expected_next(), part_.start() + limits_.shortest));
    }
    return chunks;
}

std::optional<Chunk> Chunker::flush(bool ends_stream) {
    std::vector<Chunk> chunks;
    close(chunks, part_.expected_next(), ends_stream);
    if (chunks.empty()) return std::nullopt;
    return std::move(chunks.front());
}

void Chunker::close(std::vector<Chunk>& chunks, std::int64_t end, bool ends_stream) {
    if (part_.empty()) return;
    OpenPart::Finished done = part_.finish(end, limits_.longest);
    ChunkHead head;
    head.sequence_number = ++sequence_;
    head.base_decode_time = static_cast<std::uint64_t>(std::max<std::int64_t>(done.start, 0));
    head.samples = done.samples;
    head.starts_segment = starts_fragment_;
    head.ends_stream = ends_stream;
    end_ = done.start + done.duration;
    chunks.push_back({.head = cmaf_chunk_head(track_, head),
                      .payload = std::move(done.payload),
                      .start = duration_of(done.start, track_.timescale),
                      .duration = duration_of(done.duration, track_.timescale),
                      .starts_fragment = std::exchange(starts_fragment_, false),
                      .independent = done.independent});
}

}  // namespace millrace::hls
