// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/publisher_directory.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

using namespace millrace;
using namespace millrace::gst;

namespace {

// Notes what is asked of it; runs tasks when told to, as a thread of its own would.
class Someone : public Applicant {
  public:
    explicit Someone(const std::string& path)
        : info_(publisher_info(
              OwnedStructure(gst_structure_new("publisher", "path", G_TYPE_STRING, path.c_str(), "protocol",
                                               G_TYPE_STRING, "smoke", "address", G_TYPE_STRING, "hill", nullptr)))) {}

    [[nodiscard]] const PublisherInfo& info() const override { return info_; }
    void run(std::function<void()> task) override { tasks.push_back(std::move(task)); }
    void wait(TimePoint) override { said += "wait "; }
    void take(std::shared_ptr<PublisherSource>) override { said += "take "; }
    void refuse(Refusal refusal, const std::string& why) override {
        said += "refuse ";
        refused = refusal;
        reason = why;
    }
    void dismiss() override { said += "dismiss "; }
    [[nodiscard]] bool is_silent() const override { return silent; }

    bool silent = false;
    void run_tasks() {
        for (auto& task : std::exchange(tasks, {})) task();
    }

    std::deque<std::function<void()>> tasks;
    std::string said;
    std::optional<Refusal> refused;
    std::string reason;

  private:
    const PublisherInfo info_;
};

class Source : public PublisherSource {
  public:
    bool authorize(const PublisherInfo&) override {
        if (while_asked) while_asked();
        return allows;
    }
    bool allows = true;
    std::function<void()> while_asked;
};

class Watcher : public PublisherWatcher {
  public:
    void waiting(const PublisherInfo& publisher) override {
        heard += "+" + publisher.path + " ";
        if (auto then = std::exchange(when_waiting, nullptr)) then();
    }
    void gone(const PublisherInfo& publisher) override { heard += "-" + publisher.path + " "; }
    std::string heard;
    std::function<void()> when_waiting;
};

class Directory : public testing::Test {
  protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
    std::unique_ptr<PublisherDirectory::Claim> claim(const std::string& path) {
        auto claim = directory->claim(path, source);
        EXPECT_TRUE(claim);
        return claim ? std::move(*claim) : nullptr;
    }

    // A task that was never run holds the one who was to run it.
    void TearDown() override { someone->tasks.clear(); }

    std::shared_ptr<Someone> offer(const std::string& path) {
        auto publisher = std::make_shared<Someone>(path);
        directory->offer(publisher);
        return publisher;
    }

    std::shared_ptr<PublisherDirectory> directory = PublisherDirectory::make();
    std::shared_ptr<Source> source = std::make_shared<Source>();
    std::shared_ptr<Watcher> watcher = std::make_shared<Watcher>();
    std::shared_ptr<Someone> someone = std::make_shared<Someone>("a");
};

TEST_F(Directory, APublisherGoesToTheSourceOfItsPath) {
    auto claimed = claim("a");
    directory->offer(someone);
    EXPECT_EQ(someone->said, "wait take ");
    claimed.reset();
    EXPECT_EQ(someone->said, "wait take dismiss ");
}

TEST_F(Directory, APathHasOneSource) {
    auto claimed = claim("a");
    auto second = directory->claim("a", source);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::refused);
    claimed.reset();
    EXPECT_TRUE(directory->claim("a", source));
}

TEST_F(Directory, APathHasOnePublisherUntilItWithdraws) {
    auto claimed = claim("a");
    directory->offer(someone);
    auto second = std::make_shared<Someone>("a");
    directory->offer(second);
    EXPECT_EQ(second->refused, Refusal::busy);
    directory->withdraw(*second);  // one that was refused takes nothing away from the other
    directory->withdraw(*someone);
    auto third = std::make_shared<Someone>("a");
    directory->offer(third);
    EXPECT_EQ(third->said, "wait take ");
}

TEST_F(Directory, OneThatIsSilentLeavesItsPathToTheNextThatMayPublish) {
    auto claimed = claim("live/a");
    auto cut_off = offer("live/a");
    cut_off->silent = true;
    source->allows = false;
    auto stranger = offer("live/a");
    EXPECT_EQ(stranger->refused, Refusal::unauthorized);
    EXPECT_EQ(cut_off->said, "wait take ");
    source->allows = true;
    int asked = 0;
    source->while_asked = [&] { ++asked; };
    auto returning = offer("live/a");
    EXPECT_EQ(returning->said, "wait take ");
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(cut_off->said, "wait take dismiss ");
    auto another = offer("live/a");
    EXPECT_EQ(another->refused, Refusal::busy);
}

TEST_F(Directory, WithoutASourceOrAWatcherAPublisherIsRefused) {
    directory->offer(someone);
    EXPECT_EQ(someone->refused, Refusal::unknown);
}

TEST_F(Directory, OneThatMayNotPublishIsRefusedAndThePathIsFree) {
    source->allows = false;
    auto claimed = claim("a");
    directory->offer(someone);
    EXPECT_EQ(someone->refused, Refusal::unauthorized);
    source->allows = true;
    auto second = std::make_shared<Someone>("a");
    directory->offer(second);
    EXPECT_EQ(second->said, "wait take ");
}

TEST_F(Directory, OneThatWaitsIsSeenAndAskedOnItsOwnThreadWhenASourceComes) {
    directory->watch(watcher);
    directory->offer(someone);
    EXPECT_EQ(watcher->heard, "+a ");
    auto claimed = claim("a");
    EXPECT_EQ(watcher->heard, "+a -a ");
    EXPECT_EQ(someone->said, "wait ");
    someone->run_tasks();
    EXPECT_EQ(someone->said, "wait take ");
}

TEST_F(Directory, OneThatLeavesBeforeItIsAskedIsNotTaken) {
    directory->watch(watcher);
    directory->offer(someone);
    auto claimed = claim("a");
    directory->withdraw(*someone);
    someone->run_tasks();
    EXPECT_EQ(someone->said, "wait ");
}

TEST_F(Directory, OneWhoseSourceGoesWhileItIsAskedIsNotTaken) {
    auto claimed = claim("a");
    source->while_asked = [&] { claimed.reset(); };
    directory->offer(someone);
    EXPECT_EQ(someone->said, "wait dismiss ");
}

TEST_F(Directory, WhoeverWatchesHearsOfThoseThatWaitAlready) {
    auto first = std::make_shared<Watcher>();
    directory->watch(first);
    directory->offer(someone);
    directory->watch(watcher);
    EXPECT_EQ(first->heard, "+a ");
    EXPECT_EQ(watcher->heard, "+a ");
    directory->unwatch(watcher);
    directory->withdraw(*someone);
    EXPECT_EQ(first->heard, "+a -a ");
    EXPECT_EQ(watcher->heard, "+a ");
}

TEST_F(Directory, WatchersHearWhatHappensInItsOrderAlsoWhenTheyCauseIt) {
    auto second = std::make_shared<Watcher>();
    directory->watch(watcher);
    directory->watch(second);
    std::unique_ptr<PublisherDirectory::Claim> claimed;
    watcher->when_waiting = [&] { claimed = claim("a"); };
    directory->offer(someone);
    EXPECT_EQ(watcher->heard, "+a -a ");
    EXPECT_EQ(second->heard, "+a -a ");
}

TEST_F(Directory, OneThatWaitsCanBeRefusedOneThatIsTakenCannot) {
    directory->watch(watcher);
    directory->offer(someone);
    directory->refuse("a", Refusal::busy, "not today");
    EXPECT_EQ(someone->reason, "not today");
    EXPECT_EQ(someone->refused, Refusal::busy);
    EXPECT_EQ(watcher->heard, "+a -a ");
    auto claimed = claim("a");
    auto second = std::make_shared<Someone>("a");
    directory->offer(second);
    directory->refuse("a", Refusal::unknown, "not today");
    EXPECT_FALSE(second->refused);
}

}  // namespace
