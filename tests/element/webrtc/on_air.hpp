// SPDX-License-Identifier: LGPL-2.1-or-later
// A broadcast on ports of its own, and frames for it that no decoder needs to understand.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/hex_bytes.hpp"
#include "tests/support/loopback.hpp"
#include "webrtc/core/rtp/vp8_packetizer.hpp"
#include "webrtc/element/whep/broadcast.hpp"

namespace millrace::webrtc::test {

class OnAir {
  public:
    explicit OnAir(const std::string& udp_listen = "127.0.0.1:0", std::uint32_t most = 0)
        : http(millrace::test::Socket::free_port()) {
        WhepSettings settings;
        settings.path = "live/cam1";
        settings.listen = "127.0.0.1:" + std::to_string(http);
        settings.udp_listen = udp_listen;
        settings.max_viewers = most;
        Broadcast::Callbacks callbacks;
        callbacks.want_key_frame = [this](TrackId) { ++key_frames_wanted; };
        callbacks.joined = [this](const ViewerInfo&) { ++joined; };
        callbacks.left = [this](const ViewerInfo&, const std::string&) { ++left; };
        auto started = Broadcast::start(settings, std::move(callbacks));
        EXPECT_TRUE(started) << started.error().what;
        broadcast = std::move(*started);
    }

    void begin_h264(RungId rung = 0) {
        codec::TrackFormat format;
        format.config = millrace::test::from_hex(
            "0142c015ffe1001d6742c015d901419f9f016a0c0c0d4a000003000200000300791e2c5c9001000468cb8cb2");
        broadcast->begin(rung, {*stream_format_of(format), *make_packetizer(format, PacketSize())});
    }
    void begin_vp8() { broadcast->begin(0, {{.codec = Codec::vp8}, std::make_unique<Vp8Packetizer>(PacketSize())}); }
    // A picture of H.264, now; `late` is how much earlier it is shown than the one before.
    Result<> picture(bool key = false, std::size_t size = 1500, Duration late = {}, RungId rung = 0) {
        Bytes unit(4 + size, 1);
        unit[0] = 0;
        unit[1] = 0;
        unit[2] = static_cast<std::uint8_t>(size >> 8);
        unit[3] = static_cast<std::uint8_t>(size & 0xff);
        unit[4] = key ? 0x65 : 0x41;
        time_ += 1ms;
        const codec::Frame frame{.dts = time_, .pts = time_ - late, .key = key, .payload = unit};
        return broadcast->push(rung, frame, std::nullopt);
    }

    const std::uint16_t http;
    std::atomic<int> key_frames_wanted{0};
    std::atomic<int> joined{0};
    std::atomic<int> left{0};
    std::unique_ptr<Broadcast> broadcast;  // last: it calls back until it is gone

  private:
    Duration time_ = 1s;
};

}  // namespace millrace::webrtc::test
