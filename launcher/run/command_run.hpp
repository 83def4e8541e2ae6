// SPDX-License-Identifier: LGPL-2.1-or-later
// `millrace run`: the conductor with a terminal and signals around it.
#pragma once

#include <string>
#include <vector>

#include "launcher/config/problem.hpp"

namespace millrace::launcher {

// Exit statuses of every command.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;   // at run time
inline constexpr int kRefused = 2;  // wrong usage, or a wrong file

void print_problems(const Problems& problems);

// Runs until SIGINT or SIGTERM.
int command_run(const std::vector<std::string>& files);

}  // namespace millrace::launcher
