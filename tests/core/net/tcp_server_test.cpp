// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/tcp.hpp"

#include <gio/gio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "certificate_files.hpp"
#include "client.hpp"
#include "common/net/gobject.hpp"

namespace millrace::net {
namespace {

using test::CertificateFiles;
using test::Client;
using test::eventually;
using testing::HasSubstr;

// What the sessions of one server saw. Outlives them.
struct Seen {
    std::atomic<int> made{0};
    std::atomic<int> closed{0};
    std::atomic<std::size_t> bytes{0};
    std::mutex mutex;
    std::vector<std::optional<Error>> reasons;
    std::shared_ptr<TcpConnection> connection;  // the last one
    std::string ends;

    std::optional<Error> last_reason() {
        std::lock_guard lock(mutex);
        return reasons.empty() ? std::nullopt : reasons.back();
    }
    std::shared_ptr<TcpConnection> last_connection() {
        std::lock_guard lock(mutex);
        return connection;
    }
};

// Answers with what it got. "!" is an error, "." the end, "t" sets a deadline for now, "#" floods.
class Echo : public TcpSession {
  public:
    Echo(Seen& seen, std::shared_ptr<TcpConnection> connection) : seen_(seen) {
        ++seen_.made;
        std::lock_guard lock(seen_.mutex);
        seen_.connection = std::move(connection);
    }
    Result<> receive(ByteView bytes, TimePoint now) override {
        seen_.bytes += bytes.size();
        for (auto byte : bytes) {
            output_.push_back(byte);
            if (byte == '!') return fail(Fault::bad_input, "an exclamation mark");
            if (byte == '.') finished_ = true;
            if (byte == 't') deadline_ = now;
            if (byte == '#') output_.resize(8 << 20);
        }
        return {};
    }
    Result<> tick(TimePoint now) override {
        EXPECT_GE(now, deadline_);
        deadline_ = kNever;
        output_.push_back('T');
        return {};
    }
    Bytes take_output() override { return std::exchange(output_, {}); }
    [[nodiscard]] TimePoint deadline() const override { return deadline_; }
    [[nodiscard]] bool finished() const override { return finished_; }
    void closed(const std::optional<Error>& why) override {
        std::lock_guard lock(seen_.mutex);
        seen_.reasons.push_back(why);
        ++seen_.closed;
    }

  private:
    Seen& seen_;
    Bytes output_;
    TimePoint deadline_ = kNever;
    bool finished_ = false;
};

class TcpServerTest : public testing::Test {
  protected:
    void listen(TcpLimits limits = {}, std::optional<TlsFiles> tls = {}, const std::string& at = "127.0.0.1:0") {
        auto made = TcpServer::listen(
            at, [this](auto connection) { return std::make_unique<Echo>(seen_, std::move(connection)); }, limits,
            std::move(tls));
        ASSERT_TRUE(made) << made.error().what;
        server_ = std::move(*made);
    }

    Seen seen_;
    std::unique_ptr<TcpServer> server_;
};

TEST_F(TcpServerTest, EchoesWhatIsSentHoweverItIsCut) {
    listen();
    Client client(server_->port());
    std::string text(100'000, 'x');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('A' + i % 20);
    std::string all;
    std::size_t cut = 1;
    for (std::size_t at = 0; at < text.size(); at += cut, cut = cut * 7 % 4099 + 1) {
        std::string piece = text.substr(at, cut);
        ASSERT_TRUE(client.send(piece));
        all += client.receive(piece.size());
    }
    EXPECT_EQ(all, text);
}

TEST_F(TcpServerTest, ListensOnBothFamiliesWhenNoAddressIsGiven) {
    listen({}, {}, ":0");
    Client v4(server_->port());
    ASSERT_TRUE(v4.send("hi"));
    EXPECT_EQ(v4.receive(2), "hi");
    EXPECT_THAT(seen_.last_connection()->peer(), testing::StartsWith("127.0.0.1:"));
}

TEST_F(TcpServerTest, ATakenPortIsAnErrorThatSaysWhatToDo) {
    listen({}, {}, "127.0.0.1:0");
    auto second = TcpServer::listen("127.0.0.1:" + std::to_string(server_->port()), [](auto) { return nullptr; });
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::no_resource);
    EXPECT_THAT(second.error().what, HasSubstr("127.0.0.1:" + std::to_string(server_->port())));
    EXPECT_THAT(second.error().what, HasSubstr("in use; choose another with listen="));
}

TEST_F(TcpServerTest, AnAddressThisMachineDoesNotHaveIsNamed) {
    auto server = TcpServer::listen("192.0.2.1:0", [](auto) { return nullptr; });  // RFC 5737: nobody's
    ASSERT_FALSE(server);
    EXPECT_THAT(server.error().what, HasSubstr("no such address"));
}

TEST_F(TcpServerTest, AFinishedSessionsLastWordsArriveBeforeTheEnd) {
    listen();
    Client client(server_->port());
    ASSERT_TRUE(client.send("bye."));
    EXPECT_EQ(client.receive_all(), "bye.");
    EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
    EXPECT_FALSE(seen_.last_reason());
}

TEST_F(TcpServerTest, AnErrorEndsTheConnectionAfterItsOutputAndIsTheReason) {
    listen();
    Client client(server_->port());
    ASSERT_TRUE(client.send("so!" + std::string(100'000, 'z')));  // unread input must not cost the peer our words
    EXPECT_EQ(client.receive_all(), "so!");
    client.close();
    EXPECT_TRUE(eventually([&] { return seen_.closed == 1; }));
    EXPECT_EQ(seen_.last_reason()->what, "an exclamation mark");
}

TEST_F(TcpServerTest, APeerThatLeavesIsTheReason) {
    listen();
    {
        Client client(server_->port());
        ASSERT_TRUE(client.send("x"));
        EXPECT_EQ(client.receive(1), "x");
    }
    EXPECT_TRUE(eventually([&] { return seen_.closed == 1; }));
    EXPECT_EQ(seen_.last_reason()->fault, Fault::peer_gone);
}

TEST_F(TcpServerTest, AResetIsNoticedEvenWhileReadingIsPaused) {
    listen();
    Client client(server_->port());
    ASSERT_TRUE(client.send("x"));
    EXPECT_EQ(client.receive(1), "x");
    seen_.last_connection()->pause_reading();
    seen_.last_connection()->post([] {});
    client.abort();
    EXPECT_TRUE(eventually([&] { return seen_.closed == 1; }));
    EXPECT_EQ(seen_.last_reason()->fault, Fault::peer_gone);
}

TEST_F(TcpServerTest, TheDeadlineIsKeptAndItsOutputSent) {
    listen();
    Client client(server_->port());
    ASSERT_TRUE(client.send("t"));
    EXPECT_EQ(client.receive(2), "tT");
    ASSERT_TRUE(client.send("t"));
    EXPECT_EQ(client.receive(2), "tT");
}

TEST_F(TcpServerTest, PausedReadingFillsThePeersWindowAndResumesWithoutLoss) {
    listen();
    Client client(server_->port());
    ASSERT_TRUE(client.send("x"));
    EXPECT_EQ(client.receive(1), "x");
    auto connection = seen_.last_connection();
    connection->pause_reading();
    std::atomic<bool> paused{false};
    connection->post([&] { paused = true; });
    ASSERT_TRUE(eventually([&] { return paused.load(); }));
    std::size_t before = seen_.bytes;
    // Until the peer's send buffer and the server's receive buffer are full, and stay so.
    std::string block(64 << 10, 'y');
    std::size_t sent = 0;
    for (int refused = 0; refused < 50;) {
        std::size_t count = client.send_some(block);
        sent += count;
        refused = count > 0 ? 0 : refused + 1;
    }
    EXPECT_EQ(seen_.bytes, before);
    connection->resume_reading();
    EXPECT_EQ(client.receive(sent).size(), sent);
    EXPECT_EQ(seen_.bytes, before + sent);
}

TEST_F(TcpServerTest, OutputOfATaskPostedFromAnotherThreadLeaves) {
    listen();
    Client client(server_->port());
    ASSERT_TRUE(client.send("x"));
    EXPECT_EQ(client.receive(1), "x");
    std::atomic<bool> ran{false};
    seen_.last_connection()->post([&] { ran = true; });
    EXPECT_TRUE(eventually([&] { return ran.load(); }));
    seen_.last_connection()->close();
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_TRUE(eventually([&] { return seen_.closed == 1; }));
    EXPECT_FALSE(seen_.last_reason());
    seen_.last_connection()->post([] { FAIL() << "ran on a connection that is gone"; });
    seen_.last_connection()->close();
}

TEST_F(TcpServerTest, APeerThatDoesNotReadIsEndedAtTheOutputBound) {
    listen({.max_pending_output = 1 << 20});
    Client client(server_->port());
    ASSERT_TRUE(client.send("#"));
    EXPECT_TRUE(eventually([&] { return seen_.closed == 1; }));
    EXPECT_THAT(seen_.last_reason()->what, HasSubstr("too slowly"));
}

TEST_F(TcpServerTest, ConnectionsBeyondTheBoundAreClosedAndTheOthersStay) {
    listen({.max_connections = 2});
    Client first(server_->port());
    Client second(server_->port());
    ASSERT_TRUE(first.send("1"));
    ASSERT_TRUE(second.send("2"));
    EXPECT_EQ(first.receive(1), "1");
    EXPECT_EQ(second.receive(1), "2");
    Client third(server_->port());
    EXPECT_TRUE(third.closed_by_server());
    ASSERT_TRUE(first.send("a"));
    EXPECT_EQ(first.receive(1), "a");
    second.close();
    ASSERT_TRUE(eventually([&] { return server_->connections() == 1; }));
    Client fourth(server_->port());
    ASSERT_TRUE(fourth.send("4"));
    EXPECT_EQ(fourth.receive(1), "4");
}

TEST_F(TcpServerTest, ItsEndClosesEveryConnectionAndReturnsWhenAllAreGone) {
    listen();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(std::make_unique<Client>(server_->port()));
        ASSERT_TRUE(clients.back()->send("x"));
        EXPECT_EQ(clients.back()->receive(1), "x");
    }
    EXPECT_EQ(server_->connections(), 50U);
    auto port = server_->port();
    server_.reset();
    EXPECT_EQ(seen_.made, 50);
    EXPECT_EQ(seen_.closed, 50);
    for (auto& client : clients) EXPECT_TRUE(client->closed_by_server());
    listen({}, {}, "127.0.0.1:" + std::to_string(port));  // the port is free
}

TEST_F(TcpServerTest, AServerMayEndWhileConnectionsPourIn) {
    for (int round = 0; round < 20; ++round) {
        listen();
        auto port = server_->port();
        std::thread pouring([port] {
            for (int i = 0; i < 30; ++i) Client(port).send("x");
        });
        eventually([&] { return seen_.made > 0; });
        server_.reset();
        pouring.join();
        EXPECT_EQ(seen_.made, seen_.closed);
    }
}

TEST_F(TcpServerTest, OutOfDescriptorsIsSurvived) {
    listen();
    auto starved = std::make_optional<test::OneDescriptorLeft>();
    Client client(server_->port());  // takes the last one: accepting it fails
    ASSERT_TRUE(client.connected());
    ASSERT_TRUE(client.send("x"));
    starved.reset();
    EXPECT_EQ(client.receive(1), "x");
}

// A client's stream under TLS, by GIO.
GObjectRef<GSocketConnection> connect_tls(std::uint16_t port) {
    auto client = owned(g_socket_client_new());
    g_socket_client_set_tls(client.get(), TRUE);
    g_socket_client_set_timeout(client.get(), 60);
    g_socket_client_set_enable_proxy(client.get(), FALSE);  // looking for one starts threads of the desktop's settings
    g_signal_connect(
        client.get(), "event",
        G_CALLBACK(+[](GSocketClient*, GSocketClientEvent event, GSocketConnectable*, GIOStream* stream, gpointer) {
            if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING) return;
            g_signal_connect(stream, "accept-certificate",
                             G_CALLBACK(+[](GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags,
                                            gpointer) -> gboolean { return TRUE; }),
                             nullptr);
        }),
        nullptr);
    GErrorText error;
    auto connection = owned(g_socket_client_connect_to_host(client.get(), "127.0.0.1", port, nullptr, error.out()));
    EXPECT_TRUE(connection) << error.text();
    return connection;
}

TEST_F(TcpServerTest, EchoesUnderTls) {
    CertificateFiles files;
    listen({}, files.files());
    auto connection = connect_tls(server_->port());
    ASSERT_TRUE(connection);
    auto* out = g_io_stream_get_output_stream(G_IO_STREAM(connection.get()));
    auto* in = g_io_stream_get_input_stream(G_IO_STREAM(connection.get()));
    for (std::size_t size : {std::size_t{1}, std::size_t{5000}, std::size_t{100'000}}) {
        std::string sent(size, 'x');
        std::string got(size, '\0');
        gsize count = 0;
        ASSERT_TRUE(g_output_stream_write_all(out, sent.data(), sent.size(), &count, nullptr, nullptr));
        ASSERT_TRUE(g_input_stream_read_all(in, got.data(), got.size(), &count, nullptr, nullptr));
        EXPECT_EQ(got, sent);
    }
}

TEST_F(TcpServerTest, AnythingButAHandshakeUnderTlsEndsTheConnection) {
    CertificateFiles files;
    listen({}, files.files());
    Client client(server_->port());
    ASSERT_TRUE(client.send(std::string(1000, 'x')));
    client.receive_all();
    EXPECT_TRUE(eventually([&] { return seen_.closed == 1; }));
    EXPECT_EQ(seen_.bytes, 0U);
}

TEST_F(TcpServerTest, ItsEndClosesConnectionsThatShakeHands) {
    CertificateFiles files;
    listen({}, files.files());
    Client silent(server_->port());
    Client started(server_->port());
    ASSERT_TRUE(started.send(std::string("\x16\x03\x01\x02\x00\x01", 6)));
    ASSERT_TRUE(eventually([&] { return seen_.made == 2; }));
    server_.reset();
    EXPECT_EQ(seen_.closed, 2);
}

TEST_F(TcpServerTest, UnusableTlsFilesAreNamed) {
    auto server = TcpServer::listen(
        "127.0.0.1:0", [](auto) { return nullptr; }, {}, TlsFiles{"/no/such.pem", "/no.key"});
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().fault, Fault::no_resource);
    EXPECT_THAT(server.error().what, HasSubstr("/no/such.pem"));
}

}  // namespace
}  // namespace millrace::net
