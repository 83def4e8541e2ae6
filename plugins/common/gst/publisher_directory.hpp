// SPDX-License-Identifier: LGPL-2.1-or-later
// Brings publishers and sources together by path. Knows no protocol, sockets or threads: who listens owns one.
//
// A publisher goes to the source that has claimed its path; else, while somebody watches (a device provider), it waits
// a little for one to appear; else it is refused.
#pragma once

#include <gst/gst.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/gst/ref.hpp"

namespace millrace::gst {

// Who publishes, for messages, signals, devices and the choice of who may.
struct PublisherInfo {
    std::string path;
    std::string protocol;
    std::string address;                        // "192.0.2.7:52114"
    std::shared_ptr<const GstStructure> facts;  // those three and what the protocol adds; null where nobody publishes
};

// `facts` are named "publisher" and have "path", "protocol" and "address".
PublisherInfo publisher_info(OwnedStructure facts);

// Why a publisher is refused; each protocol has its words for it.
enum class Refusal { busy, unknown, unauthorized };

// A source that waits for publishers of one path. A protocol's own kind says how one is attached to it.
class PublisherSource {
  public:
    virtual ~PublisherSource() = default;
    virtual bool authorize(const PublisherInfo& publisher) = 0;
};

// A publisher that wants a path, once: one that asks again is another applicant. Called on any thread, never under the
// directory's lock; it carries what is asked of it to its own thread, in order, and does nothing once it has withdrawn.
class Applicant {
  public:
    virtual ~Applicant() = default;
    [[nodiscard]] virtual const PublisherInfo& info() const = 0;
    virtual void run(std::function<void()> task) = 0;
    virtual void wait(TimePoint until) = 0;  // first: for one of the next two; withdraws by itself when neither came
    virtual void take(std::shared_ptr<PublisherSource> source) = 0;
    virtual void refuse(Refusal refusal, const std::string& why) = 0;
    virtual void dismiss() = 0;  // the source is gone; also meets a take() that has not run yet
    // Nothing has come from it for a while, as of one that was cut off: whoever publishes next may have its place.
    [[nodiscard]] virtual bool is_silent() const { return false; }
};

// Somebody who looks for publishers that nobody takes yet. Called on any thread but on one at a time, in the order in
// which it happened, and never under the directory's lock.
class PublisherWatcher {
  public:
    virtual ~PublisherWatcher() = default;
    virtual void waiting(const PublisherInfo& publisher) = 0;
    virtual void gone(const PublisherInfo& publisher) = 0;
};

// Any thread.
class PublisherDirectory : public std::enable_shared_from_this<PublisherDirectory> {
  public:
    // How long a publisher waits for a source that is being started.
    static constexpr Duration kPatience = 10s;

    static std::shared_ptr<PublisherDirectory> make();

    // Takes the publishers of a path until it is gone, which ends the one that is live.
    class Claim {
      public:
        Claim(std::shared_ptr<PublisherDirectory> directory, std::string path);
        ~Claim();
        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;

      private:
        const std::shared_ptr<PublisherDirectory> directory_;
        const std::string path_;
    };
    // Fails with refused when another source has claimed the path.
    Result<std::unique_ptr<Claim>> claim(const std::string& path, std::shared_ptr<PublisherSource> source);

    // Tells `watcher` of waiting publishers, those that wait already included, until it is unwatched.
    void watch(std::shared_ptr<PublisherWatcher> watcher);
    void unwatch(const std::shared_ptr<PublisherWatcher>& watcher);
    // Refuses the publisher that waits for `path`.
    void refuse(const std::string& path, Refusal refusal, const std::string& reason);

    // ---- publishers
    void offer(const std::shared_ptr<Applicant>& applicant);
    void withdraw(const Applicant& applicant);

  private:
    PublisherDirectory() = default;

    struct Present {
        std::shared_ptr<Applicant> applicant;
        PublisherInfo info;
        bool taken = false;  // by a source, which may still be asked
    };

    struct News {
        void (PublisherWatcher::*what)(const PublisherInfo&);
        PublisherInfo publisher;
        std::shared_ptr<PublisherWatcher> only;  // null: for all
    };

    enum class Room { as_it_was, made, not_allowed };
    Room make_room(const Applicant& applicant);
    void ask(const std::shared_ptr<Applicant>& applicant, const std::shared_ptr<PublisherSource>& source);
    void take(const std::shared_ptr<Applicant>& applicant, const std::shared_ptr<PublisherSource>& source);
    static void refuse_unauthorized(Applicant& applicant);
    [[nodiscard]] bool is_present(const Applicant& applicant);
    void release(const std::string& path);
    void tell_news();

    Mutex mutex_;
    std::map<std::string, std::shared_ptr<PublisherSource>> sources_ GUARDED_BY(mutex_);  // by path
    std::map<std::string, Present> present_ GUARDED_BY(mutex_);                           // by path: one publisher each
    std::vector<std::shared_ptr<PublisherWatcher>> watchers_ GUARDED_BY(mutex_);
    std::deque<News> news_ GUARDED_BY(mutex_);  // not told yet
    bool telling_ GUARDED_BY(mutex_) = false;   // some thread does
};

}  // namespace millrace::gst
