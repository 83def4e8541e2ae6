// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/certificate.hpp"

#include <sys/stat.h>

#include <string>
#include <utility>

#include "common/net/log.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

namespace {

constexpr Duration kLookAgain = 1s;

std::string stamp_of(const TlsFiles& files) {
    std::string stamp;
    for (const auto& path : {files.certificate, files.key}) {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) status = {};
        for (long long number :
             {static_cast<long long>(status.st_mtim.tv_sec), static_cast<long long>(status.st_mtim.tv_nsec),
              static_cast<long long>(status.st_size), static_cast<long long>(status.st_ino)})
            stamp += std::to_string(number) + " ";
    }
    return stamp;
}

}  // namespace

Result<std::shared_ptr<Certificate>> Certificate::load(const TlsFiles& files) {
    std::shared_ptr<Certificate> made(new Certificate(files));
    Lock lock(made->mutex_);
    if (auto read = made->read(); !read) return tl::unexpected(read.error());
    return made;
}

GObjectRef<GTlsCertificate> Certificate::current() {
    Lock lock(mutex_);
    if (now() - looked_ >= kLookAgain) {
        looked_ = now();
        if (stamp_of(files_) != stamp_) {
            auto again = read();
            log_notice(again ? "read the TLS certificate " + files_.certificate + " again: it changed"
                             : again.error().what + "; the one read before is still served");
        }
    }
    return shared(certificate_.get());
}

Result<> Certificate::read() {
    looked_ = now();
    stamp_ = stamp_of(files_);
    GErrorText error;
    auto read = owned(g_tls_certificate_new_from_files(files_.certificate.c_str(), files_.key.c_str(), error.out()));
    if (!read)
        return fail(Fault::no_resource, "cannot use the TLS certificate '" + files_.certificate + "' with the key '" +
                                            files_.key + "': " + error.text());
    certificate_ = std::move(read);
    return {};
}

}  // namespace millrace::net
