// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/peer_link.hpp"

#include <algorithm>
#include <iterator>

namespace millrace::webrtc::test {

namespace {

constexpr Duration kFirstCheck = 50ms;         // doubled until one is answered
constexpr unsigned kMostUnanswered = 10;       // some ten seconds in all
constexpr Duration kConsentInterval = 2500ms;  // half of what RFC 7675 5.1 allows at most
constexpr Duration kConsentPatience = 15s;

DtlsClientOptions dtls_options() {
    return {.profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", .timeout = 200'000};
}

}  // namespace

std::shared_ptr<const DtlsIdentity> PeerLink::make_identity() {
    return DtlsIdentity::make(dtls_options());
}

Result<PeerIdentity> PeerLink::make_self(const DtlsIdentity& identity) {
    auto ice = make_ice_credentials();
    if (!ice) return tl::unexpected(std::move(ice.error()));
    return PeerIdentity{std::move(*ice), identity.fingerprint()};
}

void PeerLink::start(const RemoteDescription& remote, TimePoint now) {
    server_ = remote.fingerprint;
    checks_ = std::make_unique<ConnectivityChecks>(self_.ice, remote.ice);
    state_ = State::checking;
    check(now);
}

void PeerLink::check(TimePoint now) {
    if (state_ == State::checking && unanswered_ == kMostUnanswered)
        return fail_with("no answer to any connectivity check");
    if (state_ != State::checking && now - last_answer_ > kConsentPatience)
        return fail_with("the server stopped answering connectivity checks");
    output_.push_back(checks_->next());
    next_check_ = now + (state_ == State::checking ? kFirstCheck * (1 << std::min(unanswered_, 5U)) : kConsentInterval);
    ++unanswered_;
}

void PeerLink::on_stun(ByteView datagram, TimePoint now) {
    Bytes reply;
    const auto outcome = checks_->receive(datagram, reply);
    if (!reply.empty()) output_.push_back(std::move(reply));
    switch (outcome) {
        case ConnectivityChecks::Outcome::nothing:
            return;
        case ConnectivityChecks::Outcome::forged:
            return fail_with("an answer to a connectivity check has a wrong signature");
        case ConnectivityChecks::Outcome::refused:
            return fail_with("the server refused a connectivity check");
        case ConnectivityChecks::Outcome::success:
            break;
    }
    last_answer_ = now;
    unanswered_ = 0;
    next_check_ = now + kConsentInterval;
    if (state_ != State::checking) return;
    state_ = State::handshaking;
    dtls_ = std::make_unique<DtlsClient>(identity_, dtls_options());
    shake(dtls_->start(), now);
}

void PeerLink::on_dtls(ByteView datagram, TimePoint now) {
    if (dtls_) shake(dtls_->receive(datagram), now);
}

void PeerLink::on_timer(TimePoint now) {
    if (now >= next_check_) check(now);
    if (now >= next_handshake_ && dtls_) shake(dtls_->retransmit(), now);
}

void PeerLink::shake(std::vector<Bytes> datagrams, TimePoint now) {
    std::ranges::move(datagrams, std::back_inserter(output_));
    if (!dtls_->failure().empty()) return fail_with("DTLS: " + dtls_->failure());
    if (dtls_->connected()) return secure();
    const auto left = dtls_->until_retransmission();
    next_handshake_ = left ? now + *left + 1ms : kNever;
}

void PeerLink::secure() {
    if (dtls_->server() != *server_)
        return fail_with("the server's certificate is not the one that its description vouches for");
    auto keys = dtls_->keys();
    if (!keys) return fail_with(keys.error().what);
    keys_ = std::move(*keys);
    // The server has the last word of a handshake: nothing of ours will have to be repeated.
    dtls_.reset();
    next_handshake_ = kNever;
    state_ = State::connected;
}

void PeerLink::fail_with(std::string why) {
    state_ = State::failed;
    failure_ = std::move(why);
    next_check_ = next_handshake_ = kNever;
}

}  // namespace millrace::webrtc::test
