// SPDX-License-Identifier: LGPL-2.1-or-later
// Listening TCP sockets, and the connections that come through them.
#include <utility>
#include <vector>

#include "common/net/certificate.hpp"
#include "common/net/connection.hpp"
#include "common/net/connection_set.hpp"
#include "common/net/listener.hpp"
#include "common/net/log.hpp"
#include "common/net/tcp.hpp"
#include "common/net/tls_stream.hpp"

namespace millrace::net {

namespace {

// What a server and its connections share; the connections keep it alive.
struct House {
    House(TcpServer::MakeSession maker, TcpLimits of, std::shared_ptr<Certificate> identity)
        : make(std::move(maker)), limits(of), tls(std::move(identity)), connections(of.max_connections) {}

    const TcpServer::MakeSession make;
    const TcpLimits limits;
    const std::shared_ptr<Certificate> tls;
    const std::vector<std::shared_ptr<Worker>> workers = io_workers();
    std::string name;  // "port 1935", for the log
    ConnectionSet connections;
};

// One connection: its session, and the loop that drives it. Lives on its worker; handles reach it by posting.
class Peer : public TcpConnection, public Connection::Driver, public Member, public std::enable_shared_from_this<Peer> {
  public:
    Peer(std::shared_ptr<House> house, std::shared_ptr<Worker> worker, std::string name)
        : Member(std::move(worker)), house_(std::move(house)), name_(std::move(name)) {}

    // TcpConnection: any thread.
    void pause_reading() override {
        on_worker([](Peer& self) { self.connection_->pause_reading(); });
    }
    void resume_reading() override {
        on_worker([](Peer& self) { self.connection_->resume_reading(); });
    }
    void close() override {
        on_worker([](Peer& self) {
            self.pump();
            self.end();
        });
    }
    void post(std::function<void()> task) override {
        on_worker([task = std::move(task)](Peer& self) {
            task();
            self.pump();
        });
    }
    [[nodiscard]] const std::string& peer() const override { return name_; }

    // The rest: the worker's thread.
    void open(Descriptor socket) {
        auto stream =
            house_->tls ? tls_stream(std::move(socket), house_->tls->current().get()) : bare_stream(std::move(socket));
        if (!stream) return house_->connections.leave(shared_from_this());
        connection_ = std::make_unique<Connection>(*worker(), std::move(stream), *this,
                                                   Connection::Limits{.read_at_once = house_->limits.read_at_once});
        deadline_ = std::make_unique<Worker::Timer>(*worker(), [this] { on_deadline(); });
        session_ = house_->make(shared_from_this());
        if (!session_) return end(Error{Fault::refused, "nobody takes connections"});
        pump();
    }
    void close_now() override {
        if (connection_) lost(std::nullopt);
    }

    void received(ByteView bytes) override {
        if (!ending_) after(session_->receive(bytes, now()));
    }
    void ended() override { end(Error{Fault::peer_gone, "the peer closed the connection"}); }

    void lost(const std::optional<Error>& why) override {
        auto self = shared_from_this();
        std::optional<Error> reason = why;  // dies with the connection
        deadline_.reset();
        if (reason) log(*reason);
        connection_.reset();
        if (session_) session_->closed(reason);
        session_.reset();  // it may hold us
        house_->connections.leave(self);
    }

  private:
    template <class F>
    void on_worker(F&& act) {
        worker()->post([self = shared_from_this(), act = std::forward<F>(act)] {
            if (self->connection_ && !self->ending_) act(*self);
        });
    }

    void on_deadline() {
        if (ending_) return;
        if (now() >= session_->deadline())
            after(session_->tick(now()));
        else
            arm();
    }

    void after(const Result<>& step) {
        pump();
        if (!step) end(step.error());
    }

    void end(std::optional<Error> why = {}) {
        if (std::exchange(ending_, true)) return;
        deadline_->at(kNever);
        connection_->finish(std::move(why));
    }

    // What follows every call of the session: its output leaves, its deadline is kept.
    void pump() {
        if (ending_) return;
        connection_->send(session_->take_output());
        connection_->flush();
        if (connection_->pending() > house_->limits.max_pending_output) {
            ending_ = true;
            return connection_->abort(Error{Fault::peer_gone, "the peer reads too slowly"});
        }
        session_->finished() ? end() : arm();
    }

    void arm() { deadline_->at(session_->deadline()); }

    void log(const Error& why) {
        std::string line = house_->name + ": " + name_ + ": " + why.what;
        why.fault == Fault::peer_gone ? log_detail(line) : log_notice(line);
    }

    const std::shared_ptr<House> house_;
    const std::string name_;
    std::unique_ptr<TcpSession> session_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<Worker::Timer> deadline_;
    bool ending_ = false;  // the session has had its say
};

void take(const std::shared_ptr<House>& house, const std::shared_ptr<Worker>& worker, Descriptor socket,
          const std::string& name) {
    auto peer = std::make_shared<Peer>(house, worker, name);
    if (!house->connections.enter(peer)) {
        log_notice(house->name + ": " + name + ": refused: " + std::to_string(house->limits.max_connections) +
                   " connections are open, as many as are allowed");
        return;
    }
    worker->post([peer, held = std::make_shared<Descriptor>(std::move(socket))] { peer->open(std::move(*held)); });
}

class Server : public TcpServer {
  public:
    Server(std::shared_ptr<House> house, std::unique_ptr<Listener> listener)
        : house_(std::move(house)), listener_(std::move(listener)) {
        house_->name = "port " + std::to_string(listener_->port());
        listener_->start([house = house_, next = std::size_t{0}](Descriptor socket, const std::string& peer) mutable {
            take(house, house->workers[next++ % house->workers.size()], std::move(socket), peer);
        });
    }

    ~Server() override {
        listener_->close();
        house_->connections.close();
    }

    [[nodiscard]] std::uint16_t port() const override { return listener_->port(); }
    [[nodiscard]] std::size_t connections() const override { return house_->connections.count(); }

  private:
    const std::shared_ptr<House> house_;
    const std::unique_ptr<Listener> listener_;
};

}  // namespace

Result<std::unique_ptr<TcpServer>> TcpServer::listen(const std::string& address, MakeSession make, TcpLimits limits,
                                                     std::optional<TlsFiles> tls) {
    auto parsed = ListenAddress::parse(address);
    if (!parsed) return tl::unexpected(parsed.error());
    std::shared_ptr<Certificate> identity;
    if (tls) {
        auto loaded = Certificate::load(*tls);
        if (!loaded) return tl::unexpected(loaded.error());
        identity = *loaded;
    }
    auto listener = Listener::open(*parsed, next_io_worker());
    if (!listener) return tl::unexpected(listener.error());
    return std::make_unique<Server>(std::make_shared<House>(std::move(make), limits, identity), std::move(*listener));
}

}  // namespace millrace::net
