// SPDX-License-Identifier: LGPL-2.1-or-later
// A folder that follows the plans, however many snapshots it misses, is one that a plain web server can serve.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "hls/core/directory_plan.hpp"
#include "tests/core/hls/broadcast.hpp"
#include "tests/core/hls/playlist_rules.hpp"

namespace millrace::hls {
namespace {

using test::Broadcast;
using test::ReadPlaylist;
using testing::HasSubstr;

class Folder {
  public:
    void bring_to(std::shared_ptr<const Snapshot> snapshot) {
        const DirectoryPlan plan = plan_directory(written_.get(), *snapshot);
        for (const FileWrite& write : plan.writes) {
            std::string content;
            for (const Blob& blob : write.content) content += blob.text();
            files[write.name] = content;
            if (write.name.ends_with("media.m3u8")) expect_whole(write.name);
        }
        for (const std::string& name : plan.removals) EXPECT_EQ(files.erase(name), 1u) << name;
        for (const auto& [name, content] : files) {
            if (name.ends_with("media.m3u8")) expect_whole(name);
        }
        written_ = std::move(snapshot);
    }

    std::map<std::string, std::string> files;

  private:
    // Everything that the playlist names is there.
    void expect_whole(const std::string& name) {
        const ReadPlaylist list = test::read_media_playlist(files[name]);
        test::expect_legal(list, true);
        const std::string folder = name.substr(0, name.find('/') + 1);
        for (const auto& segment : list.segments) {
            EXPECT_TRUE(segment.gap || files.count(folder + segment.uri)) << segment.uri;
            EXPECT_TRUE(files.count(folder + segment.map)) << segment.map;
        }
    }

    std::shared_ptr<const Snapshot> written_;
};

TEST(DirectoryPlan, AFolderThatFollowsIsAlwaysWhole) {
    for (Duration step : {50ms, 700ms, 9000ms}) {
        Broadcast live = Broadcast::of_video_and_audio();
        Folder folder;
        while (live.now < 60s) {
            live.run(live.now + step);
            folder.bring_to(live.snapshot());
        }
        live.end();
        folder.bring_to(live.snapshot());
        EXPECT_THAT(folder.files["video_0/media.m3u8"], HasSubstr("#EXT-X-ENDLIST"));
        EXPECT_THAT(folder.files["index.m3u8"], HasSubstr("video_0/media.m3u8"));
        EXPECT_LE(folder.files.size(), 45u);
    }
}

TEST(DirectoryPlan, PlaylistsOnDiskPromiseNothingThatNeedsAServer) {
    Broadcast live = Broadcast::of_video_and_audio();
    Folder folder;
    live.run(30s);
    folder.bring_to(live.snapshot());
    for (const char* tag : {"SERVER-CONTROL", "EXT-X-PART", "PRELOAD-HINT", "RENDITION-REPORT", "PART-INF"}) {
        EXPECT_THAT(folder.files["video_0/media.m3u8"], Not(HasSubstr(tag)));
    }
}

TEST(DirectoryPlan, APartAloneChangesNothingOnDisk) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(10'050ms);
    const auto before = live.snapshot();
    live.run(10'450ms);
    ASSERT_NE(live.snapshot(), before);
    EXPECT_TRUE(plan_directory(before.get(), *live.snapshot()).empty());
}

TEST(DirectoryPlan, NothingIsWrittenBeforeThereIsAPlaylist) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(1s);
    EXPECT_TRUE(plan_directory(nullptr, *live.snapshot()).empty());
}

}  // namespace
}  // namespace millrace::hls
