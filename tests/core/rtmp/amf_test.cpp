// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/amf.hpp"

#include <gtest/gtest.h>

#include "rtmp/core/command.hpp"
#include "tests/core/rtmp/client.hpp"

namespace millrace::rtmp::amf {
namespace {

using test::hex;
using test::unhex;

Result<Value> amf0(ByteView bytes) {
    ByteReader in(bytes);
    Budget budget;
    return read_amf0(in, budget);
}

Result<Value> amf3(ByteView bytes) {
    ByteReader in(bytes);
    Budget budget;
    return read_amf3(in, budget);
}

struct Good {
    const char* bytes;
    Value value;
};

class Amf0Values : public testing::TestWithParam<Good> {};
TEST_P(Amf0Values, AreRead) {
    auto read = amf0(unhex(GetParam().bytes));
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(*read, GetParam().value);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Amf0Values,
    testing::Values(Good{"00 3ff8000000000000", 1.5}, Good{"01 01", true}, Good{"02 0003 616263", "abc"},
                    Good{"05", Null{}}, Good{"06", Undefined{}}, Good{"0d", Undefined{}},
                    Good{"0c 00000003 616263", "abc"}, Good{"0f 00000001 78", "x"},
                    Good{"03 0001 61 05 000009", Object{{"a", Null{}}}},
                    Good{"10 0001 43 0001 61 05 000009", Object{{"a", Null{}}}},
                    Good{"08 00000001 0001 61 0101 000009", Object{{"a", true}}},
                    Good{"08 00000001 0001 61 0101", Object{{"a", true}}},  // without its end: some encoders do
                    Good{"0a 00000002 05 06", Array{Null{}, Undefined{}}}, Good{"0b 408f400000000000 0000", Date{1000}},
                    Good{"11 0407", 7.0}));

class Amf3Values : public testing::TestWithParam<Good> {};
TEST_P(Amf3Values, AreRead) {
    auto read = amf3(unhex(GetParam().bytes));
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(*read, GetParam().value);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Amf3Values,
    testing::Values(Good{"00", Undefined{}}, Good{"01", Null{}}, Good{"02", false}, Good{"03", true},
                    Good{"04 7f", 127.0}, Good{"04 8100", 128.0}, Good{"04 ffffffff", -1.0},
                    Good{"04 c0808000", -268435456.0}, Good{"05 3ff8000000000000", 1.5}, Good{"06 07 616263", "abc"},
                    Good{"06 01", ""}, Good{"0b 03 78", "x"}, Good{"08 01 408f400000000000", Date{1000}},
                    Good{"0c 05 0102", Bytes{1, 2}}, Good{"09 05 01 0401 0402", Array{1.0, 2.0}},
                    Good{"09 03 03 61 03 01 0402", Object{{"a", true}, {"0", 2.0}}},  // named ones before the others
                    Good{"0a 13 01 03 61 03", Object{{"a", true}}},                   // sealed members
                    Good{"0a 0b 01 03 61 03 01", Object{{"a", true}}},                // dynamic members
                    // A string, an object and traits by reference: [{"a": "a"}, the same, {"a": true}]
                    Good{"09 07 01 0a13 01 03 61 0600 0a02 0a01 03",
                         Array{Object{{"a", "a"}}, Object{{"a", "a"}}, Object{{"a", true}}}},
                    Good{"0d 05 00 ffffffff 00000001", Array{-1.0, 1.0}},
                    Good{"0e 03 00 ffffffff", Array{4294967295.0}}, Good{"0f 03 00 3ff8000000000000", Array{1.5}},
                    Good{"10 03 00 01 03", Array{true}}, Good{"11 03 00 06 03 61 03", Array{"a", true}}));

struct Bad {
    const char* bytes;
    const char* says;
};

class BadAmf0 : public testing::TestWithParam<Bad> {};
TEST_P(BadAmf0, IsRefusedWithTheReason) {
    auto read = amf0(unhex(GetParam().bytes));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().fault, Fault::bad_input);
    EXPECT_NE(read.error().what.find(GetParam().says), std::string::npos) << read.error().what;
}
INSTANTIATE_TEST_SUITE_P(Table, BadAmf0,
                         testing::Values(Bad{"02 ffff 61", "string of 65535 bytes is longer than its message"},
                                         Bad{"0c ffffffff 61", "string of 4294967295 bytes is longer than its message"},
                                         Bad{"03 00ff 61", "longer than its message"}, Bad{"03 0001 61 05", "cut off"},
                                         Bad{"08 00000001 0001 61", "cut off"}, Bad{"00 3ff8", "cut off"},
                                         Bad{"", "cut off"}, Bad{"0a ffffffff 05", "array of 4294967295 values"},
                                         Bad{"07 0000", "references"}, Bad{"04", "unknown AMF0 type 4"},
                                         Bad{"ff", "unknown AMF0 type 255"}, Bad{"09", "unknown"}));

class BadAmf3 : public testing::TestWithParam<Bad> {};
TEST_P(BadAmf3, IsRefusedWithTheReason) {
    auto read = amf3(unhex(GetParam().bytes));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().fault, Fault::bad_input);
    EXPECT_NE(read.error().what.find(GetParam().says), std::string::npos) << read.error().what;
}
INSTANTIATE_TEST_SUITE_P(
    Table, BadAmf3,
    testing::Values(Bad{"06 ffffffff 61", "longer than its message"}, Bad{"0c 7f 61", "longer than its message"},
                    Bad{"06 00", "string that was not sent"}, Bad{"09 00", "object that was not sent"},
                    Bad{"0a 01", "traits that were not sent"}, Bad{"0a 07 01", "externalizable"},
                    Bad{"09 03 01 09 00", "contains itself"}, Bad{"0a fffffff3 01", "members in a shorter message"},
                    Bad{"09 ffffffff 01", "values in a shorter message"}, Bad{"0d ffffffff 00", "values in a shorter"},
                    Bad{"10 ffffffff 00 01", "values in a shorter"}, Bad{"11 ffffffff 00", "values in a shorter"},
                    Bad{"0f 05 00 3ff8000000000000", "values in a shorter"}, Bad{"05 00", "cut off"},
                    Bad{"12", "unknown AMF3 type 18"}, Bad{"", "cut off"}, Bad{"09 01", "cut off"}));

Bytes repeated(std::string_view digits, std::size_t times) {
    Bytes once = unhex(digits);
    Bytes all;
    for (std::size_t i = 0; i < times; ++i) all.insert(all.end(), once.begin(), once.end());
    return all;
}

struct Nest {
    const char* name;
    const char* level;
    bool amf3;
};
class DeepNesting : public testing::TestWithParam<Nest> {};
TEST_P(DeepNesting, OfTenThousandLevelsIsRefused) {
    Bytes bytes = repeated(GetParam().level, 10'000);
    auto read = GetParam().amf3 ? amf3(bytes) : amf0(bytes);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().what, "AMF nested too deep");
}
INSTANTIATE_TEST_SUITE_P(Table, DeepNesting,
                         testing::Values(Nest{"object", "03 0001 61", false},
                                         Nest{"ecma", "08 00000001 0001 61", false},
                                         Nest{"array", "0a 00000001", false}, Nest{"avmplus", "11 09 03 01", false},
                                         Nest{"array3", "09 03 01", true}, Nest{"object3", "0a 0b 01 03 61", true},
                                         Nest{"vector3", "10 03 00 01", true},
                                         Nest{"dictionary3", "11 03 00 01", true}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Amf, NestingOfThirtyLevelsIsFine) {
    Bytes bytes = repeated("0a 00000001", 30);
    bytes.push_back(5);
    EXPECT_TRUE(amf0(bytes));
}

TEST(Amf, AMillionOneByteValuesAreTooMany) {
    Bytes bytes = unhex("0a 000f4240");
    bytes.insert(bytes.end(), 1'000'000, 5);
    auto read = amf0(bytes);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().fault, Fault::no_resource);
}

// Each array holds the one before it twice, by reference: 2^25 values out of a hundred bytes.
TEST(Amf, ReferencesCannotMultiplyMemory) {
    Bytes bytes = unhex("09 35 01");  // 26 elements
    Bytes first = unhex("09 05 01 01 01");
    bytes.insert(bytes.end(), first.begin(), first.end());
    for (std::uint8_t i = 1; i <= 25; ++i)
        for (std::uint8_t byte : {0x09, 0x05, 0x01, 0x09, i * 2, 0x09, i * 2}) bytes.push_back(byte);
    auto read = amf3(bytes);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().fault, Fault::no_resource);
}

TEST(Amf, WhatIsWrittenIsReadBack) {
    Value value = Object{{"number", -2.5},
                         {"text", "h\xc3\xa9"},
                         {"long", std::string(70'000, 'x')},
                         {"list", Array{true, false, Null{}, Undefined{}}},
                         {"nested", Object{{"date", Date{5}}}}};
    ByteWriter out;
    write_amf0(out, value);
    auto read = amf0(out.view());
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(*read, value);
}

TEST(Amf, ByteArraysHaveNoWordInAmf0AndAreWrittenAsUndefined) {
    ByteWriter out;
    write_amf0(out, Bytes{1, 2});
    EXPECT_EQ(amf0(out.view()).value(), Value(Undefined{}));
}

TEST(Command, OfTheAmf3TypeIsAmf0BehindAByteAndMayTurnToAmf3) {
    // "connect", 1, {AMF3 object with a = true}
    Message message{MessageType::command_amf3, 0, 0,
                    unhex("00 02 0007 636f6e6e656374 00 3ff0000000000000 11 0a 0b 01 03 61 03 01")};
    auto command = read_command(message);
    ASSERT_TRUE(command) << command.error().what;
    EXPECT_EQ(command->name, "connect");
    EXPECT_EQ(command->transaction, 1);
    EXPECT_EQ(command->object, Value(Object{{"a", true}}));
}

TEST(Command, WithoutANameOrANumberIsRefused) {
    EXPECT_FALSE(read_command({MessageType::command_amf0, 0, 0, {}}));
    EXPECT_FALSE(read_command({MessageType::command_amf0, 0, 0, unhex("05")}));
    EXPECT_FALSE(read_command({MessageType::command_amf0, 0, 0, unhex("02 0001 61 02 0001 61")}));
}

}  // namespace
}  // namespace millrace::rtmp::amf
