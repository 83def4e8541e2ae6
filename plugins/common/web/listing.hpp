// SPDX-License-Identifier: LGPL-2.1-or-later
// Which outputs each path has, and which of them a URL belongs to. Knows no HTTP; its owner locks it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace millrace::web {

// A path that can be a page: "live/cam1". Not empty, no empty or dot segments, no control characters, and not below
// a name the site needs itself.
Result<> check_path(std::string_view path);

// The paths a URL nobody announced may mean, likeliest first. "/live/cam1/index.m3u8" is a resource of "live/cam1",
// or of "live"; what has no file name extension may be a path itself.
std::vector<std::string> paths_meant_by(std::string_view url_path);

// What a URL of a resource that every path has says: its path, and what follows the resource.
struct ResourceUrl {
    std::string_view path;  // "live/cam1", one that check_path takes
    std::string_view rest;  // "" of "/live/cam1/RESOURCE", with or without a final slash; "ID" of "…/RESOURCE/ID"
};

// Split at the last segment that is `resource`, as a path may have one of that name too. Nothing where there is none,
// or no path before it. The views are of `url_path`.
std::optional<ResourceUrl> split_at_resource(std::string_view url_path, std::string_view resource);

template <class Entry>
class Listing {
  public:
    using Entries = std::vector<std::shared_ptr<Entry>>;

    struct Hit {
        const Entries* entries = nullptr;  // valid until the listing changes
        std::string_view path;             // of the URL, without slashes at its ends
        std::string_view resource;         // what follows "PATH/"
        bool is_page = false;              // "/PATH/" itself
        bool lacks_slash = false;          // "/PATH": relative links would go wrong from here
    };

    Entries& operator[](const std::string& path) { return entries_[path]; }
    [[nodiscard]] const std::map<std::string, Entries, std::less<>>& all() const { return entries_; }

    void remove(const std::string& path, const std::shared_ptr<Entry>& entry) {
        auto found = entries_.find(path);
        if (found == entries_.end()) return;
        std::erase(found->second, entry);
        if (found->second.empty()) entries_.erase(found);
    }

    // The longest listed path that `url_path` ("/live/cam1/index.m3u8") is or is below.
    [[nodiscard]] Hit find(std::string_view url_path) const {
        const std::string_view whole = url_path.substr(url_path.empty() ? 0 : 1);
        for (std::size_t end = whole.size(); end != std::string_view::npos && end != 0;
             end = whole.rfind('/', end - 1)) {
            auto found = entries_.find(whole.substr(0, end));
            if (found == entries_.end()) continue;
            const std::string_view rest = whole.substr(end);
            return {&found->second, whole.substr(0, end), rest.empty() ? rest : rest.substr(1), rest == "/",
                    rest.empty()};
        }
        return {};
    }

  private:
    std::map<std::string, Entries, std::less<>> entries_;
};

}  // namespace millrace::web
