// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/live_stream.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

Payloads one_packet() {
    return {.bytes = Bytes(100), .packets = {{.offset = 0, .size = 100, .marker = true}}, .key_frame = true};
}

class LiveStreamTimes : public testing::Test {
  protected:
    // Frames of 20 ms that come `late` after their time.
    void fill(Duration late) {
        for (int i = 0; i < 50; ++i) {
            const Duration time = i * 20ms;
            ring.append(sequence.next(one_packet(), stream.audio.clock().timestamp(time), stream.origin + time + late));
        }
    }

    MediaRing ring;
    FrameSequence sequence{65530};
    LiveStream stream{.video = {},
                      .audio = {.ring = &ring, .clock_rate = 48'000, .clock_offset = 0xffffff00},
                      .origin = TimePoint(100s)};
};

TEST_F(LiveStreamTimes, AreTheMediasAndNotTheArrivals) {
    fill(300ms);
    EXPECT_EQ(stream.media_time(stream.audio, *ring.find(65535)->frame), 100ms) << "timestamps wrap";
}

TEST_F(LiveStreamTimes, FindTheFirstFrameThatIsNotBefore) {
    EXPECT_FALSE(stream.cursor_at(stream.audio, 0s));
    fill(300ms);
    EXPECT_EQ(stream.cursor_at(stream.audio, 100ms), 65535U);
    EXPECT_EQ(stream.cursor_at(stream.audio, 101ms), 65536U);
    EXPECT_EQ(stream.cursor_at(stream.audio, -5s), ring.begin());
    EXPECT_EQ(stream.cursor_at(stream.audio, 5s), ring.end());
}

}  // namespace
}  // namespace millrace::webrtc
