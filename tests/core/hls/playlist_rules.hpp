// SPDX-License-Identifier: LGPL-2.1-or-later
// The rules that every published playlist obeys, and every two in a row, as expectations.
#pragma once

#include "tests/support/media_playlist_reader.hpp"

namespace millrace::test {

std::int64_t duration_of(const std::vector<ReadPart>& parts);  // 1/100000 s

void expect_legal(const ReadPlaylist& list, bool plain = false);

// MV-8, MP-12: what two renditions list of one segment.
void expect_alike(const ReadPlaylist& a, const ReadPlaylist& b);

// SYN-8: only what RFC 8216bis 6.2.1 allows may happen from one version to the next.
void expect_legal_change(const ReadPlaylist& before, const ReadPlaylist& after);

}  // namespace millrace::test
