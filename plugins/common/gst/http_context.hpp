// SPDX-License-Identifier: LGPL-2.1-or-later
// The HTTP server an application hands to its elements: a GstContext of type "millrace.http-server" whose structure has
// `server` (a SoupServer) and, unless it was made in the default main context, `context` (its GMainContext).
#pragma once

#include <gst/gst.h>

#include <memory>

#include "common/net/http.hpp"

namespace millrace::gst {

inline constexpr const char* kHttpServerContext = "millrace.http-server";

// Asks for the context where it was not set already (NEED_CONTEXT on the bus). nullptr when nobody has one; elements
// that were given the same SoupServer share one HttpServer.
std::shared_ptr<net::HttpServer> http_server_of(GstElement* element);

}  // namespace millrace::gst
