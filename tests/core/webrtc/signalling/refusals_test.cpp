// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/signalling/refusals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

TEST(Refusal, HasTheStatusOfItsReason) {
    EXPECT_EQ(problem_of({Fault::bad_input, "line 3"}).status, 400U);
    EXPECT_EQ(problem_of({Fault::refused, "no codec"}).status, 406U);
    EXPECT_EQ(problem_of({Fault::no_resource, "no entropy"}).status, 500U);
    EXPECT_THAT(problem_of({Fault::bad_input, "line 3"}).body, HasSubstr("line 3"));
}

TEST(Refusal, OfWhoMayComeBackSaysWhen) {
    auto reply = try_again(kRetryLater, "No room", "later");
    EXPECT_EQ(reply.status, 503U);
    EXPECT_THAT(reply.headers, Contains(Pair("Retry-After", "5")));
}

TEST(Refusal, AsksForATokenOrSaysThatItIsNotTheOne) {
    auto without = unauthorized(false, "publish");
    EXPECT_EQ(without.status, 401U);
    EXPECT_THAT(without.headers, Contains(Pair("WWW-Authenticate", "Bearer")));
    auto wrong = unauthorized(true, "publish");
    EXPECT_EQ(wrong.status, 403U);
    EXPECT_THAT(wrong.body, HasSubstr("allow to publish"));
}

TEST(Refusal, OfASecondPublisherIsAConflictThatNamesThePath) {
    auto reply = path_taken("live/me");
    EXPECT_EQ(reply.status, 409U);
    EXPECT_THAT(reply.headers, Contains(Pair("Content-Type", "application/problem+json")));
    EXPECT_THAT(reply.body, HasSubstr("live/me"));
}

}  // namespace
}  // namespace millrace::webrtc
