// SPDX-License-Identifier: LGPL-2.1-or-later
// Stream paths ("live/cam1") and the patterns that stand for many ("live/*"). '*' matches within one component.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace millrace::launcher {

class PathPattern {
  public:
    PathPattern() = default;
    // Refuses what no URL could name, and globs that only look like ones ('?', '[a-z]', '**').
    static Result<PathPattern> parse(std::string_view text);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool is_literal() const { return literal_prefix() == text_.size(); }
    // How many characters come before the first '*'.
    [[nodiscard]] std::size_t literal_prefix() const;
    [[nodiscard]] bool matches(std::string_view path) const;
    // A path it matches, for checking a pipeline without a publisher: "live/*" → "live/NAME".
    [[nodiscard]] std::string example() const;

    bool operator==(const PathPattern&) const = default;

  private:
    std::string text_;
};

// Whether `a` decides over `b` where both match: a literal beats a pattern, then the longer literal prefix wins.
bool is_more_specific(const PathPattern& a, const PathPattern& b);

// What {name} stands for: the last component of a path.
std::string_view name_of(std::string_view path);

// Replaces {path} and {name}.
std::string substitute_path(std::string_view text, std::string_view path);

}  // namespace millrace::launcher
