// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/web/listing.hpp"

#include <algorithm>

namespace millrace::web {
namespace {

constexpr std::string_view kReserved[] = {"assets", "paths.json"};

std::string_view first_segment(std::string_view path) {
    return path.substr(0, path.find('/'));
}

bool has_bad_segment(std::string_view path) {
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t end = std::min(path.find('/', start), path.size());
        const std::string_view segment = path.substr(start, end - start);
        if (segment.empty() || segment == "." || segment == "..") return true;
        start = end + 1;
    }
    return false;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

Result<> check_path(std::string_view path) {
    const std::string name = "path '" + std::string(path) + "'";
    if (has_bad_segment(path)) return fail(Fault::bad_input, name + " has an empty or a dot segment");
    if (std::any_of(path.begin(), path.end(), is_control)) return fail(Fault::bad_input, "path has control characters");
    for (std::string_view reserved : kReserved) {
        if (first_segment(path) == reserved) return fail(Fault::bad_input, name + " is the site's own");
    }
    return {};
}

std::vector<std::string> paths_meant_by(std::string_view url_path) {
    std::string_view rest = url_path.substr(url_path.empty() ? 0 : 1);
    const bool names_a_folder = !rest.empty() && rest.back() == '/';
    if (names_a_folder) rest.remove_suffix(1);
    const std::size_t last_slash = rest.rfind('/');
    const std::string_view last = last_slash == std::string_view::npos ? rest : rest.substr(last_slash + 1);
    if (!names_a_folder && last.find('.') != std::string_view::npos) rest = rest.substr(0, rest.size() - last.size());

    std::vector<std::string> paths;
    while (!rest.empty()) {
        if (rest.back() == '/') rest.remove_suffix(1);
        if (check_path(rest)) paths.emplace_back(rest);
        const std::size_t slash = rest.rfind('/');
        rest = slash == std::string_view::npos ? std::string_view() : rest.substr(0, slash);
    }
    return paths;
}

std::optional<ResourceUrl> split_at_resource(std::string_view url_path, std::string_view resource) {
    const std::string_view whole = url_path.substr(url_path.empty() ? 0 : 1);
    for (std::size_t end = whole.size();;) {
        const std::size_t slash = end == 0 ? std::string_view::npos : whole.rfind('/', end - 1);
        if (slash == std::string_view::npos) return std::nullopt;  // the first segment has no path before it
        if (whole.substr(slash + 1, end - slash - 1) == resource) {
            const std::string_view path = whole.substr(0, slash);
            if (!check_path(path)) return std::nullopt;
            return ResourceUrl{path, whole.substr(end == whole.size() ? end : end + 1)};
        }
        end = slash;
    }
}

}  // namespace millrace::web
