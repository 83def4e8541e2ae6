// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/config/suggestion.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace millrace::launcher {

namespace {

constexpr std::size_t kLongestName = 64;  // nobody mistypes a longer one; keeps the square below cheap

// Optimal string alignment: insert, delete, replace, and swap of two neighbours cost one each.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
    if (word.empty() || word.size() > kLongestName) return std::nullopt;
    const std::size_t tolerated = std::max<std::size_t>(1, word.size() / 3);
    std::optional<std::string> best;
    std::size_t best_distance = std::min(tolerated + 1, word.size());  // something of it must be right
    for (const std::string& candidate : candidates) {
        if (candidate.size() > word.size() + tolerated || candidate.size() + tolerated < word.size()) continue;
        std::size_t distance = edit_distance(word, candidate);
        if (distance >= best_distance) continue;
        best_distance = distance;
        best = candidate;
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    auto near = nearest(word, candidates);
    return near ? "; did you mean '" + *near + "'?" : "";
}

}  // namespace millrace::launcher
