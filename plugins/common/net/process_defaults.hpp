// SPDX-License-Identifier: LGPL-2.1-or-later
// Where this process listens when an element does not say, and with which TLS files. Protocols are names the callers
// choose; nothing here knows one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/net/tls_files.hpp"

namespace millrace::net {

// For an element whose `listen` is empty: what the process was told, else MILLRACE_LISTEN_<PROTOCOL>, else `otherwise`.
std::string default_listen(std::string_view protocol, std::string_view otherwise);
void set_default_listen(const std::string& protocol, std::string listen);  // "" = as if never told

// What the process was told, else MILLRACE_TLS_CERTIFICATE and MILLRACE_TLS_KEY, else none.
std::optional<TlsFiles> default_tls();
void set_default_tls(std::optional<TlsFiles> files);

}  // namespace millrace::net
