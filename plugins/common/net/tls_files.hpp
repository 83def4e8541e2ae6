// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a server's certificate lies. Read by whoever opens a TLS listener.
#pragma once

#include <string>

namespace millrace::net {

struct TlsFiles {
    std::string certificate;  // PEM file, the whole chain; reloaded when it changes
    std::string key;          // PEM file

    bool operator==(const TlsFiles&) const = default;
};

}  // namespace millrace::net
