// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/handshake.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sanitized.hpp"

namespace millrace::rtmp {
namespace {

constexpr std::size_t kAnswerSize = 1 + 2 * kHandshakeSize;

Bytes c0_c1(Bytes c1) {
    c1.insert(c1.begin(), 3);
    return c1;
}

Bytes some_c1(bool with_version) {
    Bytes c1(kHandshakeSize);
    for (std::size_t i = 0; i < c1.size(); ++i) c1[i] = static_cast<std::uint8_t>(i * 31 + 7);
    std::fill_n(c1.begin() + 4, 4, static_cast<std::uint8_t>(with_version ? 9 : 0));
    return c1;
}

HandshakeBlock block(const Bytes& answer, std::size_t index) {
    return HandshakeBlock(ByteView(answer).subspan(1 + index * kHandshakeSize, kHandshakeSize));
}

TEST(Handshake, ASimpleClientGetsItsOwnBytesBack) {
    Handshake handshake(1);
    Bytes sent = c0_c1(some_c1(false));
    ByteView in = sent;
    ASSERT_TRUE(handshake.receive(in));
    EXPECT_TRUE(in.empty());
    EXPECT_FALSE(handshake.done());
    Bytes answer = handshake.take_output();
    ASSERT_EQ(answer.size(), kAnswerSize);
    EXPECT_EQ(answer[0], 3);
    EXPECT_TRUE(std::ranges::equal(block(answer, 1), ByteView(sent).subspan(1)));
}

class DigestHandshake : public testing::TestWithParam<DigestLayout> {};

TEST_P(DigestHandshake, IsAnsweredInTheLayoutOfTheClient) {
    Handshake handshake(1);
    Bytes sent = c0_c1(sign_c1(some_c1(true), GetParam()));
    ByteView in = sent;
    ASSERT_TRUE(handshake.receive(in));
    Bytes answer = handshake.take_output();
    ASSERT_EQ(answer.size(), kAnswerSize);
    EXPECT_TRUE(is_signed_s1(block(answer, 0), GetParam()));
    EXPECT_FALSE(std::ranges::equal(block(answer, 1), ByteView(sent).subspan(1))) << "an echo is not a signature";
}

TEST_P(DigestHandshake, WithOneWrongByteIsTheSimpleOne) {
    Handshake handshake(1);
    Bytes sent = c0_c1(sign_c1(some_c1(true), GetParam()));
    sent.back() ^= 1;
    ByteView in = sent;
    ASSERT_TRUE(handshake.receive(in));
    Bytes answer = handshake.take_output();
    EXPECT_FALSE(is_signed_s1(block(answer, 0), GetParam()));
    EXPECT_TRUE(std::ranges::equal(block(answer, 1), ByteView(sent).subspan(1)));
}

INSTANTIATE_TEST_SUITE_P(BothLayouts, DigestHandshake,
                         testing::Values(DigestLayout::digest_first, DigestLayout::digest_second));

TEST(Handshake, LeavesWhatBelongsToTheChunkStream) {
    Bytes sent = c0_c1(some_c1(false));
    sent.insert(sent.end(), kHandshakeSize, 0);
    sent.insert(sent.end(), {1, 2, 3});
    Handshake handshake(1);
    ByteView in = sent;
    ASSERT_TRUE(handshake.receive(in));
    EXPECT_TRUE(handshake.done());
    EXPECT_EQ(Bytes(in.begin(), in.end()), (Bytes{1, 2, 3}));
}

TEST(Handshake, IsTheSameHoweverItsBytesAreCut) {
    Bytes sent = c0_c1(sign_c1(some_c1(true), DigestLayout::digest_first));
    sent.insert(sent.end(), kHandshakeSize, 0);
    Handshake whole(1);
    ByteView in = sent;
    ASSERT_TRUE(whole.receive(in));
    const Bytes expected = whole.take_output();

    for (std::size_t cut = 0; cut <= sent.size(); cut += millrace::test::kEvery) {
        Handshake handshake(1);
        Bytes answer;
        for (ByteView part : {ByteView(sent).first(cut), ByteView(sent).subspan(cut)}) {
            ASSERT_TRUE(handshake.receive(part));
            EXPECT_TRUE(part.empty());
            Bytes more = handshake.take_output();
            answer.insert(answer.end(), more.begin(), more.end());
        }
        ASSERT_TRUE(handshake.done()) << "cut at " << cut;
        ASSERT_EQ(answer, expected) << "cut at " << cut;
    }
}

struct Mistake {
    std::uint8_t first_byte;
    const char* named;
};
class WhatIsNotRtmp : public testing::TestWithParam<Mistake> {};

TEST_P(WhatIsNotRtmp, IsRefusedAtItsFirstByteByName) {
    Handshake handshake(1);
    Bytes sent{GetParam().first_byte};
    ByteView in = sent;
    auto received = handshake.receive(in);
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().fault, Fault::bad_input);
    EXPECT_NE(received.error().what.find(GetParam().named), std::string::npos) << received.error().what;
    EXPECT_TRUE(handshake.take_output().empty());
}

INSTANTIATE_TEST_SUITE_P(Table, WhatIsNotRtmp,
                         testing::Values(Mistake{'G', "HTTP"}, Mistake{0x16, "TLS"}, Mistake{6, "RTMPE"},
                                         Mistake{0, "version 0"}, Mistake{0xff, "version 255"}));

}  // namespace
}  // namespace millrace::rtmp
