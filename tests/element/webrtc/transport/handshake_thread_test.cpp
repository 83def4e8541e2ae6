// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/transport/handshake_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>

#include "common/base/thread.hpp"
#include "tests/core/net/client.hpp"
#include "tests/element/webrtc/guest.hpp"

namespace millrace::webrtc {
namespace {

using millrace::test::eventually;
using test::DtlsClient;
using test::Guest;

const Certificate& certificate() {
    static const Certificate kCertificate = *Certificate::make(net::wall_now());
    return kCertificate;
}

// A viewer's handshake with nothing between the two but threads.
class Handshake {
  public:
    Handshake(HandshakeThread& thread, std::shared_ptr<net::Worker> worker)
        : id(thread.next_id()), thread_(thread), worker_(std::move(worker)) {}

    void start(const Fingerprint& peer = Guest::identity()->fingerprint()) {
        HandshakeSink sink;
        sink.worker = worker_;
        sink.output = [heard = heard_](const std::vector<Bytes>& datagrams) {
            heard->datagrams.with([&](auto& all) { all.insert(all.end(), datagrams.begin(), datagrams.end()); });
        };
        sink.done = [heard = heard_](const Result<SrtpKeys>& keys) {
            heard->failure.with([&](std::string& text) { text = keys ? "" : keys.error().what; });
            ++heard->done;
        };
        sink.closed = [heard = heard_] { ++heard->closed; };
        thread_.start(id, *DtlsContext::make(certificate()), peer, sink);
    }
    bool send(const std::vector<Bytes>& datagrams) {
        bool all = true;
        for (const Bytes& each : datagrams) all = thread_.receive(id, each) && all;
        return all;
    }
    bool run() {
        start();
        send(client.start());
        return eventually([&] { return step(); }) && eventually([&] { return done() == 1; });
    }
    // Whether the client has its keys.
    bool step() {
        for (const Bytes& each : heard_->datagrams.with([](auto& all) { return std::exchange(all, {}); }))
            send(client.receive(each));
        return client.connected();
    }

    [[nodiscard]] int done() const { return heard_->done; }
    [[nodiscard]] int closed() const { return heard_->closed; }
    [[nodiscard]] std::string failure() const { return heard_->failure.copy(); }

    const std::uint64_t id;
    DtlsClient client{Guest::identity(), {}};

  private:
    struct Heard {
        Guarded<std::vector<Bytes>> datagrams;
        Guarded<std::string> failure;
        std::atomic<int> done{0};
        std::atomic<int> closed{0};
    };

    HandshakeThread& thread_;
    std::shared_ptr<net::Worker> worker_;
    std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();
};

// Keeps the thread busy from here to release(): it waits where it lets go of a handshake.
class Block {
  public:
    Block(HandshakeThread& thread, const std::shared_ptr<net::Worker>& worker) {
        HandshakeSink sink;
        sink.worker = worker;
        sink.output = [](const auto&) {};
        sink.done = [](const auto&) {};
        auto waits = std::shared_ptr<void>(nullptr, [this](void*) {
            reached_.set_value();
            released_.get_future().wait();
        });
        sink.closed = [waits = std::move(waits)] {};
        const std::uint64_t id = thread.next_id();
        thread.start(id, *DtlsContext::make(certificate()), Fingerprint(), std::move(sink));
        thread.stop(id);
        reached_.get_future().wait();
    }
    void release() { released_.set_value(); }

  private:
    std::promise<void> reached_;
    std::promise<void> released_;
};

class HandshakeThreadTest : public testing::Test {
  protected:
    std::shared_ptr<net::Worker> worker_ = std::make_shared<net::Worker>("viewer");
};

TEST_F(HandshakeThreadTest, AHandshakeEndsWithKeysOnTheViewersWorker) {
    HandshakeThread thread;
    Handshake handshake(thread, worker_);
    EXPECT_TRUE(handshake.run());
    EXPECT_EQ(handshake.failure(), "");
    EXPECT_EQ(handshake.closed(), 0);
}

TEST_F(HandshakeThreadTest, AnotherCertificateIsAFailureAndNothingIsKept) {
    HandshakeThread thread;
    Handshake handshake(thread, worker_);
    handshake.start(Fingerprint());
    handshake.send(handshake.client.start());
    EXPECT_TRUE(eventually([&] {
        handshake.step();
        return handshake.done() == 1;
    }));
    EXPECT_NE(handshake.failure(), "");
    EXPECT_EQ(thread.held(), 0U);
}

TEST_F(HandshakeThreadTest, AFullQueueSaysSoAndLosesNothingOfOthers) {
    HandshakeThread thread({.queued = 1000, .linger = 30s});
    Handshake handshake(thread, worker_);
    handshake.start();
    Block block(thread, worker_);
    ASSERT_TRUE(handshake.send(handshake.client.start()));
    const Bytes junk(100);
    int taken = 0;
    while (thread.receive(thread.next_id(), junk)) ASSERT_LT(++taken, 10);
    EXPECT_FALSE(thread.receive(thread.next_id(), junk)) << "still";
    EXPECT_FALSE(thread.receive(thread.next_id(), Bytes(1001)));
    block.release();
    // What was taken before is not lost, and there is room again.
    EXPECT_TRUE(eventually([&] { return handshake.step(); }));
    EXPECT_TRUE(eventually([&] { return handshake.done() == 1; }));
    EXPECT_EQ(handshake.failure(), "");
    thread.held();
    EXPECT_TRUE(thread.receive(thread.next_id(), Bytes(1000)));
}

TEST_F(HandshakeThreadTest, TheObjectGoesWhenItHasLingered) {
    HandshakeThread thread({.queued = 1 << 20, .linger = 50ms});
    Handshake handshake(thread, worker_);
    EXPECT_TRUE(handshake.run());
    EXPECT_TRUE(eventually([&] { return thread.held() == 0; }));
    EXPECT_EQ(handshake.closed(), 0) << "that is not a goodbye";
}

TEST_F(HandshakeThreadTest, AGoodbyeIsToldAndFreesTheObject) {
    HandshakeThread thread({.queued = 1 << 20, .linger = 60s});
    Handshake handshake(thread, worker_);
    EXPECT_TRUE(handshake.run());
    EXPECT_EQ(thread.held(), 1U);
    handshake.send(handshake.client.say_goodbye());
    EXPECT_TRUE(eventually([&] { return handshake.closed() == 1; }));
    EXPECT_EQ(thread.held(), 0U);
    EXPECT_EQ(handshake.done(), 1);
}

TEST_F(HandshakeThreadTest, StartingTwiceIsStartingOnce) {
    HandshakeThread thread;
    Handshake handshake(thread, worker_);
    handshake.start();
    handshake.start();
    EXPECT_EQ(thread.held(), 1U);
    EXPECT_TRUE(handshake.run());
    EXPECT_EQ(handshake.done(), 1);
}

TEST_F(HandshakeThreadTest, AStoppedHandshakeEndsWithoutAWord) {
    HandshakeThread thread;
    Handshake handshake(thread, worker_);
    handshake.start();
    handshake.send(handshake.client.start());
    thread.stop(handshake.id);
    EXPECT_EQ(thread.held(), 0U);
    EXPECT_TRUE(thread.receive(handshake.id, Bytes(10))) << "who does not know yet does no harm";
    EXPECT_EQ(thread.held(), 0U);
    worker_->run([] {});
    EXPECT_EQ(handshake.done(), 0);
}

TEST_F(HandshakeThreadTest, StoppingRacesWithTheHandshake) {
    HandshakeThread thread;
    std::vector<std::unique_ptr<Handshake>> all;
    for (int i = 0; i < 32; ++i) {
        auto& handshake = all.emplace_back(std::make_unique<Handshake>(thread, worker_));
        handshake->start();
        handshake->send(handshake->client.start());
    }
    for (auto& handshake : all) {
        handshake->step();
        thread.stop(handshake->id);
    }
    EXPECT_EQ(thread.held(), 0U);
    worker_->run([] {});
    for (auto& handshake : all) EXPECT_LE(handshake->done(), 1);
}

TEST_F(HandshakeThreadTest, WhatWasOnItsWayWhenAHandshakeStopsStillComes) {
    HandshakeThread thread;
    Handshake handshake(thread, worker_);
    std::promise<void> release;
    worker_->post([&] { release.get_future().wait(); });
    handshake.start(Fingerprint());
    handshake.send({Bytes(20, 0x16)});
    handshake.send(handshake.client.start());
    thread.held();
    thread.stop(handshake.id);
    EXPECT_EQ(thread.held(), 0U);
    release.set_value();
    worker_->run([] {});
    handshake.step();  // what there is: nobody is there to answer
    EXPECT_FALSE(handshake.client.connected());
}

TEST_F(HandshakeThreadTest, TheThreadEndsWithHandshakesInIt) {
    std::optional<HandshakeThread> thread(std::in_place);
    Handshake running(*thread, worker_);
    running.start();
    running.send(running.client.start());
    Handshake lingering(*thread, worker_);
    EXPECT_TRUE(lingering.run());
    thread.reset();
    worker_->run([] {});
    EXPECT_EQ(lingering.closed(), 0);
}

TEST(HandshakeThread, IsOneForTheProcess) {
    auto one = HandshakeThread::shared();
    EXPECT_EQ(one, HandshakeThread::shared());
    std::weak_ptr<HandshakeThread> living = one;
    one.reset();
    EXPECT_TRUE(living.expired());
}

}  // namespace
}  // namespace millrace::webrtc
