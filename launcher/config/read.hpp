// SPDX-License-Identifier: LGPL-2.1-or-later
// Text → PipelineFile, with every problem found in one go. Knows the format; elements and their properties it does not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "launcher/config/environment.hpp"
#include "launcher/config/pipeline_file.hpp"

namespace millrace::launcher {

// Nothing, with at least one problem added, when the file says something wrong. `file` is its name in messages.
std::optional<PipelineFile> read_pipeline_text(std::string_view text, const std::string& file,
                                               const Environment& environment, Problems& problems);

// As above, from disk. A directory, a missing file and one beyond 1 MiB are problems at 1:1.
std::optional<PipelineFile> read_pipeline_file(const std::string& file, const Environment& environment,
                                               Problems& problems);

// Several files as one. What two of them say differently is a problem of the later one.
std::optional<PipelineFile> read_pipeline_files(const std::vector<std::string>& files, const Environment& environment,
                                                Problems& problems);

}  // namespace millrace::launcher
