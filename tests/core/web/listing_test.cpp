// SPDX-License-Identifier: LGPL-2.1-or-later
// Which path a URL belongs to, without any HTTP.
#include "common/web/listing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::web {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Paths, PathsOfUrlSegmentsAreAccepted) {
    for (const char* path : {"demo", "live/cam1", "a/b/c", "live/Caf\xc3\xa9", "live/..cam", "assets2"}) {
        EXPECT_TRUE(check_path(path)) << path;
    }
}

TEST(Paths, WhatCannotBeAPageIsRefusedAndNamed) {
    for (const char* path : {"", "/live", "live/", "live//cam", "live/./cam", "live/../cam", "..", "assets",
                             "assets/cam", "paths.json", "live/\ncam"}) {
        EXPECT_FALSE(check_path(path)) << path;
    }
    EXPECT_THAT(check_path("assets/cam").error().what, testing::HasSubstr("assets/cam"));
}

TEST(Paths, AResourceOfAPathNobodyAnnouncedMeansItsFoldersDeepestFirst) {
    EXPECT_THAT(paths_meant_by("/live/cam1/index.m3u8"), ElementsAre("live/cam1", "live"));
    EXPECT_THAT(paths_meant_by("/live/cam1/"), ElementsAre("live/cam1", "live"));
    EXPECT_THAT(paths_meant_by("/demo.m3u8"), IsEmpty());
    EXPECT_THAT(paths_meant_by("/"), IsEmpty());
}

TEST(Paths, WhatHasNoExtensionMayItselfBeThePath) {
    EXPECT_THAT(paths_meant_by("/live/cam1"), ElementsAre("live/cam1", "live"));
    EXPECT_THAT(paths_meant_by("/live/cam1/whep"), ElementsAre("live/cam1/whep", "live/cam1", "live"));
}

TEST(Paths, AUrlIsSplitAtTheResourceThatEveryPathHas) {
    const auto of_path = split_at_resource("/live/cam1/whip", "whip");
    ASSERT_TRUE(of_path);
    EXPECT_EQ(of_path->path, "live/cam1");
    EXPECT_EQ(of_path->rest, "");
    const auto below = split_at_resource("/live/cam1/whip/3f2a/x", "whip");
    ASSERT_TRUE(below);
    EXPECT_EQ(below->path, "live/cam1");
    EXPECT_EQ(below->rest, "3f2a/x");
    const auto with_slash = split_at_resource("/demo/whip/", "whip");
    ASSERT_TRUE(with_slash);
    EXPECT_EQ(with_slash->path, "demo");
    EXPECT_EQ(with_slash->rest, "");
}

TEST(Paths, AUrlIsSplitAtTheLastSegmentOfThatName) {
    const auto split = split_at_resource("/whip/whip/whip", "whip");
    ASSERT_TRUE(split);
    EXPECT_EQ(split->path, "whip/whip");
    EXPECT_EQ(split->rest, "");
}

TEST(Paths, AUrlWithoutTheResourceOrAPathIsNotSplit) {
    for (const char* url : {"", "/", "/whip", "/whip/", "/whip/3f2a", "/live/whipped", "/live/awhip", "/live/cam1",
                            "//whip", "/assets/whip", "/live//whip", "/live/../whip"}) {
        EXPECT_FALSE(split_at_resource(url, "whip")) << url;
    }
}

TEST(Paths, TheSitesOwnNamesAreNeverMeant) {
    EXPECT_THAT(paths_meant_by("/assets/x/"), IsEmpty());
}

class AListing : public testing::Test {
  protected:
    AListing() {
        for (const char* path : {"live", "live/cam1"}) listing_[path].push_back(std::make_shared<int>(0));
    }
    Listing<int> listing_;
};

TEST_F(AListing, FindsTheLongestPathThatAUrlIsBelow) {
    EXPECT_EQ(listing_.find("/live/cam1/video_0/12.m4s").path, "live/cam1");
    EXPECT_EQ(listing_.find("/live/cam1/video_0/12.m4s").resource, "video_0/12.m4s");
    EXPECT_EQ(listing_.find("/live/cam2/index.m3u8").path, "live");
    EXPECT_EQ(listing_.find("/live/cam2/index.m3u8").resource, "cam2/index.m3u8");
}

TEST_F(AListing, KnowsAPageFromItsPathWithoutASlash) {
    EXPECT_TRUE(listing_.find("/live/cam1/").is_page);
    EXPECT_FALSE(listing_.find("/live/cam1/").lacks_slash);
    EXPECT_TRUE(listing_.find("/live/cam1").lacks_slash);
    EXPECT_FALSE(listing_.find("/live/cam1").is_page);
    EXPECT_FALSE(listing_.find("/live/cam1/x").is_page);
}

TEST_F(AListing, DoesNotTakeAPathForItsPrefix) {
    EXPECT_EQ(listing_.find("/live2/index.m3u8").entries, nullptr);
    EXPECT_EQ(listing_.find("/live/cam10/index.m3u8").path, "live");
}

TEST_F(AListing, FindsNothingWhereNothingIs) {
    for (const char* url : {"", "/", "//", "/demo", "/demo/"}) EXPECT_EQ(listing_.find(url).entries, nullptr) << url;
}

TEST_F(AListing, ForgetsAPathWithItsLastEntry) {
    listing_.remove("live/cam1", listing_["live/cam1"].front());
    EXPECT_EQ(listing_.find("/live/cam1/").path, "live");
    EXPECT_EQ(listing_.all().size(), 1u);
}

}  // namespace
}  // namespace millrace::web
