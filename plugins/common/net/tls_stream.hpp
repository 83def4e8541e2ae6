// SPDX-License-Identifier: LGPL-2.1-or-later
// The server's end of a TLS connection, by GIO.
#pragma once

#include <gio/gio.h>

#include <memory>

#include "common/net/descriptor.hpp"
#include "common/net/stream.hpp"

namespace millrace::net {

// Shakes hands as it is read or written.
std::unique_ptr<Stream> tls_stream(Descriptor socket, GTlsCertificate* certificate);

}  // namespace millrace::net
