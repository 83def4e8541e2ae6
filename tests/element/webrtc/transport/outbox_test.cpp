// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/transport/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/element/webrtc/narrow_socket.hpp"

namespace millrace::webrtc {
namespace {

class OutboxTest : public testing::Test {
  protected:
    // Each to another viewer: each a message of its own.
    void write(std::uint8_t number) {
        auto space = outbox_.arena().reserve(3);
        ASSERT_EQ(space.size(), 3U);
        std::ranges::fill(space, number);
        outbox_.arena().commit({.ip = {10, 0, 0, number}, .is_v6 = false, .port = 1000}, 3);
    }
    void write(std::uint8_t first, std::uint8_t last) {
        for (std::uint8_t number = first; number <= last; ++number) write(number);
    }
    // What went, by its numbers.
    [[nodiscard]] std::string went() const {
        std::string text;
        for (const auto& datagram : socket_.taken) {
            EXPECT_EQ(datagram.bytes, Bytes(3, datagram.to.ip[3])) << "each to its own viewer";
            text += std::to_string(datagram.to.ip[3]) + " ";
        }
        return text;
    }

    test::NarrowSocket socket_;
    Outbox outbox_{socket_};
};

// Who waits, and in which order they were called.
struct Waiter : Outbox::Waiting {
    Waiter(std::string& calls, char name, Outbox* waits_again_at = nullptr)
        : calls_(calls), name_(name), again_(waits_again_at) {}
    void resume() override {
        calls_ += name_;
        if (again_ != nullptr) again_->wait(self);
    }
    std::weak_ptr<Waiting> self;

  private:
    std::string& calls_;
    char name_;
    Outbox* again_;
};

TEST_F(OutboxTest, WhatIsWrittenGoesInOrderAndLeavesRoom) {
    const std::size_t room = outbox_.arena().room();
    write(1, 3);
    EXPECT_TRUE(outbox_.flush());
    EXPECT_EQ(went(), "1 2 3 ");
    EXPECT_EQ(outbox_.arena().room(), room);
    EXPECT_TRUE(outbox_.flush()) << "of nothing";
    EXPECT_EQ(went(), "1 2 3 ");
}

TEST_F(OutboxTest, PacketsOfOneSizeToOneViewerAreOneMessage) {
    socket_.room = 1;
    const TransportAddress to{.ip = {10, 0, 0, 1}, .is_v6 = false, .port = 1};
    for (std::uint8_t i = 0; i < 3; ++i) {
        outbox_.arena().reserve(2)[0] = i;
        outbox_.arena().commit(to, 2);
    }
    EXPECT_TRUE(outbox_.flush());
    ASSERT_EQ(socket_.taken.size(), 3U);
    for (std::uint8_t i = 0; i < 3; ++i) EXPECT_EQ(socket_.taken[i].bytes.at(0), i);
}

TEST_F(OutboxTest, WhatTheSocketDoesNotTakeGoesLaterInOrderAndOnce) {
    write(1, 7);
    socket_.room = 3;
    EXPECT_FALSE(outbox_.flush());
    EXPECT_TRUE(outbox_.is_full());
    EXPECT_EQ(went(), "1 2 3 ");
    socket_.room = 2;
    outbox_.writable();
    EXPECT_TRUE(outbox_.is_full());
    EXPECT_EQ(went(), "1 2 3 4 5 ");
    socket_.room = 5;
    outbox_.writable();
    EXPECT_FALSE(outbox_.is_full());
    EXPECT_EQ(went(), "1 2 3 4 5 6 7 ");
    EXPECT_TRUE(outbox_.arena().empty());
}

TEST_F(OutboxTest, AFullSocketMayTakeNothingForAWhile) {
    write(1, 2);
    socket_.room = 0;
    EXPECT_FALSE(outbox_.flush());
    outbox_.writable();
    EXPECT_TRUE(outbox_.is_full());
    EXPECT_EQ(went(), "");
    socket_.room = test::NarrowSocket::kWide;
    outbox_.writable();
    EXPECT_EQ(went(), "1 2 ");
}

TEST_F(OutboxTest, WaitersAreResumedOnceInOrderWhenAllHasGone) {
    std::string calls;
    auto a = std::make_shared<Waiter>(calls, 'a');
    auto b = std::make_shared<Waiter>(calls, 'b');
    auto gone = std::make_shared<Waiter>(calls, 'x');
    write(1, 4);
    socket_.room = 1;
    EXPECT_FALSE(outbox_.flush());
    outbox_.wait(a);
    outbox_.wait(gone);
    outbox_.wait(b);
    gone.reset();
    socket_.room = 2;
    outbox_.writable();
    EXPECT_EQ(calls, "") << "there is no room yet";
    socket_.room = 2;
    outbox_.writable();
    EXPECT_EQ(calls, "ab");
    outbox_.writable();
    EXPECT_EQ(calls, "ab");
}

TEST_F(OutboxTest, WhoWaitsAgainWhileItIsResumedIsCalledTheNextTime) {
    std::string calls;
    auto eager = std::make_shared<Waiter>(calls, 'e', &outbox_);
    eager->self = eager;
    outbox_.wait(eager);
    outbox_.writable();
    EXPECT_EQ(calls, "e");
    outbox_.writable();
    EXPECT_EQ(calls, "ee");
}

TEST_F(OutboxTest, AnotherStreamsFlushMeanwhileLosesNothing) {
    std::string calls;
    auto waiter = std::make_shared<Waiter>(calls, 'w');
    write(1, 5);
    socket_.room = 1;
    EXPECT_FALSE(outbox_.flush());
    outbox_.wait(waiter);
    socket_.room = 2;
    EXPECT_FALSE(outbox_.flush());
    socket_.room = 9;
    EXPECT_TRUE(outbox_.flush());
    EXPECT_EQ(went(), "1 2 3 4 5 ");
    EXPECT_EQ(calls, "") << "the socket will say";
    write(6, 6);
    EXPECT_TRUE(outbox_.flush());
    outbox_.writable();
    EXPECT_EQ(went(), "1 2 3 4 5 6 ");
    EXPECT_EQ(calls, "w");
}

}  // namespace
}  // namespace millrace::webrtc
