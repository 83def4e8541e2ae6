// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/random.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <set>

namespace millrace::webrtc {
namespace {

TEST(Random, CredentialsAreOfIcesAlphabetAndLengths) {
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        auto made = make_ice_credentials();
        ASSERT_TRUE(made);
        EXPECT_EQ(made->ufrag.size(), kUfragLength);
        EXPECT_EQ(made->password.size(), kPasswordLength);
        for (char c : made->ufrag + made->password) EXPECT_TRUE(std::isalnum(c) || c == '+' || c == '/') << c;
        seen.insert(made->ufrag);
        seen.insert(made->password);
    }
    EXPECT_EQ(seen.size(), 400U);
}

TEST(Random, NumbersDiffer) {
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 20; ++i) seen.insert(*random_u32());
    EXPECT_GT(seen.size(), 15U);
}

}  // namespace
}  // namespace millrace::webrtc
