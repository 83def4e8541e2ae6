// SPDX-License-Identifier: LGPL-2.1-or-later
// The active side of DTLS-SRTP, OpenSSL as a viewer would have it: datagrams come in, datagrams go out, at the end
// there are keys. Judges nothing that the other side should judge.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/time.hpp"
#include "webrtc/core/secure/certificate.hpp"
#include "webrtc/core/secure/datagram_bio.hpp"
#include "webrtc/core/secure/fingerprint.hpp"
#include "webrtc/core/secure/openssl.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc::test {

struct DtlsClientOptions {
    const char* profiles = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM";  // null: no SRTP
    bool with_certificate = true;
    bool large_hello = false;       // as Chromium's is, with its post-quantum key share
    unsigned timeout = 60'000'000;  // microseconds until the first retransmission; each one doubles it
};

// A key and what is agreed to, for one viewer or for thousands of them: a new key for each costs more than its
// handshake.
class DtlsIdentity {
  public:
    static std::shared_ptr<const DtlsIdentity> make(const DtlsClientOptions& options);

    [[nodiscard]] const Fingerprint& fingerprint() const { return certificate_.fingerprint(); }
    [[nodiscard]] SSL_CTX* context() const { return context_.get(); }

  private:
    explicit DtlsIdentity(const DtlsClientOptions& options);

    Certificate certificate_;
    SslContext context_;
};

class DtlsClient {
  public:
    DtlsClient() : DtlsClient(DtlsClientOptions()) {}
    explicit DtlsClient(const DtlsClientOptions& options) : DtlsClient(DtlsIdentity::make(options), options) {}
    DtlsClient(std::shared_ptr<const DtlsIdentity> identity, const DtlsClientOptions& options);
    DtlsClient(const DtlsClient&) = delete;
    DtlsClient& operator=(const DtlsClient&) = delete;

    std::vector<Bytes> start() { return step(); }
    std::vector<Bytes> receive(ByteView datagram);
    // The last flight with new record numbers, once it is due; nothing before.
    std::vector<Bytes> retransmit();
    std::vector<Bytes> say_goodbye();

    // How long until retransmit() has something to do; empty when nothing is waited for.
    [[nodiscard]] std::optional<Duration> until_retransmission() const;
    [[nodiscard]] Fingerprint fingerprint() const { return identity_->fingerprint(); }
    [[nodiscard]] bool connected() const { return SSL_is_init_finished(ssl_.get()) == 1; }
    [[nodiscard]] bool heard_goodbye() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
    // Why the handshake ended without keys; empty while it may still succeed.
    [[nodiscard]] const std::string& failure() const { return failure_; }
    // Once connected.
    [[nodiscard]] Fingerprint server() const;
    [[nodiscard]] Bytes exported(std::size_t size) const;
    [[nodiscard]] Result<SrtpKeys> keys() const;

  private:
    std::vector<Bytes> step();
    void pad_hello();

    std::shared_ptr<const DtlsIdentity> identity_;
    unsigned timeout_;
    DatagramPort port_;
    Ssl ssl_;
    std::string failure_;
};

}  // namespace millrace::webrtc::test
