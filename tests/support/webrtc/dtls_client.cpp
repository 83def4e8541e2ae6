// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/dtls_client.hpp"

#include <openssl/srtp.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::webrtc::test {

namespace {

constexpr UnixTime kNow{1'800'000'000'000'000'000};
constexpr std::size_t kMtu = 1200;
constexpr unsigned kLongestTimeout = 120'000'000;

}  // namespace

DtlsIdentity::DtlsIdentity(const DtlsClientOptions& options)
    : certificate_(*Certificate::make(kNow)), context_(SSL_CTX_new(DTLS_client_method())) {
    SSL_CTX_set_options(context_.get(), SSL_OP_NO_QUERY_MTU);
    if (options.with_certificate) {
        SSL_CTX_use_certificate(context_.get(), certificate_.certificate());
        SSL_CTX_use_PrivateKey(context_.get(), certificate_.key());
    }
    if (options.profiles != nullptr) SSL_CTX_set_tlsext_use_srtp(context_.get(), options.profiles);
}

std::shared_ptr<const DtlsIdentity> DtlsIdentity::make(const DtlsClientOptions& options) {
    return std::shared_ptr<const DtlsIdentity>(new DtlsIdentity(options));
}

DtlsClient::DtlsClient(std::shared_ptr<const DtlsIdentity> identity, const DtlsClientOptions& options)
    : identity_(std::move(identity)), timeout_(options.timeout), ssl_(SSL_new(identity_->context())) {
    BIO* bio = make_datagram_bio(port_, kMtu);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), this);
    DTLS_set_link_mtu(ssl_.get(), kMtu);
    DTLS_set_timer_cb(ssl_.get(), [](SSL* ssl, unsigned last) {
        const unsigned first = static_cast<DtlsClient*>(SSL_get_app_data(ssl))->timeout_;
        return last == 0 ? first : std::min(2 * last, kLongestTimeout);
    });
    if (options.large_hello) pad_hello();
    SSL_set_connect_state(ssl_.get());
}

// An extension with 1,400 bytes that nobody looks at.
void DtlsClient::pad_hello() {
    Bytes protocols;
    for (int i = 0; i < 7; ++i) {
        protocols.push_back(199);
        protocols.insert(protocols.end(), 199, 'x');
    }
    SSL_set_alpn_protos(ssl_.get(), protocols.data(), static_cast<unsigned>(protocols.size()));
}

std::vector<Bytes> DtlsClient::step() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) {
        std::array<std::uint8_t, 100> unwanted{};
        SSL_read(ssl_.get(), unwanted.data(), unwanted.size());
    } else if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_SSL && failure_.empty()) {
        failure_ = take_openssl_error();
    }
    ERR_clear_error();
    return std::exchange(port_.outgoing, {});
}

std::vector<Bytes> DtlsClient::receive(ByteView datagram) {
    port_.incoming = datagram;
    return step();
}

std::vector<Bytes> DtlsClient::retransmit() {
    DTLSv1_handle_timeout(ssl_.get());
    return std::exchange(port_.outgoing, {});
}

std::vector<Bytes> DtlsClient::say_goodbye() {
    SSL_shutdown(ssl_.get());
    return std::exchange(port_.outgoing, {});
}

std::optional<Duration> DtlsClient::until_retransmission() const {
    timeval left{};
    if (DTLSv1_get_timeout(ssl_.get(), &left) != 1) return {};
    return std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
}

Fingerprint DtlsClient::server() const {
    X509Certificate peer(SSL_get1_peer_certificate(ssl_.get()));
    return *fingerprint_of(peer.get());
}

Bytes DtlsClient::exported(std::size_t size) const {
    Bytes out(size);
    SSL_export_keying_material(ssl_.get(), out.data(), size, "EXTRACTOR-dtls_srtp", 19, nullptr, 0, 0);
    return out;
}

Result<SrtpKeys> DtlsClient::keys() const {
    const SRTP_PROTECTION_PROFILE* chosen = SSL_get_selected_srtp_profile(ssl_.get());
    if (chosen == nullptr) return fail(Fault::bad_input, "the server agreed to no SRTP profile");
    const auto profile = static_cast<SrtpProfile>(chosen->id);
    if (profile != SrtpProfile::aead_aes_128_gcm && profile != SrtpProfile::aes_cm_128_hmac_sha1_80)
        return fail(Fault::bad_input, "the server chose an SRTP profile that cannot be read here");
    return derive_srtp_keys(profile, exported(exported_size(profile)));
}

}  // namespace millrace::webrtc::test
