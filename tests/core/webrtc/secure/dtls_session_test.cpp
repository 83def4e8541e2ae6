// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/dtls_session.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "tests/support/sanitized.hpp"
#include "tests/support/webrtc/dtls_client.hpp"
#include "webrtc/core/secure/srtp_sender.hpp"

namespace millrace::webrtc {
namespace {

constexpr UnixTime kNow{1'800'000'000'000'000'000};
// OpenSSL takes what is due within 15 ms for due: this is as short as a timer can be and still be one.
constexpr Duration kShort = 20ms;

// Its own timer is long: what is sent again is ours.
using Client = test::DtlsClient;

class Dtls : public testing::Test {
  protected:
    using Lost = std::function<bool(bool to_server, int number)>;

    std::unique_ptr<DtlsSession> serve(const Fingerprint& peer) {
        return std::make_unique<DtlsSession>(context_, peer, kShort);
    }

    // Carries datagrams between the two until there are none, but for those that are lost.
    void carry(Client& client, DtlsSession& server, std::vector<Bytes> from_client, const Lost& lost = {}) {
        std::vector<Bytes> from_server = server.take_output();
        while (!from_client.empty() || !from_server.empty()) {
            std::vector<Bytes> to_server = std::exchange(from_client, {});
            for (const Bytes& datagram : from_server) {
                if (lost && lost(false, numbers_[0]++)) continue;
                for (Bytes& answer : client.receive(datagram)) from_client.push_back(std::move(answer));
            }
            for (const Bytes& datagram : to_server)
                if (!lost || !lost(true, numbers_[1]++)) server.receive(datagram, now());
            from_server = server.take_output();
        }
    }

    // OpenSSL looks at the wall clock, and so must whoever waits for its timer.
    static TimePoint now() {
        return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
    }
    static std::vector<Bytes> wait_for_retransmission(DtlsSession& server) {
        const TimePoint until = now() + 10s;
        while (now() < until) {
            if (now() >= server.deadline()) server.on_timer(now());
            if (auto output = server.take_output(); !output.empty()) return output;
        }
        return {};
    }

    void expect_connected(const Client& client, const DtlsSession& server) {
        ASSERT_EQ(server.state(), DtlsSession::State::connected) << server.error().what;
        EXPECT_TRUE(client.connected());
        ASSERT_TRUE(server.keys());
        auto theirs = derive_srtp_keys(server.keys()->profile, client.exported(exported_size(server.keys()->profile)));
        EXPECT_EQ(server.keys()->server.rtp.cipher, theirs->server.rtp.cipher);
        EXPECT_EQ(server.keys()->client.rtcp.salt, theirs->client.rtcp.salt);
    }

    Certificate certificate_ = *Certificate::make(kNow);
    DtlsContext context_ = *DtlsContext::make(certificate_);
    int numbers_[2] = {0, 0};
};

TEST_F(Dtls, ConnectsAndBothHaveTheSameKeys) {
    Client client;
    auto server = serve(client.fingerprint());
    EXPECT_EQ(server->state(), DtlsSession::State::handshaking);
    EXPECT_EQ(server->deadline(), kNever);
    carry(client, *server, client.start());
    expect_connected(client, *server);
    EXPECT_EQ(client.server(), certificate_.fingerprint());
    EXPECT_EQ(server->deadline(), kNever);
}

TEST_F(Dtls, ChoosesGcmThoughTheClientWantsItLast) {
    Client client;
    auto server = serve(client.fingerprint());
    carry(client, *server, client.start());
    expect_connected(client, *server);
    EXPECT_EQ(server->keys()->profile, SrtpProfile::aead_aes_128_gcm);
}

TEST_F(Dtls, TakesHmacSha1FromAClientWithoutGcm) {
    Client client(test::DtlsClientOptions{.profiles = "SRTP_AES128_CM_SHA1_80"});
    auto server = serve(client.fingerprint());
    carry(client, *server, client.start());
    expect_connected(client, *server);
    EXPECT_EQ(server->keys()->profile, SrtpProfile::aes_cm_128_hmac_sha1_80);
}

TEST_F(Dtls, RefusesAClientWithoutSrtp) {
    Client client(test::DtlsClientOptions{.profiles = nullptr});
    auto server = serve(client.fingerprint());
    carry(client, *server, client.start());
    EXPECT_EQ(server->state(), DtlsSession::State::failed);
    EXPECT_NE(server->error().what.find("SRTP"), std::string::npos) << server->error().what;
    EXPECT_FALSE(server->keys());
}

TEST_F(Dtls, RefusesAnotherCertificateThanTheOneVouchedFor) {
    Client client;
    Fingerprint other = client.fingerprint();
    other.sha256.back() ^= 1;
    auto server = serve(other);
    carry(client, *server, client.start());
    EXPECT_EQ(server->state(), DtlsSession::State::failed);
    EXPECT_EQ(server->error().fault, Fault::refused);
    EXPECT_NE(server->error().what.find("fingerprint"), std::string::npos) << server->error().what;
    EXPECT_FALSE(server->keys());
    EXPECT_FALSE(client.connected());
}

TEST_F(Dtls, RefusesAClientWithoutCertificate) {
    Client client(test::DtlsClientOptions{.with_certificate = false});
    auto server = serve(client.fingerprint());
    carry(client, *server, client.start());
    EXPECT_EQ(server->state(), DtlsSession::State::failed);
    EXPECT_FALSE(server->keys());
}

TEST_F(Dtls, SendsNoDatagramLargerThanItsLimit) {
    Client client;
    auto server = serve(client.fingerprint());
    for (const Bytes& datagram : client.start()) server->receive(datagram, now());
    auto flight = server->take_output();
    ASSERT_FALSE(flight.empty());
    for (const Bytes& datagram : flight) EXPECT_LE(datagram.size(), DtlsSession::kMtu);
}

// As Chromium's is, with its post-quantum key share: RFC 6347 4.2.3's fragments.
TEST_F(Dtls, PutsAClientHelloTogetherThatCameInPieces) {
    Client client(test::DtlsClientOptions{.large_hello = true});
    auto server = serve(client.fingerprint());
    auto pieces = client.start();
    ASSERT_GE(pieces.size(), 2U);
    server->receive(pieces[0], now());
    EXPECT_TRUE(server->take_output().empty());
    carry(client, *server, {pieces.begin() + 1, pieces.end()});
    expect_connected(client, *server);
}

TEST_F(Dtls, PutsPiecesTogetherInAnyOrder) {
    Client client(test::DtlsClientOptions{.large_hello = true});
    auto server = serve(client.fingerprint());
    auto pieces = client.start();
    ASSERT_GE(pieces.size(), 2U);
    carry(client, *server, {pieces.rbegin(), pieces.rend()});
    expect_connected(client, *server);
}

TEST_F(Dtls, SendsItsFlightAgainWhenItIsLost) {
    Client client;
    auto server = serve(client.fingerprint());
    carry(client, *server, client.start(), [](bool to_server, int) { return !to_server; });
    EXPECT_EQ(server->state(), DtlsSession::State::handshaking);
    ASSERT_NE(server->deadline(), kNever);
    auto again = wait_for_retransmission(*server);
    ASSERT_FALSE(again.empty());
    std::vector<Bytes> answers;
    for (const Bytes& datagram : again)
        for (Bytes& answer : client.receive(datagram)) answers.push_back(std::move(answer));
    carry(client, *server, std::move(answers));
    expect_connected(client, *server);
}

TEST_F(Dtls, DoesNothingBeforeItsDeadline) {
    Client client;
    auto server = std::make_unique<DtlsSession>(context_, client.fingerprint());
    for (const Bytes& datagram : client.start()) server->receive(datagram, TimePoint(100s));
    EXPECT_FALSE(server->take_output().empty());
    EXPECT_GT(server->deadline(), TimePoint(100s));
    EXPECT_LE(server->deadline(), TimePoint(100s) + DtlsSession::kFirstTimeout);
    server->on_timer(TimePoint(100s));
    EXPECT_TRUE(server->take_output().empty());
}

TEST_F(Dtls, AnswersARepeatedLastFlight) {
    Client client(test::DtlsClientOptions{.timeout = 20'000});
    auto server = serve(client.fingerprint());
    std::vector<Bytes> from_client = client.start();
    while (server->state() == DtlsSession::State::handshaking && !from_client.empty()) {
        for (const Bytes& datagram : std::exchange(from_client, {})) server->receive(datagram, now());
        if (server->state() == DtlsSession::State::connected) break;
        for (const Bytes& datagram : server->take_output())
            for (Bytes& answer : client.receive(datagram)) from_client.push_back(std::move(answer));
    }
    ASSERT_EQ(server->state(), DtlsSession::State::connected);
    ASSERT_FALSE(server->take_output().empty());  // lost
    EXPECT_FALSE(client.connected());
    std::vector<Bytes> again;
    for (const TimePoint until = now() + 10s; again.empty() && now() < until;) again = client.retransmit();
    carry(client, *server, std::move(again));
    expect_connected(client, *server);
}

TEST_F(Dtls, SeesAndSaysGoodbye) {
    Client leaving;
    auto server = serve(leaving.fingerprint());
    carry(leaving, *server, leaving.start());
    for (const Bytes& datagram : leaving.say_goodbye()) server->receive(datagram, now());
    EXPECT_EQ(server->state(), DtlsSession::State::closed);

    Client left;
    server = serve(left.fingerprint());
    carry(left, *server, left.start());
    server->close();
    EXPECT_EQ(server->state(), DtlsSession::State::closed);
    carry(left, *server, {});
    EXPECT_TRUE(left.heard_goodbye());
}

TEST_F(Dtls, KeepsItsKeysWhenItIsReleased) {
    Client client;
    auto server = serve(client.fingerprint());
    carry(client, *server, client.start());
    server->release();
    expect_connected(client, *server);
    for (const Bytes& datagram : client.say_goodbye()) server->receive(datagram, now());
    server->on_timer(now());
    EXPECT_EQ(server->state(), DtlsSession::State::connected);
    EXPECT_EQ(server->deadline(), kNever);
}

TEST_F(Dtls, DropsWhatIsNoDtls) {
    Client client;
    auto server = serve(client.fingerprint());
    const std::vector<Bytes> junk = {
        {}, {22}, Bytes(13), Bytes(1500, 22), Bytes(100, 0x80), {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}};
    auto dump = [&] {
        for (const Bytes& datagram : junk) server->receive(datagram, now());
    };
    dump();
    EXPECT_EQ(server->dropped(), junk.size());
    auto hello = client.start();
    dump();
    carry(client, *server, std::move(hello));
    expect_connected(client, *server);
    dump();
    EXPECT_EQ(server->state(), DtlsSession::State::connected);
}

Bytes nonsense_in_a_record() {
    Bytes record = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 40};
    record.resize(13 + 40, 0xaa);
    return record;
}

TEST_F(Dtls, SurvivesNonsenseBeforeTheClientHello) {
    Client client;
    auto server = serve(client.fingerprint());
    server->receive(nonsense_in_a_record(), now());
    server->receive(nonsense_in_a_record(), now());
    ASSERT_EQ(server->state(), DtlsSession::State::handshaking);
    carry(client, *server, client.start());
    expect_connected(client, *server);
}

TEST_F(Dtls, AnyByteChangedOnTheWayBreaksNothing) {
    Client once;
    auto probe = serve(once.fingerprint());
    const Bytes hello = once.start().front();
    for (std::size_t i = 0; i < hello.size(); i += millrace::test::kEvery) {
        Bytes changed = hello;
        changed[i] ^= 0x55;
        auto server = serve(once.fingerprint());
        server->receive(changed, now());
        server->take_output();
        EXPECT_NE(server->state(), DtlsSession::State::connected);
    }
}

TEST_F(Dtls, AnyByteChangedLaterBreaksNothing) {
    for (std::size_t i = 0; i < 600; i += 7 * millrace::test::kEvery) {
        Client client;
        auto server = serve(client.fingerprint());
        for (const Bytes& datagram : client.start()) server->receive(datagram, now());
        std::vector<Bytes> answers;
        for (const Bytes& datagram : server->take_output())
            for (Bytes& answer : client.receive(datagram)) answers.push_back(std::move(answer));
        ASSERT_FALSE(answers.empty());
        std::size_t at = i;
        for (Bytes& datagram : answers) {
            if (at < datagram.size()) {
                datagram[at] ^= 0x55;
                break;
            }
            at -= datagram.size();
        }
        for (const Bytes& datagram : answers) server->receive(datagram, now());
        // A byte that decides nothing may differ; then the two still agree.
        if (server->state() != DtlsSession::State::connected) continue;
        carry(client, *server, {});
        expect_connected(client, *server);
    }
}

}  // namespace
}  // namespace millrace::webrtc
