// SPDX-License-Identifier: LGPL-2.1-or-later
// What an access unit must lose before avc1, hvc1 or av01 may carry it, and whether decoding can start with it
// (ISO/IEC 14496-15 5.3.2 and 8.3.2, AV1 in ISO BMFF 2.4). Knows the bitstream, nothing of boxes or time.
#pragma once

#include <vector>

#include "common/base/result.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::codec {

struct AccessUnit {
    // The bytes to store: those that came in, or, where something had to go, those in the scratch space.
    ByteView bytes;
    // An IDR picture of H.264 or H.265, a shown key frame behind its sequence header of AV1, a key frame of VP9, and
    // every audio frame. Not a CRA or a recovery point: what they lead with cannot be decoded after a cut, and browsers
    // stop at it (CM-8).
    bool sync = true;
    // A parameter set other than the configuration's: it was left in, and the owner needs a new configuration.
    bool new_parameter_sets = false;
};

// Dropped: access unit delimiters, filler data, parameter sets that the configuration has already, byte for byte, and
// AV1's temporal delimiters and padding. A set that differs stays: without it the pictures that follow are lost, and
// decoders take it. SEI stays, for it carries captions.
class AccessUnitFilter {
  public:
    AccessUnitFilter() = default;
    // bad_input where the configuration cannot be used.
    static Result<AccessUnitFilter> make(const TrackFormat& format);

    // Copies only when something must go; the result is valid as long as `bytes` and until the next call.
    Result<AccessUnit> apply(ByteView bytes);

  private:
    Result<AccessUnit> apply_nal(ByteView bytes);
    Result<AccessUnit> apply_obu(ByteView bytes);
    [[nodiscard]] bool is_configured(ByteView nal) const;

    Codec codec_ = Codec::aac;
    unsigned nal_length_size_ = 4;
    std::vector<Bytes> parameter_sets_;
    Bytes scratch_;
};

}  // namespace millrace::codec
