// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/chunk_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/rtmp/client.hpp"

namespace millrace::rtmp {
namespace {

using test::operator+;
using test::unhex;

struct Read {
    std::vector<Message> messages;
    std::optional<Error> error;
};

// Follows Set Chunk Size, as a session does.
void read_into(Read& read, ChunkReader& reader, ByteView in) {
    while (!read.error) {
        auto message = reader.next(in);
        if (!message) {
            read.error = message.error();
            return;
        }
        if (!*message) return;
        if ((*message)->type == MessageType::set_chunk_size) {
            auto set = reader.set_chunk_size(ByteReader((*message)->payload).u32());
            if (!set) read.error = set.error();
        }
        read.messages.push_back(std::move(**message));
    }
}

Read read_all(ByteView in, Limits limits = {}) {
    ChunkReader reader(limits);
    Read read;
    read_into(read, reader, in);
    return read;
}

Bytes filled(std::size_t size, std::uint8_t with) {
    return Bytes(size, with);
}

// Type 0: csid 6, timestamp 1000, 3 bytes, video, stream 1.
const Bytes kFirst = unhex("06 0003e8 000003 09 01000000 aabbcc");

TEST(ChunkReader, ReadsTheFourHeaderFormats) {
    Bytes stream = kFirst + unhex("46 000028 000002 08 dddd") +  // type 1: 40 ms on, 2 bytes of audio
                   unhex("86 000014 eeee") +                     // type 2: 20 ms on
                   unhex("c6 ffff");                             // type 3: 20 ms on again
    Read read = read_all(stream);
    ASSERT_FALSE(read.error);
    EXPECT_EQ(read.messages, (std::vector<Message>{{MessageType::video, 1000, 1, unhex("aabbcc")},
                                                   {MessageType::audio, 1040, 1, unhex("dddd")},
                                                   {MessageType::audio, 1060, 1, unhex("eeee")},
                                                   {MessageType::audio, 1080, 1, unhex("ffff")}}));
}

TEST(ChunkReader, AType3AfterAType0TakesItsTimestampAsTheDelta) {
    Read read = read_all(unhex("06 00000a 000001 09 01000000 aa c6 bb c6 cc"));
    ASSERT_EQ(read.messages.size(), 3U);
    EXPECT_EQ(read.messages[1].timestamp, 20U);
    EXPECT_EQ(read.messages[2].timestamp, 30U);
}

TEST(ChunkReader, ReadsTheThreeSizesOfChunkStreamId) {
    Bytes body = unhex("000000 000001 09 01000000 aa");
    EXPECT_EQ(read_all(unhex("3f") + body + unhex("ff bb")).messages.size(), 2U);
    EXPECT_EQ(read_all(unhex("00 ff") + body + unhex("c0 ff bb")).messages.size(), 2U);      // 319
    EXPECT_EQ(read_all(unhex("01 ffff") + body + unhex("c1 ffff bb")).messages.size(), 2U);  // 65599
    // 64 has two spellings, and they are one chunk stream.
    EXPECT_EQ(read_all(unhex("00 00") + body + unhex("c1 0000 bb")).messages.size(), 2U);
}

TEST(ChunkReader, PutsInterleavedMessagesTogether) {
    Bytes stream = unhex("06 000000 000100 09 01000000") + filled(128, 0xaa) +  // 256 bytes of video begin
                   unhex("04 000000 000002 08 01000000 1122") +                 // audio in between
                   unhex("c6") + filled(128, 0xbb);
    Read read = read_all(stream);
    ASSERT_EQ(read.messages.size(), 2U);
    EXPECT_EQ(read.messages[0].type, MessageType::audio);
    EXPECT_EQ(read.messages[1].payload, filled(128, 0xaa) + filled(128, 0xbb));
}

TEST(ChunkReader, AbortForgetsThePartialMessageOfItsChunkStreamOnly) {
    ChunkReader reader{Limits{}};
    Read read;
    Bytes two_partial = unhex("06 000000 000100 09 01000000") + filled(128, 0xaa) +
                        unhex("04 000000 000100 08 01000000") + filled(128, 0xcc);
    read_into(read, reader, two_partial);
    EXPECT_EQ(reader.buffered(), 512U);
    reader.abort(6);
    EXPECT_EQ(reader.buffered(), 256U);
    read_into(read, reader, unhex("c4") + filled(128, 0xdd) + kFirst);
    ASSERT_FALSE(read.error);
    ASSERT_EQ(read.messages.size(), 2U);
    EXPECT_EQ(read.messages[0].payload, filled(128, 0xcc) + filled(128, 0xdd));
    EXPECT_EQ(read.messages[1].payload, unhex("aabbcc"));
    EXPECT_EQ(reader.buffered(), 0U);
}

class ChunkSizes : public testing::TestWithParam<std::uint32_t> {};

TEST_P(ChunkSizes, AllCarryTheSameMessages) {
    test::Client client;
    client.number(MessageType::set_chunk_size, GetParam());
    for (std::size_t size : {0U, 1U, 127U, 128U, 129U, 5000U})
        client.video(static_cast<std::uint32_t>(size), filled(size, static_cast<std::uint8_t>(size)));
    Read read = read_all(client.take());
    ASSERT_FALSE(read.error);
    ASSERT_EQ(read.messages.size(), 7U);
    EXPECT_EQ(read.messages.back().payload, filled(5000, static_cast<std::uint8_t>(5000)));
}

INSTANTIATE_TEST_SUITE_P(Table, ChunkSizes, testing::Values(1, 2, 3, 127, 128, 4096, 65536, 0xffffff, 0x7fffffff));

TEST(ChunkReader, RefusesChunkSizesThatAreNone) {
    for (std::uint32_t size : {0U, 0x80000000U, 0xffffffffU}) {
        ChunkReader reader{Limits{}};
        auto set = reader.set_chunk_size(size);
        ASSERT_FALSE(set) << size;
        EXPECT_NE(set.error().what.find(std::to_string(size)), std::string::npos);
    }
}

// Extended timestamps, 5.3.1.3: 0x01020304 ms, 256 bytes in two chunks.
const Bytes kExtendedHead = unhex("06 ffffff 000100 09 01000000 01020304");

TEST(ChunkReader, AnExtendedTimestampMayBeRepeatedInEveryChunk) {
    Read read = read_all(kExtendedHead + filled(128, 0xaa) + unhex("c6 01020304") + filled(128, 0xbb) + kFirst);
    ASSERT_EQ(read.messages.size(), 2U);
    EXPECT_EQ(read.messages[0].timestamp, 0x01020304U);
    EXPECT_EQ(read.messages[0].payload, filled(128, 0xaa) + filled(128, 0xbb));
}

TEST(ChunkReader, AnExtendedTimestampMayAlsoNotBeRepeated) {
    for (const char* begin : {"bbbbbbbb", "01bbbbbb", "0102bbbb", "010203bb"}) {
        Bytes second = unhex(begin) + filled(124, 0xbb);
        Read read = read_all(kExtendedHead + filled(128, 0xaa) + unhex("c6") + second + kFirst);
        ASSERT_EQ(read.messages.size(), 2U) << begin;
        EXPECT_EQ(read.messages[0].payload, filled(128, 0xaa) + second);
    }
}

// What is mistaken for the beginning of a repetition may even reach into the next chunk.
TEST(ChunkReader, APayloadEndThatLooksLikeARepetitionIsPayload) {
    Bytes head = unhex("06 ffffff 000081 09 01000000 01c6aa02");         // 129 bytes: one is left for the second chunk
    Bytes stream = head + filled(128, 0xaa) + unhex("c6 01") +           // its last byte is the timestamp's first …
                   unhex("c6 aa") + filled(127, 0xee) + unhex("c6 77");  // … and a new message goes on like it
    Read read = read_all(stream);
    ASSERT_FALSE(read.error);
    ASSERT_EQ(read.messages.size(), 2U);
    EXPECT_EQ(read.messages[0].payload, filled(128, 0xaa) + unhex("01"));
    EXPECT_EQ(read.messages[1].payload, unhex("aa") + filled(127, 0xee) + unhex("77"));
}

TEST(ChunkReader, TimestampsWrapAround) {
    Read read = read_all(unhex("06 ffffff 000001 09 01000000 fffffff0 aa") + unhex("86 000020 bb"));
    ASSERT_EQ(read.messages.size(), 2U);
    EXPECT_EQ(read.messages[0].timestamp, 0xfffffff0U);
    EXPECT_EQ(read.messages[1].timestamp, 0x10U);
}

TEST(ChunkReader, IsTheSameHoweverItsBytesAreCut) {
    Bytes stream = kFirst + unhex("46 000028 000002 08 dddd") + kExtendedHead + filled(128, 0xaa) +
                   unhex("04 000000 000002 08 01000000 1122") + unhex("c6 010203bb") + filled(124, 0xbb) +
                   unhex("00 05 000000 000000 09 01000000") + unhex("01 0101 000000 000001 09 01000000 55") + kFirst;
    Read whole = read_all(stream);
    ASSERT_FALSE(whole.error);
    ASSERT_EQ(whole.messages.size(), 7U);
    for (std::size_t first = 0; first <= stream.size(); ++first) {
        for (std::size_t second = first; second <= std::min(stream.size(), first + 20); ++second) {
            ChunkReader reader{Limits{}};
            Read cut;
            read_into(cut, reader, ByteView(stream).first(first));
            read_into(cut, reader, ByteView(stream).subspan(first, second - first));
            read_into(cut, reader, ByteView(stream).subspan(second));
            ASSERT_EQ(cut.messages, whole.messages) << "cut at " << first << " and " << second;
        }
    }
}

struct Bad {
    const char* bytes;
    const char* says;
};
class BadChunks : public testing::TestWithParam<Bad> {};

TEST_P(BadChunks, AreRefusedWithTheReason) {
    Read read = read_all(unhex(GetParam().bytes));
    ASSERT_TRUE(read.error);
    EXPECT_EQ(read.error->fault, Fault::bad_input);
    EXPECT_NE(read.error->what.find(GetParam().says), std::string::npos) << read.error->what;
}

INSTANTIATE_TEST_SUITE_P(Table, BadChunks,
                         testing::Values(Bad{"c6 00", "begins without a message header"},
                                         Bad{"86 000000 00", "begins without"},
                                         Bad{"06 000000 ffffff 09 01000000 00", "16777215 bytes in assembly"},
                                         Bad{"02 000000 000004 01 00000000 00000000", "chunk size 0"},
                                         Bad{"02 000000 000004 01 00000000 80000000", "chunk size 2147483648"}));

TEST(ChunkReader, ANewHeaderInsideAMessageIsRefused) {
    Read read = read_all(unhex("06 000000 000100 09 01000000") + filled(128, 0xaa) + kFirst);
    ASSERT_TRUE(read.error);
    EXPECT_NE(read.error->what.find("inside a message"), std::string::npos);
}

TEST(ChunkReader, MessagesInAssemblyAreBoundedTogether) {
    Bytes flood;
    for (std::uint8_t id = 3; id < 13; ++id)  // half a megabyte promised on each of ten chunk streams
        flood = flood + Bytes{id, 0, 0, 0, 0x08, 0, 0, 9, 1, 0, 0, 0} + filled(128, 0);
    Read read = read_all(flood);
    ASSERT_TRUE(read.error);
    EXPECT_NE(read.error->what.find("in assembly"), std::string::npos);
}

TEST(ChunkReader, ChunkStreamsAreBounded) {
    Bytes many;
    for (std::uint8_t id = 0; id < 65; ++id) many = many + Bytes{0, id, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0};
    Read read = read_all(many);
    EXPECT_EQ(read.messages.size(), 64U);
    ASSERT_TRUE(read.error);
    EXPECT_NE(read.error->what.find("more than 64 chunk streams"), std::string::npos);
}

}  // namespace
}  // namespace millrace::rtmp
