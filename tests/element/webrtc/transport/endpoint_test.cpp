// SPDX-License-Identifier: LGPL-2.1-or-later
// The WebRTC port over real sockets, with viewers that do what they should and what they should not.
#include "webrtc/element/transport/endpoint.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <string>

#include "common/base/thread.hpp"
#include "tests/core/net/client.hpp"
#include "tests/element/webrtc/guest.hpp"
#include "tests/support/sanitized.hpp"
#include "webrtc/core/ice/tcp_framing.hpp"
#include "webrtc/element/transport/addresses.hpp"
#include "webrtc/element/transport/outbox.hpp"

namespace millrace::webrtc {
namespace {

using millrace::test::eventually;
using millrace::test::UdpClient;
using test::Guest;

constexpr Patience kPatient{.consent_for = 60s, .connect_within = 60s};

bool same_keys(const SideKeys& one, const SideKeys& other) {
    auto same = [](const SessionKeys& a, const SessionKeys& b) {
        return a.cipher == b.cipher && a.authentication == b.authentication && a.salt == b.salt;
    };
    return same(one.rtp, other.rtp) && same(one.rtcp, other.rtcp);
}

// What happened to one viewer.
class Story : public SessionEvents {
  public:
    void connected(std::shared_ptr<PeerPath> path, const SrtpKeys& keys) override {
        told_.with([&](Told& told) { told = {std::move(path), keys, {}}; });
        ++times_connected;
    }
    bool rtcp(ByteView, TimePoint) override {
        if (!path()->worker()->is_current()) ++wrong_thread;
        ++reports;
        return believes_reports;
    }
    void gone(const Error& why) override {
        told_.with([&](Told& told) { told.why = why.what; });
        ++times_gone;
    }

    [[nodiscard]] std::shared_ptr<PeerPath> path() const { return told_.copy().path; }
    [[nodiscard]] SrtpKeys keys() const { return told_.copy().keys; }
    [[nodiscard]] std::string why() const { return told_.copy().why; }

    std::atomic<int> times_connected{0};
    std::atomic<int> times_gone{0};
    std::atomic<int> reports{0};
    std::atomic<int> wrong_thread{0};
    std::atomic<bool> believes_reports{false};

  private:
    struct Told {
        std::shared_ptr<PeerPath> path;
        SrtpKeys keys;
        std::string why;
    };
    Guarded<Told> told_;
};

struct Admitted {
    IceCredentials local;
    std::shared_ptr<Story> story = std::make_shared<Story>();
    std::unique_ptr<Endpoint::Registration> registration;
};

class EndpointTest : public testing::Test {
  protected:
    void open(const Patience& patience = kPatient) {
        auto opened = Endpoint::at("127.0.0.1:0", {patience, {.workers = 2}});
        ASSERT_TRUE(opened) << opened.error().what;
        endpoint_ = *opened;
    }
    Admitted admit(const Fingerprint& peer = Guest::identity()->fingerprint()) {
        Admitted viewer;
        viewer.local = *make_ice_credentials();
        viewer.registration = std::move(*endpoint_->admit(viewer.local, peer, viewer.story));
        return viewer;
    }
    std::unique_ptr<Guest> guest_of(const Admitted& viewer, const test::DtlsClientOptions& options = {}) {
        return std::make_unique<Guest>(endpoint_->port(), viewer.local, options);
    }
    // Connected at both ends.
    std::unique_ptr<Guest> connect(const Admitted& viewer) {
        auto guest = guest_of(viewer);
        EXPECT_TRUE(guest->connect()) << guest->dtls.failure();
        EXPECT_TRUE(eventually([&] { return viewer.story->times_connected == 1; }));
        return guest;
    }

    // Whom the viewer is sent to; what has come before this has been looked at.
    static net::SocketAddress address_of(const Admitted& viewer) {
        net::SocketAddress address;
        auto path = viewer.story->path();
        path->worker()->run([&] { address = from_core(path->address()); });
        return address;
    }
    static void send(const Admitted& viewer, std::string_view text) {
        auto path = viewer.story->path();
        path->worker()->run([&] {
            Outbox& out = *path->outbox();
            std::ranges::copy(text, out.arena().reserve(text.size()).begin());
            out.arena().commit(path->address(), text.size());
            out.flush();
        });
    }
    // From the address alone, no key proves it.
    void report_from(UdpClient& socket, const Admitted& viewer) {
        const int before = viewer.story->reports;
        socket.send(endpoint_->port(), Bytes{0x80, 201, 0, 1, 0, 0, 0, 1});
        EXPECT_TRUE(eventually([&] { return viewer.story->reports > before; }));
    }

    std::shared_ptr<Endpoint> endpoint_;
};

// A viewer's end of a TCP connection that carries datagrams.
class FramedClient {
  public:
    void send(std::uint16_t port, ByteView datagram) {
        if (!client_) client_ = std::make_unique<millrace::test::Client>(port);
        Bytes framed;
        put_framed(framed, datagram);
        client_->send(as_text(framed));
    }
    Bytes next() {
        const std::string length = client_->receive(2);
        if (length.size() < 2) return {};
        const auto high = static_cast<std::uint8_t>(length[0]);
        const std::string datagram = client_->receive(std::size_t{high} << 8 | static_cast<std::uint8_t>(length[1]));
        return {datagram.begin(), datagram.end()};
    }
    void hang_up() { client_.reset(); }

  private:
    std::unique_ptr<millrace::test::Client> client_;
};

// ---- connecting -----------------------------------------------------------------------------------------------------

TEST_F(EndpointTest, AViewerConnectsAndBothHaveTheSameKeys) {
    open();
    const Admitted viewer = admit();
    auto guest = connect(viewer);
    EXPECT_EQ(guest->dtls.server(), endpoint_->fingerprint());
    const SrtpKeys ours = viewer.story->keys();
    const SrtpKeys theirs = *guest->dtls.keys();
    EXPECT_EQ(ours.profile, theirs.profile);
    EXPECT_TRUE(same_keys(ours.client, theirs.client));
    EXPECT_TRUE(same_keys(ours.server, theirs.server));
    EXPECT_EQ(address_of(viewer), guest->socket.address());
    send(viewer, "media");
    EXPECT_EQ(as_text(guest->socket.next()), "media");
    EXPECT_EQ(endpoint_->counters().checks, 1U);
    EXPECT_EQ(viewer.story->times_gone, 0);
}

TEST_F(EndpointTest, WhoDoesNotKnowThePasswordGetsNoAnswer) {
    open();
    Admitted viewer = admit();
    auto guest = guest_of(viewer);
    Guest liar(endpoint_->port(), {viewer.local.ufrag, "another-password-of-24-l"});
    Guest stranger(endpoint_->port(), {"nobody", viewer.local.password});
    liar.check_from(guest->socket, true);
    stranger.check_from(guest->socket, true);
    guest->check();
    // The first that comes is for the one that knew it.
    EXPECT_TRUE(guest->answered());
    EXPECT_EQ(endpoint_->counters().refused, 2U);
    EXPECT_EQ(endpoint_->counters().checks, 1U);
}

TEST_F(EndpointTest, AFragmentCannotBeAdmittedTwice) {
    open();
    const Admitted viewer = admit();
    auto again = endpoint_->admit(viewer.local, Fingerprint(), std::make_shared<Story>());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().fault, Fault::refused);
    connect(viewer);
}

// The handshake message of a datagram, in records that have `size` bytes of it each (RFC 6347 4.2.3).
std::vector<Bytes> in_fragments(const Bytes& datagram, std::size_t size) {
    constexpr std::size_t kRecordHeader = 13;
    constexpr std::size_t kMessageHeader = 12;
    // Behind those of the records that are still to come, and within the window for replays.
    std::uint8_t record = 16;
    const ByteView message = ByteView(datagram).subspan(kRecordHeader);
    const ByteView body = message.subspan(kMessageHeader);
    std::vector<Bytes> fragments;
    for (std::size_t at = 0; at < body.size(); at += size) {
        const ByteView piece = body.subspan(at, std::min(size, body.size() - at));
        ByteWriter out;
        out.bytes(ByteView(datagram).first(10));
        out.u8(record++);
        out.u16(kMessageHeader + piece.size());
        out.bytes(message.first(6));
        out.u24(at);
        out.u24(piece.size());
        out.bytes(piece);
        fragments.push_back(std::move(out).take());
    }
    return fragments;
}

TEST_F(EndpointTest, AClientHelloMayComeInSmallPieces) {
    open();
    const Admitted viewer = admit();
    auto guest = guest_of(viewer);
    guest->check();
    ASSERT_TRUE(guest->answered());
    const auto hello = guest->dtls.start();
    ASSERT_EQ(hello.size(), 1U);
    const auto pieces = in_fragments(hello.front(), 16);
    ASSERT_GT(pieces.size(), 8U);
    guest->send(pieces);
    EXPECT_TRUE(guest->shake()) << guest->dtls.failure();
    EXPECT_TRUE(eventually([&] { return viewer.story->times_connected == 1; }));
}

TEST_F(EndpointTest, AClientHelloMayBeLargerThanADatagram) {
    open();
    const Admitted viewer = admit();
    auto guest = guest_of(viewer, {.large_hello = true});
    EXPECT_TRUE(guest->connect()) << guest->dtls.failure();
    EXPECT_TRUE(eventually([&] { return viewer.story->times_connected == 1; }));
}

TEST_F(EndpointTest, AnotherCertificateEndsTheViewerUnconnected) {
    open();
    Fingerprint other = Guest::identity()->fingerprint();
    other.sha256[0] ^= 1;
    const Admitted viewer = admit(other);
    auto guest = guest_of(viewer);
    EXPECT_FALSE(guest->connect());
    EXPECT_TRUE(eventually([&] { return viewer.story->times_gone == 1; }));
    EXPECT_EQ(viewer.story->times_connected, 0);
    EXPECT_NE(viewer.story->why().find("certificate"), std::string::npos) << viewer.story->why();
}

TEST_F(EndpointTest, TwoHundredAtOnceConnectAndStayWhereTheyAre) {
    constexpr std::size_t kMany = millrace::test::kSanitized ? 40 : 200;
    open();
    std::vector<Admitted> viewers;
    std::vector<std::unique_ptr<Guest>> guests;
    for (std::size_t i = 0; i < kMany; ++i) {
        viewers.push_back(admit());
        guests.push_back(guest_of(viewers.back()));
        guests.back()->check();
    }
    for (auto& guest : guests) ASSERT_TRUE(guest->answered());
    for (auto& guest : guests) guest->hello();
    EXPECT_TRUE(eventually([&] {
        std::size_t connected = 0;
        for (auto& guest : guests) connected += guest->shake_on() ? 1 : 0;
        return connected == kMany;
    }));
    std::set<const net::Worker*> workers;
    for (std::size_t i = 0; i < kMany; ++i) {
        const Story& story = *viewers[i].story;
        ASSERT_TRUE(eventually([&] { return story.times_connected == 1; }));
        for (int round = 0; round < 3; ++round) report_from(guests[i]->socket, viewers[i]);
        EXPECT_EQ(story.wrong_thread, 0);
        EXPECT_EQ(story.times_gone, 0);
        EXPECT_EQ(address_of(viewers[i]), guests[i]->socket.address());
        workers.insert(story.path()->worker().get());
    }
    EXPECT_EQ(workers.size(), endpoint_->workers().size());
    EXPECT_EQ(endpoint_->counters().overrun, 0U);
}

// ---- moving ---------------------------------------------------------------------------------------------------------

TEST_F(EndpointTest, AViewerMovesWithACheckThatNominates) {
    open();
    const Admitted viewer = admit();
    auto guest = connect(viewer);
    UdpClient elsewhere;
    guest->check_from(elsewhere, true);
    EXPECT_TRUE(guest->answered_at(elsewhere));
    EXPECT_TRUE(eventually([&] { return address_of(viewer) == elsewhere.address(); }));
    send(viewer, "over here");
    EXPECT_EQ(as_text(elsewhere.next()), "over here");
    EXPECT_EQ(viewer.story->times_connected, 1);
}

TEST_F(EndpointTest, ACheckThatDoesNotNominateMovesNobody) {
    open();
    const Admitted viewer = admit();
    auto guest = connect(viewer);
    UdpClient elsewhere;
    guest->check_from(elsewhere, false);
    EXPECT_TRUE(guest->answered_at(elsewhere));
    report_from(elsewhere, viewer);
    EXPECT_EQ(viewer.story->wrong_thread, 0);
    EXPECT_EQ(address_of(viewer), guest->socket.address());
}

TEST_F(EndpointTest, OtherDatagramsMoveNobody) {
    open();
    const Admitted viewer = admit();
    auto guest = connect(viewer);
    UdpClient elsewhere;
    const auto before = endpoint_->counters().unroutable;
    elsewhere.send(endpoint_->port(), Bytes{0x80, 201, 0, 1, 0, 0, 0, 1});
    elsewhere.send(endpoint_->port(), Bytes{0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1});
    elsewhere.send(endpoint_->port(), guest->dtls.start().empty() ? Bytes{22, 254, 253} : Bytes{22, 254, 255});
    EXPECT_TRUE(eventually([&] { return endpoint_->counters().unroutable == before + 3; }));
    EXPECT_EQ(viewer.story->reports, 0);
    EXPECT_EQ(address_of(viewer), guest->socket.address());
}

// ---- ICE restart ----------------------------------------------------------------------------------------------------

TEST_F(EndpointTest, AfterARestartTheNewPasswordCountsAndTheMediaGoOn) {
    open();
    Admitted viewer = admit();
    auto guest = connect(viewer);
    const IceCredentials fresh = *make_ice_credentials();
    ASSERT_TRUE(viewer.registration->restart(fresh));
    const auto refused = endpoint_->counters().refused;

    UdpClient elsewhere;
    Guest restarted(endpoint_->port(), fresh);
    guest->check_from(elsewhere, true);
    restarted.check_from(elsewhere, true);
    EXPECT_TRUE(restarted.answered_at(elsewhere)) << "the old fragment is not answered";
    EXPECT_EQ(endpoint_->counters().refused, refused + 1);
    EXPECT_TRUE(eventually([&] { return address_of(viewer) == elsewhere.address(); }));
    send(viewer, "as before");
    EXPECT_EQ(as_text(elsewhere.next()), "as before");
    EXPECT_EQ(viewer.story->times_connected, 1) << "without another handshake";
    EXPECT_EQ(viewer.story->times_gone, 0);
}

TEST_F(EndpointTest, AfterItsEndAViewerCannotBeRestarted) {
    open();
    Admitted viewer = admit();
    auto guest = connect(viewer);
    guest->send(guest->dtls.say_goodbye());
    EXPECT_TRUE(eventually([&] { return viewer.story->times_gone == 1; }));
    auto restarted = viewer.registration->restart(*make_ice_credentials());
    ASSERT_FALSE(restarted);
    EXPECT_EQ(restarted.error().fault, Fault::peer_gone);
}

// ---- ends -----------------------------------------------------------------------------------------------------------

class EndpointEnds : public EndpointTest {
  protected:
    // Told once, and then never again, whoever else ends it.
    void expect_gone(Admitted& viewer, const std::string& why) {
        EXPECT_TRUE(eventually([&] { return viewer.story->times_gone > 0; }));
        EXPECT_NE(viewer.story->why().find(why), std::string::npos) << viewer.story->why();
        viewer.registration.reset();
        endpoint_.reset();
        EXPECT_EQ(viewer.story->times_gone, 1);
    }
};

TEST_F(EndpointEnds, WhoStopsCheckingIsGone) {
    open({.consent_for = 200ms, .connect_within = 60s});
    Admitted viewer = admit();
    auto guest = connect(viewer);
    expect_gone(viewer, "stopped answering");
    EXPECT_EQ(viewer.story->path()->outbox(), nullptr);
}

TEST_F(EndpointEnds, WhoSendsWhatNobodyElseCanSendIsThereWithoutChecks) {
    open({.consent_for = 1s, .connect_within = 60s});
    Admitted viewer = admit();
    viewer.story->believes_reports = true;
    auto guest = connect(viewer);
    const TimePoint connected = net::now();
    while (net::now() < connected + 2s) report_from(guest->socket, viewer);
    EXPECT_EQ(viewer.story->times_gone, 0);
    viewer.story->believes_reports = false;
    expect_gone(viewer, "stopped answering");
}

TEST_F(EndpointEnds, WhoNeverChecksIsGone) {
    open({.consent_for = 60s, .connect_within = 50ms});
    Admitted viewer = admit();
    expect_gone(viewer, "did not connect");
    EXPECT_EQ(viewer.story->times_connected, 0);
}

TEST_F(EndpointEnds, OfManyWhoNeverCheckAllAreGone) {
    open({.consent_for = 60s, .connect_within = 50ms});
    std::vector<Admitted> viewers;
    for (int i = 0; i < 20; ++i) viewers.push_back(admit());
    for (auto& viewer : viewers) EXPECT_TRUE(eventually([&] { return viewer.story->times_gone == 1; }));
}

TEST_F(EndpointEnds, WhoChecksAndDoesNotConnectIsGone) {
    open({.consent_for = 60s, .connect_within = 500ms});
    Admitted viewer = admit();
    auto guest = guest_of(viewer);
    guest->check();
    guest->answered();
    expect_gone(viewer, "did not connect");
    EXPECT_EQ(viewer.story->times_connected, 0);
}

TEST_F(EndpointEnds, WhoSaysGoodbyeIsGone) {
    open();
    Admitted viewer = admit();
    auto guest = connect(viewer);
    guest->send(guest->dtls.say_goodbye());
    expect_gone(viewer, "closed");
}

TEST_F(EndpointEnds, WhoseRegistrationEndsIsGone) {
    open();
    Admitted viewer = admit();
    auto guest = connect(viewer);
    viewer.registration.reset();
    expect_gone(viewer, "ended");
}

TEST_F(EndpointEnds, WhoWasEndedIsNotAnswered) {
    open();
    Admitted ended = admit();
    auto guest = connect(ended);
    ended.registration.reset();
    EXPECT_TRUE(eventually([&] { return ended.story->times_gone == 1; }));
    const Admitted other = admit();
    Guest another(endpoint_->port(), other.local);
    guest->check();
    another.check_from(guest->socket, true);
    EXPECT_TRUE(another.answered_at(guest->socket)) << "the first datagram is for the one that is left";
}

TEST_F(EndpointEnds, InTheMiddleOfAHandshake) {
    open();
    for (int i = 0; i < 20; ++i) {
        Admitted viewer = admit();
        auto guest = guest_of(viewer);
        guest->check();
        ASSERT_TRUE(guest->answered());
        guest->hello();
        viewer.registration.reset();
        EXPECT_TRUE(eventually([&] { return viewer.story->times_gone == 1; }));
        EXPECT_EQ(viewer.story->times_connected, 0);
    }
}

// ---- the port -------------------------------------------------------------------------------------------------------

TEST(Endpoint, IsOneForAllWhoNameTheSameAddress) {
    auto first = Endpoint::at("127.0.0.1:0");
    ASSERT_TRUE(first);
    const std::string at = "127.0.0.1:" + std::to_string((*first)->port());
    auto second = Endpoint::at(at);
    ASSERT_TRUE(second);
    EXPECT_EQ(*first, *second);
    first->reset();
    second->reset();
    EXPECT_TRUE(millrace::test::bindable(at));
    EXPECT_TRUE(Endpoint::at(at));
}

TEST(Endpoint, AddressesThatCannotBeHadAreErrors) {
    UdpClient owner;
    auto taken = Endpoint::at(owner.address().text());
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().fault, Fault::no_resource);
    EXPECT_NE(taken.error().what.find("listening for WebRTC"), std::string::npos) << taken.error().what;
    EXPECT_EQ(Endpoint::at("nowhere").error().fault, Fault::bad_input);
}

TEST_F(EndpointTest, AViewerWithoutUdpIsServedByTcp) {
    open();
    const Admitted viewer = admit();
    test::BasicGuest<FramedClient> guest(endpoint_->port(), viewer.local);
    ASSERT_TRUE(guest.connect()) << guest.dtls.failure();
    ASSERT_TRUE(eventually([&] { return viewer.story->times_connected == 1; }));
    EXPECT_TRUE(same_keys(viewer.story->keys().server, guest.dtls.keys()->server));
    for (const char* text : {"media", "and more"}) {
        send(viewer, text);
        EXPECT_EQ(as_text(guest.socket.next()), text);
    }
    guest.socket.send(endpoint_->port(), Bytes{0x80, 201, 0, 1, 0, 0, 0, 1});
    EXPECT_TRUE(eventually([&] { return viewer.story->reports == 1; }));
    guest.socket.hang_up();
    send(viewer, "to nobody");
    EXPECT_EQ(viewer.story->times_gone, 0) << "it may come back by another way";
}

TEST_F(EndpointTest, WhatIsNotFramedEndsItsConnectionAlone) {
    open();
    const Admitted viewer = admit();
    auto guest = connect(viewer);
    millrace::test::Client stranger(endpoint_->port());
    ASSERT_TRUE(stranger.send("GET / HTTP/1.1\r\n\r\n"));  // 18,245 bytes, it would seem
    EXPECT_EQ(stranger.receive(1), "");
    send(viewer, "media");
    EXPECT_EQ(as_text(guest->socket.next()), "media");
}

TEST(Endpoint, TellsWhereItIs) {
    auto endpoint = *Endpoint::at("127.0.0.1:0");
    auto told = [&](const std::vector<std::string>& advertise) {
        std::vector<std::string> all;
        auto candidates = endpoint->candidates(advertise);
        if (!candidates) return all;
        for (const HostCandidate& each : *candidates) {
            if (each.transport == HostCandidate::Transport::udp)
                all.push_back(each.address + " " + (each.port == endpoint->port() ? "own" : std::to_string(each.port)));
        }
        const auto by_tcp = std::ranges::count(*candidates, HostCandidate::Transport::tcp, &HostCandidate::transport);
        EXPECT_EQ(static_cast<std::size_t>(by_tcp), all.size()) << "each by either protocol";
        return all;
    };
    using List = std::vector<std::string>;
    EXPECT_EQ(told({}), List{"127.0.0.1 own"});
    EXPECT_EQ(told({"203.0.113.7", "203.0.113.7:5000", "203.0.113.7"}), (List{"203.0.113.7 own", "203.0.113.7 5000"}));
    EXPECT_EQ(told({"2001:db8::7", "[2001:db8::7]:99", "[2001:db8::8]"}),
              (List{"2001:db8::7 own", "2001:db8::7 99", "2001:db8::8 own"}));
    for (const char* wrong : {"", ":5000", "203.0.113.7:x", "example.net/", "[2001:db8::7"}) {
        auto candidates = endpoint->candidates({wrong});
        ASSERT_FALSE(candidates) << wrong;
        EXPECT_EQ(candidates.error().fault, Fault::bad_input);
    }
}

TEST(Endpoint, OfEveryAddressTellsTheMachines) {
    auto endpoint = *Endpoint::at(":0");
    auto candidates = endpoint->candidates({});
    ASSERT_TRUE(candidates);
    EXPECT_FALSE(candidates->empty());
    for (const HostCandidate& each : *candidates) EXPECT_EQ(each.port, endpoint->port());
}

}  // namespace
}  // namespace millrace::webrtc
