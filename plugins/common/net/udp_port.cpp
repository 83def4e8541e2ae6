// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/udp_port.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "common/net/address_book.hpp"
#include "common/net/descriptor.hpp"
#include "common/net/listener.hpp"
#include "common/net/log.hpp"

namespace millrace::net {

namespace {

constexpr unsigned kBatch = 64;  // messages a system call
constexpr int kBatchesATurn = 4;
constexpr std::size_t kLargestReceived = 2048;  // no path of the Internet carries more than 1500
constexpr std::size_t kMostSegments = 64;       // UDP_MAX_SEGMENTS of kernels before 6.9
constexpr std::size_t kLargestSent = 65'000;    // with room for headers
// A destination whose path refuses segmentation is not asked any more, until routes may have changed.
constexpr unsigned kRefusalsToRemember = 3;
constexpr Duration kRememberFor = 60s;
constexpr std::size_t kMostRemembered = 4096;

using Book = AddressBook<UdpPort>;

int kernel_send(int socket, mmsghdr* messages, unsigned count) {
    return ::sendmmsg(socket, messages, count, MSG_NOSIGNAL);
}

// What the kernel says when the path, not the destination, is the trouble: no checksums by the card (EIO), a segment
// larger than the path's datagrams or no checksums at all (EINVAL), a kernel without it.
bool refuses_segmentation(int error) {
    return error == EIO || error == EINVAL || error == EOPNOTSUPP || error == ENOPROTOOPT || error == EMSGSIZE;
}

struct Counters {
    std::atomic<std::uint64_t> received{0};
    std::atomic<std::uint64_t> received_bytes{0};
    std::atomic<std::uint64_t> sent{0};
    std::atomic<std::uint64_t> sent_bytes{0};
    std::atomic<std::uint64_t> segmentation_refused{0};
    std::atomic<std::uint64_t> dropped{0};
    std::atomic<std::uint64_t> oversized{0};
};

void add(std::atomic<std::uint64_t>& counter, std::uint64_t more) {
    counter.fetch_add(more, std::memory_order_relaxed);
}

// What sendmmsg wants: pieces of messages, each one datagram or one run of segments.
class Batch {
  public:
    struct Piece {
        std::size_t message = 0;
        std::size_t size = 0;
        std::size_t datagrams = 1;
    };

    explicit Batch(int family) : family_(family) {}

    [[nodiscard]] bool full() const { return count_ == kBatch; }
    [[nodiscard]] unsigned count() const { return count_; }
    [[nodiscard]] const Piece& piece(std::size_t i) const { return pieces_[i]; }
    mmsghdr* raw() { return raw_.data(); }
    void clear() { count_ = 0; }

    void add(std::size_t message, const SocketAddress& to, ByteView bytes, std::uint16_t segment) {
        const unsigned i = count_++;
        pieces_[i] = {message, bytes.size(), segment > 0 ? (bytes.size() + segment - 1) / segment : 1};
        parts_[i] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
        raw_[i] = {};
        msghdr& header = raw_[i].msg_hdr;
        header.msg_name = &names_[i];
        header.msg_namelen = to.write(family_, names_[i]);
        header.msg_iov = &parts_[i];
        header.msg_iovlen = 1;
        if (segment == 0) return;
        header.msg_control = controls_[i].bytes;
        header.msg_controllen = sizeof(controls_[i].bytes);
        cmsghdr* control = CMSG_FIRSTHDR(&header);
        control->cmsg_level = SOL_UDP;
        control->cmsg_type = UDP_SEGMENT;
        control->cmsg_len = CMSG_LEN(sizeof(segment));
        std::memcpy(CMSG_DATA(control), &segment, sizeof(segment));
    }

  private:
    struct Control {
        alignas(cmsghdr) char bytes[CMSG_SPACE(sizeof(std::uint16_t))];
    };

    const int family_;
    unsigned count_ = 0;
    std::array<mmsghdr, kBatch> raw_{};
    std::array<iovec, kBatch> parts_{};
    std::array<sockaddr_storage, kBatch> names_{};
    std::array<Control, kBatch> controls_{};
    std::array<Piece, kBatch> pieces_{};
};

// The destinations whose path has refused segmentation, and how often.
class Refusals {
  public:
    void note(const SocketAddress& to) {
        if (counts_.empty()) began_ = now();
        if (counts_.size() < kMostRemembered || counts_.contains(to)) ++counts_[to];
    }
    [[nodiscard]] bool remembers(const SocketAddress& to) const {
        if (counts_.empty()) return false;
        auto found = counts_.find(to);
        return found != counts_.end() && found->second >= kRefusalsToRemember;
    }
    void forget_old() {
        if (!counts_.empty() && now() - began_ > kRememberFor) counts_.clear();
    }

  private:
    std::unordered_map<SocketAddress, unsigned> counts_;
    TimePoint began_{};
};

class Socket : public UdpSocket {
  public:
    Socket(Descriptor descriptor, int family, std::shared_ptr<Worker> worker, const UdpOptions& options,
           std::shared_ptr<Book::Claim> claim)
        : claim_(std::move(claim)),
          worker_(std::move(worker)),
          kernel_(options.send ? options.send : kernel_send),
          descriptor_(std::move(descriptor)),
          batch_(family) {}

    void start() {
        watch_ = std::make_unique<Worker::Watch>(*worker_, descriptor_.get(), [this](Worker::Watch::Ready ready) {
            if (ready.write) became_writable();
            if (ready.read || ready.broken) receive();
        });
        watch_->want(true, false);
    }

    UdpHandler* add_handler(std::unique_ptr<UdpHandler> handler) {
        handlers_.push_back(std::move(handler));
        return handlers_.back().get();
    }
    void remove_handler(UdpHandler* handler) {
        std::erase_if(handlers_, [&](const auto& each) { return each.get() == handler; });
    }

    [[nodiscard]] const std::shared_ptr<Worker>& worker() const override { return worker_; }
    [[nodiscard]] const Counters& counters() const { return counters_; }

    std::size_t send(std::span<const UdpMessage> messages) override {
        refusals_.forget_old();
        if (!send_rest()) return 0;
        Progress at;
        while (at.message < messages.size()) {
            fill(messages, at);
            if (step(messages, at)) continue;
            // Full. A message of which a part has gone is ours to end: the caller's next one may be another.
            if (at.offset > 0) keep_rest(messages[at.message++], at.offset);
            watch_->want(true, true);
            return at.message;
        }
        return messages.size();
    }

  private:
    struct Progress {
        std::size_t message = 0;
        std::size_t offset = 0;  // what has gone of it
        bool cut_here = false;   // its segmentation was refused

        void next_message() { *this = {message + 1, 0, false}; }
    };

    void fill(std::span<const UdpMessage> messages, const Progress& from) {
        batch_.clear();
        for (std::size_t i = from.message; i < messages.size() && !batch_.full(); ++i) {
            const UdpMessage& message = messages[i];
            const bool first = i == from.message;
            ByteView left = message.bytes.subspan(first ? from.offset : 0);
            if (message.segment == 0) {
                batch_.add(i, message.to, left, 0);
                continue;
            }
            const bool cut_here = (first && from.cut_here) || refusals_.remembers(message.to);
            const std::size_t segments =
                cut_here ? 1 : std::clamp<std::size_t>(kLargestSent / message.segment, 1, kMostSegments);
            while (!left.empty() && !batch_.full()) {
                ByteView piece = left.first(std::min(left.size(), segments * message.segment));
                batch_.add(i, message.to, piece, piece.size() > message.segment ? message.segment : std::uint16_t{0});
                left = left.subspan(piece.size());
            }
        }
    }

    // False when the socket is full.
    bool step(std::span<const UdpMessage> messages, Progress& at) {
        if (batch_.count() == 0) {  // nothing but empty messages
            at.message = messages.size();
            return true;
        }
        if (batch_.piece(0).message != at.message) at = {batch_.piece(0).message, 0, false};
        const int went = kernel_(descriptor_.get(), batch_.raw(), batch_.count());
        if (went > 0) {
            for (std::size_t i = 0; i < static_cast<std::size_t>(went); ++i) pass(messages, at, batch_.piece(i));
            return true;
        }
        if (errno == EINTR) return true;
        if (errno == EAGAIN) return false;
        const UdpMessage& refused = messages[at.message];
        if (batch_.piece(0).datagrams > 1 && refuses_segmentation(errno)) {
            add(counters_.segmentation_refused, 1);
            refusals_.note(refused.to);
            at.cut_here = true;
        } else {
            add(counters_.dropped, 1);
            at.next_message();
        }
        return true;
    }

    void pass(std::span<const UdpMessage> messages, Progress& at, const Batch::Piece& piece) {
        add(counters_.sent, piece.datagrams);
        add(counters_.sent_bytes, piece.size);
        if (piece.message != at.message) at = {piece.message, 0, false};
        at.offset += piece.size;
        if (at.offset >= messages[at.message].bytes.size()) at.next_message();
    }

    void keep_rest(const UdpMessage& message, std::size_t offset) {
        rest_ = message;
        rest_bytes_.assign(message.bytes.begin() + static_cast<std::ptrdiff_t>(offset), message.bytes.end());
    }

    bool send_rest() {
        if (rest_bytes_.empty()) return true;
        const UdpMessage message{rest_.to, rest_bytes_, rest_.segment};
        const std::span<const UdpMessage> only(&message, 1);
        Progress at;
        while (at.message == 0) {
            fill(only, at);
            if (step(only, at)) continue;
            rest_bytes_.erase(rest_bytes_.begin(), rest_bytes_.begin() + static_cast<std::ptrdiff_t>(at.offset));
            watch_->want(true, true);
            return false;
        }
        rest_bytes_.clear();
        return true;
    }

    void became_writable() {
        if (!send_rest()) return;
        watch_->want(true, false);
        for (std::size_t i = 0; i < handlers_.size(); ++i) handlers_[i]->writable();
    }

    void receive() {
        for (int batch = 0; batch < kBatchesATurn; ++batch) {
            std::array<mmsghdr, kReceived> raw{};
            std::array<iovec, kReceived> parts{};
            std::array<sockaddr_storage, kReceived> names;
            for (std::size_t i = 0; i < kReceived; ++i) {
                parts[i] = {received_[i].data(), received_[i].size()};
                raw[i].msg_hdr.msg_name = &names[i];
                raw[i].msg_hdr.msg_namelen = sizeof(names[i]);
                raw[i].msg_hdr.msg_iov = &parts[i];
                raw[i].msg_hdr.msg_iovlen = 1;
            }
            const int count = ::recvmmsg(descriptor_.get(), raw.data(), kReceived, MSG_DONTWAIT, nullptr);
            for (int i = 0; i < count; ++i) {
                const auto at = static_cast<std::size_t>(i);
                add(counters_.received, 1);
                add(counters_.received_bytes, raw[at].msg_len);
                if ((raw[at].msg_hdr.msg_flags & MSG_TRUNC) != 0)
                    add(counters_.oversized, 1);
                else
                    hand_out(ByteView(received_[at]).first(raw[at].msg_len), SocketAddress::of(names[at]));
            }
            if (count < static_cast<int>(kReceived)) return;
        }
    }

    void hand_out(ByteView datagram, const SocketAddress& from) {
        for (std::size_t i = 0; i < handlers_.size(); ++i)
            if (handlers_[i]->received(datagram, from)) return;
    }

    static constexpr std::size_t kReceived = 32;

    const std::shared_ptr<Book::Claim> claim_;  // first, so that it goes last
    const std::shared_ptr<Worker> worker_;
    const std::function<int(int, mmsghdr*, unsigned)> kernel_;
    const Descriptor descriptor_;
    Counters counters_;
    Batch batch_;
    Refusals refusals_;
    UdpMessage rest_;   // where to, and how, the rest goes
    Bytes rest_bytes_;  // of a message that went in part
    std::array<std::array<std::uint8_t, kLargestReceived>, kReceived> received_{};
    std::vector<std::unique_ptr<UdpHandler>> handlers_;
    std::unique_ptr<Worker::Watch> watch_;
};

// ---- opening --------------------------------------------------------------------------------------------------------

struct Bound {
    Descriptor descriptor;
    int family = AF_INET6;
    std::uint16_t port = 0;
};

void set_option(int socket, int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof(value));
}

// Bound to the address, or no descriptor and errno.
Bound try_bind(int family, const ListenAddress& address, bool shared) {
    Bound bound{Descriptor(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), family};
    if (!bound.descriptor) return bound;
    const int socket = bound.descriptor.get();
    if (shared) set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1);
    if (family == AF_INET6) set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, address.host.empty() ? 0 : 1);
    sockaddr_storage raw{};
    SocketAddress at = SocketAddress::of(address.host, address.port);
    if (address.host.empty()) at.is_v6 = family == AF_INET6;
    socklen_t length = at.write(family, raw);
    if (::bind(socket, reinterpret_cast<sockaddr*>(&raw), length) != 0) return {};
    length = sizeof(raw);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&raw), &length);
    bound.port = SocketAddress::of(raw).port;
    return bound;
}

// One for each of `count` workers. The first is bound alone, so that another's port is never shared by mistake, and
// lets the others join it then.
Result<std::vector<Bound>> bind_all(ListenAddress address, std::size_t count) {
    const bool v4 = !address.host.empty() && address.host.find(':') == std::string::npos;
    std::vector<Bound> all;
    all.push_back(try_bind(v4 ? AF_INET : AF_INET6, address, false));
    if (!all.front().descriptor && address.host.empty() && is_without_ipv6(errno))
        all.front() = try_bind(AF_INET, address, false);
    if (!all.front().descriptor) return tl::unexpected(cannot_listen(address, errno));
    set_option(all.front().descriptor.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    address.port = all.front().port;
    while (all.size() < count) {
        all.push_back(try_bind(all.front().family, address, true));
        if (!all.back().descriptor) return tl::unexpected(cannot_listen(address, errno));
    }
    return all;
}

// What the kernel gives, as it was asked for: it doubles it for its own needs.
int granted(int socket, int option, int asked) {
    set_option(socket, SOL_SOCKET, option, asked);
    int given = 0;
    socklen_t length = sizeof(given);
    ::getsockopt(socket, SOL_SOCKET, option, &given, &length);
    return given / 2;
}

void size_buffers(const std::vector<Bound>& sockets, const UdpOptions& options) {
    std::string missing;
    for (const Bound& each : sockets) {
        const int receive = granted(each.descriptor.get(), SO_RCVBUF, options.receive_buffer);
        const int send = granted(each.descriptor.get(), SO_SNDBUF, options.send_buffer);
        missing.clear();
        if (receive < options.receive_buffer) missing += " net.core.rmem_max=" + std::to_string(options.receive_buffer);
        if (send < options.send_buffer) missing += " net.core.wmem_max=" + std::to_string(options.send_buffer);
    }
    if (!missing.empty())
        log_notice("UDP port " + std::to_string(sockets.front().port) +
                   ": the kernel grants smaller buffers than asked for, bursts may be lost; sysctl -w" + missing);
}

std::vector<std::shared_ptr<Worker>> some_workers(unsigned count) {
    auto workers = io_workers();
    if (count > 0 && count < workers.size()) workers.resize(count);
    return workers;
}

class Port : public UdpPort, public std::enable_shared_from_this<Port> {
  public:
    static Result<std::shared_ptr<Port>> open(const ListenAddress& address, const UdpOptions& options,
                                              std::shared_ptr<Book::Claim> claim) {
        auto port = std::make_shared<Port>(address.host, options.workers);
        auto bound = bind_all(address, port->workers_.size());
        if (!bound) return tl::unexpected(bound.error());
        size_buffers(*bound, options);
        port->port_ = bound->front().port;
        port->has_v6_ = bound->front().family == AF_INET6;
        if (!claim) {
            claim = std::make_shared<Book::Claim>(ListenAddress{address.host, port->port_}.text());
            Book::one().find_or_claim(claim->key());
        }
        for (std::size_t i = 0; i < port->workers_.size(); ++i)
            port->sockets_.push_back(std::make_shared<Socket>(std::move((*bound)[i].descriptor), (*bound)[i].family,
                                                              port->workers_[i], options, claim));
        for (const auto& socket : port->sockets_) socket->worker()->run([&] { socket->start(); });
        Book::one().fill(claim->key(), port);
        return port;
    }

    Port(std::string host, unsigned workers) : host_(std::move(host)), workers_(some_workers(workers)) {}
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    ~Port() override {
        for (auto& socket : sockets_) {
            const auto worker = socket->worker();
            auto close = [held = std::move(socket)]() mutable { held.reset(); };
            on_a_worker() ? worker->post(std::move(close)) : worker->run(std::move(close));
        }
    }

    std::unique_ptr<Attachment> attach(const MakeHandler& make) override {
        auto attachment = std::make_unique<Handlers>(shared_from_this());
        for (const auto& socket : sockets_)
            socket->worker()->run([&] { attachment->add(socket, socket->add_handler(make(*socket))); });
        return attachment;
    }

    [[nodiscard]] std::uint16_t port() const override { return port_; }
    [[nodiscard]] const std::string& host() const override { return host_; }
    [[nodiscard]] bool has_v6() const override { return has_v6_; }
    [[nodiscard]] const std::vector<std::shared_ptr<Worker>>& workers() const override { return workers_; }

    [[nodiscard]] UdpCounters counters() const override {
        UdpCounters sum;
        for (const auto& socket : sockets_) {
            const Counters& of = socket->counters();
            sum.received += of.received;
            sum.received_bytes += of.received_bytes;
            sum.sent += of.sent;
            sum.sent_bytes += of.sent_bytes;
            sum.segmentation_refused += of.segmentation_refused;
            sum.dropped += of.dropped;
            sum.oversized += of.oversized;
        }
        return sum;
    }

  private:
    class Handlers : public Attachment {
      public:
        explicit Handlers(std::shared_ptr<Port> port) : port_(std::move(port)) {}
        Handlers(const Handlers&) = delete;
        Handlers& operator=(const Handlers&) = delete;
        ~Handlers() override {
            for (auto& [socket, handler] : handlers_) {
                auto remove = [socket = socket, handler = handler] { socket->remove_handler(handler); };
                on_a_worker() ? socket->worker()->post(std::move(remove)) : socket->worker()->run(remove);
            }
        }
        void add(std::shared_ptr<Socket> socket, UdpHandler* handler) {
            handlers_.emplace_back(std::move(socket), handler);
        }

      private:
        const std::shared_ptr<Port> port_;
        std::vector<std::pair<std::shared_ptr<Socket>, UdpHandler*>> handlers_;
    };

    const std::string host_;
    std::uint16_t port_ = 0;
    bool has_v6_ = false;
    const std::vector<std::shared_ptr<Worker>> workers_;
    std::vector<std::shared_ptr<Socket>> sockets_;
};

}  // namespace

Result<std::shared_ptr<UdpPort>> UdpPort::at(const std::string& listen, const UdpOptions& options) {
    auto address = ListenAddress::parse(listen);
    if (!address) return tl::unexpected(address.error());
    std::shared_ptr<Book::Claim> claim;
    if (address->port != 0) {
        if (auto port = Book::one().find_or_claim(address->text())) return port;
        claim = std::make_shared<Book::Claim>(address->text());
    }
    auto port = Port::open(*address, options, std::move(claim));
    if (!port) return tl::unexpected(port.error());
    return *port;
}

}  // namespace millrace::net
