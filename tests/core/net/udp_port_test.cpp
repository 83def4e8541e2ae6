// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/udp_port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "client.hpp"
#include "common/net/descriptor.hpp"
#include "udp_client.hpp"

namespace millrace::net {
namespace {

using test::eventually;
using test::UdpClient;
using testing::HasSubstr;

// What the handlers of one port saw. Outlives them.
struct Seen {
    std::mutex mutex;
    std::map<std::string, std::set<UdpSocket*>> sockets;  // by what was sent
    std::map<std::string, SocketAddress> from;
    std::atomic<int> received{0};
    std::atomic<int> writable{0};
    std::atomic<int> wrong_thread{0};
    std::vector<UdpSocket*> all;

    SocketAddress sender_of(const std::string& text) {
        std::lock_guard lock(mutex);
        return from[text];
    }
};

class Handler : public UdpHandler {
  public:
    Handler(Seen& seen, UdpSocket& socket, std::string takes) : seen_(seen), socket_(socket), takes_(std::move(takes)) {
        std::lock_guard lock(seen_.mutex);
        seen_.all.push_back(&socket);
    }
    bool received(ByteView datagram, const SocketAddress& from) override {
        if (!socket_.worker()->is_current()) ++seen_.wrong_thread;
        if (!as_text(datagram).starts_with(takes_)) return false;
        std::lock_guard lock(seen_.mutex);
        const std::string text(as_text(datagram));
        seen_.sockets[text].insert(&socket_);
        seen_.from[text] = from;
        ++seen_.received;
        return true;
    }
    void writable() override { ++seen_.writable; }

  private:
    Seen& seen_;
    UdpSocket& socket_;
    const std::string takes_;
};

class UdpPortTest : public testing::Test {
  protected:
    void open(const std::string& at = "127.0.0.1:0", const UdpOptions& options = {}) {
        auto port = UdpPort::at(at, options);
        ASSERT_TRUE(port) << port.error().what;
        port_ = *port;
        attachment_ = attach(seen_);
    }
    std::unique_ptr<UdpPort::Attachment> attach(Seen& seen, const std::string& takes = "") {
        return port_->attach([&](UdpSocket& socket) { return std::make_unique<Handler>(seen, socket, takes); });
    }
    std::size_t send(const std::vector<UdpMessage>& messages) {
        std::size_t went = 0;
        UdpSocket* socket = seen_.all.front();
        socket->worker()->run([&] { went = socket->send(messages); });
        return went;
    }

    Seen seen_;
    std::shared_ptr<UdpPort> port_;
    std::unique_ptr<UdpPort::Attachment> attachment_;
};

Bytes counting(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
    return bytes;
}

// What `segment` makes of the bytes.
std::vector<Bytes> cut(const Bytes& bytes, std::size_t segment) {
    std::vector<Bytes> pieces;
    for (std::size_t at = 0; at < bytes.size(); at += segment)
        pieces.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                            bytes.begin() + static_cast<std::ptrdiff_t>(std::min(at + segment, bytes.size())));
    return pieces;
}

TEST_F(UdpPortTest, DatagramsOfAClientArriveOnOneWorkerAndNeverMove) {
    open();
    std::vector<std::unique_ptr<UdpClient>> clients;
    for (int i = 0; i < 64; ++i) clients.push_back(std::make_unique<UdpClient>());
    for (int round = 1; round <= 5; ++round) {
        for (std::size_t i = 0; i < clients.size(); ++i) clients[i]->send(port_->port(), std::to_string(i));
        ASSERT_TRUE(eventually([&] { return seen_.received == 64 * round; }));
    }
    std::set<UdpSocket*> used;
    for (const auto& [text, sockets] : seen_.sockets) {
        EXPECT_EQ(sockets.size(), 1U) << text;
        used.insert(sockets.begin(), sockets.end());
    }
    EXPECT_EQ(used.size(), port_->workers().size());
    EXPECT_EQ(seen_.wrong_thread, 0);
    EXPECT_EQ(port_->counters().received, 320U);
}

TEST_F(UdpPortTest, ARunArrivesAsItsSegmentsTheLastOneShorter) {
    open();
    UdpClient client;
    const Bytes run = counting(8 * 1200 + 77);
    EXPECT_EQ(send({{client.address(), run, 1200}}), 1U);
    EXPECT_EQ(client.receive(9), cut(run, 1200));
    EXPECT_EQ(port_->counters().sent, 9U);
    EXPECT_EQ(port_->counters().sent_bytes, run.size());
    EXPECT_EQ(port_->counters().segmentation_refused, 0U);
}

TEST_F(UdpPortTest, ALongRunIsSentAsSeveral) {
    open();
    UdpClient client;
    const Bytes many = counting(150 * 100 + 1);    // more segments than the kernel takes
    const Bytes large = counting(80 * 1200 + 11);  // more bytes than a datagram's length can say
    EXPECT_EQ(send({{client.address(), many, 100}}), 1U);
    EXPECT_TRUE(client.receive(151) == cut(many, 100));
    EXPECT_EQ(send({{client.address(), large, 1200}}), 1U);
    EXPECT_TRUE(client.receive(81) == cut(large, 1200));
}

TEST_F(UdpPortTest, WhereSegmentationIsRefusedTheSameDatagramsArriveAndItIsRemembered) {
    open();
    // The kernel refuses to segment what has no checksum.
    const int no = 1;
    for (int descriptor : test::udp_descriptors_at(port_->port()))
        ASSERT_EQ(::setsockopt(descriptor, SOL_SOCKET, SO_NO_CHECK, &no, sizeof(no)), 0);
    UdpClient client;
    UdpClient other;
    const Bytes run = counting(4 * 1200 + 5);
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(send({{other.address(), ByteView(run).first(9), 0}, {client.address(), run, 1200}}), 2U);
        EXPECT_EQ(client.receive(5), cut(run, 1200));
        EXPECT_EQ(other.receive(1).front().size(), 9U);
    }
    EXPECT_EQ(port_->counters().segmentation_refused, 3U);
    EXPECT_EQ(port_->counters().dropped, 0U);
}

// Takes as many messages as it is told, then is full.
struct Valve {
    std::atomic<int> room{0};
    std::atomic<bool> cuts{false};
    int operator()(int socket, mmsghdr* messages, unsigned count) {
        if (cuts && messages[0].msg_hdr.msg_control != nullptr) {
            errno = EIO;
            return -1;
        }
        const unsigned fits = std::min(count, static_cast<unsigned>(room.load()));
        if (fits == 0) {
            errno = EAGAIN;
            return -1;
        }
        const int went = ::sendmmsg(socket, messages, fits, 0);
        room -= std::max(went, 0);
        return went;
    }
};

TEST_F(UdpPortTest, AFullSocketSaysHowManyWentAndThenThatItIsWritable) {
    Valve valve;
    open("127.0.0.1:0", {.send = std::ref(valve)});
    UdpClient client;
    const Bytes bytes = counting(100);
    valve.room = 2;
    EXPECT_EQ(send(std::vector<UdpMessage>(5, {client.address(), bytes, 0})), 2U);
    EXPECT_TRUE(eventually([&] { return seen_.writable > 0; }));
    EXPECT_EQ(send({{client.address(), bytes, 0}}), 0U);
    valve.room = 10;
    EXPECT_EQ(send(std::vector<UdpMessage>(3, {client.address(), bytes, 0})), 3U);
    EXPECT_EQ(client.receive(5).size(), 5U);
}

TEST_F(UdpPortTest, TheRestOfAMessageThatWentInPartIsSentFirst) {
    Valve valve;
    valve.cuts = true;
    open("127.0.0.1:0", {.send = std::ref(valve)});
    UdpClient client;
    Bytes run = counting(5 * 200);
    const Bytes next = counting(50);
    valve.room = 2;
    EXPECT_EQ(send({{client.address(), run, 200}, {client.address(), next, 0}}), 1U);
    auto expected = cut(run, 200);
    run.assign(run.size(), 0);  // the caller's again
    EXPECT_EQ(send({{client.address(), next, 0}}), 0U);
    valve.room = 10;
    EXPECT_TRUE(eventually([&] { return seen_.writable > 0; }));
    EXPECT_EQ(send({{client.address(), next, 0}}), 1U);
    expected.push_back(next);
    EXPECT_EQ(client.receive(6), expected);
}

TEST_F(UdpPortTest, ARefusedDestinationDoesNotStopTheOthers) {
    open();
    UdpClient client;
    const Bytes bytes = counting(100);
    const Bytes too_large = counting(70'000);
    const auto broadcast = SocketAddress::of("255.255.255.255", 9);
    const auto v6 = SocketAddress::of("::1", 9);
    EXPECT_EQ(send({{broadcast, bytes, 0},
                    {client.address(), bytes, 0},
                    {broadcast, bytes, 10},
                    {client.address(), too_large, 0},
                    {v6, bytes, 0},
                    {client.address(), bytes, 60}}),
              6U);
    EXPECT_EQ(client.receive(3), (std::vector<Bytes>{bytes, cut(bytes, 60)[0], cut(bytes, 60)[1]}));
    EXPECT_EQ(port_->counters().dropped, 4U);
}

TEST_F(UdpPortTest, NobodyThereDoesNotStopTheOthers) {
    open();
    const SocketAddress nobody = UdpClient().address();
    UdpClient client;
    const Bytes bytes = counting(100);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(send({{nobody, bytes, 0}, {client.address(), bytes, 0}}), 2U);
    EXPECT_EQ(client.receive(3).size(), 3U);
}

TEST_F(UdpPortTest, EveryAddressIsBothFamilies) {
    open("[::]:0");
    if (!port_->has_v6()) GTEST_SKIP() << "no IPv6 here";
    UdpClient v4;
    UdpClient v6(AF_INET6);
    v4.send(port_->port(), "four");
    v6.send(port_->port(), "six");
    ASSERT_TRUE(eventually([&] { return seen_.received == 2; }));
    EXPECT_EQ(seen_.sender_of("four"), v4.address());
    EXPECT_EQ(seen_.sender_of("four").text(), "127.0.0.1:" + std::to_string(v4.address().port));
    EXPECT_EQ(seen_.sender_of("six"), v6.address());
    const Bytes run = counting(2500);
    EXPECT_EQ(send({{v4.address(), run, 1000}, {v6.address(), run, 1000}}), 2U);
    EXPECT_EQ(v4.receive(3), cut(run, 1000));
    EXPECT_EQ(v6.receive(3), cut(run, 1000));
}

TEST_F(UdpPortTest, TwoUsersShareAPortAndItEndsWithTheLast) {
    open();
    const std::string at = "127.0.0.1:" + std::to_string(port_->port());
    auto again = UdpPort::at(at);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, port_);
    attachment_.reset();
    Seen second;
    auto a = attach(seen_, "a");
    auto b = attach(second, "b");
    UdpClient client;
    client.send(port_->port(), "a1");
    client.send(port_->port(), "b1");
    client.send(port_->port(), "c1");
    client.send(port_->port(), "a2");
    ASSERT_TRUE(eventually([&] { return seen_.received == 2 && second.received == 1; }));
    a.reset();
    b.reset();
    client.send(port_->port(), "a3");
    again->reset();
    port_.reset();
    EXPECT_TRUE(test::bindable(at));
    EXPECT_EQ(seen_.received, 2);
    open(at);  // and can be had again
}

TEST_F(UdpPortTest, APortThatAnotherHasIsRefusedByName) {
    for (int shares : {0, 1}) {
        UdpClient owner(AF_INET, shares);
        const std::string at = owner.address().text();
        auto refused = UdpPort::at(at);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().fault, Fault::no_resource);
        EXPECT_THAT(refused.error().what, HasSubstr(at));
        EXPECT_THAT(refused.error().what, HasSubstr("in use"));
        EXPECT_FALSE(UdpPort::at(":" + std::to_string(owner.address().port)));
    }
    open();
    EXPECT_FALSE(test::bindable("127.0.0.1:" + std::to_string(port_->port())));
}

TEST_F(UdpPortTest, BadAddressesAreErrors) {
    EXPECT_EQ(UdpPort::at("nowhere").error().fault, Fault::bad_input);
    EXPECT_THAT(UdpPort::at("192.0.2.77:0").error().what, HasSubstr("no such address"));
}

TEST_F(UdpPortTest, OversizedDatagramsAreCountedAndDropped) {
    open();
    UdpClient client;
    client.send(port_->port(), std::string(3000, 'x'));
    client.send(port_->port(), "small");
    ASSERT_TRUE(eventually([&] { return seen_.received == 1; }));
    EXPECT_EQ(port_->counters().oversized, 1U);
}

TEST_F(UdpPortTest, ItMayEndWhileDatagramsPourIn) {
    for (int round = 0; round < 10; ++round) {
        const int before = seen_.received;
        open();
        const auto port = port_->port();
        std::atomic<bool> enough{false};
        std::thread pouring([&] {
            UdpClient client;
            while (!enough) client.send(port, "x");
        });
        EXPECT_TRUE(eventually([&] { return seen_.received > before; }));
        attachment_.reset();
        port_.reset();
        enough = true;
        pouring.join();
    }
}

TEST(MachineAddresses, AreNamedAndLoopbackOnlyWhenAskedFor) {
    auto all = machine_addresses(true);
    EXPECT_THAT(all, testing::Contains(SocketAddress::of("127.0.0.1", 0)));
    auto outside = machine_addresses();
    ASSERT_FALSE(outside.empty());
    for (const auto& address : outside) EXPECT_FALSE(address.host().starts_with("fe80")) << address.host();
}

}  // namespace
}  // namespace millrace::net
