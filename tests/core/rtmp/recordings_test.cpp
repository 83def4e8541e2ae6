// SPDX-License-Identifier: LGPL-2.1-or-later
// What real publishers sent (recordings/record.py), through the session. The figures are what they were told to send.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/core/rtmp/client.hpp"

namespace millrace::rtmp {
namespace {

using codec::Codec;
using codec::Kind;
using test::Server;

struct Recording {
    const char* name;
    const char* query;
    Codec audio;
    bool reordered;  // has B-frames
};

class Recordings : public testing::TestWithParam<Recording> {
  protected:
    void SetUp() override {
        std::ifstream file(std::string(RECORDINGS) + "/" + GetParam().name + ".bin", std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
        ASSERT_FALSE(bytes_.empty());
        ASSERT_TRUE(whole_.receive(bytes_));
    }

    std::vector<Media> media(Kind kind) const {
        auto all = whole_.events_of<Media>();
        std::erase_if(all, [kind](const Media& m) { return m.kind != kind; });
        return all;
    }

    Bytes bytes_;
    Server whole_;
};

TEST_P(Recordings, PublishTheirPath) {
    auto asked = whole_.events_of<PublishRequested>();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].path, "live/cam1");
    EXPECT_EQ(asked[0].query, GetParam().query);
    EXPECT_EQ(asked[0].mode, PublishMode::live);
    EXPECT_GE(whole_.events_of<Metadata>().size(), 1U) << "GStreamer sends it again with every tag it learns";
    EXPECT_EQ(whole_.events_of<Unpublished>().size(), 1U) << "all of them say good-bye";
    EXPECT_TRUE(whole_.events_of<Notice>().empty());
    EXPECT_EQ(whole_.session.dropped(), 0U);
}

TEST_P(Recordings, HaveTwoSecondsOfVideo) {
    auto video = media(Kind::video);
    ASSERT_EQ(video.size(), 60U);
    EXPECT_NEAR(static_cast<double>((video.back().dts - video.front().dts).count()), 1.9666e9, 2e6);
    EXPECT_TRUE(std::ranges::is_sorted(video, {}, &Media::dts));
    EXPECT_EQ(std::ranges::is_sorted(video, {}, &Media::pts), !GetParam().reordered);
    EXPECT_EQ(std::ranges::count(video, true, &Media::key), 2);
    EXPECT_TRUE(video.front().key);
    // Every access unit is NAL units, each behind its length.
    for (const Media& frame : video) {
        ByteReader in(frame.payload.view());
        while (!in.empty()) in.skip(in.u32());
        EXPECT_FALSE(in.failed());
    }
}

TEST_P(Recordings, HaveTwoSecondsOfAudio) {
    auto audio = media(Kind::audio);
    auto formats = whole_.events_of<FormatChanged>();
    ASSERT_EQ(formats.size(), 2U);
    const codec::TrackFormat& format = formats[formats[0].kind == Kind::audio ? 0 : 1].format;
    EXPECT_EQ(format.codec, GetParam().audio);
    EXPECT_EQ(format.sample_rate, 44100U);
    double frame = 1e9 * format.samples_per_frame / format.sample_rate;
    EXPECT_NEAR(static_cast<double>(audio.size()) * frame, 2e9, 3 * frame);
    EXPECT_TRUE(std::ranges::is_sorted(audio, {}, &Media::dts));
    const codec::TrackFormat& video = formats[formats[0].kind == Kind::video ? 0 : 1].format;
    EXPECT_EQ(video.width, 160U);
    EXPECT_EQ(video.height, 90U);
}

TEST_P(Recordings, AreTheSameHoweverTheirBytesAreCut) {
    const auto story = whole_.story();
    Server bytewise;
    for (std::uint8_t byte : bytes_) ASSERT_TRUE(bytewise.receive(ByteView(&byte, 1)));
    EXPECT_EQ(bytewise.story(), story);
    for (std::size_t step : {2U, 3U, 5U, 7U, 11U, 127U, 128U, 129U, 1000U, 4096U, 4099U}) {
        Server server;
        for (std::size_t at = 0; at < bytes_.size(); at += step)
            ASSERT_TRUE(server.receive(ByteView(bytes_).subspan(at, std::min(step, bytes_.size() - at))));
        EXPECT_EQ(server.story(), story) << "in pieces of " << step;
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Recordings,
                         testing::Values(Recording{"ffmpeg", "token=abc", Codec::aac, true},
                                         Recording{"ffmpeg-mp3", "", Codec::mp3, false},
                                         Recording{"rtmp2sink", "", Codec::aac, false},
                                         Recording{"librtmp", "", Codec::aac, false}),
                         [](const auto& info) {
                             std::string name = info.param.name;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace millrace::rtmp
