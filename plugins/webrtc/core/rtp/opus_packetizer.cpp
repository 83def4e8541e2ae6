// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/opus_packetizer.hpp"

#include <string>

#include "webrtc/core/rtp/payload_writer.hpp"

namespace millrace::webrtc {

Result<Payloads> OpusPacketizer::packetize(ByteView packet) {
    if (packet.empty()) return fail(Fault::bad_input, "an empty Opus packet");
    if (packet.size() > max_) {
        return fail(Fault::bad_input, "an Opus packet of " + std::to_string(packet.size()) +
                                          " bytes, which no datagram holds: shorter frames or a lower bitrate");
    }
    PayloadWriter out(packet.size());
    out.begin();
    out.bytes(packet);
    out.end();
    return std::move(out).finish(true, false);
}

}  // namespace millrace::webrtc
