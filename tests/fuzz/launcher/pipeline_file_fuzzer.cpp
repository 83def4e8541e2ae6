// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a pipeline file: either it reads, or there is a problem with a position in it.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "launcher/config/quantity.hpp"
#include "launcher/config/read.hpp"

using namespace millrace::launcher;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    Problems problems;
    auto environment = [](const std::string& name) -> std::optional<std::string> {
        return name.size() % 2 ? std::optional<std::string>("value") : std::nullopt;
    };
    auto file = read_pipeline_text(text, "f.yaml", environment, problems);
    if (file.has_value() != problems.empty()) std::abort();
    for (const Problem& problem : problems) {
        if (problem.at.line < 1 || problem.at.column < 1 || problem.message.empty()) std::abort();
    }
    parse_quantity(text);
    return 0;
}
