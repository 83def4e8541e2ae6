// SPDX-License-Identifier: LGPL-2.1-or-later
// On which servers an element's output is announced, and an entrance opened.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/web/site.hpp"

namespace millrace::web {

using Announcements = std::vector<std::unique_ptr<Site::Announcement>>;

// On `given`, an application's server, where there is one; else at `listen`; where that is empty too, on the process's
// default for HTTP, :8080 unless told otherwise, and for HTTPS, which has none.
Result<Announcements> announce(const Output& output, const std::shared_ptr<net::HttpHandler>& handler,
                               const Site::Owns& owns, const std::string& listen,
                               const std::shared_ptr<net::HttpServer>& given);

using OpenEntrances = std::vector<std::unique_ptr<Site::Entrance>>;

// On the same servers.
Result<OpenEntrances> open_entrances(const std::string& resource, const std::shared_ptr<net::HttpHandler>& handler,
                                     const std::string& listen, const std::shared_ptr<net::HttpServer>& given);

}  // namespace millrace::web
