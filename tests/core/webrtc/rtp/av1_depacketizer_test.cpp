// SPDX-License-Identifier: LGPL-2.1-or-later
// Temporal units that come out of packets as they went in, and packets that make none.
#include "webrtc/core/rtp/av1_depacketizer.hpp"

#include <gtest/gtest.h>

#include "tests/core/webrtc/rtp/depacketizers.hpp"
#include "tests/support/hex_bytes.hpp"
#include "webrtc/core/rtp/av1_packetizer.hpp"

namespace millrace::webrtc {
namespace {

using test::from_hex;
using test::noise;

// A sequence header and a key frame, each with its size, behind a temporal delimiter.
Bytes key_unit(std::size_t frame) {
    ByteWriter out;
    out.bytes(from_hex("1200 0a0a0000002d4cffb3c02f80"));
    out.u8(0x32);
    for (std::size_t size = frame; size > 0x7f; size >>= 7) out.u8((size & 0x7f) | 0x80);
    std::size_t rest = frame;
    while (rest > 0x7f) rest >>= 7;
    out.u8(rest);
    Bytes payload = noise(frame, 3);
    payload[0] = 0x10;  // KEY_FRAME, shown
    out.bytes(payload);
    return std::move(out).take();
}

std::vector<Bytes> packets_of(ByteView unit, std::size_t mtu) {
    Av1Packetizer packets({.mtu = mtu, .overhead = 0});
    auto payloads = packets.packetize(unit);
    EXPECT_TRUE(payloads);
    std::vector<Bytes> all;
    for (const auto& packet : payloads->packets) {
        const ByteView view = ByteView(payloads->bytes).subspan(packet.offset, packet.size);
        all.emplace_back(view.begin(), view.end());
    }
    return all;
}

std::optional<Bytes> put_together(Av1Depacketizer& units, const std::vector<Bytes>& packets) {
    std::optional<Bytes> unit;
    for (std::size_t i = 0; i < packets.size(); ++i) unit = units.push(packets[i], i == 0, i + 1 == packets.size());
    return unit;
}

TEST(Av1Depacketizer, GivesTheTemporalUnitBackHoweverItWasCut) {
    Av1Depacketizer units;
    for (std::size_t frame : {1U, 100U, 1000U, 5000U, 70'000U})
        for (std::size_t mtu : {40U, 200U, 1200U}) {
            const Bytes unit = key_unit(frame);
            EXPECT_EQ(put_together(units, packets_of(unit, mtu)), unit) << frame << " in " << mtu;
        }
    EXPECT_EQ(units.refused(), 0U);
}

TEST(Av1Depacketizer, AUnitThatLacksAPacketDoesNotComeOut) {
    const Bytes unit = key_unit(5000);
    const auto packets = packets_of(unit, 1200);
    for (std::size_t missing = 0; missing < packets.size(); ++missing) {
        Av1Depacketizer units;
        std::optional<Bytes> out;
        for (std::size_t i = 0; i < packets.size(); ++i) {
            if (i == missing) {
                units.lost();
                continue;
            }
            out = units.push(packets[i], i == 0, i + 1 == packets.size());
        }
        EXPECT_FALSE(out) << missing;
        EXPECT_EQ(put_together(units, packets), unit) << "the next one is whole";
    }
}

TEST(Av1Depacketizer, RefusesWhatDoesNotFitTogether) {
    const char* const kNonsense[] = {
        "",               // no aggregation header
        "80 3000",        // goes on with nothing
        "00 ff",          // a length that has no end
        "00 7f 30",       // a length that leads outside
        "10 b000",        // the forbidden bit
        "20 01 30 3000",  // two elements are said, and there is a third behind the last
        "10 32 7f00",     // an OBU that says it is longer
    };
    for (const char* text : kNonsense) {
        Av1Depacketizer units;
        const auto unit = units.push(from_hex(text), true, true);
        if (std::string_view(text) == "20 01 30 3000") {
            EXPECT_TRUE(unit);  // the second takes the rest
            continue;
        }
        EXPECT_FALSE(unit) << text;
        EXPECT_EQ(units.refused(), 1U) << text;
    }
}

TEST(Av1Depacketizer, ToBeContinuedAtTheEndIsNoUnit) {
    Av1Depacketizer units;
    EXPECT_FALSE(units.push(from_hex("50 3000"), true, true));
    EXPECT_EQ(units.refused(), 1U);
}

TEST(Av1Depacketizer, IsBounded) {
    Av1Depacketizer units;
    const Bytes piece = noise(60'000, 1);
    Bytes first = from_hex("50 30");
    first.insert(first.end(), piece.begin(), piece.end());
    units.push(first, true, false);
    Bytes next = from_hex("d0");
    next.insert(next.end(), piece.begin(), piece.end());
    for (int i = 0; i < 400; ++i) units.push(next, false, false);
    EXPECT_EQ(units.refused(), 1U);
    EXPECT_FALSE(units.push(from_hex("90 00"), false, true));
}

}  // namespace
}  // namespace millrace::webrtc
