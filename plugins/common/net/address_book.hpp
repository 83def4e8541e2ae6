// SPDX-License-Identifier: LGPL-2.1-or-later
// What this process has at an address, shared by all who name the same one, and gone with its last user.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "common/base/thread.hpp"

namespace millrace::net {

// An entry whose object cannot be had is one that starts or ends: its address is taken, and the entry will change.
template <class T>
class AddressBook {
  public:
    static AddressBook& one() {
        static auto* book = new AddressBook();  // never destroyed: what is in it may outlive static destructors
        return *book;
    }

    // A key, held as long as anything is at it.
    class Claim {
      public:
        explicit Claim(std::string key) : key_(std::move(key)) {}
        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;
        ~Claim() { one().release(key_); }
        [[nodiscard]] const std::string& key() const { return key_; }

      private:
        const std::string key_;
    };

    // What lives at `key`; or nothing, and the key is the caller's, to fill or to release.
    std::shared_ptr<T> find_or_claim(const std::string& key) {
        Lock lock(mutex_);
        while (true) {
            auto [entry, claimed] = entries_.try_emplace(key);
            if (claimed) return nullptr;
            if (auto found = entry->second.lock()) return found;
            changed_.wait(mutex_);
        }
    }
    void fill(const std::string& key, const std::shared_ptr<T>& object) {
        Lock lock(mutex_);
        entries_[key] = object;
        changed_.notify_all();
    }

  private:
    void release(const std::string& key) {
        Lock lock(mutex_);
        entries_.erase(key);
        changed_.notify_all();
    }

    Mutex mutex_;
    Condition changed_;
    std::map<std::string, std::weak_ptr<T>> entries_ GUARDED_BY(mutex_);
};

}  // namespace millrace::net
