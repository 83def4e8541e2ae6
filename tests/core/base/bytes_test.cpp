// SPDX-License-Identifier: LGPL-2.1-or-later
// Views, blobs, and the reader and writer of big-endian fields.
#include "common/base/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

using testing::ElementsAre;

TEST(ByteReader, FieldsAreBigEndian) {
    const std::uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
                                  0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12};
    ByteReader reader(bytes);
    EXPECT_EQ(reader.u8(), 0x01u);
    EXPECT_EQ(reader.u16(), 0x0203u);
    EXPECT_EQ(reader.u24(), 0x040506u);
    EXPECT_EQ(reader.u32(), 0x0708090au);
    EXPECT_EQ(reader.u64(), 0x0b0c0d0e0f101112u);
    EXPECT_TRUE(reader.empty());
    EXPECT_FALSE(reader.failed());
}

TEST(ByteReader, ReadingExactlyToTheEndIsNoFailure) {
    const std::uint8_t bytes[] = {1, 2, 3};
    ByteReader reader(bytes);
    EXPECT_THAT(reader.take(3), ElementsAre(1, 2, 3));
    EXPECT_THAT(reader.take(0), ElementsAre());
    EXPECT_FALSE(reader.failed());
}

TEST(ByteReader, PastTheEndItYieldsZerosAndStaysFailed) {
    const std::uint8_t bytes[] = {0xff, 0xff, 0xff};
    ByteReader reader(bytes);
    EXPECT_EQ(reader.u32(), 0u);
    EXPECT_TRUE(reader.failed());
    EXPECT_EQ(reader.remaining(), 0u);
    EXPECT_EQ(reader.u8(), 0u);
    EXPECT_TRUE(reader.take(1).empty());
    EXPECT_TRUE(reader.failed());
}

TEST(ByteReader, ASkipBeyondTheEndFailsHoweverFarItGoes) {
    const std::uint8_t bytes[] = {1, 2};
    ByteReader reader(bytes);
    reader.skip(SIZE_MAX);
    EXPECT_TRUE(reader.failed());
}

TEST(ByteReader, TakenBytesAreAViewOfTheSource) {
    const std::uint8_t bytes[] = {1, 2, 3, 4};
    ByteReader reader(bytes);
    reader.skip(1);
    ByteView taken = reader.take(2);
    EXPECT_EQ(taken.data(), bytes + 1);
    EXPECT_THAT(reader.rest(), ElementsAre(4));
}

TEST(ByteWriter, WritesWhatTheReaderReads) {
    ByteWriter writer;
    writer.u8(0xfe);
    writer.u16(0x0102);
    writer.u24(0x030405);
    writer.u32(0x06070809);
    writer.u64(0x0a0b0c0d0e0f1011);
    writer.text("ab");
    writer.zeros(2);
    EXPECT_EQ(writer.size(), 22u);

    ByteReader reader(writer.view());
    EXPECT_EQ(reader.u8(), 0xfeu);
    EXPECT_EQ(reader.u16(), 0x0102u);
    EXPECT_EQ(reader.u24(), 0x030405u);
    EXPECT_EQ(reader.u32(), 0x06070809u);
    EXPECT_EQ(reader.u64(), 0x0a0b0c0d0e0f1011u);
    EXPECT_EQ(as_text(reader.take(2)), "ab");
    EXPECT_THAT(reader.rest(), ElementsAre(0, 0));
}

TEST(ByteWriter, KeepsOnlyTheBitsThatFitAField) {
    ByteWriter writer;
    writer.u8(0x1ff);
    writer.u24(0xab010203);
    EXPECT_THAT(writer.view(), ElementsAre(0xff, 0x01, 0x02, 0x03));
}

TEST(ByteWriter, AFieldCanBeOverwrittenLater) {
    ByteWriter writer;
    writer.u8(7);
    writer.u32(0);
    writer.u8(8);
    writer.patch_u32(1, 0x01020304);
    EXPECT_THAT(std::move(writer).take(), ElementsAre(7, 1, 2, 3, 4, 8));
}

TEST(ByteWriter, ExpectedSizeIsReservedAtOnce) {
    ByteWriter writer(100);
    writer.u8(1);
    const std::uint8_t* before = writer.view().data();
    writer.zeros(99);
    EXPECT_EQ(writer.view().data(), before);
}

TEST(Blob, CopiesShareTheSameBytes) {
    Blob blob = Blob::of("#EXTM3U\n");
    Blob copy = blob;
    EXPECT_EQ(copy.view().data(), blob.view().data());
    EXPECT_EQ(copy.text(), "#EXTM3U\n");
    EXPECT_EQ(copy.size(), 8u);
}

TEST(Blob, BytesOutliveTheBlobWhileTheyAreShared) {
    std::shared_ptr<const Bytes> kept;
    {
        Blob blob(Bytes{1, 2, 3});
        kept = blob.share();
    }
    EXPECT_THAT(*kept, ElementsAre(1, 2, 3));
}

TEST(Blob, ADefaultOneIsEmpty) {
    Blob blob;
    EXPECT_TRUE(blob.empty());
    EXPECT_TRUE(blob.view().empty());
    EXPECT_EQ(blob.text(), "");
    EXPECT_EQ(blob.share(), nullptr);
}

TEST(Views, TextAndBytesAreTheSameMemory) {
    std::string_view text = "abc";
    EXPECT_THAT(as_bytes(text), ElementsAre('a', 'b', 'c'));
    EXPECT_EQ(as_text(as_bytes(text)).data(), text.data());
}

}  // namespace
}  // namespace millrace
