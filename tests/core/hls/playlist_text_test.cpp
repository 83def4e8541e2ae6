// SPDX-License-Identifier: LGPL-2.1-or-later
// Values as playlists write them (SYN-3, SYN-4), and the multivariant playlist written with them (MV-1 to MV-7).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <clocale>

#include "hls/core/multivariant_playlist.hpp"
#include "hls/core/playlist_text.hpp"

namespace millrace::hls {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(PlaylistText, DecimalsAreThePlainKind) {
    EXPECT_EQ(decimal(1), "0.00001");
    EXPECT_EQ(decimal(20000), "0.20000");
    EXPECT_EQ(decimal(123456789), "1234.56789");
    EXPECT_EQ(thousandths(29970), "29.970");
    EXPECT_EQ(thousandths(60000), "60.000");
    EXPECT_EQ(thousandths(7), "0.007");
}

TEST(PlaylistText, NoLocaleGetsIntoANumber) {
    const std::string before = std::setlocale(LC_ALL, nullptr);
    for (const char* locale : {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"}) {
        std::setlocale(LC_ALL, locale);  // stays as it is where the machine has no such locale
        EXPECT_EQ(decimal(150000), "1.50000");
    }
    std::setlocale(LC_ALL, before.c_str());
}

TEST(PlaylistText, DatesAreIso8601InUtcWithMilliseconds) {
    EXPECT_EQ(date_time(UnixTime{0}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(date_time(UnixTime{951'782'399'999'400'000}), "2000-02-28T23:59:59.999Z");
    EXPECT_EQ(date_time(UnixTime{951'782'399'999'500'000}), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(date_time(UnixTime{1'795'346'852'123'000'000}), "2026-11-22T11:27:32.123Z");
}

TEST(PlaylistText, QuotedStringsHoldNothingThatEndsThem) {
    EXPECT_EQ(quoted("a b"), "\"a b\"");
    EXPECT_EQ(quoted("a\"b\r\nc\x01"), "\"a_b__c_\"");
}

const Variant kHigh{.name = "720p",
                    .codecs = "avc1.64001f",
                    .bit_rate = {3'000'000, 2'500'000},
                    .width = 1280,
                    .height = 720,
                    .frame_rate = {30000, 1001}};
const Variant kLow{.name = "360p",
                   .codecs = "avc1.4d401e",
                   .bit_rate = {900'000, 800'000},
                   .width = 640,
                   .height = 360,
                   .frame_rate = {30, 1}};
const Variant kStereo{.name = "audio_0",
                      .kind = codec::Kind::audio,
                      .codecs = "mp4a.40.2",
                      .bit_rate = {140'000, 128'000},
                      .channels = 2,
                      .language = "de"};
const Variant kOpus{
    .name = "audio_1", .kind = codec::Kind::audio, .codecs = "Opus", .bit_rate = {200'000, 96'000}, .channels = 6};

TEST(MultivariantPlaylist, ListsVideosAsVariantsAndAudioAsTheirGroup) {
    EXPECT_EQ(multivariant_playlist({kHigh, kLow, kStereo}, true),
              "#EXTM3U\n"
              "#EXT-X-VERSION:6\n"
              "#EXT-X-INDEPENDENT-SEGMENTS\n"
              "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"audio_0\",LANGUAGE=\"de\",DEFAULT=YES,AUTOSELECT=YES,"
              "CHANNELS=\"2\",URI=\"audio_0/media.m3u8\"\n"
              "#EXT-X-STREAM-INF:BANDWIDTH=3140000,AVERAGE-BANDWIDTH=2628000,CODECS=\"avc1.64001f,mp4a.40.2\","
              "RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO=\"audio\"\n"
              "720p/media.m3u8\n"
              "#EXT-X-STREAM-INF:BANDWIDTH=1040000,AVERAGE-BANDWIDTH=928000,CODECS=\"avc1.4d401e,mp4a.40.2\","
              "RESOLUTION=640x360,FRAME-RATE=30.000,AUDIO=\"audio\"\n"
              "360p/media.m3u8\n");
}

TEST(MultivariantPlaylist, CodecsAndBandwidthAreOfTheWholeGroup) {
    const std::string text = multivariant_playlist({kHigh, kStereo, kOpus}, false);
    EXPECT_THAT(text, HasSubstr("CODECS=\"avc1.64001f,mp4a.40.2,Opus\""));
    EXPECT_THAT(text, HasSubstr("BANDWIDTH=3200000,"));
    EXPECT_THAT(text, Not(HasSubstr("INDEPENDENT")));
    EXPECT_THAT(text, HasSubstr("NAME=\"audio_1\",LANGUAGE=\"und\",AUTOSELECT=YES"));
}

TEST(MultivariantPlaylist, AudioAloneIsTheVariant) {
    EXPECT_EQ(multivariant_playlist({kStereo}, true),
              "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
              "#EXT-X-STREAM-INF:BANDWIDTH=140000,AVERAGE-BANDWIDTH=128000,CODECS=\"mp4a.40.2\"\n"
              "audio_0/media.m3u8\n");
    const std::string two = multivariant_playlist({kStereo, kOpus}, true);
    EXPECT_THAT(two, HasSubstr("AUDIO=\"audio\"\naudio_0/media.m3u8"));
    EXPECT_THAT(two, HasSubstr("URI=\"audio_1/media.m3u8\""));
}

// MV-10.
TEST(MultivariantPlaylist, TheVariantOfAboutTwoMegabitsIsFirstAndTheOthersGoDown) {
    Variant source = kHigh;
    source.name = "copy";
    source.bit_rate = {8'000'000, 7'000'000};
    Variant middle = kHigh;
    middle.name = "480p";
    middle.bit_rate = {1'500'000, 1'200'000};
    const std::string text = multivariant_playlist({kLow, source, middle, kHigh, kStereo}, true);
    std::vector<std::size_t> places;
    for (const char* name : {"480p/", "copy/", "720p/", "360p/"}) places.push_back(text.find(std::string("\n") + name));
    EXPECT_THAT(places, testing::Each(testing::Lt(text.size()))) << text;
    EXPECT_TRUE(std::is_sorted(places.begin(), places.end())) << text;
}

}  // namespace
}  // namespace millrace::hls
