// SPDX-License-Identifier: LGPL-2.1-or-later
// libnice's STUN library plays the viewer as well: it signs the checks and reads our answers.
#include "webrtc/core/ice/stun_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>

namespace millrace::webrtc {
namespace {

constexpr std::string_view kUfrag = "viewer01";
constexpr std::string_view kPassword = "a-password-of-24-letters";

TransportAddress v4() {
    TransportAddress address;
    address.ip = {203, 0, 113, 9};
    address.port = 54321;
    return address;
}

TransportAddress v6() {
    TransportAddress address;
    address.ip = {0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    address.is_v6 = true;
    address.port = 40000;
    return address;
}

class Viewer {
  public:
    struct Check {
        std::string username = std::string(kUfrag) + ":peer";
        std::string password{kPassword};
        StunMethod method = STUN_BINDING;
        std::function<void(StunMessage&)> add = [](StunMessage& message) {
            stun_message_append32(&message, STUN_ATTRIBUTE_PRIORITY, 1853693695);
            stun_message_append64(&message, STUN_ATTRIBUTE_ICE_CONTROLLING, 1234);
        };
    };

    Viewer() {
        stun_agent_init(&agent_, known_, STUN_COMPATIBILITY_RFC5389,
                        static_cast<StunAgentUsageFlags>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS |
                                                         STUN_AGENT_USAGE_USE_FINGERPRINT));
    }

    Bytes check() { return check(Check()); }
    Bytes check(const Check& what) {
        password_ = what.password;
        Bytes buffer(1000);
        StunMessage message{};
        stun_agent_init_request(&agent_, &message, buffer.data(), buffer.size(), what.method);
        what.add(message);
        stun_message_append_bytes(&message, STUN_ATTRIBUTE_USERNAME, what.username.data(), what.username.size());
        buffer.resize(stun_agent_finish_message(&agent_, &message, reinterpret_cast<std::uint8_t*>(password_.data()),
                                                password_.size()));
        return buffer;
    }

    // What an answer to the last check says; `valid` only with our integrity and fingerprint.
    struct Answer {
        bool valid = false;
        StunClass kind = STUN_INDICATION;
        int error = 0;
        Bytes mapped;  // still hidden
        Bytes id;
    };
    Answer read(const Bytes& reply) {
        Answer answer;
        StunMessage message{};
        answer.valid = stun_agent_validate(&agent_, &message, reply.data(), reply.size(), nullptr, nullptr) ==
                       STUN_VALIDATION_SUCCESS;
        if (!answer.valid) return answer;
        answer.kind = stun_message_get_class(&message);
        stun_message_find_error(&message, &answer.error);
        std::uint16_t length = 0;
        const auto* value =
            static_cast<const std::uint8_t*>(stun_message_find(&message, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &length));
        if (value != nullptr) answer.mapped.assign(value, value + length);
        return answer;
    }

  private:
    std::uint16_t known_[6] = {STUN_ATTRIBUTE_MESSAGE_INTEGRITY,  STUN_ATTRIBUTE_ERROR_CODE,
                               STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES,
                               STUN_ATTRIBUTE_USERNAME,           0};
    StunAgent agent_{};
    std::string password_;
};

std::string_view password_of(std::string_view ufrag) {
    return ufrag == kUfrag ? kPassword : std::string_view();
}

class Stun : public testing::Test {
  protected:
    StunOutcome receive(const Bytes& datagram, const TransportAddress& from = v4()) {
        return server_.receive(datagram, from, password_of);
    }

    StunServer server_;
    Viewer viewer_;
};

// Undoes what hides the address (RFC 8489 14.2) with the check's own header.
Bytes revealed(Bytes mapped, const Bytes& check) {
    for (std::size_t i = 0; i + 4 < mapped.size(); ++i) mapped[i + 4] ^= check[4 + i];
    mapped[2] ^= check[4];
    mapped[3] ^= check[5];
    return mapped;
}

TEST_F(Stun, ACheckIsAnsweredWithWhereItCameFrom) {
    const Bytes check = viewer_.check();
    StunOutcome outcome = receive(check);
    ASSERT_TRUE(outcome.check);
    EXPECT_EQ(outcome.check->local_ufrag, kUfrag);
    EXPECT_EQ(outcome.check->peer_ufrag, "peer");
    EXPECT_EQ(outcome.check->priority, 1853693695U);
    EXPECT_FALSE(outcome.check->use_candidate);

    auto answer = viewer_.read(outcome.reply);
    ASSERT_TRUE(answer.valid);
    EXPECT_EQ(answer.kind, STUN_RESPONSE);
    EXPECT_EQ(revealed(answer.mapped, check), (Bytes{0, 1, 54321 >> 8, 54321 & 0xff, 203, 0, 113, 9}));
    EXPECT_EQ(server_.counters().answered, 1U);
}

TEST_F(Stun, AnIpv6AddressIsToldToo) {
    const Bytes check = viewer_.check();
    auto answer = viewer_.read(receive(check, v6()).reply);
    ASSERT_TRUE(answer.valid);
    Bytes expected{0, 2, 40000 >> 8, 40000 & 0xff};
    const TransportAddress from = v6();
    expected.insert(expected.end(), from.ip.begin(), from.ip.end());
    EXPECT_EQ(revealed(answer.mapped, check), expected);
}

TEST_F(Stun, ANominationIsSeen) {
    Viewer::Check check;
    check.add = [](StunMessage& message) { stun_message_append_flag(&message, STUN_ATTRIBUTE_USE_CANDIDATE); };
    StunOutcome outcome = receive(viewer_.check(check));
    ASSERT_TRUE(outcome.check);
    EXPECT_TRUE(outcome.check->use_candidate);
    EXPECT_EQ(outcome.check->priority, 0U);
}

TEST_F(Stun, AWrongPasswordIsMetWithSilence) {
    Viewer::Check check;
    check.password = "another-password-of-24-l";
    StunOutcome outcome = receive(viewer_.check(check));
    EXPECT_FALSE(outcome.check);
    EXPECT_TRUE(outcome.reply.empty());
    EXPECT_EQ(server_.counters().bad_integrity, 1U);
    EXPECT_EQ(server_.counters().answered, 0U);
}

TEST_F(Stun, AnUnknownViewerIsMetWithSilence) {
    for (const char* username : {"nobody:peer", "viewer01", ":", "", "viewer011:peer"}) {
        Viewer::Check check;
        check.username = username;
        StunOutcome outcome = receive(viewer_.check(check));
        EXPECT_FALSE(outcome.check) << username;
        EXPECT_TRUE(outcome.reply.empty()) << username;
    }
    EXPECT_EQ(server_.counters().answered, 0U);
    EXPECT_GE(server_.counters().unknown_ufrag, 3U);
}

TEST_F(Stun, APeerThatWantsToBeControlledHasToChangeItsMind) {
    Viewer::Check check;
    check.add = [](StunMessage& message) { stun_message_append64(&message, STUN_ATTRIBUTE_ICE_CONTROLLED, 1234); };
    StunOutcome outcome = receive(viewer_.check(check));
    EXPECT_FALSE(outcome.check);
    auto answer = viewer_.read(outcome.reply);
    ASSERT_TRUE(answer.valid);
    EXPECT_EQ(answer.kind, STUN_ERROR);
    EXPECT_EQ(answer.error, 487);
    EXPECT_EQ(server_.counters().role_conflicts, 1U);
}

TEST_F(Stun, WhatMustBeUnderstoodAndIsNotIsRefused) {
    Viewer::Check check;
    check.add = [](StunMessage& message) { stun_message_append32(&message, static_cast<StunAttribute>(0x7abc), 1); };
    StunOutcome outcome = receive(viewer_.check(check));
    EXPECT_FALSE(outcome.check);
    auto answer = viewer_.read(outcome.reply);
    ASSERT_TRUE(answer.valid);
    EXPECT_EQ(answer.error, 420);
}

TEST_F(Stun, WhatMayBeIgnoredIs) {
    Viewer::Check check;
    check.add = [](StunMessage& message) {
        stun_message_append32(&message, static_cast<StunAttribute>(0xc057), 0x10032);  // Chromium's GOOG_NETWORK_INFO
    };
    EXPECT_TRUE(receive(viewer_.check(check)).check);
}

TEST_F(Stun, OtherMethodsAndIndicationsAreIgnored) {
    Viewer::Check check;
    check.method = STUN_ALLOCATE;
    StunOutcome outcome = receive(viewer_.check(check));
    EXPECT_FALSE(outcome.check);
    EXPECT_TRUE(outcome.reply.empty());

    Viewer other;
    Bytes own_answer = receive(other.check()).reply;  // an answer, sent back to us
    EXPECT_TRUE(receive(own_answer).reply.empty());
    EXPECT_EQ(server_.counters().ignored, 2U);
}

TEST_F(Stun, ACheckWithAnyByteChangedIsNoCheck) {
    const Bytes check = viewer_.check();
    for (std::size_t i = 0; i < check.size(); ++i)
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes changed = check;
            changed[i] ^= static_cast<std::uint8_t>(1U << bit);
            EXPECT_FALSE(receive(changed).check) << i;
        }
    EXPECT_EQ(server_.counters().answered, 0U);
}

TEST_F(Stun, ACheckCutShortOrTooLongIsNoCheck) {
    const Bytes check = viewer_.check();
    for (std::size_t size = 0; size < check.size(); ++size) {
        // In memory of its own, so that a sanitizer sees whoever reads further.
        Bytes cut(check.begin(), check.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_TRUE(receive(cut).reply.empty()) << size;
    }
    EXPECT_TRUE(receive(Bytes(65535)).reply.empty());
    EXPECT_EQ(server_.counters().malformed, check.size() + 1);
}

TEST_F(Stun, AThousandChecksUseNothingUp) {
    for (int i = 0; i < 1000; ++i) {
        Viewer viewer;
        EXPECT_TRUE(receive(viewer.check()).check);
    }
    EXPECT_EQ(server_.counters().answered, 1000U);
}

}  // namespace
}  // namespace millrace::webrtc
