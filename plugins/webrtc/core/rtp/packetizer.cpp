// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/packetizer.hpp"

#include "webrtc/core/rtp/av1_packetizer.hpp"
#include "webrtc/core/rtp/h264_packetizer.hpp"
#include "webrtc/core/rtp/h265_packetizer.hpp"
#include "webrtc/core/rtp/opus_packetizer.hpp"
#include "webrtc/core/rtp/vp9_packetizer.hpp"

namespace millrace::webrtc {

Result<std::unique_ptr<Packetizer>> make_packetizer(const codec::TrackFormat& format, const PacketSize& size) {
    switch (format.codec) {
        case codec::Codec::h264:
            return make_h264_packetizer(format, size);
        case codec::Codec::h265:
            return make_h265_packetizer(format, size);
        case codec::Codec::av1:
            return std::make_unique<Av1Packetizer>(size);
        case codec::Codec::vp9:
            return std::make_unique<Vp9Packetizer>(format.width, format.height, size);
        case codec::Codec::opus:
            return std::make_unique<OpusPacketizer>(size);
        case codec::Codec::aac:
        case codec::Codec::mp3:
            break;
    }
    return fail(Fault::refused, "browsers take no such codec over RTP; Opus is the audio they take");
}

}  // namespace millrace::webrtc
