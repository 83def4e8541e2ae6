// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/mount_table.hpp"

namespace millrace::net {

std::string MountTable::normal_prefix(std::string_view prefix) {
    while (!prefix.empty() && prefix.front() == '/') prefix.remove_prefix(1);
    while (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
    return prefix.empty() ? "" : "/" + std::string(prefix);
}

bool MountTable::add(const std::string& prefix, const std::shared_ptr<Mounted>& mounted) {
    Lock lock(mutex_);
    auto changed = std::make_shared<Table>(*table_);
    if (!changed->emplace(prefix, mounted).second) return false;
    table_ = std::move(changed);
    return true;
}

void MountTable::remove(const std::string& prefix) {
    Lock lock(mutex_);
    auto changed = std::make_shared<Table>(*table_);
    changed->erase(prefix);
    table_ = std::move(changed);
}

std::shared_ptr<Mounted> MountTable::find(std::string_view path) const {
    auto table = current();
    while (true) {
        auto found = table->find(path);
        if (found != table->end()) return found->second;
        if (path.empty()) return nullptr;
        path = path.substr(0, path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/'));
    }
}

std::shared_ptr<const MountTable::Table> MountTable::current() const {
    Lock lock(mutex_);
    return table_;
}

}  // namespace millrace::net
