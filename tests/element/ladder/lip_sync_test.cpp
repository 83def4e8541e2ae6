// SPDX-License-Identifier: LGPL-2.1-or-later
// Sound and picture stay together, through every output, also where the publisher's clock is not ours: a beep begins
// with every tenth picture.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "tests/element/ladder/running_ladder.hpp"

namespace millrace::ladder::test {
namespace {

constexpr int kPicturesPerBeep = 10;
constexpr GstClockTimeDiff kMost = 20 * GST_MSECOND;

// MILLRACE_LIP_SYNC_SECONDS=3600 is how long it holds; what drifts shows earlier.
int seconds() {
    const char* asked = std::getenv("MILLRACE_LIP_SYNC_SECONDS");
    return asked ? std::atoi(asked) : 120;
}

// A tenth of a second of 1 kHz at the beginning of each second. (audiotestsrc's own ticks are not the same in every
// process.)
GstPadProbeReturn beep(GstPad*, GstPadProbeInfo* info, gpointer count) {
    constexpr int kBuffersOfASecond = 100;
    constexpr int kBuffersOfABeep = 10;
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    const bool loud = (*static_cast<int*>(count))++ % kBuffersOfASecond < kBuffersOfABeep;
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_WRITE)) return GST_PAD_PROBE_OK;
    auto* samples = reinterpret_cast<std::int16_t*>(map.data);
    for (std::size_t i = 0; i < map.size / 2; ++i) {
        // Two channels of 48 samples a period; it begins at its peak.
        const double angle = static_cast<double>(i / 2 % 48) / 48 * 2 * G_PI;
        samples[i] = loud ? static_cast<std::int16_t>(20'000 * std::cos(angle)) : std::int16_t{0};
    }
    gst_buffer_unmap(buffer, &map);
    GST_BUFFER_FLAG_UNSET(buffer, GST_BUFFER_FLAG_GAP);
    return GST_PAD_PROBE_OK;
}

// A source that follows our clock has slewed its timestamps: 100 ppm closer together than its samples and frames are.
GstPadProbeReturn slew(GstPad*, GstPadProbeInfo* info, gpointer) {
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    GST_BUFFER_PTS(buffer) -= GST_BUFFER_PTS(buffer) / 10'000;
    return GST_PAD_PROBE_OK;
}

void beep_every_second(RunningLadder& run) {
    auto element = gst::adopt(gst_bin_get_by_name(GST_BIN(run.pipeline()), "m"));
    auto pad = gst::adopt(gst_element_get_static_pad(element.get(), "src"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, beep, new int(0),
                      [](gpointer count) { delete static_cast<int*>(count); });
}

void slew_all(RunningLadder& run) {
    for (const char* name : {"n", "m"}) {
        auto element = gst::adopt(gst_bin_get_by_name(GST_BIN(run.pipeline()), name));
        auto pad = gst::adopt(gst_element_get_static_pad(element.get(), "src"));
        gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, slew, nullptr, nullptr);
    }
}

struct Sound {
    const char* name;
    const char* encoder;
    GstClockTimeDiff late = 0;  // before it comes to the ladder: what it is measured against
};

class LipSync : public testing::TestWithParam<Sound> {};

TEST_P(LipSync, HoldsAgainstAClockThatRunsFast) {
    const int length = seconds();
    RunningLadder run(
        "videotestsrc pattern=black num-buffers=" + std::to_string(length * kPicturesPerBeep) +
        " ! video/x-raw,format=I420,width=160,height=90,framerate=10/1 ! identity name=n ! x264enc "
        "tune=zerolatency speed-preset=ultrafast key-int-max=20 ! h264parse ! queue ! millladder name=l "
        "renditions=copy,72p@100k speed=ultrafast audiotestsrc wave=silence samplesperbuffer=480 num-buffers=" +
        std::to_string(length * 100) + " ! audio/x-raw,format=S16LE,rate=48000,channels=2 ! identity name=m ! " +
        GetParam().encoder + " ! queue ! l.");
    beep_every_second(run);
    slew_all(run);
    run.play();
    ASSERT_TRUE(run.wait_for_end(60 + length)) << run.error();
    ASSERT_EQ(run.error(), "");
    auto seen = run.seen();
    for (const auto& [sound, heard] : seen) {
        if (!sound.starts_with("audio")) continue;
        for (const char* picture : {"video_0", "video_1"}) {
            SCOPED_TRACE(sound + " against " + picture);
            // The first beep begins with the stream, and not after silence.
            ASSERT_GE(heard.beeps.size() + 2, static_cast<std::size_t>(length));
            GstClockTimeDiff worst = 0;
            GstClockTimeDiff sum = 0;
            for (std::size_t beep = 0; beep < heard.beeps.size(); ++beep) {
                const std::size_t number = (beep + 1) * kPicturesPerBeep;
                const auto& shown = seen[picture].shown;
                if (number >= shown.size()) break;
                ASSERT_EQ(shown[number].number, number);
                const GstClockTimeDiff late = GST_CLOCK_DIFF(shown[number].pts, heard.beeps[beep]) - GetParam().late;
                sum += late;
                if (std::abs(late) > std::abs(worst)) worst = late;
            }
            EXPECT_LE(std::abs(worst), kMost) << "ns, mean " << sum / static_cast<GstClockTimeDiff>(heard.beeps.size());
            RecordProperty((sound + picture).c_str(), static_cast<int>(worst / GST_USECOND));
            if (std::getenv("MILLRACE_LIP_SYNC_SECONDS"))
                printf("%s against %s: worst %.1f ms, mean %.1f ms\n", sound.c_str(), picture, worst / 1e6,
                       static_cast<double>(sum) / 1e6 / static_cast<double>(heard.beeps.size()));
        }
    }
}

constexpr GstClockTimeDiff kAacPacket = 1024 * GST_SECOND / 48000;
INSTANTIATE_TEST_SUITE_P(Sounds, LipSync,
                         testing::Values(Sound{"raw", "identity"},
                                         Sound{"aac", "audioconvert ! avenc_aac ! aacparse", kAacPacket},
                                         Sound{"opus", "opusenc ! opusparse"}),
                         [](const auto& sound) { return sound.param.name; });

}  // namespace
}  // namespace millrace::ladder::test
