// SPDX-License-Identifier: LGPL-2.1-or-later
// ${NAME} and ${NAME:-default} in the values of a pipeline file. "$${" stands for a literal "${".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace millrace::launcher {

// What a variable is set to; nothing when it is not set. An argument, so that no test depends on the process's own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

Environment process_environment();

Result<std::string> substitute_environment(std::string_view text, const Environment& environment);

}  // namespace millrace::launcher
