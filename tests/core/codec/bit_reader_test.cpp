// SPDX-License-Identifier: LGPL-2.1-or-later
// Bit fields and Exp-Golomb codes.
#include "common/codec/bit_reader.hpp"

#include <gtest/gtest.h>

#include "tests/support/hex_bytes.hpp"

namespace millrace::codec {
namespace {

TEST(BitReader, FieldsCrossByteBoundaries) {
    Bytes bytes = test::from_hex("a5f0 12345678");
    BitReader reader(bytes);
    EXPECT_EQ(reader.bits(3), 5u);
    EXPECT_EQ(reader.bits(9), 0x5fu);
    EXPECT_EQ(reader.bits(4), 0u);
    EXPECT_EQ(reader.bits(32), 0x12345678u);
    EXPECT_EQ(reader.remaining(), 0u);
    EXPECT_FALSE(reader.failed());
}

// Table 9-2 of ITU-T H.264: 1, 010, 011, 00100, 00101 are 0, 1, 2, 3, 4.
TEST(BitReader, ExpGolombCodesAreThoseOfTheStandard) {
    Bytes bytes = test::from_hex("a6 42 80");
    BitReader reader(bytes);
    for (unsigned expected = 0; expected < 5; ++expected) EXPECT_EQ(reader.ue(), expected);
}

TEST(BitReader, SignedCodesAlternate) {
    Bytes bytes = test::from_hex("a6 42 80");
    BitReader reader(bytes);
    for (int expected : {0, 1, -1, 2, -2}) EXPECT_EQ(reader.se(), expected);
}

TEST(BitReader, TheLargestCodeIsReadWhole) {
    Bytes bytes = test::from_hex("00000001 ffffffff");
    BitReader reader(bytes);
    EXPECT_EQ(reader.ue(), 0xfffffffeu);
    EXPECT_FALSE(reader.failed());
}

TEST(BitReader, ACodeBeyond32BitsFails) {
    Bytes bytes = test::from_hex("0000000000000001 ffffffffffffffff");
    BitReader reader(bytes);
    EXPECT_EQ(reader.ue(), 0u);
    EXPECT_TRUE(reader.failed());
}

TEST(BitReader, PastTheEndItYieldsZerosAndStaysFailed) {
    Bytes bytes = test::from_hex("ff");
    BitReader reader(bytes);
    EXPECT_EQ(reader.bits(9), 0u);
    EXPECT_TRUE(reader.failed());
    EXPECT_EQ(reader.bits(1), 0u);
    EXPECT_EQ(reader.ue(), 0u);
}

TEST(BitReader, ASkipBeyondTheEndFailsHoweverFarItGoes) {
    Bytes bytes = test::from_hex("ff");
    BitReader reader(bytes);
    reader.skip(SIZE_MAX);
    EXPECT_TRUE(reader.failed());
}

}  // namespace
}  // namespace millrace::codec
