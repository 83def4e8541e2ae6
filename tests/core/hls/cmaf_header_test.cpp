// SPDX-License-Identifier: LGPL-2.1-or-later
// The CMAF header, box by box (CM-1, CM-2), for every codec.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hls/core/cmaf.hpp"
#include "tests/core/codec/samples.hpp"
#include "tests/support/box_reader.hpp"

namespace millrace::hls {
namespace {

using codec::Codec;
using test::BoxNode;
using test::from_hex;
using testing::Contains;
using testing::ElementsAre;
using testing::ElementsAreArray;

struct Header {
    Bytes bytes;
    std::vector<BoxNode> boxes;

    explicit Header(const Track& track) : bytes(cmaf_header(track).value()), boxes(test::read_boxes(bytes)) {}
    [[nodiscard]] const BoxNode& moov() const { return boxes.at(1); }
    [[nodiscard]] const BoxNode& trak() const { return moov().at("trak"); }
    [[nodiscard]] const BoxNode& stbl() const { return trak().at("mdia").at("minf").at("stbl"); }
    [[nodiscard]] const BoxNode& entry() const { return stbl().at("stsd").children.at(0); }
};

Track video_track() {
    return {.format = test::video_samples()[0].format(), .timescale = 30000};
}
Track audio_track() {
    return {.format = test::audio_samples()[1].format(), .timescale = 48000, .track_id = 2};
}

TEST(CmafHeader, IsFtypThenMoovWithOneTrack) {
    Header header(video_track());
    ASSERT_EQ(header.boxes.size(), 2u);
    EXPECT_EQ(header.boxes[0].type, "ftyp");
    EXPECT_EQ(header.boxes[1].type, "moov");
    EXPECT_THAT(header.moov().child_types(), ElementsAre("mvhd", "trak", "mvex"));
    EXPECT_THAT(header.trak().child_types(), ElementsAre("tkhd", "mdia"));
}

TEST(CmafHeader, BrandsSayCmafAndIso6) {
    Header header(video_track());
    ByteReader ftyp = header.boxes[0].fields();
    std::vector<std::string> brands{std::string(as_text(ftyp.take(4)))};
    ftyp.skip(4);
    while (!ftyp.empty()) brands.emplace_back(as_text(ftyp.take(4)));
    EXPECT_THAT(brands, Contains("iso6"));
    EXPECT_THAT(brands, Contains("cmfc"));
}

// CM-2: Chromium takes a stream for live only when no duration stands anywhere.
TEST(CmafHeader, HasNoDurationAnywhere) {
    Header header(video_track());
    ByteReader mvhd = header.moov().at("mvhd").fields();
    mvhd.skip(4 + 4 + 4 + 4);
    EXPECT_EQ(mvhd.u32(), 0u);
    ByteReader tkhd = header.trak().at("tkhd").fields();
    tkhd.skip(4 + 4 + 4 + 4 + 4);
    EXPECT_EQ(tkhd.u32(), 0u);
    ByteReader mdhd = header.trak().at("mdia").at("mdhd").fields();
    mdhd.skip(4 + 4 + 4);
    EXPECT_EQ(mdhd.u32(), 30000u) << "timescale";
    EXPECT_EQ(mdhd.u32(), 0u);
    EXPECT_THAT(header.moov().at("mvex").child_types(), ElementsAre("trex")) << "no mehd";
}

TEST(CmafHeader, TrexNamesTheTrackAndGivesNoDefaults) {
    Header header(audio_track());
    ByteReader trex = header.moov().at("mvex").at("trex").fields();
    trex.skip(4);
    EXPECT_EQ(trex.u32(), 2u) << "track_ID";
    EXPECT_EQ(trex.u32(), 1u) << "sample description";
    EXPECT_EQ(trex.u32(), 0u);
    EXPECT_EQ(trex.u32(), 0u);
    EXPECT_EQ(trex.u32(), 0u);
    EXPECT_TRUE(trex.empty());
}

TEST(CmafHeader, SampleTablesAreEmptyAndDataIsInTheSameFile) {
    Header header(video_track());
    EXPECT_THAT(header.stbl().child_types(), ElementsAre("stsd", "stts", "stsc", "stsz", "stco"));
    for (std::string_view table : {"stts", "stsc", "stco"}) {
        EXPECT_THAT(header.stbl().at(table).body, ElementsAreArray(Bytes(8, 0))) << table;
    }
    EXPECT_THAT(header.stbl().at("stsz").body, ElementsAreArray(Bytes(12, 0)));
    const BoxNode& dref = header.trak().at("mdia").at("minf").at("dinf").at("dref");
    ASSERT_EQ(dref.children.size(), 1u);
    EXPECT_THAT(dref.at("url ").body, ElementsAre(0, 0, 0, 1));
}

TEST(CmafHeader, VideoAndAudioHaveTheirMediaHeaders) {
    Header video(video_track());
    Header audio(audio_track());
    EXPECT_EQ(as_text(video.trak().at("mdia").at("hdlr").body.subspan(8, 4)), "vide");
    EXPECT_EQ(video.trak().at("mdia").at("minf").count("vmhd"), 1u);
    EXPECT_EQ(as_text(audio.trak().at("mdia").at("hdlr").body.subspan(8, 4)), "soun");
    EXPECT_EQ(audio.trak().at("mdia").at("minf").count("smhd"), 1u);
}

TEST(CmafHeader, LanguageIsUndetermined) {
    Header header(audio_track());
    ByteReader mdhd = header.trak().at("mdia").at("mdhd").fields();
    mdhd.skip(20);
    EXPECT_EQ(mdhd.u16(), 0x55c4u);
}

TEST(CmafHeader, SizeComesFromTheConfigurationWhereTheFormatLacksIt) {
    Header header(video_track());
    ByteReader entry = header.entry().fields();
    entry.skip(24);
    EXPECT_EQ(entry.u16(), 1920u);
    EXPECT_EQ(entry.u16(), 1080u);
}

TEST(CmafHeader, NonSquarePixelsAreShownInTheirTrueShape) {
    Track pal{.format = test::video_samples()[2].format()};
    Header header(pal);
    EXPECT_THAT(header.entry().child_types(), ElementsAre("avcC", "colr", "pasp"));
    EXPECT_THAT(header.entry().at("colr").body, ElementsAreArray(from_hex("6e636c78 0005 0005 0005 00")));
    EXPECT_THAT(header.entry().at("pasp").body, ElementsAreArray(from_hex("00000040 0000002d")));
    ByteReader tkhd(header.trak().at("tkhd").body.last(8));
    EXPECT_EQ(tkhd.u32() >> 16, 1024u) << "720 * 64 / 45";
    EXPECT_EQ(tkhd.u32(), 576u << 16);
}

struct EntryRow {
    std::string_view entry;
    std::string_view config_box;
    codec::TrackFormat format;
    std::string_view config;  // of the box
};

TEST(CmafHeader, EveryCodecHasItsSampleEntryAndConfiguration) {
    auto video = [](std::size_t i) { return test::video_samples()[i]; };
    auto audio = [](std::size_t i) { return test::audio_samples()[i]; };
    codec::TrackFormat vp9 = video(14).format();
    vp9.width = 320;
    vp9.height = 240;
    const EntryRow kRows[] = {
        {"avc1", "avcC", video(1).format(), video(1).config},
        {"hvc1", "hvcC", video(9).format(), video(9).config},
        {"av01", "av1C", video(12).format(), video(12).config},
        {"vp09", "vpcC", vp9, "010000000014820202020000"},
        {"Opus", "dOps", audio(11).format(), audio(11).config},
        {"mp4a", "esds", audio(1).format(),
         "00000000 031c 0000 00 0414 4015 000000 00000000 00000000 0505 119056e500 0601 02"},
        {"mp4a",
         "esds",
         {.codec = Codec::mp3, .sample_rate = 44100, .channels = 2},
         "00000000 0315 0000 00 040d 6b15 000000 00000000 00000000 0601 02"},
        {"mp4a",
         "esds",
         {.codec = Codec::mp3, .sample_rate = 22050, .channels = 1},
         "00000000 0315 0000 00 040d 6915 000000 00000000 00000000 0601 02"},
    };
    for (const EntryRow& row : kRows) {
        Header header(Track{.format = row.format});
        EXPECT_EQ(header.entry().type, row.entry);
        EXPECT_THAT(header.entry().at(row.config_box).body, ElementsAreArray(from_hex(row.config))) << row.config_box;
    }
}

TEST(CmafHeader, ALongConfigurationHasALongerDescriptorLength) {
    Bytes config = from_hex("1190");
    config.resize(200, 0);
    Header header(Track{.format = {.codec = Codec::aac, .config = config}});
    ByteView esds = header.entry().at("esds").body;
    ByteReader reader(esds.subspan(4 + 1));
    EXPECT_EQ(reader.u16(), 0x8000u + (1u << 8) + (esds.size() - 4 - 3 - 128)) << "two length bytes";
    EXPECT_THAT(esds.last(3 + 200).first(200), ElementsAreArray(config));
}

TEST(CmafHeader, AudioEntrySaysChannelsAndRate) {
    Header header(audio_track());
    ByteReader entry = header.entry().fields();
    entry.skip(16);
    EXPECT_EQ(entry.u16(), 2u);
    EXPECT_EQ(entry.u16(), 16u);
    entry.skip(4);
    EXPECT_EQ(entry.u32(), 48000u << 16);
}

TEST(CmafHeader, UnusableTracksAreRefusedWithTheReason) {
    struct Row {
        Track track;
        std::string_view why;
    };
    const Row kRows[] = {
        {{.format = {.codec = Codec::h264}}, "H.264 configuration: avcC is truncated"},
        {{.format = {.codec = Codec::mp3, .channels = 2}}, "the sample rate is unknown"},
        {{.format = {.codec = Codec::mp3, .sample_rate = 44100}}, "the number of channels is unknown"},
        {{.format = test::video_samples()[14].format()}, "the picture size is unknown"},
        {{.format = test::video_samples()[0].format(), .timescale = 0}, "the track has no timescale"},
        {{.format = test::video_samples()[0].format(), .track_id = 0}, "the track has no id"},
    };
    for (const Row& row : kRows) {
        auto header = cmaf_header(row.track);
        ASSERT_FALSE(header) << row.why;
        EXPECT_EQ(header.error().fault, Fault::bad_input);
        EXPECT_EQ(header.error().what, row.why);
    }
}

TEST(NaturalTimescale, EveryFrameLastsAWholeNumberOfTicks) {
    struct Row {
        codec::Rational rate;
        std::uint32_t timescale;
    };
    const Row kRows[] = {{{0, 1}, 90000},
                         {{30, 1}, 90000},
                         {{25, 1}, 90000},
                         {{24, 1}, 90000},
                         {{50, 1}, 90000},
                         {{60, 1}, 90000},
                         {{120, 1}, 90000},
                         {{30000, 1001}, 30000},
                         {{24000, 1001}, 24000},
                         {{60000, 1001}, 60000},
                         {{2997, 100}, 11988},
                         {{7, 1}, 10003},
                         {{4000000000, 133333333}, 90000}};
    for (const Row& row : kRows) {
        codec::TrackFormat format{.codec = Codec::h264, .frame_rate = row.rate};
        std::uint32_t timescale = natural_timescale(format);
        EXPECT_EQ(timescale, row.timescale) << row.rate.numerator << '/' << row.rate.denominator;
        if (row.rate.known() && row.rate.numerator < 1000000) {
            EXPECT_EQ(std::uint64_t{timescale} * row.rate.denominator % row.rate.numerator, 0u);
        }
    }
}

TEST(NaturalTimescale, OfAudioIsItsSampleRate) {
    EXPECT_EQ(natural_timescale({.codec = Codec::aac, .sample_rate = 44100}), 44100u);
    EXPECT_EQ(natural_timescale({.codec = Codec::opus}), 48000u);
}

}  // namespace
}  // namespace millrace::hls
