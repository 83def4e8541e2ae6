// SPDX-License-Identifier: LGPL-2.1-or-later
// From the packets of GStreamer's own payloaders to frames: of every codec, out of order, and with some missing.
#include "webrtc/element/whip/track_frames.hpp"

#include <gst/check/gstharness.h>
#include <gst/rtp/rtp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "common/base/thread.hpp"
#include "common/gst/read_map.hpp"
#include "tests/core/net/client.hpp"
#include "webrtc/core/rtp/av1_packetizer.hpp"

namespace millrace::webrtc {
namespace {

using millrace::test::eventually;

constexpr std::uint8_t kPayloadType = 96;

struct Packets {
    std::vector<Bytes> all;  // in the order of sending
    std::vector<std::uint32_t> timestamps;
};

// What `line` makes, which ends with a payloader.
Packets packets_of(const std::string& line) {
    GError* error = nullptr;
    auto pipeline = gst::share(gst_parse_launch((line + " ! appsink name=out sync=false").c_str(), &error));
    EXPECT_EQ(error, nullptr) << (error ? error->message : "");
    Packets packets;
    auto sink = gst::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    for (;;) {
        GstSample* taken = nullptr;
        g_signal_emit_by_name(sink.get(), "pull-sample", &taken);
        if (taken == nullptr) break;
        auto sample = gst::adopt(taken);
        auto map = gst::ReadMap::of(gst_sample_get_buffer(sample.get()));
        packets.all.emplace_back(map->bytes().begin(), map->bytes().end());
        packets.timestamps.push_back(ByteReader(map->bytes().subspan(4)).u32());
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return packets;
}

// GStreamer has no payloader for AV1 here; ours has its own tests.
Packets av1_packets(const std::string& line) {
    const Packets units = packets_of(line);
    Packets packets;
    Av1Packetizer packetizer({.mtu = 400, .overhead = 12});
    std::uint16_t sequence = 65'530;
    for (std::size_t unit = 0; unit < units.all.size(); ++unit) {
        auto payloads = packetizer.packetize(units.all[unit]);
        EXPECT_TRUE(payloads);
        for (std::size_t i = 0; i < payloads->packets.size(); ++i) {
            ByteWriter out;
            out.u8(0x80);
            out.u8((payloads->packets[i].marker ? 0x80 : 0) | kPayloadType);
            out.u16(sequence++);
            out.u32(9000 + unit * 3000);
            out.u32(7);
            out.bytes(payloads->payload(i));
            packets.timestamps.push_back(static_cast<std::uint32_t>(9000 + unit * 3000));
            packets.all.push_back(std::move(out).take());
        }
    }
    return packets;
}

class Listening {
  public:
    explicit Listening(Codec codec, Duration latency = 200ms) {
        auto made = TrackFrames::make(
            {kPayloadType, codec, rtp_clock_rate(codec), {}, ""}, latency, {clock_.get(), 0},
            {.time_of =
                 [this, codec](std::uint32_t timestamp, Duration) {
                     return Duration(std::int64_t{timestamp - first_} * 1'000'000'000 / rtp_clock_rate(codec)) + 1s;
                 },
             .format = [this](const gst::Ref<GstCaps>& caps) { caps_.with([&](auto& all) { all.push_back(caps); }); },
             .frame =
                 [this](gst::Ref<GstBuffer> frame) {
                     frames_.with([&](auto& all) { all.push_back(std::move(frame)); });
                 },
             .key_frame_needed = [this] { ++wishes; }});
        EXPECT_TRUE(made) << made.error().what;
        track = std::move(*made);
    }

    void push(const Packets& packets, const std::vector<std::size_t>& order) {
        first_ = packets.timestamps.front();
        for (std::size_t at : order) {
            const auto now = Duration(static_cast<std::int64_t>(gst_clock_get_time(clock_.get())));
            track->push(packets.all[at], now);
        }
    }
    std::vector<gst::Ref<GstBuffer>> frames() { return frames_.copy(); }
    std::size_t count() { return frames_.copy().size(); }
    std::string caps() {
        auto all = caps_.copy();
        if (all.empty()) return "";
        gst::OwnedText text(gst_caps_to_string(all.back().get()));
        return text.get();
    }

    std::atomic<int> wishes = 0;

  private:
    gst::Ref<GstClock> clock_ = gst::adopt(gst_system_clock_obtain());
    std::atomic<std::uint32_t> first_ = 0;
    Guarded<std::vector<gst::Ref<GstCaps>>> caps_;
    Guarded<std::vector<gst::Ref<GstBuffer>>> frames_;

  public:
    std::unique_ptr<TrackFrames> track;  // first to go: its thread writes into the rest
};

std::vector<std::size_t> in_order(std::size_t count) {
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = i;
    return order;
}

bool is_key(const gst::Ref<GstBuffer>& frame) {
    return !GST_BUFFER_FLAG_IS_SET(frame.get(), GST_BUFFER_FLAG_DELTA_UNIT);
}

constexpr int kFrames = 30;
const std::string kPicture =
    "videotestsrc num-buffers=30 pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1 ! ";
const std::string kH264 = kPicture +
                          "x264enc tune=zerolatency key-int-max=10 bitrate=2000 ! "
                          "rtph264pay pt=96 mtu=400 aggregate-mode=zero-latency config-interval=-1";

struct Row {
    Codec codec;
    std::string line;
    std::size_t frames;
    std::vector<std::string> caps;
};
class EveryCodec : public testing::TestWithParam<Row> {
  protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};
class Track : public testing::Test {
  protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};

TEST_P(EveryCodec, ComesOutFrameByFrameWithItsCaps) {
    const Row& row = GetParam();
    const Packets packets = row.codec == Codec::av1 ? av1_packets(row.line) : packets_of(row.line);
    Listening listening(row.codec);
    listening.push(packets, in_order(packets.all.size()));
    // All of them, the last included: no frame waits for the one after it.
    EXPECT_TRUE(eventually([&] { return listening.count() == row.frames; })) << listening.count();
    for (const std::string& each : row.caps)
        EXPECT_NE(listening.caps().find(each), std::string::npos) << listening.caps();
    const auto frames = listening.frames();
    EXPECT_TRUE(is_key(frames.front()));
    for (std::size_t i = 1; i < frames.size(); ++i)
        EXPECT_GT(GST_BUFFER_PTS(frames[i].get()), GST_BUFFER_PTS(frames[i - 1].get())) << i;
    EXPECT_EQ(GST_BUFFER_PTS(frames.front().get()), GST_SECOND);
    EXPECT_EQ(listening.track->counters().gaps, 0U);
    EXPECT_EQ(listening.wishes, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Codecs, EveryCodec,
    testing::Values(
        Row{Codec::h264, kH264, kFrames, {"video/x-h264", "avc", "codec_data", "width=(int)320", "height=(int)240"}},
        Row{Codec::h265,
            kPicture + "x265enc tune=zerolatency key-int-max=10 bitrate=1000 ! rtph265pay pt=96 mtu=400 "
                       "config-interval=-1",
            kFrames,
            {"video/x-h265", "hvc1", "codec_data", "width=(int)320"}},
        Row{Codec::vp8,
            kPicture + "vp8enc deadline=1 keyframe-max-dist=10 ! rtpvp8pay pt=96 mtu=400",
            kFrames,
            {"video/x-vp8", "width=(int)320", "height=(int)240"}},
        Row{Codec::vp9,
            kPicture + "vp9enc deadline=1 lag-in-frames=0 keyframe-max-dist=10 ! rtpvp9pay pt=96 mtu=400",
            kFrames,
            {"video/x-vp9", "width=(int)320", "height=(int)240"}},
        Row{Codec::av1,
            kPicture + "av1enc cpu-used=8 usage-profile=realtime lag-in-frames=0 keyframe-max-dist=10 ! av1parse ! "
                       "video/x-av1,stream-format=obu-stream,alignment=tu",
            kFrames,
            {"video/x-av1", "obu-stream", "codec_data", "width=(int)320", "height=(int)240"}},
        Row{Codec::opus,
            "audiotestsrc num-buffers=50 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 ! opusenc ! "
            "rtpopuspay pt=96",
            51,  // with what the encoder was late
            {"audio/x-opus", "channels=(int)2", "rate=(int)48000"}}),
    [](const auto& info) { return std::string(rtp_name(info.param.codec)); });

TEST_F(Track, PutsPacketsInOrder) {
    const Packets packets = packets_of(kH264);
    auto order = in_order(packets.all.size());
    for (std::size_t i = 1; i + 1 < order.size(); i += 2) std::swap(order[i], order[i + 1]);
    Listening listening(Codec::h264);
    listening.push(packets, order);
    EXPECT_TRUE(eventually([&] { return listening.count() == kFrames; })) << listening.count();
    EXPECT_EQ(listening.track->counters().gaps, 0U);
}

TEST_F(Track, AfterALossNothingComesOutUntilAKeyFrame) {
    const Packets packets = packets_of(kH264);
    // A packet in the middle of the fourth frame.
    std::size_t third_end = 0;
    for (std::size_t frames = 0; frames < 4; ++third_end)
        if (third_end > 0 && packets.timestamps[third_end] != packets.timestamps[third_end - 1]) ++frames;
    auto order = in_order(packets.all.size());
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(third_end));
    Listening listening(Codec::h264, 50ms);
    listening.push(packets, order);
    EXPECT_TRUE(eventually([&] { return listening.track->counters().gaps == 1; }));
    EXPECT_TRUE(eventually([&] { return listening.count() >= 23; })) << listening.count();
    EXPECT_GE(listening.wishes, 1);
    const auto frames = listening.frames();
    for (std::size_t i = 1; i < frames.size(); ++i)
        if (GST_BUFFER_PTS(frames[i].get()) - GST_BUFFER_PTS(frames[i - 1].get()) > GST_SECOND / 29) {
            EXPECT_TRUE(is_key(frames[i])) << "frame " << i << " needs one that is missing";
        }
    EXPECT_GE(listening.track->counters().dropped, 5U);
}

// As Chromium does before a key frame.
TEST_F(Track, AFrameThatIsCutShortWithoutAGapIsNoPartOfTheNextOne) {
    Packets packets = packets_of(kH264);
    // The last packet of the tenth frame is not sent, and the numbers go on: the eleventh is a key frame.
    std::size_t end = 0;
    for (std::size_t frames = 0; frames < 10; ++end)
        if (end > 0 && packets.timestamps[end] != packets.timestamps[end - 1]) ++frames;
    const std::size_t key = end - 1;
    ASSERT_EQ(packets.timestamps[key - 2], packets.timestamps[key - 1]) << "it has several packets";
    Packets cut;
    const auto first = ByteReader(ByteView(packets.all.front()).subspan(2)).u16();
    for (std::size_t i = 0; i < packets.all.size(); ++i) {
        if (i == key - 1) continue;
        ByteWriter out;
        out.bytes(ByteView(packets.all[i]).first(2));
        out.u16(static_cast<std::uint16_t>(first + cut.all.size()));
        out.bytes(ByteView(packets.all[i]).subspan(4));
        cut.all.push_back(std::move(out).take());
        cut.timestamps.push_back(packets.timestamps[i]);
    }
    Listening whole(Codec::h264);
    whole.push(packets, in_order(packets.all.size()));
    ASSERT_TRUE(eventually([&] { return whole.count() == kFrames; }));
    Listening listening(Codec::h264);
    listening.push(cut, in_order(cut.all.size()));
    ASSERT_TRUE(eventually([&] { return listening.count() == kFrames - 1; })) << listening.count();
    const auto frames = listening.frames();
    EXPECT_TRUE(is_key(frames[9]));
    EXPECT_EQ(gst_buffer_get_size(frames[9].get()), gst_buffer_get_size(whole.frames()[10].get()));
    EXPECT_EQ(listening.track->counters().gaps, 0U);
}

TEST_F(Track, APictureThatChangesItsSizeComesWithNewCaps) {
    Packets packets = packets_of(kH264);
    const auto last = static_cast<std::uint16_t>(ByteReader(ByteView(packets.all.back()).subspan(2)).u16() + 1);
    const std::uint32_t from = packets.timestamps.back() + 3000;
    const Packets larger = packets_of(
        "videotestsrc num-buffers=10 ! video/x-raw,width=640,height=360,framerate=30/1 ! x264enc tune=zerolatency ! "
        "rtph264pay pt=96 mtu=1200 aggregate-mode=zero-latency config-interval=-1");
    // The same stream goes on.
    for (std::size_t i = 0; i < larger.all.size(); ++i) {
        ByteWriter out;
        out.bytes(ByteView(larger.all[i]).first(2));
        out.u16(last + i);
        out.u32(from + larger.timestamps[i] - larger.timestamps.front());
        out.bytes(ByteView(larger.all[i]).subspan(8));
        packets.all.push_back(std::move(out).take());
    }
    Listening listening(Codec::h264);
    listening.push(packets, in_order(packets.all.size()));
    EXPECT_TRUE(eventually([&] { return listening.count() == kFrames + 10; })) << listening.count();
    EXPECT_NE(listening.caps().find("width=(int)640"), std::string::npos) << listening.caps();
}

TEST_F(Track, ALostSoundIsADiscontinuityAndNoMore) {
    const Packets packets = packets_of(
        "audiotestsrc num-buffers=20 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay "
        "pt=96");
    auto order = in_order(packets.all.size());
    order.erase(order.begin() + 7);
    Listening listening(Codec::opus, 30ms);
    listening.push(packets, order);
    EXPECT_TRUE(eventually([&] { return listening.count() + 1 == packets.all.size(); })) << listening.count();
    EXPECT_EQ(listening.wishes, 0);
    const auto frames = listening.frames();
    EXPECT_TRUE(GST_BUFFER_FLAG_IS_SET(frames[7].get(), GST_BUFFER_FLAG_DISCONT));
    EXPECT_FALSE(GST_BUFFER_FLAG_IS_SET(frames[8].get(), GST_BUFFER_FLAG_DISCONT));
    EXPECT_EQ(GST_BUFFER_DURATION(frames[8].get()), 20 * GST_MSECOND);
}

TEST_F(Track, NonsenseInThePayloadsHarmsNobody) {
    for (Codec codec : {Codec::h264, Codec::h265, Codec::vp8, Codec::vp9, Codec::av1, Codec::opus}) {
        Listening listening(codec, 10ms);
        Packets packets;
        std::uint32_t seed = 1;
        for (std::uint16_t i = 0; i < 500; ++i) {
            ByteWriter out;
            out.u8(0x80);
            out.u8((i % 3 == 0 ? 0x80 : 0) | kPayloadType);
            out.u16(i);
            out.u32(1000U + i / 3 * 3000U);
            out.u32(7);
            for (std::uint32_t n = 0; n < seed % 90; ++n) out.u8((seed = seed * 1664525 + 1013904223) >> 24);
            packets.timestamps.push_back(1000U + i / 3 * 3000U);
            packets.all.push_back(std::move(out).take());
        }
        listening.push(packets, in_order(packets.all.size()));
    }
}

}  // namespace
}  // namespace millrace::webrtc
