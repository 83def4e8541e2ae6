// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/opus_transcoder.hpp"

#include <utility>

#include "common/gst/codec_elements.hpp"

namespace millrace::webrtc {

Result<std::unique_ptr<gst::Chain>> make_opus_transcoder(const GstCaps* caps, gst::Chain::Output output) {
    auto elements = gst::audio_decoder(caps);
    if (!elements) return tl::unexpected(std::move(elements).error());
    auto encoder = gst::opus_encoder();
    if (!encoder) return tl::unexpected(std::move(encoder).error());
    elements->insert(elements->end(), encoder->begin(), encoder->end());
    return gst::Chain::make(*elements, std::move(output));
}

}  // namespace millrace::webrtc
