// SPDX-License-Identifier: LGPL-2.1-or-later
// A self-signed certificate for localhost in a directory of its own, gone with the object.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "common/net/tls_files.hpp"

namespace millrace::test {

class CertificateFiles {
  public:
    explicit CertificateFiles(const std::string& common_name = "localhost") {
        std::string pattern = std::filesystem::temp_directory_path() / "certificate-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
        write(common_name);
    }
    ~CertificateFiles() { std::filesystem::remove_all(directory_); }
    CertificateFiles(const CertificateFiles&) = delete;
    CertificateFiles& operator=(const CertificateFiles&) = delete;

    [[nodiscard]] net::TlsFiles files() const {
        return {(directory_ / "certificate.pem").string(), (directory_ / "key.pem").string()};
    }

    // A new pair for another name, moved into place as certificate tools do.
    void write(const std::string& common_name) const {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* certificate = X509_new();
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
        X509_set_pubkey(certificate, key);
        auto* name = X509_get_subject_name(certificate);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
        X509_set_issuer_name(certificate, name);
        X509_sign(certificate, key, EVP_sha256());
        into(files().certificate, [&](std::FILE* file) { PEM_write_X509(file, certificate); });
        into(files().key,
             [&](std::FILE* file) { PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr); });
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    void spoil() const {
        into(files().certificate, [](std::FILE* file) { std::fputs("not a certificate\n", file); });
    }

  private:
    template <class F>
    static void into(const std::string& path, F&& print) {
        std::string fresh = path + ".new";
        std::FILE* file = std::fopen(fresh.c_str(), "w");
        print(file);
        std::fclose(file);
        std::filesystem::rename(fresh, path);
    }

    std::filesystem::path directory_;
};

}  // namespace millrace::test
