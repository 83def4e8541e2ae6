// SPDX-License-Identifier: LGPL-2.1-or-later
// CMAF of one track as a stream of chunks, without playlists or a window: a header, then chunks that whoever takes them
// may store or send as they come. Sans-I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/codec/track_format.hpp"
#include "hls/core/cadence.hpp"
#include "hls/core/cmaf.hpp"
#include "hls/core/frame_grid.hpp"
#include "hls/core/open_part.hpp"
#include "hls/core/part_target.hpp"
#include "hls/core/presentation.hpp"

namespace millrace::hls {

struct Chunk {
    Bytes head;     // styp where a fragment starts, moof, and mdat's own header
    Bytes payload;  // the samples
    Duration start{};
    Duration duration{};
    bool starts_fragment = false;
    bool independent = false;  // a decoder can start here
};

class Chunker {
  public:
    // Chunks last at most `chunk`, fitted to whole frames; fragments begin at the first key frame after `fragment`.
    Chunker(Duration chunk, Duration fragment) : longest_chunk_(chunk), shortest_fragment_(fragment) {}

    // The CMAF header for what follows. Flush first when the format changes.
    Result<Bytes> set_format(codec::TrackFormat format);

    // Chunks that this frame completes: the one before it, its own, or both. Frames before the first key frame are
    // dropped.
    std::vector<Chunk> push(const Frame& frame);

    // What is left, complete with its last frame.
    std::optional<Chunk> flush(bool ends_stream);

  private:
    Placement place(const Frame& frame);
    void close(std::vector<Chunk>& chunks, std::int64_t end, bool ends_stream = false);

    const Duration longest_chunk_;
    const Duration shortest_fragment_;
    Track track_;
    PartLimits limits_;
    std::optional<FrameGrid> grid_;

    OpenPart part_;
    std::int64_t end_ = 0;  // of the last chunk
    std::int64_t fragment_start_ = 0;
    bool starts_fragment_ = true;  // the open chunk does
    bool started_ = false;
    Duration reorder_{};  // presentation minus decode time of the first key frame
    std::uint32_t sequence_ = 0;
};

}  // namespace millrace::hls
