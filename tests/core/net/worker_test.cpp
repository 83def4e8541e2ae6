// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/worker.hpp"

#include <gio/gio.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <map>
#include <optional>
#include <thread>
#include <vector>

#include "client.hpp"
#include "common/net/descriptor.hpp"
#include "common/net/gate.hpp"

namespace millrace::net {
namespace {

using test::eventually;

TEST(Worker, TasksRunInTheOrderTheyWerePosted) {
    std::vector<int> order;
    {
        Worker worker("test");
        for (int i = 0; i < 1000; ++i) worker.post([&order, i] { order.push_back(i); });
    }
    ASSERT_EQ(order.size(), 1000U);  // its end ran them all
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Worker, RunReturnsWhenTheTaskHasRunOnTheWorkersThread) {
    Worker worker("test");
    bool was_current = false;
    worker.run([&] { was_current = worker.is_current(); });
    EXPECT_TRUE(was_current);
    EXPECT_FALSE(worker.is_current());
}

TEST(Worker, RunOnItsOwnThreadRunsAtOnce) {
    Worker worker("test");
    bool inner = false;
    worker.run([&] { worker.run([&] { inner = true; }); });
    EXPECT_TRUE(inner);
}

TEST(Worker, TasksPostedByManyThreadsAllRun) {
    std::atomic<int> ran{0};
    Worker worker("test");
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) worker.post([&] { ++ran; });
        });
    for (auto& thread : threads) thread.join();
    worker.run([] {});
    EXPECT_EQ(ran, 4000);
}

TEST(Worker, MayBeDroppedByItsOwnTask) {
    auto worker = std::make_shared<Worker>("test");
    auto* raw = worker.get();
    std::atomic<bool> ran{false};
    raw->post([worker = std::move(worker), &ran]() mutable {
        worker.reset();
        ran = true;
    });
    EXPECT_TRUE(eventually([&] { return ran.load(); }));
}

TEST(Worker, ATimerNeverFiresEarlyAndFiresOnce) {
    Worker worker("test");
    std::optional<Worker::Timer> timer;
    std::atomic<int> fired{0};
    std::atomic<bool> early{false};
    TimePoint due = now() + 20ms;
    worker.run([&] {
        timer.emplace(worker, [&] {
            if (now() < due) early = true;
            ++fired;
        });
        timer->at(due);
    });
    EXPECT_TRUE(eventually([&] { return fired > 0; }));
    worker.run([&] { timer.reset(); });
    EXPECT_EQ(fired, 1);
    EXPECT_FALSE(early);
}

TEST(Worker, TimersFireInTheOrderOfTheirTimesHoweverTheyWereSet) {
    Worker worker("test");
    std::vector<int> order;
    std::vector<std::unique_ptr<Worker::Timer>> timers;
    std::atomic<bool> done{false};
    worker.run([&] {
        TimePoint start = now();
        for (int i : {3, 1, 4, 0, 2}) {
            timers.push_back(std::make_unique<Worker::Timer>(worker, [&order, &done, i] {
                order.push_back(i);
                done = i == 4;
            }));
            timers.back()->at(start + i * 3ms);
        }
    });
    EXPECT_TRUE(eventually([&] { return done.load(); }));
    worker.run([&] { timers.clear(); });
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(Worker, ANewTimeReplacesTheOldAndNeverDisarms) {
    Worker worker("test");
    std::optional<Worker::Timer> moved;
    std::optional<Worker::Timer> disarmed;
    std::optional<Worker::Timer> last;
    std::atomic<int> fired{0};
    std::atomic<bool> wrong{false};
    std::atomic<bool> done{false};
    worker.run([&] {
        moved.emplace(worker, [&] { ++fired; });
        disarmed.emplace(worker, [&] { wrong = true; });
        last.emplace(worker, [&] { done = true; });
        moved->at(now() + 1h);
        moved->at(now() + 1ms);
        disarmed->at(now() + 1ms);
        disarmed->at(kNever);
        last->at(now() + 10ms);
    });
    EXPECT_TRUE(eventually([&] { return done.load(); }));
    worker.run([&] {
        moved.reset();
        disarmed.reset();
        last.reset();
    });
    EXPECT_EQ(fired, 1);
    EXPECT_FALSE(wrong);
}

TEST(Worker, ATimerMayEndItselfOrAnotherThatIsDueToo) {
    Worker worker("test");
    std::unique_ptr<Worker::Timer> first;
    std::unique_ptr<Worker::Timer> second;
    int fired = 0;
    std::atomic<bool> done{false};
    worker.run([&] {
        auto end_both = [&] {
            ++fired;
            first.reset();
            second.reset();
            done = true;
        };
        first = std::make_unique<Worker::Timer>(worker, end_both);
        second = std::make_unique<Worker::Timer>(worker, end_both);
        first->at(now());
        second->at(now());
    });
    EXPECT_TRUE(eventually([&] { return done.load(); }));
    worker.run([] {});
    EXPECT_EQ(fired, 1);
}

struct SocketPair {
    SocketPair() {
        int both[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both), 0);
        watched = Descriptor(both[0]);
        other = Descriptor(both[1]);
    }
    Descriptor watched;
    Descriptor other;
};

TEST(Worker, AWatchTellsWhatItWasAskedForOnly) {
    Worker worker("test");
    SocketPair pair;
    std::optional<Worker::Watch> watch;
    std::atomic<int> writable{0};
    std::atomic<int> readable{0};
    worker.run([&] {
        watch.emplace(worker, pair.watched.get(), [&](Worker::Watch::Ready ready) {
            if (ready.write) ++writable;
            if (ready.read) {
                ++readable;
                watch->want(false, false);
            }
        });
        watch->want(true, false);
    });
    ASSERT_EQ(::send(pair.other.get(), "x", 1, 0), 1);
    EXPECT_TRUE(eventually([&] { return readable == 1; }));
    worker.run([&] { watch.reset(); });
    EXPECT_EQ(writable, 0);
}

TEST(Worker, AWatchTellsThatThePeerHungUpWithoutReading) {
    Worker worker("test");
    SocketPair pair;
    std::optional<Worker::Watch> watch;
    std::atomic<bool> hung_up{false};
    worker.run([&] {
        watch.emplace(worker, pair.watched.get(), [&](Worker::Watch::Ready ready) {
            watch.reset();
            hung_up = ready.hung_up;
        });
        watch->want_hang_up();
    });
    ASSERT_EQ(::send(pair.other.get(), "x", 1, 0), 1);
    pair.other = Descriptor();
    EXPECT_TRUE(eventually([&] { return hung_up.load(); }));
}

TEST(Worker, AroundAContextRunsWhereTheContextIsIterated) {
    GMainContext* context = g_main_context_new();
    {
        bool ran = false;  // outlives the worker, which runs what was posted before it ends
        auto worker = Worker::around(context);
        worker->post([&] { ran = true; });
        EXPECT_FALSE(ran);
        g_main_context_iteration(context, FALSE);
        EXPECT_TRUE(ran);
        worker->post([&] { ran = false; });
    }
    g_main_context_unref(context);
}

TEST(IoWorkers, AreTheSameForEverybodyAndEndWithTheirLastUser) {
    auto first = io_workers();
    auto again = io_workers();
    EXPECT_EQ(first, again);
    EXPECT_LE(first.size(), 4U);
    std::weak_ptr<Worker> one = first.front();
    first.clear();
    again.clear();
    EXPECT_TRUE(one.expired());
    EXPECT_TRUE(next_io_worker());  // started anew
}

TEST(IoWorkers, AreTakenInTurn) {
    auto all = io_workers();
    std::map<std::shared_ptr<Worker>, int> taken;
    for (std::size_t i = 0; i < 3 * all.size(); ++i) ++taken[next_io_worker()];
    for (const auto& worker : all) EXPECT_EQ(taken[worker], 3);
}

TEST(Gate, ClosingWaitsForThoseInsideAndLetsNobodyIn) {
    Gate gate;
    std::optional<Gate::Pass> inside(gate.enter());
    ASSERT_TRUE(*inside);
    std::atomic<bool> closed{false};
    std::thread closer([&] {
        gate.close();
        closed = true;
    });
    EXPECT_TRUE(eventually([&] { return !gate.enter(); }));  // it is closing …
    EXPECT_FALSE(closed);                                    // … and waits
    inside.reset();
    closer.join();
    EXPECT_TRUE(closed);
}

}  // namespace
}  // namespace millrace::net
