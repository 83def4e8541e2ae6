// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libsoup/soup.h>

#include <atomic>
#include <thread>
#include <vector>

#include "certificate_files.hpp"
#include "client.hpp"
#include "common/net/gobject.hpp"
#include "common/net/http.hpp"

namespace millrace::net {
namespace {

using test::CertificateFiles;
using test::eventually;

// Without a proxy: looking for one starts threads of the desktop's settings.
GObjectRef<SoupSession> direct_session() {
    auto session = owned(soup_session_new());
    soup_session_set_proxy_resolver(session.get(), nullptr);
    return session;
}

// libsoup's client, which speaks HTTP/2 where the server does.
class Browser {
  public:
    struct Page {
        unsigned status = 0;
        SoupHTTPVersion version = SOUP_HTTP_1_0;
        std::string body;
        std::string certificate_of;
    };

    Page fetch(const std::string& url, const char* method = "GET") {
        auto message = owned(soup_message_new(method, url.c_str()));
        Page page;
        g_signal_connect(message.get(), "accept-certificate",
                         G_CALLBACK(+[](SoupMessage*, GTlsCertificate*, GTlsCertificateFlags, gpointer) -> gboolean {
                             return TRUE;
                         }),
                         nullptr);
        GErrorText error;
        GBytes* bytes = soup_session_send_and_read(session_.get(), message.get(), nullptr, error.out());
        if (!bytes) return page;
        gsize size = 0;
        const auto* data = static_cast<const char*>(g_bytes_get_data(bytes, &size));
        page.body.assign(data ? data : "", size);
        g_bytes_unref(bytes);
        page.status = soup_message_get_status(message.get());
        page.version = soup_message_get_http_version(message.get());
        char* subject = nullptr;
        g_object_get(soup_message_get_tls_peer_certificate(message.get()), "subject-name", &subject, nullptr);
        page.certificate_of = subject ? subject : "";
        g_free(subject);
        return page;
    }

  private:
    GObjectRef<SoupSession> session_ = direct_session();
};

class Text : public HttpHandler {
  public:
    explicit Text(std::string text) : text_(Blob::of(text)) {}
    void handle(HttpExchange exchange) override {
        if (exchange.path() != "/hold") return std::move(exchange).reply({200, {}, {text_}});
        exchange.on_disconnect([this] { ++gone; });
        held = std::make_shared<HttpExchange>(std::move(exchange));
        ++holding;
    }
    std::atomic<int> holding{0};
    std::atomic<int> gone{0};
    std::shared_ptr<HttpExchange> held;  // read after `holding` said so

  private:
    const Blob text_;
};

class HttpTlsTest : public testing::Test {
  protected:
    void SetUp() override {
        auto server = HttpServer::at("127.0.0.1:0", files_.files());
        ASSERT_TRUE(server) << server.error().what;
        server_ = *server;
        mount_ = *server_->mount("/", handler_);
        url_ = server_->url();
    }

    CertificateFiles files_{"first.example"};
    const std::shared_ptr<Text> handler_ = std::make_shared<Text>(std::string(300'000, 'x'));
    std::shared_ptr<HttpServer> server_;
    std::unique_ptr<HttpServer::Mount> mount_;
    std::string url_;
};

TEST_F(HttpTlsTest, SpeaksHttp2AndSendsLargeBodiesWhole) {
    EXPECT_EQ(url_.substr(0, 8), "https://");
    Browser browser;
    auto page = browser.fetch(url_ + "/x");
    EXPECT_EQ(page.status, 200U);
    EXPECT_EQ(page.version, SOUP_HTTP_2_0);
    EXPECT_EQ(page.body, std::string(300'000, 'x'));
}

TEST_F(HttpTlsTest, HeadUnderHttp2HasNoBody) {
    Browser browser;
    auto page = browser.fetch(url_ + "/x", "HEAD");
    EXPECT_EQ(page.status, 200U);
    EXPECT_EQ(page.version, SOUP_HTTP_2_0);
    EXPECT_EQ(page.body, "");
    EXPECT_EQ(browser.fetch(url_ + "/x").body.size(), 300'000U);
}

TEST_F(HttpTlsTest, ARequestHeldUnderHttp2IsAnsweredLater) {
    Browser::Page page;
    std::thread client([&] { page = Browser().fetch(url_ + "/hold"); });
    ASSERT_TRUE(eventually([&] { return handler_->holding == 1; }));
    auto held = std::move(handler_->held);
    std::move(*held).reply(text_reply(200, "late"));
    client.join();
    EXPECT_EQ(page.version, SOUP_HTTP_2_0);
    EXPECT_EQ(page.body, "late\n");
    EXPECT_EQ(handler_->gone, 0);
}

TEST_F(HttpTlsTest, AClientThatLeavesUnderHttp2IsNoticedAndItsConnectionFreed) {
    for (int i = 0; i < 5; ++i) Browser().fetch(url_ + "/x");
    EXPECT_TRUE(eventually([&] { return test::connections_at(server_->port()) == 0; }));

    auto session = direct_session();
    auto message = owned(soup_message_new("GET", (url_ + "/hold").c_str()));
    g_signal_connect(
        message.get(), "accept-certificate",
        G_CALLBACK(+[](SoupMessage*, GTlsCertificate*, GTlsCertificateFlags, gpointer) -> gboolean { return TRUE; }),
        nullptr);
    auto cancellable = owned(g_cancellable_new());
    std::thread client([&] {
        GBytes* none = soup_session_send_and_read(session.get(), message.get(), cancellable.get(), nullptr);
        if (none) g_bytes_unref(none);
        message.reset();
        session.reset();
    });
    ASSERT_TRUE(eventually([&] { return handler_->holding == 1; }));
    g_cancellable_cancel(cancellable.get());
    client.join();
    EXPECT_TRUE(eventually([&] { return handler_->gone == 1; }));
    EXPECT_TRUE(eventually([&] { return test::connections_at(server_->port()) == 0; }));
    handler_->held.reset();
}

TEST_F(HttpTlsTest, ConnectionsThatNeverShakeHandsAreFreedWhenTheyLeave) {
    for (int i = 0; i < 10; ++i) {
        test::Client silent(server_->port());
        test::Client garbage(server_->port());
        garbage.send(std::string(1000, 'x'));
    }
    EXPECT_TRUE(eventually([&] { return test::connections_at(server_->port()) == 0; }));
    EXPECT_EQ(Browser().fetch(url_ + "/x").status, 200U);
}

// Frames of HTTP/2 made by hand: what no honest client sends.
class RawHttp2 {
  public:
    explicit RawHttp2(std::uint16_t port) {
        auto socket = owned(g_socket_client_new());
        g_socket_client_set_timeout(socket.get(), 60);
        g_socket_client_set_enable_proxy(socket.get(), FALSE);
        base_ = owned(g_socket_client_connect_to_host(socket.get(), "127.0.0.1", port, nullptr, nullptr));
        tls_ = owned(g_tls_client_connection_new(G_IO_STREAM(base_.get()), nullptr, nullptr));
        const char* protocols[] = {"h2", nullptr};
        g_tls_connection_set_advertised_protocols(G_TLS_CONNECTION(tls_.get()), protocols);
        g_signal_connect(tls_.get(), "accept-certificate",
                         G_CALLBACK(+[](GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags, gpointer) -> gboolean {
                             return TRUE;
                         }),
                         nullptr);
        send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, ""));  // the preface and empty SETTINGS
    }

    void request(const std::string& authority, const std::string& path) {
        send(frame(1, 5, 1,  // HEADERS, END_STREAM and END_HEADERS
                   field(":method", "GET") + field(":scheme", "https") + field(":authority", authority) +
                       field(":path", path)));
    }
    // Reads until the server resets the stream, answers the request or closes.
    bool answered() {
        auto* in = g_io_stream_get_input_stream(G_IO_STREAM(tls_.get()));
        while (true) {
            std::string header(9, '\0');
            gsize count = 0;
            if (!g_input_stream_read_all(in, header.data(), 9, &count, nullptr, nullptr) || count < 9) return false;
            auto byte = [&](std::size_t at) {
                return static_cast<std::size_t>(static_cast<unsigned char>(header[at]));
            };
            std::string payload(byte(0) << 16 | byte(1) << 8 | byte(2), '\0');
            if (!g_input_stream_read_all(in, payload.data(), payload.size(), &count, nullptr, nullptr)) return false;
            if (byte(3) == 1 || byte(3) == 3) return true;
        }
    }

  private:
    static std::string frame(char type, char flags, char stream, const std::string& payload) {
        std::string made{static_cast<char>(payload.size() >> 16),
                         static_cast<char>(payload.size() >> 8),
                         static_cast<char>(payload.size()),
                         type,
                         flags,
                         0,
                         0,
                         0,
                         stream};
        return made + payload;
    }
    // A literal header field without indexing (RFC 7541, 6.2.2).
    static std::string field(const std::string& name, const std::string& value) {
        return std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) + value;
    }
    void send(const std::string& bytes) {
        auto* out = g_io_stream_get_output_stream(G_IO_STREAM(tls_.get()));
        g_output_stream_write_all(out, bytes.data(), bytes.size(), nullptr, nullptr, nullptr);
    }

    GObjectRef<GSocketConnection> base_;
    GObjectRef<GIOStream> tls_;
};

TEST_F(HttpTlsTest, AUrlThatIsNoneUnderHttp2EndsNothingButItsRequest) {
    auto fatal = g_log_set_always_fatal(G_LOG_LEVEL_ERROR);  // libsoup 3.2 itself logs a critical message
    for (const auto& [authority, path] :
         std::vector<std::pair<std::string, std::string>>{{"[", "/x"}, {"a:99999999", "/x"}, {"a", "/%"}}) {
        RawHttp2 bad(server_->port());
        bad.request(authority, path);
        EXPECT_TRUE(bad.answered()) << authority << path;
    }
    EXPECT_EQ(Browser().fetch(url_ + "/x").status, 200U);
    g_log_set_always_fatal(fatal);
}

TEST_F(HttpTlsTest, ACertificateThatChangesIsServedWithoutARestart) {
    EXPECT_EQ(Browser().fetch(url_ + "/x").certificate_of, "CN=first.example");
    files_.write("second.example");
    EXPECT_TRUE(eventually([&] { return Browser().fetch(url_ + "/x").certificate_of == "CN=second.example"; }));
    files_.spoil();
    // Looked at once a second: whatever is served until then and after, it is the last good one.
    auto until = now() + 1500ms;
    while (now() < until) ASSERT_EQ(Browser().fetch(url_ + "/x").certificate_of, "CN=second.example");
}

TEST_F(HttpTlsTest, OneServerMayListenPlainAndUnderTls) {
    auto plain = HttpServer::at("127.0.0.1:0");
    ASSERT_TRUE(plain);
    auto mount = (*plain)->mount("/", std::make_shared<Text>("both"));
    auto port = std::to_string(server_->port());
    auto taken = (*plain)->also_at("127.0.0.1:" + port, files_.files());
    ASSERT_FALSE(taken);
    mount_.reset();
    server_.reset();
    auto also = (*plain)->also_at("127.0.0.1:" + port, files_.files());
    ASSERT_TRUE(also) << also.error().what;
    EXPECT_EQ(test::fetch((*plain)->port(), "/").body, "both");
    EXPECT_EQ(Browser().fetch("https://127.0.0.1:" + port + "/").body, "both");
}

TEST_F(HttpTlsTest, AnAddressIsServedOneWayOnly) {
    auto plain = HttpServer::at("127.0.0.1:" + std::to_string(server_->port()));
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().fault, Fault::refused);
    EXPECT_THAT(plain.error().what, testing::HasSubstr("under TLS"));
    EXPECT_EQ(*HttpServer::at("127.0.0.1:" + std::to_string(server_->port()), files_.files()), server_);
}

}  // namespace
}  // namespace millrace::net
