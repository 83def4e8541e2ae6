// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/config/environment.hpp"

#include <cstdlib>

namespace millrace::launcher {

namespace {

bool is_variable_name(std::string_view name) {
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
    for (char c : name) {
        bool fits = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!fits) return false;
    }
    return true;
}

// The value of what stands between "${" and "}".
Result<std::string> expand_reference(std::string_view reference, const Environment& environment) {
    auto split = reference.find(":-");
    std::string name(reference.substr(0, split));
    if (!is_variable_name(name)) {
        return fail(Fault::bad_input, "'${" + std::string(reference) + "}' is not ${NAME} or ${NAME:-default}");
    }
    auto value = environment(name);
    if (split != std::string_view::npos) {  // as in a shell, :- also replaces an empty value
        return value && !value->empty() ? *value : std::string(reference.substr(split + 2));
    }
    if (!value) {
        return fail(Fault::bad_input, "the environment variable " + name + " is not set; ${" + name +
                                          ":-default} would give it a default");
    }
    return *value;
}

}  // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
}

Result<std::string> substitute_environment(std::string_view text, const Environment& environment) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at, 3) == "$${") {
            out += "${";
            at += 3;
        } else if (text.substr(at, 2) == "${") {
            auto end = text.find('}', at);
            if (end == std::string_view::npos) return fail(Fault::bad_input, "'${' without its '}'");
            auto value = expand_reference(text.substr(at + 2, end - at - 2), environment);
            if (!value) return value;
            out += *value;
            at = end + 1;
        } else {
            out += text[at++];
        }
    }
    return out;
}

}  // namespace millrace::launcher
