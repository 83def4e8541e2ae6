// SPDX-License-Identifier: LGPL-2.1-or-later
// H.264 and H.265 in RTP payloads: what a receiver puts together is what went in, and a frame is one run.
#include <gtest/gtest.h>

#include "common/codec/h264.hpp"
#include "common/codec/h265.hpp"
#include "tests/core/codec/samples.hpp"
#include "tests/core/webrtc/rtp/depacketizers.hpp"
#include "tests/support/sanitized.hpp"
#include "webrtc/core/rtp/packetizer.hpp"

namespace millrace::webrtc {
namespace {

using codec::Codec;
using test::is_one_run;
using test::kEvery;
using test::noise;
using test::unpadded;

struct NalCodec {
    const char* name;
    codec::TrackFormat format;
    std::vector<Bytes> parameter_sets;
    Bytes key_header, delta_header, sei, aud, filler;
    std::vector<Bytes> (*read)(const std::vector<Bytes>& payloads);
    bool (*is_filling)(const Bytes& nal);

    [[nodiscard]] Bytes nal(const Bytes& header, std::size_t size, std::uint32_t seed) const {
        Bytes out = noise(size, seed);
        std::copy(header.begin(), header.end(), out.begin());
        return out;
    }
    [[nodiscard]] Bytes key(std::size_t size, std::uint32_t seed = 1) const { return nal(key_header, size, seed); }
    [[nodiscard]] Bytes delta(std::size_t size, std::uint32_t seed = 2) const { return nal(delta_header, size, seed); }
};

void PrintTo(const NalCodec& codec, std::ostream* out) {
    *out << codec.name;
}

// An SEI message with nothing but filler payload, or filler data.
bool is_h264_filling(const Bytes& nal) {
    return nal[0] == 0x0c || (nal[0] == 0x06 && nal[1] == 3);
}
bool is_h265_filling(const Bytes& nal) {
    return nal[0] / 2 == 38 || (nal[0] / 2 == 39 && nal[2] == 3);
}

codec::TrackFormat sample(Codec codec) {
    for (const auto& sample : test::video_samples()) {
        if (sample.codec == codec) return sample.format();
    }
    throw std::logic_error("no such sample");
}

std::vector<Bytes> copied(std::initializer_list<std::vector<ByteView>> lists) {
    std::vector<Bytes> out;
    for (const auto& list : lists) {
        for (ByteView view : list) out.emplace_back(view.begin(), view.end());
    }
    return out;
}

NalCodec h264() {
    NalCodec out{"h264",          sample(Codec::h264),   {},           {0x65},
                 {0x41},          {0x06, 5, 1, 9, 0x80}, {0x09, 0xf0}, {0x0c, 0xff, 0x80},
                 test::h264_nals, is_h264_filling};
    auto config = codec::parse_avcc(out.format.config).value();
    out.parameter_sets = copied({config.sps, config.pps});
    return out;
}

NalCodec h265() {
    NalCodec out{"h265",
                 sample(Codec::h265),
                 {},
                 {0x26, 1},
                 {0x02, 1},
                 {0x4e, 1, 5, 1, 9, 0x80},
                 {0x46, 1, 0x50},
                 {0x4c, 1, 0xff, 0x80},
                 test::h265_nals,
                 is_h265_filling};
    auto config = codec::parse_hvcc(out.format.config).value();
    out.parameter_sets = copied({config.vps, config.sps, config.pps});
    return out;
}

Bytes unit_of(const std::vector<Bytes>& nals) {
    ByteWriter out;
    for (const Bytes& nal : nals) {
        out.u32(nal.size());
        out.bytes(nal);
    }
    return std::move(out).take();
}

class NalPackets : public testing::TestWithParam<NalCodec> {
  protected:
    const NalCodec& codec() const { return GetParam(); }
    std::unique_ptr<Packetizer> packetizer(std::size_t max) const {
        return make_packetizer(codec().format, {.mtu = max, .overhead = 0}).value();
    }
    Payloads packetize(const std::vector<Bytes>& nals, std::size_t max) const {
        auto payloads = packetizer(max)->packetize(unit_of(nals));
        if (!payloads) throw std::runtime_error(payloads.error().what);
        for (const auto& packet : payloads->packets) EXPECT_LE(packet.size, max);
        return std::move(*payloads);
    }
    // What is received, without what only fills packets up.
    std::vector<Bytes> received(const Payloads& payloads) const {
        std::vector<Bytes> nals = codec().read(unpadded(payloads));
        std::erase_if(nals, [&](const Bytes& nal) { return codec().is_filling(nal); });
        return nals;
    }
    std::vector<Bytes> with_parameter_sets(const std::vector<Bytes>& nals) const {
        std::vector<Bytes> out = codec().parameter_sets;
        out.insert(out.end(), nals.begin(), nals.end());
        return out;
    }
};

TEST_P(NalPackets, ASliceOfAnyLengthArrivesInOneRunOfEqualPackets) {
    for (std::size_t size = 3; size < 5000; size += kEvery) {
        std::vector<Bytes> nals = {codec().delta(size)};
        Payloads payloads = packetize(nals, 1000);
        EXPECT_EQ(received(payloads), nals);
        EXPECT_TRUE(is_one_run(payloads)) << size;
        EXPECT_FALSE(payloads.key_frame);
        // No more packets than it takes, no padding, and the last not much shorter than the rest.
        std::size_t header = codec().delta_header.size();
        EXPECT_EQ(payloads.packets.size(), size <= 1000 ? 1 : (size - header + 998 - header) / (999 - header));
        EXPECT_LT(payloads.packets[0].size - payloads.packets.back().size, payloads.packets.size());
        EXPECT_FALSE(payloads.packets[0].padded);
    }
}

TEST_P(NalPackets, AKeyFrameHasItsParameterSetsBeforeItAndIsStillOneRun) {
    for (std::size_t size = 3; size < 4000; size += 1 + kEvery) {
        std::vector<Bytes> nals = {codec().key(size)};
        Payloads payloads = packetize(nals, 1100);
        EXPECT_EQ(received(payloads), with_parameter_sets(nals)) << size;
        EXPECT_TRUE(is_one_run(payloads)) << size;
        EXPECT_TRUE(payloads.key_frame);
    }
}

TEST_P(NalPackets, FillingStandsWhereTheStandardAllowsIt) {
    // A few bytes of parameter sets, a thousand of slice: an SEI message between them.
    Payloads key = packetize({codec().key(3000)}, 1100);
    std::vector<Bytes> nals = codec().read(unpadded(key));
    ASSERT_EQ(nals.size(), codec().parameter_sets.size() + 2);
    const Bytes& sei = nals[codec().parameter_sets.size()];
    EXPECT_EQ(sei[0], codec().sei[0]);
    EXPECT_EQ(sei.back(), 0x80);
    // payloadSize is the number of ff bytes behind it.
    std::size_t at = codec().key_header.size() + 1;
    std::size_t size = 0;
    while (sei[at] == 0xff) {
        size += 255;
        ++at;
    }
    EXPECT_EQ(sei.size(), at + 1 + size + sei[at] + 1);
    // Behind a short slice it is filler data: no SEI message may follow a slice.
    Payloads slices = packetize({codec().delta(400), codec().delta(3000)}, 1100);
    nals = codec().read(unpadded(slices));
    ASSERT_EQ(nals.size(), 3U);
    EXPECT_EQ(nals[1][0], codec().filler[0]);
    EXPECT_TRUE(is_one_run(slices));
}

// Padding is 255 bytes at most: a few mixtures of long and short slices have no common size.
TEST_P(NalPackets, SlicesOfAnyLengthsArriveNearlyAlwaysInOneRun) {
    std::size_t runs = 0;
    std::size_t frames = 0;
    for (std::uint32_t seed = 0; seed < 3000; seed += kEvery, ++frames) {
        Bytes sizes = noise(8, seed);
        std::vector<Bytes> nals;
        for (unsigned i = 0; i < 1U + sizes[0] / 2 % 4; ++i) {
            nals.push_back(codec().delta(3U + sizes[1 + i] * sizes[2 + i] / 8, seed + i));
        }
        Payloads payloads = packetize(nals, 1130);
        EXPECT_EQ(received(payloads), nals);
        if (is_one_run(payloads)) ++runs;
    }
    EXPECT_GT(runs * 100, frames * 99);
}

TEST_P(NalPackets, WhatReceiversNeedNotIsNotSent) {
    Payloads payloads = packetize({codec().aud, codec().sei, codec().delta(500), codec().filler}, 1100);
    EXPECT_EQ(received(payloads), std::vector<Bytes>{codec().delta(500)});
    EXPECT_EQ(payloads.packets.size(), 1U);
    EXPECT_EQ(packetize({codec().aud, codec().sei}, 1100).packets.size(), 0U);
}

TEST_P(NalPackets, ParameterSetsInTheStreamAreNotSentTwiceUnlessTheyDiffer) {
    std::vector<Bytes> nals = with_parameter_sets({codec().key(200)});
    EXPECT_EQ(received(packetize(nals, 1100)), nals);
    std::vector<Bytes> other = {codec().parameter_sets.back()};
    other[0].back() ^= 0x10;
    other.push_back(codec().key(200));
    EXPECT_EQ(received(packetize(other, 1100)), with_parameter_sets(other));
}

TEST_P(NalPackets, TheSmallestPacketsWorkToo) {
    std::vector<Bytes> nals = {codec().key(70000), codec().key(20), codec().key(900)};
    Payloads payloads = packetize(nals, PacketSize::kLeast);
    EXPECT_EQ(received(payloads), with_parameter_sets(nals));
    EXPECT_TRUE(is_one_run(payloads));
    EXPECT_EQ((PacketSize{.mtu = 10, .overhead = 20}.max_payload()), PacketSize::kLeast);
}

TEST_P(NalPackets, WhatCannotBeReadIsRefused) {
    auto packets = packetizer(1100);
    Bytes unit = unit_of({codec().key(100)});
    unit.pop_back();
    EXPECT_EQ(packets->packetize(unit).error().fault, Fault::bad_input);
    EXPECT_EQ(packets->packetize(unit_of({codec().key_header})).error().fault, Fault::bad_input);
    codec::TrackFormat format = codec().format;
    format.config.resize(3);
    EXPECT_EQ(make_packetizer(format, {}).error().fault, Fault::bad_input);
}

INSTANTIATE_TEST_SUITE_P(Codecs, NalPackets, testing::Values(h264(), h265()),
                         [](const auto& info) { return std::string(info.param.name); });

// RFC 6184 5.7.1 and 5.8, byte by byte.
TEST(H264Packets, HeadersAreAsTheStandardDrawsThem) {
    auto packets = make_packetizer(sample(Codec::h264), {.mtu = 300, .overhead = 0}).value();
    Bytes slice = noise(598, 1);
    slice[0] = 0x61;  // nal_ref_idc 3, type 1
    Payloads payloads = packets->packetize(unit_of({slice})).value();
    ASSERT_EQ(payloads.packets.size(), 3U);
    EXPECT_EQ(payloads.payload(0)[0], 0x7c);
    EXPECT_EQ(payloads.payload(0)[1], 0x81);
    EXPECT_EQ(payloads.payload(1)[1], 0x01);
    EXPECT_EQ(payloads.payload(2)[1], 0x41);
    EXPECT_TRUE(payloads.packets[2].marker);

    Payloads aggregate = packets->packetize(unit_of({{0x01, 1, 2}, {0x41, 3}})).value();
    Bytes expected = test::from_hex("58 0003 010102 0002 4103");
    EXPECT_EQ(aggregate.bytes, expected);
}

// RFC 7798 4.4.2 and 4.4.3.
TEST(H265Packets, HeadersAreAsTheStandardDrawsThem) {
    auto packets = make_packetizer(sample(Codec::h265), {.mtu = 300, .overhead = 0}).value();
    Bytes slice = noise(500, 1);
    slice[0] = 0x02;  // type 1
    slice[1] = 0x03;  // temporal id 2
    Payloads payloads = packets->packetize(unit_of({slice})).value();
    ASSERT_EQ(payloads.packets.size(), 2U);
    EXPECT_EQ(payloads.payload(0)[0], 0x62);
    EXPECT_EQ(payloads.payload(0)[1], 0x03);
    EXPECT_EQ(payloads.payload(0)[2], 0x81);
    EXPECT_EQ(payloads.payload(1)[2], 0x41);

    Payloads aggregate = packets->packetize(unit_of({{0x02, 0x03, 1}, {0x02, 0x02, 3}})).value();
    Bytes expected = test::from_hex("6002 0003 020301 0003 020203");
    EXPECT_EQ(aggregate.bytes, expected);
}

TEST(Packetizers, AudioThatBrowsersDoNotTakeIsRefused) {
    codec::TrackFormat format;
    format.codec = Codec::aac;
    EXPECT_EQ(make_packetizer(format, {}).error().fault, Fault::refused);
}

}  // namespace
}  // namespace millrace::webrtc
