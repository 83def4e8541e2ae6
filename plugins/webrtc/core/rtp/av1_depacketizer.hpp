// SPDX-License-Identifier: LGPL-2.1-or-later
// Temporal units from AV1's RTP payloads (AV1 RTP payload format 4.3 to 4.5): the OBUs' pieces put together, each with
// its size, behind a temporal delimiter. Knows lengths, not what is in an OBU.
#pragma once

#include <cstddef>
#include <optional>

#include "common/base/bytes.hpp"

namespace millrace::webrtc {

class Av1Depacketizer {
  public:
    // A temporal unit of more is no picture of anybody's.
    static constexpr std::size_t kMostBytes = std::size_t{16} << 20;

    // The next packet's payload; `last` is its marker bit, `starts` says that it is the first of its timestamp. Gives
    // the temporal unit that ends with it. One whose pieces do not fit together is left out.
    std::optional<Bytes> push(ByteView payload, bool starts, bool last);

    // Packets are missing here: what is not whole never will be.
    void lost();

    [[nodiscard]] std::size_t refused() const { return refused_; }  // temporal units that made no sense

  private:
    bool take(ByteView payload);
    bool take_element(ByteView element, bool continues, bool to_be_continued);
    bool close_obu();
    void give_up();

    Bytes unit_;
    Bytes obu_;           // that is to be continued
    bool open_ = false;   // there is such a one
    bool broken_ = true;  // until a temporal unit begins
    std::size_t refused_ = 0;
};

}  // namespace millrace::webrtc
