// SPDX-License-Identifier: LGPL-2.1-or-later
// A node that is fed, by whatever way round, from itself.
#pragma once

#include <optional>

#include "launcher/config/pipeline_file.hpp"

namespace millrace::launcher {

// The first loop of a stream as a message with the place where it closes. Every node of every `from` must exist.
std::optional<Text> find_loop(const Stream& stream);

}  // namespace millrace::launcher
