// SPDX-License-Identifier: LGPL-2.1-or-later
// AV1's decoder configuration: av1C (AV1 in ISO BMFF 2.3) and the sequence header OBU (AV1 specification 5.5).
#pragma once

#include <optional>
#include <string>

#include "common/base/result.hpp"
#include "common/codec/description.hpp"

namespace millrace::codec {

enum class Av1Obu : std::uint8_t {
    sequence_header = 1,
    temporal_delimiter = 2,
    frame_header = 3,
    frame = 6,
    padding = 15
};

struct Obu {
    Av1Obu type{};
    ByteView whole;  // header, size field and payload
    ByteView payload;
};

// Walks open bitstream units. The last one may lack its size field; a size that leads outside sets failed().
class ObuReader {
  public:
    explicit ObuReader(ByteView bytes) : reader_(bytes) {}
    std::optional<Obu> next();
    [[nodiscard]] bool failed() const { return reader_.failed(); }

  private:
    std::size_t leb128();

    ByteReader reader_;
};

// The payload of a sequence header OBU.
Result<Description> parse_av1_sequence_header(ByteView payload);

// The av1C of a stream whose sequence header is the first in these OBUs, for who has no other configuration; the header
// is in it, with its size. bad_input where there is none.
Result<Bytes> write_av1c(ByteView obus);

// An av1C may lack the sequence header; then little is said.
Result<Description> describe_av1(ByteView av1c);
Result<std::string> codecs_string_av1(ByteView av1c);

}  // namespace millrace::codec
