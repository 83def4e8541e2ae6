// SPDX-License-Identifier: LGPL-2.1-or-later
// Errors as values, and the context they gather on their way up.
#include "common/base/result.hpp"

#include <gtest/gtest.h>

namespace millrace {
namespace {

Result<int> half_of(int value) {
    if (value % 2 != 0) return fail(Fault::bad_input, std::to_string(value) + " is odd");
    return value / 2;
}

TEST(Result, CarriesAValueOrAnError) {
    EXPECT_EQ(half_of(4).value(), 2);
    auto failed = half_of(3);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().fault, Fault::bad_input);
    EXPECT_EQ(failed.error().what, "3 is odd");
}

TEST(Result, OfNothingIsGoodByDefault) {
    EXPECT_TRUE(Result<>().has_value());
}

TEST(Error, ContextIsAddedOutermostFirst) {
    Error error = half_of(3).error();
    Error told = std::move(error).while_("reading AMF0").while_("publishing live/cam1");
    EXPECT_EQ(told.what, "publishing live/cam1: reading AMF0: 3 is odd");
    EXPECT_EQ(told.fault, Fault::bad_input);
}

TEST(Error, IsABugUntilSomebodySaysOtherwise) {
    EXPECT_EQ(Error{}.fault, Fault::bug);
}

}  // namespace
}  // namespace millrace
