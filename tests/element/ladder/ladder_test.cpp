// SPDX-License-Identifier: LGPL-2.1-or-later
// What comes out of millladder, picture by picture: each carries its number.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/element/ladder/running_ladder.hpp"

namespace millrace::ladder::test {
namespace {

std::vector<std::uint32_t> every(std::uint32_t step, std::uint32_t count) {
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t number = 0; number < count; number += step) numbers.push_back(number);
    return numbers;
}

std::string source(int pictures, const std::string& caps) {
    return "videotestsrc pattern=black num-buffers=" + std::to_string(pictures) + " ! " + caps +
           " ! identity name=n ! ";
}

std::string published(int pictures,
                      const std::string& encoder = "x264enc tune=zerolatency key-int-max=17 option-string=scenecut=0",
                      const std::string& caps = "video/x-raw,width=640,height=360,framerate=25/1") {
    return source(pictures, caps) + encoder + " ! h264parse ! ";
}

TEST(Ladder, TheCopyAndItsRungsHaveTheSameKeyFrames) {
    RunningLadder run(published(60) + "millladder name=l renditions=copy,180p@300k,90p@100k");
    run.play();
    ASSERT_TRUE(run.wait_for_end()) << run.error();
    ASSERT_EQ(run.error(), "");
    const auto seen = run.seen();
    ASSERT_EQ(seen.size(), 3u);
    for (const auto& [name, pad] : seen) {
        EXPECT_EQ(pad.numbers(), every(1, 60)) << name;
        EXPECT_EQ(pad.keys(), every(17, 60)) << name;
        EXPECT_EQ(pad.shown, seen.at("video_0").shown) << name << ": the same pictures at the same times";
        EXPECT_TRUE(pad.ended) << name;
    }
    EXPECT_EQ(seen.at("video_0").rendition.name, "copy");
    EXPECT_EQ(seen.at("video_1").rendition.name, "180p");
    EXPECT_EQ(seen.at("video_1").width, 320);
    EXPECT_EQ(seen.at("video_2").height, 90);
}

// Who links pads by what comes out of them would else give a VP8 copy to an output that has no word for VP8.
TEST(Ladder, WhatTheCopyIsIsKnownWhenItsPadIsThere) {
    RunningLadder run(source(20, "video/x-raw,width=320,height=180,framerate=25/1") +
                      "vp8enc deadline=1 ! millladder name=l renditions=copy,90p@100k");
    run.play();
    ASSERT_TRUE(run.wait_for_end_of({"video_0", "video_1"})) << run.error();
    const Seen copy = run.seen("video_0");
    EXPECT_TRUE(copy.known.starts_with("video/x-vp8")) << copy.known;
    EXPECT_EQ(copy.known, copy.caps);
    EXPECT_EQ(copy.numbers(), every(1, 20));
    EXPECT_EQ(run.seen("video_1").numbers(), every(1, 20)) << "and it is decoded";
    EXPECT_TRUE(run.warnings().empty());
}

TEST(Ladder, AnInputWithBFramesIsFollowedToo) {
    RunningLadder run(published(60, "x264enc bframes=3 b-adapt=false key-int-max=20 rc-lookahead=5") +
                      "millladder name=l renditions=copy,180p@300k");
    run.play();
    ASSERT_TRUE(run.wait_for_end()) << run.error();
    const Seen copy = run.seen("video_0");
    const Seen rung = run.seen("video_1");
    EXPECT_EQ(copy.keys(), every(20, 60));
    EXPECT_EQ(rung.shown, copy.shown);
    EXPECT_FALSE(copy.rendition.realtime) << "browsers show no B-frames in real time";
    EXPECT_TRUE(rung.rendition.realtime);
}

TEST(Ladder, KeyFramesComeAtTheIntervalWhereThereIsNoCopy) {
    RunningLadder run(published(75) + "millladder name=l renditions=180p@300k,90p@100k key-interval=1000000000");
    run.play();
    ASSERT_TRUE(run.wait_for_end()) << run.error();
    for (const auto& [name, pad] : run.seen()) EXPECT_EQ(pad.keys(), every(25, 75)) << name;
}

TEST(Ladder, RawPicturesAreTakenToo) {
    RunningLadder run(source(30, "video/x-raw,format=I420,width=320,height=180,framerate=30/1") +
                      "millladder name=l renditions=90p@100k key-interval=500000000");
    run.play();
    ASSERT_TRUE(run.wait_for_end()) << run.error();
    EXPECT_EQ(run.seen("video_0").numbers(), every(1, 30));
    EXPECT_EQ(run.seen("video_0").keys(), every(15, 30));
}

struct Input {
    const char* what;
    const char* caps;
    const char* encoder;
    int width;  // of 90p
    int height;
};

class EveryInput : public testing::TestWithParam<Input> {};

TEST_P(EveryInput, BecomesRenditionsThatAreAligned) {
    RunningLadder run(published(30, GetParam().encoder, GetParam().caps) +
                      "millladder name=l renditions=copy,90p@200k");
    run.play();
    ASSERT_TRUE(run.wait_for_end()) << run.error();
    ASSERT_EQ(run.error(), "");
    const Seen rung = run.seen("video_1");
    EXPECT_EQ(rung.numbers(), every(1, 30));
    EXPECT_EQ(rung.shown, run.seen("video_0").shown);
    EXPECT_EQ(rung.width, GetParam().width);
    EXPECT_EQ(rung.height, GetParam().height);
    EXPECT_NE(rung.caps.find("profile=(string)main"), std::string::npos) << rung.caps;
    EXPECT_NE(rung.caps.find("chroma-format=(string)4:2:0"), std::string::npos) << rung.caps;
}

constexpr const char* kZero = "x264enc tune=zerolatency key-int-max=10";
INSTANTIATE_TEST_SUITE_P(
    All, EveryInput,
    testing::Values(
        Input{"fps25", "video/x-raw,width=320,height=180,framerate=25/1", kZero, 160, 90},
        Input{"fps2997", "video/x-raw,width=320,height=180,framerate=30000/1001", kZero, 160, 90},
        Input{"fps50", "video/x-raw,width=320,height=180,framerate=50/1", kZero, 160, 90},
        Input{"fps60", "video/x-raw,width=320,height=180,framerate=60/1", kZero, 160, 90},
        Input{"portrait", "video/x-raw,width=180,height=320,framerate=30/1", kZero, 90, 160},
        Input{"odd", "video/x-raw,width=322,height=182,framerate=30/1", kZero, 158, 90},
        Input{"wide_pixels", "video/x-raw,width=320,height=360,framerate=30/1,pixel-aspect-ratio=2/1", kZero, 160, 90},
        Input{"chroma444", "video/x-raw,format=Y444,width=320,height=180,framerate=30/1", kZero, 160, 90},
        Input{"chroma422", "video/x-raw,format=Y42B,width=320,height=180,framerate=30/1", kZero, 160, 90},
        Input{"tenbit", "video/x-raw,format=I420_10LE,width=320,height=180,framerate=30/1", kZero, 160, 90},
        Input{"bframes", "video/x-raw,width=320,height=180,framerate=30/1",
              "x264enc bframes=2 rc-lookahead=4 key-int-max=10", 160, 90},
        Input{"interlaced",
              "video/x-raw,width=320,height=180,framerate=25/1 ! capssetter join=true "
              "caps=video/x-raw,interlace-mode=interleaved,field-order=top-field-first",
              "x264enc tune=zerolatency key-int-max=10 interlaced=true", 160, 90},
        Input{"openh264", "video/x-raw,width=320,height=180,framerate=30/1", "openh264enc gop-size=10", 160, 90}),
    [](const auto& input) { return input.param.what; });

TEST(Ladder, FrameRatesAreHalvedWhereThatIsAsked) {
    RunningLadder run(published(60, kZero, "video/x-raw,width=320,height=180,framerate=60/1") +
                      "millladder name=l renditions=copy,90p30@200k,80p@100k");
    run.play();
    ASSERT_TRUE(run.wait_for_end()) << run.error();
    EXPECT_EQ(run.seen("video_1").numbers(), every(2, 60));
    EXPECT_EQ(run.seen("video_1").rate, "30/1");
    EXPECT_EQ(run.seen("video_1").keys(), every(10, 60));
    EXPECT_EQ(run.seen("video_2").numbers(), every(1, 60)) << "a rung of all frames is not made from one of half";
    EXPECT_EQ(run.seen("video_2").rate, "60/1");
}

TEST(Ladder, AKeyFrameThatFallsBetweenStaysInAHalvedRung) {
    RunningLadder run(
        published(60, "x264enc tune=zerolatency key-int-max=15", "video/x-raw,width=320,height=180,framerate=60/1") +
        "millladder name=l renditions=copy,90p30@200k");
    run.play();
    ASSERT_TRUE(run.wait_for_end()) << run.error();
    EXPECT_EQ(run.seen("video_1").keys(), every(15, 60));
}

TEST(Ladder, ARungAboveTheInputIsLeftOutAndTheOthersKeepTheirPads) {
    RunningLadder run(published(10) + "millladder name=l renditions=copy,1080p@5M,180p@300k");
    run.play();
    ASSERT_TRUE(run.wait_for_end_of({"video_0", "video_2"})) << run.error();
    const auto seen = run.seen();
    EXPECT_EQ(seen.count("video_1"), 0u);
    EXPECT_EQ(seen.at("video_2").rendition.name, "180p");
    auto stats = run.stats();
    const GValue* notes = gst_structure_get_value(stats.get(), "notes");
    ASSERT_TRUE(notes && gst_value_list_get_size(notes) == 1);
    EXPECT_STREQ(g_value_get_string(gst_value_list_get_value(notes, 0)),
                 "1080p is left out: it would be larger than the input of 640x360");
}

TEST(Ladder, OtherCodecsAreEncodedWhereThatIsAsked) {
    RunningLadder run(published(20) + "millladder name=l renditions=180p@300k:h265,90p@100k:av1 speed=ultrafast");
    run.play();
    ASSERT_TRUE(run.wait_for_end(90)) << run.error();
    EXPECT_EQ(run.error(), "");
    EXPECT_NE(run.seen("video_0").caps.find("video/x-h265"), std::string::npos);
    EXPECT_NE(run.seen("video_1").caps.find("video/x-av1"), std::string::npos);
    EXPECT_EQ(run.seen("video_0").numbers(), every(1, 20));
    EXPECT_EQ(run.seen("video_1").numbers(), every(1, 20));
}

TEST(Ladder, TimesAreKeptOfAnInputWhoseFrameRateVaries) {
    RunningLadder run(source(40, "video/x-raw,width=320,height=180,framerate=30/1") +
                      "identity drop-probability=0.3 ! x264enc tune=zerolatency key-int-max=10 ! h264parse ! "
                      "millladder name=l renditions=copy,90p@200k");
    run.play();
    ASSERT_TRUE(run.wait_for_end()) << run.error();
    EXPECT_EQ(run.seen("video_1").shown, run.seen("video_0").shown);
    EXPECT_LT(run.seen("video_1").shown.size(), 40u);
}

TEST(Ladder, ARequestForAKeyFrameIsOneOnAllEncodedRungs) {
    RunningLadder run(
        source(-1, "video/x-raw,width=320,height=180,framerate=30/1").replace(0, 12, "videotestsrc is-live=true") +
        "millladder name=l renditions=180p@300k,90p@100k key-interval=60000000000");
    run.play();
    ASSERT_TRUE(run.wait_until([&] { return run.seen("video_1").shown.size() > 20; })) << run.error();
    gst_pad_send_event(run.seen("video_1").pad.get(),
                       gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                                            gst_structure_new("GstForceKeyUnit", "running-time", GST_TYPE_CLOCK_TIME,
                                                              GST_CLOCK_TIME_NONE, "all-headers", G_TYPE_BOOLEAN, TRUE,
                                                              "count", G_TYPE_UINT, 0, nullptr)));
    // More where this machine was too slow for the higher one for a moment: it comes back with a key frame of both.
    ASSERT_TRUE(run.wait_until(
        [&] { return run.seen("video_0").keys().size() >= 2 && run.seen("video_1").keys().size() >= 2; }));
    const auto high = run.seen("video_0").keys();
    const auto low = run.seen("video_1").keys();
    for (std::uint32_t key : high) EXPECT_TRUE(std::count(low.begin(), low.end(), key)) << key;
}

TEST(Ladder, OneMoreRungIsMadeForThoseWhoCanBeShownNone) {
    RunningLadder run(
        "videotestsrc is-live=true pattern=black ! video/x-raw,width=320,height=180,framerate=30/1 ! identity "
        "name=n ! x264enc bframes=2 rc-lookahead=3 key-int-max=10 ! h264parse ! millladder name=l renditions=copy");
    run.play();
    ASSERT_TRUE(run.wait_until([&] { return run.seen("video_0").shown.size() > 10; })) << run.error();
    gst_pad_send_event(run.seen("video_0").pad.get(), gst::realtime_wanted().release());
    ASSERT_TRUE(run.wait_until([&] { return run.seen("video_1").shown.size() > 10; })) << run.error();
    const Seen made = run.seen("video_1");
    EXPECT_TRUE(made.rendition.realtime);
    EXPECT_FALSE(made.rendition.segmented) << "HLS has the copy";
    EXPECT_EQ(made.width, 320);
    const auto warnings = run.warnings();
    EXPECT_EQ(std::count_if(warnings.begin(), warnings.end(),
                            [](const auto& text) { return text.find("one more is encoded") != std::string::npos; }),
              1);
}

TEST(Ladder, AnInputThatBecomesSmallerKeepsItsPads) {
    RunningLadder run(
        "videotestsrc is-live=true ! capsfilter name=f "
        "caps=video/x-raw,format=I420,width=640,height=360,framerate=30/1 ! "
        "millladder name=l renditions=180p@300k,90p@100k");
    run.play();
    ASSERT_TRUE(run.wait_until([&] { return run.seen("video_1").buffers >= 10; })) << run.error();
    auto filter = gst::adopt(gst_bin_get_by_name(GST_BIN(run.pipeline()), "f"));
    gst_util_set_object_arg(G_OBJECT(filter.get()), "caps",
                            "video/x-raw,format=I420,width=160,height=90,framerate=30/1");
    ASSERT_TRUE(run.wait_until([&] { return run.seen("video_0").width == 160 && run.seen("video_1").width == 160; }))
        << "nothing is scaled up";
    const auto before = run.seen("video_1").buffers;
    EXPECT_TRUE(run.wait_until([&] { return run.seen("video_1").buffers >= before + 10; })) << run.error();
    EXPECT_EQ(run.seen().size(), 2u);
}

std::string kept(RunningLadder& run, guint rung) {
    auto stats = run.stats();
    const GValue* renditions = gst_structure_get_value(stats.get(), "renditions");
    if (!renditions || gst_value_list_get_size(renditions) <= rung) return "";
    const auto* one = static_cast<const GstStructure*>(g_value_get_boxed(gst_value_list_get_value(renditions, rung)));
    return gst_structure_get_string(one, "keeps");
}

// What is slow here is what is behind the highest rung: its encoder waits as one on a slow machine does.
TEST(Ladder, AnOverloadCostsTheHighestRungItsPicturesAndNobodyTime) {
    RunningLadder run(
        "videotestsrc is-live=true pattern=black ! video/x-raw,format=I420,width=320,height=180,framerate=30/1 ! "
        "identity "
        "name=n ! millladder name=l renditions=180p@300k,90p@100k key-interval=1000000000",
        {{"video_0", "identity sleep-time=90000"}});
    run.play();
    ASSERT_TRUE(run.wait_until([&] { return kept(run, 0) == "half"; })) << run.error();
    ASSERT_TRUE(run.wait_until([&] { return kept(run, 0) == "none"; })) << run.error();
    EXPECT_EQ(kept(run, 1), "all");
    const std::size_t before = run.seen("video_1").shown.size();
    ASSERT_TRUE(run.wait_until([&] { return run.seen("video_1").shown.size() > before + 30; }))
        << "the lower one goes on";
    const auto warnings = run.warnings();
    EXPECT_EQ(
        std::count_if(warnings.begin(), warnings.end(),
                      [](const auto& text) { return text.find("too slow for all renditions") != std::string::npos; }),
        1);
    // And it comes back, with a key frame that both have.
    const std::size_t sent = run.seen("video_0").buffers;
    ASSERT_TRUE(run.wait_until([&] { return run.seen("video_0").buffers > sent + 3; }, 40));
    const Seen high = run.seen("video_0");
    const auto keys = run.seen("video_1").keys();
    for (std::uint32_t key : high.keys()) EXPECT_TRUE(std::count(keys.begin(), keys.end(), key)) << key;
}

// A rung's thread tells how it went, and may have been asked for a key frame, when it is done with a picture.
TEST(Ladder, ItEndsWhileItsRungsAreBusy) {
    for (int round = 0; round < 3; ++round) {
        RunningLadder run(
            "videotestsrc is-live=true pattern=black ! video/x-raw,format=I420,width=320,height=180,framerate=30/1 ! "
            "identity name=n ! millladder name=l renditions=180p@300k,90p@100k",
            {{"video_0", "identity sleep-time=50000"}, {"video_1", "identity sleep-time=50000"}});
        run.play();
        ASSERT_TRUE(run.wait_until([&] { return run.seen("video_0").buffers > 0 && run.seen("video_1").buffers > 0; }))
            << run.error();
    }
}

struct Refused {
    const char* what;
    const char* properties;
    const char* said;
};

class RefusedSettings : public testing::TestWithParam<Refused> {};

TEST_P(RefusedSettings, AreAnErrorThatSaysWhatToDo) {
    RunningLadder run(source(5, "video/x-raw,width=320,height=180") + "millladder name=l " + GetParam().properties);
    run.play();
    run.wait_for_end();
    EXPECT_NE(run.error().find(GetParam().said), std::string::npos) << run.error();
}

INSTANTIATE_TEST_SUITE_P(All, RefusedSettings,
                         testing::Values(Refused{"renditions", "renditions=720p", "'720p' has no bitrate"},
                                         Refused{"nothing", "renditions=\"\"", "no rendition is asked for"},
                                         Refused{"speed", "speed=fastest", "none of ultrafast, superfast"},
                                         Refused{"encoder", "renditions=90p@100k video-encoder=x246enc",
                                                 "video-encoder=x246enc is none of auto, nvh264enc"},
                                         Refused{"absent", "renditions=90p@100k video-encoder=nvh264enc",
                                                 "there is no nvh264enc; install"}),
                         [](const auto& refused) { return refused.param.what; });

// ---- sound ----------------------------------------------------------------------------------------------------------

std::string sound(const std::string& encoder) {
    return "audiotestsrc num-buffers=50 ! audio/x-raw,rate=48000,channels=2 ! " + encoder + " ! millladder name=l";
}

TEST(LadderSound, AacIsPassedOn) {
    RunningLadder run(sound("avenc_aac ! aacparse"));
    run.play();
    ASSERT_TRUE(run.wait_for_end()) << run.error();
    const auto seen = run.seen();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_NE(seen.at("audio_0").caps.find("audio/mpeg"), std::string::npos);
    EXPECT_TRUE(seen.at("audio_0").rendition.segmented);
    EXPECT_TRUE(seen.at("audio_0").rendition.realtime) << "who needs Opus makes it of this";
    EXPECT_GT(seen.at("audio_0").buffers, 45u);
}

class OtherSound : public testing::TestWithParam<const char*> {};

TEST_P(OtherSound, BecomesAacForSegmentsAndOpusForRealTime) {
    RunningLadder run(sound(GetParam()));
    run.play();
    ASSERT_TRUE(run.wait_for_end()) << run.error();
    ASSERT_EQ(run.error(), "");
    const auto seen = run.seen();
    ASSERT_EQ(seen.size(), 2u);
    const Seen& aac = seen.at("audio_0");
    const Seen& opus = seen.at("audio_1");
    EXPECT_NE(aac.caps.find("mpegversion=(int)4"), std::string::npos) << aac.caps;
    EXPECT_NE(opus.caps.find("audio/x-opus"), std::string::npos) << opus.caps;
    for (const char* taken_by_outputs : {"stream-format=(string)raw", "framed=(boolean)true", "codec_data"})
        EXPECT_NE(aac.caps.find(taken_by_outputs), std::string::npos) << aac.caps;
    EXPECT_TRUE(aac.rendition.segmented && !aac.rendition.realtime);
    EXPECT_TRUE(opus.rendition.realtime && !opus.rendition.segmented);
    EXPECT_GT(aac.buffers, 40u);
    EXPECT_GT(opus.buffers, 40u);
    EXPECT_TRUE(aac.ended && opus.ended);
}

INSTANTIATE_TEST_SUITE_P(All, OtherSound,
                         testing::Values("identity", "opusenc ! opusparse", "lamemp3enc ! mpegaudioparse"));

}  // namespace
}  // namespace millrace::ladder::test
