// SPDX-License-Identifier: LGPL-2.1-or-later
// The rules that every published playlist obeys, and every two in a row, as expectations.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "hls/core/snapshot.hpp"
#include "tests/support/media_playlist_reader.hpp"

namespace millrace::test {

std::int64_t duration_of(const std::vector<ReadPart>& parts);  // 1/100000 s

void expect_legal(const ReadPlaylist& list, bool plain = false);

// MV-8, MP-12: what two renditions list of one segment.
void expect_alike(const ReadPlaylist& a, const ReadPlaylist& b);

// SYN-8: only what RFC 8216bis 6.2.1 allows may happen from one version to the next.
void expect_legal_change(const ReadPlaylist& before, const ReadPlaylist& after);

// All of the above, of all renditions of the snapshots that a presentation publishes; a sanitizer build looks at some.
class Publications {
  public:
    void check(const std::shared_ptr<const hls::Snapshot>& next);

  private:
    std::size_t published_ = 0;
    std::shared_ptr<const hls::Snapshot> last_;
    std::vector<std::optional<ReadPlaylist>> read_;  // by rendition
};

}  // namespace millrace::test
