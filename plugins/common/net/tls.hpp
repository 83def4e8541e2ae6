// SPDX-License-Identifier: LGPL-2.1-or-later
// The server's side of TLS: a certificate that is read again when its files change, and streams under it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/net/descriptor.hpp"
#include "common/net/stream.hpp"
#include "common/net/tls_files.hpp"

namespace millrace::net {

class TlsIdentity {
  public:
    // `protocols`: what is offered by ALPN, best first; none = no ALPN. Fails with no_resource and says what is wrong
    // with the files.
    static Result<std::shared_ptr<TlsIdentity>> load(const TlsFiles& files, std::vector<std::string> protocols = {});
    virtual ~TlsIdentity() = default;

    // A stream that shakes hands as it is read. Uses the files as they are now; files that changed and cannot be used
    // are reported once and the last good ones go on. Any thread.
    virtual std::unique_ptr<Stream> serve(Descriptor socket) = 0;
};

}  // namespace millrace::net
