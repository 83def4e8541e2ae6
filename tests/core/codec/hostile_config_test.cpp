// SPDX-License-Identifier: LGPL-2.1-or-later
// Decoder configurations cut short, bent and made up: refused or read, never a crash. Sanitizers make it sharper.
#include <gtest/gtest.h>

#include <random>

#include "common/codec/access_unit.hpp"
#include "common/codec/codec_table.hpp"
#include "common/codec/h264.hpp"
#include "common/codec/h265.hpp"
#include "tests/core/codec/samples.hpp"

namespace millrace::codec {
namespace {

struct Config {
    std::string_view name;
    Codec codec;
    Bytes bytes;
};

std::vector<Config> configs() {
    std::vector<Config> out;
    for (const auto& sample : test::video_samples())
        out.push_back({sample.name, sample.codec, test::from_hex(sample.config)});
    for (const auto& sample : test::audio_samples())
        out.push_back({sample.name, sample.codec, test::from_hex(sample.config)});
    return out;
}

// An exact copy on the heap, so that a sanitizer sees a read beyond it.
void read_everything(Codec codec, ByteView bytes) {
    TrackFormat format{.codec = codec, .config = Bytes(bytes.begin(), bytes.end())};
    TrackFormat completed = format;
    if (auto done = complete(completed); !done) {
        EXPECT_EQ(done.error().fault, Fault::bad_input);
    }
    if (auto text = codecs_string(format); text) {
        EXPECT_FALSE(text->empty());
    }
    if (auto filter = AccessUnitFilter::make(format); filter) {
        [[maybe_unused]] auto unit = filter->apply(bytes);
    }
}

// Where the mandatory part ends; what follows it may be missing (avcC's chroma fields, an AAC extension, av1C's OBUs).
std::size_t mandatory_bytes(const Config& config) {
    switch (config.codec) {
        case Codec::h264: {
            auto avcc = parse_avcc(config.bytes);
            ByteView last = avcc->pps.back();
            return static_cast<std::size_t>(last.data() + last.size() - config.bytes.data());
        }
        case Codec::av1:
            return 4;
        case Codec::aac:
            return 2;
        default:
            return config.bytes.size();
    }
}

TEST(HostileConfig, OneCutInItsMandatoryPartIsRefused) {
    for (const Config& config : configs()) {
        for (std::size_t length = 0; length < mandatory_bytes(config); ++length) {
            Bytes cut(config.bytes.begin(), config.bytes.begin() + static_cast<std::ptrdiff_t>(length));
            auto known = describe({.codec = config.codec, .config = cut});
            ASSERT_FALSE(known) << config.name << " cut to " << length << " bytes";
            EXPECT_EQ(known.error().fault, Fault::bad_input);
        }
    }
}

TEST(HostileConfig, OneCutAnywhereIsReadWithoutHarm) {
    for (const Config& config : configs()) {
        for (std::size_t length = 0; length < config.bytes.size(); ++length) {
            read_everything(config.codec, ByteView(config.bytes).first(length));
        }
    }
}

TEST(HostileConfig, AParameterSetCutAnywhereIsRefused) {
    // The last bytes say nothing that is read: limits of motion vectors and references, and trailing bits.
    constexpr std::size_t kUnread = 4;
    Bytes avcc = test::from_hex(test::video_samples()[0].config);
    ByteView h264 = parse_avcc(avcc)->sps.front();
    for (std::size_t length = 0; length < h264.size() - kUnread; ++length) {
        EXPECT_FALSE(parse_h264_sps(h264.first(length))) << length;
    }
    Bytes hvcc = test::from_hex(test::video_samples()[9].config);
    ByteView h265 = parse_hvcc(hvcc)->sps.front();
    for (std::size_t length = 0; length < h265.size() - kUnread; ++length) {
        EXPECT_FALSE(parse_h265_sps(h265.first(length))) << length;
    }
}

TEST(HostileConfig, OneWithAnyByteChangedIsReadWithoutHarm) {
    for (const Config& config : configs()) {
        for (std::size_t at = 0; at < config.bytes.size(); ++at) {
            for (unsigned value : {0x00u, 0x01u, 0x7fu, 0x80u, 0xfeu, 0xffu}) {
                Bytes bent = config.bytes;
                bent[at] = static_cast<std::uint8_t>(value);
                read_everything(config.codec, bent);
            }
        }
    }
}

TEST(HostileConfig, NoiseIsReadWithoutHarm) {
    std::mt19937 random(20260101);  // the same noise every time
    for (const CodecRow& row : codec_table()) {
        for (int round = 0; round < 2000; ++round) {
            Bytes noise(random() % 64);
            for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
            read_everything(row.codec, noise);
        }
    }
}

TEST(HostileConfig, NoiseBehindAValidBeginningIsReadWithoutHarm) {
    std::mt19937 random(20260102);
    for (const Config& config : configs()) {
        for (int round = 0; round < 500; ++round) {
            Bytes bent = config.bytes;
            std::size_t from = random() % bent.size();
            for (std::size_t at = from; at < bent.size(); ++at) bent[at] = static_cast<std::uint8_t>(random());
            read_everything(config.codec, bent);
        }
    }
}

TEST(HostileConfig, APictureOfImpossibleSizeIsRefused) {
    // A baseline SPS of 2^31 macroblocks across.
    Bytes sps = test::from_hex("6742c01e f8000000040000000720");
    auto known = parse_h264_sps(sps);
    ASSERT_FALSE(known);
    EXPECT_EQ(known.error().what, "the H.264 SPS has an impossible picture size");
}

}  // namespace
}  // namespace millrace::codec
