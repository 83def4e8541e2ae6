// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps a folder in step with a presentation, for a CDN's origin: each file appears whole or not at all (written under
// a temporary name and renamed), a playlist after the segments it lists. A thread of its own, so that a slow disk
// delays nobody; when it falls behind it writes the latest state and skips what came between.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "hls/core/snapshot.hpp"

namespace millrace::hls {

class DirectoryWriter {
  public:
    using Warn = std::function<void(const std::string&)>;

    // Creates `folder` where it is missing. Fails with no_resource, naming the folder.
    static Result<std::unique_ptr<DirectoryWriter>> open(const std::string& folder, Warn warn);
    ~DirectoryWriter();  // writes the last snapshot first

    void write(std::shared_ptr<const Snapshot> snapshot);  // returns at once

  private:
    DirectoryWriter(std::string folder, Warn warn);
    void run();
    void bring_to(std::shared_ptr<const Snapshot> snapshot);
    void report(const std::string& name, int failed);

    const std::string folder_;
    const Warn warn_;
    bool failing_ = false;                     // warned once until a write succeeds again; the thread's own
    std::shared_ptr<const Snapshot> written_;  // the thread's own

    Mutex mutex_;
    Condition changed_;
    std::shared_ptr<const Snapshot> next_ GUARDED_BY(mutex_);
    bool closing_ GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace millrace::hls
