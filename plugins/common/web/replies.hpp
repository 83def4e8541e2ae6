// SPDX-License-Identifier: LGPL-2.1-or-later
// The answers the site gives itself: pages, their files, and JSON. Knows no listing and no waiting.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/net/http.hpp"
#include "common/web/site.hpp"

namespace millrace::web {

// One of the embedded pages, its links made relative to where it is shown, so that a proxy may put the site anywhere.
void reply_page(net::HttpExchange exchange, unsigned status, std::string_view page);

// "/assets/VERSION/NAME": cached for ever, compressed where the client takes it.
void reply_asset(net::HttpExchange exchange);

void reply_json(net::HttpExchange exchange, const std::string& json);

// "/live/cam1" → "/live/cam1/".
void reply_slash_added(net::HttpExchange exchange);

// "/live/cam1/publish/" → "/live/cam1/publish".
void reply_slash_removed(net::HttpExchange exchange);

// Nothing has this URL. Where it looks like a stream's page, a browser gets the player, which waits for the stream.
void reply_nothing_here(net::HttpExchange exchange);
void reply_not_found(net::HttpExchange exchange);
void reply_busy(net::HttpExchange exchange);

// Sorted by path; `publish` says that there is a page to publish by.
std::string paths_json(const std::vector<Output>& outputs, bool publish);
std::string outputs_json(const std::vector<Output>& outputs);  // of one path

}  // namespace millrace::web
