// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/dtls_session.hpp"

#include <openssl/srtp.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace millrace::webrtc {

namespace {

constexpr std::string_view kExporterLabel = "EXTRACTOR-dtls_srtp";  // RFC 5764 4.2
// Nonsense instead of the first flight may be somebody else's, or what a browser left from before: the viewer's own
// ClientHello comes again. After so many it is the viewer that we do not understand.
constexpr unsigned kMaxRestarts = 3;

// A record's header: content type, version, epoch and sequence number, length (RFC 6347 4.1).
bool is_dtls(ByteView datagram) {
    constexpr std::size_t header = 13;
    constexpr std::uint8_t change_cipher_spec = 20;
    constexpr std::uint8_t application_data = 23;
    if (datagram.size() < header || datagram[0] < change_cipher_spec || datagram[0] > application_data) return false;
    return datagram[1] == 0xfe && ByteReader(datagram.subspan(11, 2)).u16() <= datagram.size() - header;
}

std::optional<SrtpProfile> profile_of(SSL* ssl) {
    const SRTP_PROTECTION_PROFILE* chosen = SSL_get_selected_srtp_profile(ssl);
    if (chosen == nullptr) return {};
    return chosen->id == SRTP_AEAD_AES_128_GCM ? SrtpProfile::aead_aes_128_gcm : SrtpProfile::aes_cm_128_hmac_sha1_80;
}

}  // namespace

DtlsSession::DtlsSession(const DtlsContext& context, const Fingerprint& peer, Duration first_timeout)
    : context_(context.share()), peer_(peer), first_timeout_(first_timeout) {
    if (!begin()) fail_with(Fault::no_resource, "DTLS: " + take_openssl_error());
}

bool DtlsSession::begin() {
    ssl_.reset(SSL_new(context_.get()));
    if (ssl_ == nullptr) return false;
    BIO* bio = make_datagram_bio(port_, kMtu);
    if (bio == nullptr) return false;
    SSL_set_bio(ssl_.get(), bio, bio);  // takes it, and knows that both ends are one
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    DTLS_set_link_mtu(ssl_.get(), kMtu);
    DTLS_set_timer_cb(ssl_.get(), next_timeout);
    SSL_set_accept_state(ssl_.get());
    return true;
}

void DtlsSession::receive(ByteView datagram, TimePoint now) {
    if (ssl_ == nullptr || state_ == State::failed || state_ == State::closed) return;
    if (!is_dtls(datagram)) {
        ++dropped_;
        return;
    }
    port_.incoming = datagram;
    if (state_ == State::handshaking) shake();
    if (state_ == State::connected) drain();
    port_.incoming.reset();
    arm(now);
}

void DtlsSession::shake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) return finish_handshake();
    const int error = SSL_get_error(ssl_.get(), done);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        answered_ = answered_ || !port_.outgoing.empty();
        return;
    }
    if (mismatch_) return fail_with(Fault::refused, "DTLS: the certificate is not the one of the fingerprint");
    start_again_or_fail("DTLS handshake: " + take_openssl_error());
}

// What follows a handshake is a close_notify, a repeated flight, or data that nobody asked for.
void DtlsSession::drain() {
    std::array<std::uint8_t, 2048> unwanted{};
    for (;;) {
        ERR_clear_error();
        const int got = SSL_read(ssl_.get(), unwanted.data(), static_cast<int>(unwanted.size()));
        if (got > 0) continue;
        switch (SSL_get_error(ssl_.get(), got)) {
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE:
                return;
            case SSL_ERROR_ZERO_RETURN:
                return close();
            default:
                return fail_with(Fault::peer_gone, "DTLS: " + take_openssl_error());
        }
    }
}

void DtlsSession::finish_handshake() {
    auto profile = profile_of(ssl_.get());
    if (!profile) return fail_with(Fault::refused, "DTLS: the viewer has no SRTP profile in common with us");
    Secret<2 * (kSrtpKeySize + kSrtpSaltSize)> exported;
    const std::size_t size = exported_size(*profile);
    if (SSL_export_keying_material(ssl_.get(), exported.data(), size, kExporterLabel.data(), kExporterLabel.size(),
                                   nullptr, 0, 0) != 1)
        return fail_with(Fault::bug, "exporting SRTP keys: " + take_openssl_error());
    auto keys = derive_srtp_keys(*profile, exported.view().first(size));
    if (!keys) return fail_with(keys.error().fault, keys.error().what);
    keys_ = *keys;
    state_ = State::connected;
}

void DtlsSession::start_again_or_fail(std::string why) {
    if (answered_ || restarts_ == kMaxRestarts) return fail_with(Fault::bad_input, std::move(why));
    ++restarts_;
    port_.outgoing.clear();  // an alert
    if (!begin()) fail_with(Fault::no_resource, "DTLS: " + take_openssl_error());
}

void DtlsSession::fail_with(Fault fault, std::string what) {
    state_ = State::failed;
    error_ = Error{fault, std::move(what)};
    release();
}

void DtlsSession::on_timer(TimePoint now) {
    if (ssl_ == nullptr || now < deadline_) return;
    ERR_clear_error();
    if (DTLSv1_handle_timeout(ssl_.get()) < 0)
        fail_with(Fault::peer_gone, "DTLS handshake: the viewer does not answer");
    arm(now);
}

void DtlsSession::arm(TimePoint now) {
    timeval left{};
    const bool waiting = ssl_ != nullptr && DTLSv1_get_timeout(ssl_.get(), &left) == 1;
    deadline_ = waiting ? now + std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec) : kNever;
}

std::vector<Bytes> DtlsSession::take_output() {
    return std::exchange(port_.outgoing, {});
}

void DtlsSession::close() {
    if (state_ == State::failed || state_ == State::closed) return;
    ERR_clear_error();
    if (ssl_ != nullptr && state_ == State::connected) SSL_shutdown(ssl_.get());
    state_ = State::closed;
    release();
}

void DtlsSession::release() {
    ssl_.reset();
    ERR_clear_error();
    deadline_ = kNever;
}

bool DtlsSession::is_peer(const X509* certificate) const {
    return certificate != nullptr && fingerprint_of(certificate) == peer_;
}

int verify_dtls_peer(X509_STORE_CTX* store, void*) {
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* self = static_cast<DtlsSession*>(SSL_get_app_data(ssl));
    if (self->is_peer(X509_STORE_CTX_get0_cert(store))) return 1;
    self->mismatch_ = true;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

unsigned DtlsSession::next_timeout(SSL* ssl, unsigned microseconds) {
    using std::chrono::duration_cast;
    auto in_microseconds = [](Duration time) {
        return static_cast<unsigned>(duration_cast<std::chrono::microseconds>(time).count());
    };
    auto* self = static_cast<DtlsSession*>(SSL_get_app_data(ssl));
    if (microseconds == 0) return in_microseconds(self->first_timeout_);
    return std::min(2 * microseconds, in_microseconds(kLongestTimeout));
}

}  // namespace millrace::webrtc
