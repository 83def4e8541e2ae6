// SPDX-License-Identifier: LGPL-2.1-or-later
// What a source of WHIP publishers is told, as its properties have it.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/time.hpp"

namespace millrace::webrtc {

struct WhipSettings {
    std::string path;
    std::string listen;
    std::string udp_listen;
    std::string advertise;
    std::string ice_servers;
    std::string codecs = "h264,h265,av1,vp9,vp8,opus";
    std::uint64_t max_bitrate = 0;
    Duration key_interval = 2s;
    Duration latency = 200ms;
    Duration reconnect_timeout = 10s;
};

}  // namespace millrace::webrtc
