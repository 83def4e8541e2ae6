// SPDX-License-Identifier: LGPL-2.1-or-later
// What a payload of video tells about its frame: enough to know when a decoder can begin, nothing more.
#pragma once

#include <cstdint>

#include "common/base/bytes.hpp"
#include "webrtc/core/sdp/stream_format.hpp"

namespace millrace::webrtc::test {

struct PayloadContents {
    bool key = false;         // a piece of a picture that needs no other
    bool parameters = false;  // the parameter sets that such a picture needs: always, for codecs that have none
};

PayloadContents contents_of(Codec codec, ByteView payload);

}  // namespace millrace::webrtc::test
