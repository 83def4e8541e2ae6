// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/web/entrances.hpp"

#include <utility>

#include "common/web/listing.hpp"

namespace millrace::web {

Result<std::shared_ptr<Door>> Entrances::open(std::string resource, std::shared_ptr<net::HttpHandler> handler) {
    if (!check_path(resource) || resource.find('/') != std::string::npos || resource == kPublishPage) {
        return fail(Fault::bad_input, "'" + resource + "' cannot be an entrance's name: it is not one segment of a " +
                                          "URL, or the site's own");
    }
    Lock lock(mutex_);
    auto& door = doors_[resource];
    if (door) return fail(Fault::refused, "what comes to PATH/" + resource + " is taken by another handler");
    door = std::make_shared<Door>(std::move(resource), std::move(handler));
    return door;
}

void Entrances::close(const std::shared_ptr<Door>& door) {
    {
        Lock lock(mutex_);
        doors_.erase(door->resource);
    }
    door->gate.close();
}

bool Entrances::any() const {
    Lock lock(mutex_);
    return !doors_.empty();
}

std::shared_ptr<Door> Entrances::find(std::string_view url_path) const {
    Lock lock(mutex_);
    std::shared_ptr<Door> last;
    std::size_t longest = 0;
    for (const auto& [resource, door] : doors_) {
        const auto split = split_at_resource(url_path, resource);
        if (!split || split->path.size() < longest) continue;
        longest = split->path.size();
        last = door;
    }
    return last;
}

}  // namespace millrace::web
