// SPDX-License-Identifier: LGPL-2.1-or-later
// Content-Encoding: gzip for playlists (HT-3). Knows that a playlist mostly grows at its end.
#pragma once

#include <memory>
#include <string_view>

#include "common/base/bytes.hpp"

namespace millrace::hls {

// Compresses texts that begin alike: the common beginning once, each ending by itself.
class Gzip {
  public:
    explicit Gzip(std::string_view beginning);
    ~Gzip();
    Gzip(Gzip&&) noexcept;
    Gzip& operator=(Gzip&&) noexcept;

    // One gzip member of beginning and ending. Empty when there is no memory: the reply is then sent plain.
    [[nodiscard]] Bytes with(std::string_view ending) const;

  private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
    Bytes begun_;  // what the beginning has come to
};

}  // namespace millrace::hls
