// SPDX-License-Identifier: LGPL-2.1-or-later
// What is wrong with a pipeline file, and where: "live.yaml:14:31: unknown key 'strems'; did you mean 'streams'?"
#pragma once

#include <string>
#include <vector>

namespace millrace::launcher {

// As editors count: the first character of a file is 1:1.
struct Position {
    int line = 1;
    int column = 1;
    auto operator<=>(const Position&) const = default;
};

struct Problem {
    std::string file;
    Position at;
    std::string message;
};
using Problems = std::vector<Problem>;

inline std::string to_text(const Problem& problem) {
    return problem.file + ":" + std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + ": " +
           problem.message;
}

}  // namespace millrace::launcher
