// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/http.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libsoup/soup.h>

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "client.hpp"
#include "common/net/descriptor.hpp"
#include "common/net/gobject.hpp"
#include "tests/support/application_server.hpp"

namespace millrace::net {
namespace {

using test::Client;
using test::eventually;
using test::fetch;
using testing::HasSubstr;

class Handler : public HttpHandler {
  public:
    explicit Handler(std::function<void(HttpExchange)> handles) : handles_(std::move(handles)) {}
    void handle(HttpExchange exchange) override { handles_(std::move(exchange)); }

  private:
    const std::function<void(HttpExchange)> handles_;
};

std::shared_ptr<HttpHandler> handler(std::function<void(HttpExchange)> handles) {
    return std::make_shared<Handler>(std::move(handles));
}
std::shared_ptr<HttpHandler> says(const std::string& text) {
    return handler([text](HttpExchange exchange) { std::move(exchange).reply(text_reply(200, text)); });
}

// Requests set aside, to be answered later. Each is touched on its worker only.
class Holding : public HttpHandler {
  public:
    void handle(HttpExchange exchange) override {
        exchange.on_disconnect([this] { ++gone; });
        std::lock_guard lock(mutex_);
        held_.push_back(std::make_shared<HttpExchange>(std::move(exchange)));
    }
    std::size_t count() {
        std::lock_guard lock(mutex_);
        return held_.size();
    }
    void answer_all(const std::string& text) {
        for (auto& exchange : take())
            exchange->worker().post([exchange, text] { std::move(*exchange).reply(text_reply(200, text)); });
    }
    std::vector<std::shared_ptr<HttpExchange>> take() {
        std::lock_guard lock(mutex_);
        return std::exchange(held_, {});
    }

    std::atomic<int> gone{0};

  private:
    std::mutex mutex_;
    std::vector<std::shared_ptr<HttpExchange>> held_;
};

class HttpServerTest : public testing::Test {
  protected:
    void SetUp() override {
        auto server = HttpServer::at("127.0.0.1:0");
        ASSERT_TRUE(server) << server.error().what;
        server_ = *server;
        port_ = server_->port();
    }
    void mount(const std::string& prefix, std::shared_ptr<HttpHandler> to) {
        auto mounted = server_->mount(prefix, std::move(to));
        ASSERT_TRUE(mounted) << mounted.error().what;
        mounts_.push_back(std::move(*mounted));
    }

    std::shared_ptr<HttpServer> server_;
    std::list<std::unique_ptr<HttpServer::Mount>> mounts_;
    std::uint16_t port_ = 0;
};

TEST_F(HttpServerTest, ARequestReachesItsHandlerWhole) {
    std::string seen;
    mount("/live", handler([&](HttpExchange exchange) {
              seen = std::string(exchange.method()) + "|" + std::string(exchange.path()) + "|" +
                     std::string(exchange.query()) + "|" + std::string(exchange.header("x-one")) + "|" +
                     std::string(as_text(exchange.body())) + "|" + exchange.peer();
              EXPECT_TRUE(exchange.worker().is_current());
              std::move(exchange).reply({201, {{"X-Two", "2"}}, {Blob::of("a"), Blob(), Blob::of("bc")}});
          }));
    Client client(port_);
    client.get("/live/caf%C3%A9%20?x=%20y", "POST", "X-One: 1\r\nContent-Length: 4\r\n");
    client.send("body");
    auto response = client.response();
    EXPECT_THAT(seen, testing::StartsWith("POST|/live/caf\xC3\xA9 |x=%20y|1|body|127.0.0.1:"));
    EXPECT_EQ(response.status, 201);
    EXPECT_TRUE(response.has("X-Two: 2\r\n"));
    EXPECT_EQ(response.body, "abc");
}

TEST_F(HttpServerTest, EveryReplyMayBeReadByAnyPageAndStatesItsLengthAndDate) {
    mount("/ok", says("fine"));
    for (const char* target : {"/ok", "/missing"}) {
        auto response = fetch(port_, target);
        EXPECT_TRUE(response.has("Access-Control-Allow-Origin: *\r\n")) << target;
        EXPECT_TRUE(response.has("Access-Control-Expose-Headers: Age, Date, Content-Length, Content-Range")) << target;
        EXPECT_TRUE(response.has("Timing-Allow-Origin: *\r\n")) << target;
        EXPECT_TRUE(response.has("Server: millrace/")) << target;
        EXPECT_TRUE(response.has("Date: ")) << target;
        EXPECT_TRUE(response.has("Content-Length: ")) << target;
    }
}

TEST_F(HttpServerTest, NothingMountedIsA404ThatNamesThePath) {
    mount("/live/cam1", says("cam1"));
    auto response = fetch(port_, "/live/cam10");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.body, "nothing is served at /live/cam10\n");
    EXPECT_EQ(fetch(port_, "/live/cam1/x").body, "cam1\n");
}

TEST_F(HttpServerTest, HeadHasTheLengthAndNoBody) {
    mount("/", says("12345"));
    Client client(port_);
    client.get("/", "HEAD");
    auto head = client.response(false);
    EXPECT_EQ(head.status, 200);
    EXPECT_TRUE(head.has("Content-Length: 6\r\n"));
    client.get("/");
    EXPECT_EQ(client.response().body, "12345\n");  // nothing came between
}

TEST_F(HttpServerTest, ALengthGivenForHeadIsKept) {
    mount("/", handler([](HttpExchange exchange) {
              std::move(exchange).reply({200, {{"Content-Length", "123456"}}, {}});
          }));
    Client client(port_);
    client.get("/", "HEAD");
    EXPECT_TRUE(client.response(false).has("Content-Length: 123456\r\n"));
}

TEST_F(HttpServerTest, AnEmptyBodyStatesItsLengthAndNotModifiedHasNone) {
    mount("/empty", handler([](HttpExchange exchange) { std::move(exchange).reply({200, {}, {}}); }));
    mount("/same", handler([](HttpExchange exchange) { std::move(exchange).reply({304, {}, {Blob::of("no")}}); }));
    Client client(port_);
    client.get("/empty");
    EXPECT_TRUE(client.response().has("Content-Length: 0\r\n"));
    client.get("/same");
    auto same = client.response(false);
    EXPECT_EQ(same.status, 304);
    EXPECT_FALSE(same.has("\r\nContent-Length:"));
    client.get("/empty");
    EXPECT_EQ(client.response().status, 200);
}

TEST_F(HttpServerTest, PreflightsAreAnsweredUnlessAHandlerWantsThem) {
    struct WantsOptions : HttpHandler {
        void handle(HttpExchange exchange) override {
            std::move(exchange).reply(text_reply(200, std::string(exchange.method())));
        }
        [[nodiscard]] bool wants_options() const override { return true; }
    };
    mount("/plain", says("never"));
    mount("/own", std::make_shared<WantsOptions>());
    auto plain = fetch(port_, "/plain/x", "OPTIONS");
    EXPECT_EQ(plain.status, 204);
    EXPECT_TRUE(plain.has("Access-Control-Allow-Methods: GET, HEAD, "));
    EXPECT_TRUE(plain.has("Access-Control-Allow-Headers: Range, "));
    EXPECT_TRUE(plain.has("Access-Control-Max-Age: 86400\r\n"));
    EXPECT_EQ(fetch(port_, "/own", "OPTIONS").body, "OPTIONS\n");
}

TEST_F(HttpServerTest, RangesAreTheHandlersBusiness) {
    mount("/", says("whole"));
    Client client(port_);
    client.get("/", "GET", "Range: bytes=1-2\r\n");
    auto response = client.response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "whole\n");
}

TEST_F(HttpServerTest, AHeaderThatWouldForgeAnotherIsLeftOut) {
    mount("/", handler([](HttpExchange exchange) {
              std::move(exchange).reply({200, {{"X-Bad", "a\r\nX-Forged: 1"}, {"X-Good", "b"}}, {}});
          }));
    auto response = fetch(port_, "/");
    EXPECT_FALSE(response.has("X-Forged"));
    EXPECT_TRUE(response.has("X-Good: b"));
}

TEST_F(HttpServerTest, ManyRequestsUseOneConnectionInOrder) {
    mount("/", handler([](HttpExchange exchange) {
              std::string path(exchange.path());
              std::move(exchange).reply(text_reply(200, path));
          }));
    Client client(port_);
    for (int i = 0; i < 50; ++i) client.get("/" + std::to_string(i));  // pipelined
    for (int i = 0; i < 50; ++i) EXPECT_EQ(client.response().body, "/" + std::to_string(i) + "\n");
}

TEST_F(HttpServerTest, AHeldRequestIsAnsweredLaterFromAnotherThread) {
    auto holding = std::make_shared<Holding>();
    mount("/", holding);
    Client client(port_);
    client.get("/");
    ASSERT_TRUE(eventually([&] { return holding->count() == 1; }));
    std::thread([&] { holding->answer_all("at last"); }).join();
    EXPECT_EQ(client.response().body, "at last\n");
    EXPECT_EQ(holding->gone, 0);
    client.get("/");  // the connection goes on
    ASSERT_TRUE(eventually([&] { return holding->count() == 1; }));
    holding->answer_all("again");
    EXPECT_EQ(client.response().body, "again\n");
}

TEST_F(HttpServerTest, AReplyGivenOnAnotherThreadIsCarriedToTheWorker) {
    auto holding = std::make_shared<Holding>();
    mount("/", holding);
    Client client(port_);
    client.get("/");
    ASSERT_TRUE(eventually([&] { return holding->count() == 1; }));
    std::move(*holding->take().front()).reply(text_reply(200, "from afar"));
    EXPECT_EQ(client.response().body, "from afar\n");
}

TEST_F(HttpServerTest, ARequestDroppedUnansweredIsA500) {
    mount("/now", handler([](HttpExchange) {}));
    auto holding = std::make_shared<Holding>();
    mount("/later", holding);
    EXPECT_EQ(fetch(port_, "/now").status, 500);
    Client client(port_);
    client.get("/later");
    ASSERT_TRUE(eventually([&] { return holding->count() == 1; }));
    holding->take().clear();
    EXPECT_EQ(client.response().status, 500);
}

TEST_F(HttpServerTest, AClientThatLeavesWhileItWaitsIsNoticedAndItsConnectionFreed) {
    auto holding = std::make_shared<Holding>();
    mount("/", holding);
    for (bool reset : {false, true}) {
        Client client(port_);
        client.get("/");
        ASSERT_TRUE(eventually([&] { return holding->count() == 1; }));
        holding->gone = 0;
        reset ? client.abort() : client.close();
        EXPECT_TRUE(eventually([&] { return holding->gone == 1; }));
        EXPECT_TRUE(eventually([&] { return test::connections_at(port_) == 0; }));
        holding->answer_all("to nobody");  // harmless
    }
    for (const auto& worker : server_->workers()) worker->run([] {});
    EXPECT_EQ(holding->gone, 1);
}

TEST_F(HttpServerTest, AClientThatLeavesWhileIdleIsForgotten) {
    mount("/", says("x"));
    for (int i = 0; i < 20; ++i) {
        Client client(port_);
        client.get("/");
        EXPECT_EQ(client.response().status, 200);
        Client silent(port_);
    }
    EXPECT_TRUE(eventually([&] { return test::connections_at(port_) == 0; }));
}

TEST_F(HttpServerTest, AClientThatClosedItsOwnSideStillGetsItsAnswer) {
    std::string big(4 << 20, 'b');
    mount("/", says(big));
    Client client(port_);
    client.get("/", "GET", "Connection: close\r\n");
    client.end_sending();
    EXPECT_EQ(client.response().body.size(), big.size() + 1);
}

TEST_F(HttpServerTest, FiveHundredWaitingRequestsWakeTogether) {
    auto holding = std::make_shared<Holding>();
    mount("/", holding);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 500; ++i) {
        clients.push_back(std::make_unique<Client>(port_));
        ASSERT_TRUE(clients.back()->get("/"));
    }
    ASSERT_TRUE(eventually([&] { return holding->count() == 500; }));
    holding->answer_all("part");
    for (auto& client : clients) EXPECT_EQ(client->response().body, "part\n");
}

TEST_F(HttpServerTest, ItsEndLosesWaitingRequestsAndALateAnswerIsHarmless) {
    auto holding = std::make_shared<Holding>();
    mount("/", holding);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(std::make_unique<Client>(port_));
        ASSERT_TRUE(clients.back()->get("/"));
    }
    ASSERT_TRUE(eventually([&] { return holding->count() == 100; }));
    mounts_.clear();
    server_.reset();
    EXPECT_EQ(holding->gone, 100);
    for (auto& client : clients) EXPECT_TRUE(client->closed_by_server());
    holding->answer_all("too late");
    auto again = HttpServer::at("127.0.0.1:" + std::to_string(port_));
    EXPECT_TRUE(again) << again.error().what;  // the port is free
}

TEST_F(HttpServerTest, WhoNamesTheSameAddressSharesTheServer) {
    auto second = HttpServer::at("localhost:" + std::to_string(port_));
    ASSERT_TRUE(second) << second.error().what;
    EXPECT_EQ(*second, server_);
    mount("/a", says("a"));
    auto b = (*second)->mount("/b", says("b"));
    ASSERT_TRUE(b);
    EXPECT_EQ(fetch(port_, "/a").body, "a\n");
    EXPECT_EQ(fetch(port_, "/b").body, "b\n");
    auto taken = (*second)->mount("/a/", says("c"));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().fault, Fault::refused);
    EXPECT_THAT(taken.error().what, HasSubstr("'/a'"));
}

TEST_F(HttpServerTest, AMountKeepsItsServerAlive) {
    mount("/", says("x"));
    server_.reset();
    EXPECT_EQ(fetch(port_, "/").body, "x\n");
    mounts_.clear();
    EXPECT_FALSE(Client(port_).connected());
}

TEST_F(HttpServerTest, ManyThreadsMayAskForOneAddressWhileItStartsAndEnds) {
    std::string address = "127.0.0.1:" + std::to_string(port_);
    server_.reset();
    std::vector<std::thread> threads;
    std::atomic<int> failed{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i)
                if (!HttpServer::at(address)) ++failed;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(failed, 0);
}

TEST_F(HttpServerTest, APortSomebodyElseHasIsAnErrorThatSaysWhatToDo) {
    Descriptor other(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    int on = 1;  // even a port that would be shared
    ::setsockopt(other.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    ASSERT_EQ(::bind(other.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
    ASSERT_EQ(::listen(other.get(), 1), 0);
    ::getsockname(other.get(), reinterpret_cast<sockaddr*>(&address), &length);
    std::string port = std::to_string(ntohs(address.sin_port));
    auto server = HttpServer::at("127.0.0.1:" + port);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().fault, Fault::no_resource);
    EXPECT_THAT(server.error().what, HasSubstr("127.0.0.1:" + port));
    EXPECT_THAT(server.error().what, HasSubstr("in use; choose another with listen="));
}

TEST_F(HttpServerTest, PortZeroIsANewServerEachTimeAndItsPortNamesIt) {
    auto other = HttpServer::at("127.0.0.1:0");
    ASSERT_TRUE(other);
    EXPECT_NE((*other)->port(), port_);
    EXPECT_EQ(server_->url(), "http://127.0.0.1:" + std::to_string(port_));
}

TEST_F(HttpServerTest, MountsComeAndGoUnderLoadAndNeverOutliveTheirRequests) {
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::atomic<int> served{0};
    std::vector<std::thread> clients;
    for (int t = 0; t < 3; ++t)
        clients.emplace_back([&] {
            Client client(port_);
            while (!stop) {
                client.get("/flicker");
                auto response = client.response();
                if (response.status == 200) ++served;
                if (response.status != 200 && response.status != 404) ++wrong;
            }
        });
    for (int i = 0; i < 300 || (served == 0 && i < 100'000); ++i) {
        auto alive = std::make_unique<std::atomic<bool>>(true);
        auto mounted = server_->mount("/flicker", handler([&wrong, raw = alive.get()](HttpExchange exchange) {
                                          if (!*raw) ++wrong;
                                          std::move(exchange).reply(text_reply(200, "here"));
                                          if (!*raw) ++wrong;
                                      }));
        ASSERT_TRUE(mounted);
        std::this_thread::yield();
        mounted->reset();
        *alive = false;
    }
    stop = true;
    for (auto& client : clients) client.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_GT(served, 0);
}

TEST_F(HttpServerTest, AMountKnowsItsLastRequest) {
    mount("/a", says("a"));
    mount("/b", says("b"));
    EXPECT_EQ(mounts_.front()->last_request(), TimePoint());
    TimePoint before = now();
    fetch(port_, "/a/x");
    EXPECT_GE(mounts_.front()->last_request(), before);
    EXPECT_EQ(mounts_.back()->last_request(), TimePoint());
}

TEST_F(HttpServerTest, ABodyOverTheBoundIsRefusedHoweverItComes) {
    mount("/", handler([](HttpExchange exchange) {
              std::string size = std::to_string(exchange.body().size());
              std::move(exchange).reply(text_reply(200, size));
          }));
    std::string most(1 << 20, 'x');
    Client sized(port_);
    sized.get("/", "POST", "Content-Length: 1048576\r\n");
    sized.send(most);
    EXPECT_EQ(sized.response().body, "1048576\n");
    sized.get("/", "POST", "Content-Length: 1048577\r\n");
    sized.send(most + "x");
    EXPECT_EQ(sized.response().status, 413);

    Client chunked(port_);
    chunked.get("/", "POST", "Transfer-Encoding: chunked\r\n");
    for (int i = 0; i < 20; ++i) chunked.send("10000\r\n" + std::string(0x10000, 'x') + "\r\n");
    chunked.send("0\r\n\r\n");
    EXPECT_EQ(chunked.response().status, 413);
    EXPECT_TRUE(chunked.closed_by_server());
}

TEST_F(HttpServerTest, UrlsAndHeadersOverTheBoundAreRefused) {
    mount("/", says("x"));
    EXPECT_EQ(fetch(port_, "/" + std::string(8000, 'a')).status, 200);
    EXPECT_EQ(fetch(port_, "/" + std::string(9000, 'a')).status, 414);
    Client client(port_);
    client.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(200'000, 'a'));
    EXPECT_TRUE(client.closed_by_server());
}

TEST_F(HttpServerTest, GarbageEndsOneConnectionAndNobodyElses) {
    mount("/", says("x"));
    Client good(port_);
    good.get("/");
    EXPECT_EQ(good.response().status, 200);
    for (const std::string& garbage :
         {std::string("\x16\x03\x01\x00\xff\r\n\r\n"), std::string(100'000, '\0'), std::string("GET\r\n\r\n"),
          std::string("GET /\xff HTTP/1.1\r\n\r\n"), std::string("GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
          std::string("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
          std::string("GET http://[ HTTP/1.1\r\n\r\n"), std::string("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n")}) {
        Client bad(port_);
        bad.send(garbage);
        bad.end_sending();
        EXPECT_TRUE(bad.closed_by_server());
    }
    good.get("/");
    EXPECT_EQ(good.response().status, 200);
}

TEST_F(HttpServerTest, OutOfDescriptorsIsSurvived) {
    mount("/", says("x"));
    auto starved = std::make_optional<test::OneDescriptorLeft>();
    Client client(port_);  // takes the last one: accepting it fails
    ASSERT_TRUE(client.connected());
    client.get("/");
    starved.reset();
    EXPECT_EQ(client.response().body, "x\n");
    EXPECT_EQ(fetch(port_, "/").body, "x\n");
}

TEST(HttpServer, ServesThroughAnApplicationsOwnServer) {
    GMainContext* context = g_main_context_new();
    g_main_context_push_thread_default(context);
    {
        test::ApplicationServer application;
        auto port = application.port();
        auto server = HttpServer::wrap(application.soup(), context);
        auto holding = std::make_shared<Holding>();
        auto now_mount = server->mount("/now", handler([](HttpExchange exchange) {
                                           std::string path(exchange.path());
                                           std::move(exchange).reply(text_reply(200, path));
                                       }));
        auto later_mount = server->mount("/later", holding);
        std::atomic<bool> done{false};
        std::thread client([&] {
            EXPECT_EQ(fetch(port, "/now/a%20b").body, "/now/a b\n");
            Client waiting(port);
            waiting.get("/later", "GET", "Connection: close\r\n");
            if (eventually([&] { return holding->count() == 1; })) holding->answer_all("late");
            EXPECT_EQ(waiting.response().body, "late\n");
            EXPECT_TRUE(waiting.closed_by_server());
            done = true;
            g_main_context_wakeup(context);
        });
        while (!done) g_main_context_iteration(context, TRUE);
        client.join();
    }
    g_main_context_pop_thread_default(context);
    g_main_context_unref(context);
}

}  // namespace
}  // namespace millrace::net
