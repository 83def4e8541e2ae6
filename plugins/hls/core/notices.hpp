// SPDX-License-Identifier: LGPL-2.1-or-later
// What the user should be told, each thing once.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hls/core/presentation.hpp"

namespace millrace::hls {

class Notices {
  public:
    void once(const std::string& about, std::string text) {
        if (told_.insert(about).second) waiting_.push_back({std::move(text)});
    }
    std::vector<Notice> take() { return std::exchange(waiting_, {}); }

  private:
    std::set<std::string> told_;
    std::vector<Notice> waiting_;
};

}  // namespace millrace::hls
