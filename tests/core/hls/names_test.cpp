// SPDX-License-Identifier: LGPL-2.1-or-later
// What renditions are called, and which of the declared tracks become renditions at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hls/core/folder_name.hpp"
#include "tests/core/hls/broadcast.hpp"

namespace millrace::hls {
namespace {

using test::audio;
using test::Broadcast;
using test::Source;
using test::video;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FolderName, IsWhatAUrlTakesWithoutEscapes) {
    EXPECT_EQ(folder_name("720p", {}), "720p");
    EXPECT_EQ(folder_name("high quality/1", {}), "high-quality-1");
    EXPECT_EQ(folder_name("\"\n", {}), "--");
    EXPECT_EQ(folder_name("..", {}), "-.");
    EXPECT_EQ(folder_name("", {}), "rendition");
}

TEST(FolderName, IsNobodyElses) {
    const std::vector<std::string> taken{"720p", "720p-2"};
    EXPECT_EQ(folder_name("720p", taken), "720p-3");
    EXPECT_EQ(folder_name("360p", taken), "360p");
}

Source rung(const std::string& name) {
    Source source = video({30, 1}, 60);
    source.name = name;
    return source;
}

TEST(Names, ATrackIsDescribedUntilItIsPublished) {
    Broadcast live({}, {rung("video_0"), audio()});
    live.presentation.describe(0, {.name = "720p", .bitrate = 3'000'000});
    live.presentation.describe(1, {.name = "english", .language = "en"});
    EXPECT_EQ(live.get("720p/media.m3u8").status, 404u);
    live.run(5s);
    const std::string text = live.text("index.m3u8");
    EXPECT_THAT(text, HasSubstr("\n720p/media.m3u8"));
    EXPECT_THAT(text, HasSubstr("NAME=\"english\",LANGUAGE=\"en\""));
    EXPECT_THAT(text, HasSubstr("AVERAGE-BANDWIDTH=3"));
    EXPECT_EQ(live.get("video_0/media.m3u8").status, 404u);
    live.presentation.describe(0, {.name = "480p", .bitrate = 9'000'000});
    live.run(9s);
    EXPECT_THAT(live.text("index.m3u8"), HasSubstr("\n720p/media.m3u8"));
    EXPECT_THAT(live.text("index.m3u8"), HasSubstr("BANDWIDTH=1"));
    EXPECT_THAT(live.notices, IsEmpty());
}

TEST(Names, OneThatComesLaterIsDescribedToo) {
    Broadcast live({}, {rung("copy"), rung("video_1"), audio()});
    live.sources[1].stopped = true;
    live.run(6s);
    live.presentation.describe(1, {.name = "360p"});
    live.sources[1].stopped = false;
    live.sources[1].next = 180;
    live.run(12s);
    EXPECT_THAT(live.text("index.m3u8"), HasSubstr("\n360p/media.m3u8"));
}

TEST(Names, TwoOfOneNameAreToldApartAndTheUserIsTold) {
    Broadcast live({}, {rung("video_0"), rung("video_1"), audio()});
    live.presentation.describe(0, {.name = "720p"});
    live.presentation.describe(1, {.name = "720p"});
    live.run(5s);
    EXPECT_THAT(live.text("index.m3u8"), HasSubstr("\n720p/media.m3u8"));
    EXPECT_THAT(live.text("index.m3u8"), HasSubstr("\n720p-2/media.m3u8"));
    ASSERT_EQ(live.notices.size(), 1u);
    EXPECT_THAT(live.notices[0], HasSubstr("two renditions are called 720p"));
}

TEST(Names, AWithdrawnTrackIsNowhereAndDelaysNothing) {
    Source unwanted = audio(test::opus());
    unwanted.name = "audio_1";
    Broadcast live({}, {rung("copy"), audio(), unwanted});
    live.presentation.withdraw(2);
    live.sources[2].stopped = true;
    live.run(2100ms);
    ASSERT_TRUE(live.snapshot()->published);
    EXPECT_THAT(live.text("index.m3u8"), Not(HasSubstr("audio_1")));
    EXPECT_THAT(live.text("copy/media.m3u8"), Not(HasSubstr("audio_1")));
    EXPECT_EQ(live.get("audio_1/media.m3u8").status, 404u);
    live.sources[2].stopped = false;  // it sends all the same
    live.run(9s);
    EXPECT_THAT(live.text("index.m3u8"), Not(HasSubstr("audio_1")));
    live.presentation.end(0);
    live.presentation.end(1);
    EXPECT_TRUE(live.snapshot()->ended);
    EXPECT_THAT(live.notices, IsEmpty());
}

TEST(Names, AWithdrawnTrackLeavesItsNameToOthers) {
    Broadcast live({}, {rung("720p"), rung("video_1")});
    live.presentation.withdraw(0);
    live.sources[0].stopped = true;
    live.presentation.describe(1, {.name = "720p"});
    live.run(5s);
    EXPECT_THAT(live.text("index.m3u8"), HasSubstr("\n720p/media.m3u8"));
    EXPECT_THAT(live.notices, IsEmpty());
}

TEST(Names, WithdrawingTheFirstTrackDoesNotEndTheStreamThatIsToCome) {
    Broadcast live({}, {rung("unwanted")});
    live.presentation.withdraw(0);
    live.sources[0].stopped = true;
    EXPECT_FALSE(live.snapshot()->ended);
    live.sources.push_back(rung("copy"));
    live.presentation.add_track(codec::Kind::video, {.name = "copy"});
    ASSERT_TRUE(live.presentation.set_format(1, live.sources[1].format));
    live.run(5s);
    EXPECT_THAT(live.text("index.m3u8"), HasSubstr("\ncopy/media.m3u8"));
}

}  // namespace
}  // namespace millrace::hls
