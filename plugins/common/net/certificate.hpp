// SPDX-License-Identifier: LGPL-2.1-or-later
// A server's certificate that follows its files: renewed on disk, it is served without a restart.
#pragma once

#include <gio/gio.h>

#include <memory>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/net/gobject.hpp"
#include "common/net/tls_files.hpp"

namespace millrace::net {

class Certificate {
  public:
    // Fails with no_resource and says what is wrong with the files.
    static Result<std::shared_ptr<Certificate>> load(const TlsFiles& files);

    // The certificate as the files are now; they are looked at once a second at most. Files that changed and cannot be
    // used are reported once, and the last good ones go on. Any thread.
    [[nodiscard]] GObjectRef<GTlsCertificate> current();

  private:
    explicit Certificate(TlsFiles files) : files_(std::move(files)) {}
    Result<> read() REQUIRES(mutex_);

    const TlsFiles files_;
    Mutex mutex_;
    GObjectRef<GTlsCertificate> certificate_ GUARDED_BY(mutex_);
    std::string stamp_ GUARDED_BY(mutex_);  // tells one version of the files from the next
    TimePoint looked_ GUARDED_BY(mutex_){};
};

}  // namespace millrace::net
