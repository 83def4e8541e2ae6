// SPDX-License-Identifier: LGPL-2.1-or-later
// Many light RTMP publishers in one thread: sends one FLV recording, in real time and over and over, to many paths, so
// that a bench measures the server and not its publishers. Knows just enough RTMP to be accepted; checks nothing else.
//
//     publishers CLIP.flv ADDRESS PORT APP COUNT SECONDS      publishes APP/b0 … APP/b(COUNT-1)
//
// Prints "ready" once all are accepted, and at the end one line of JSON.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Bytes = std::string;
using namespace std::chrono_literals;

constexpr std::size_t kChunkSize = 60000;  // what ffmpeg announces
constexpr std::size_t kHandshake = 1536;
constexpr std::size_t kMostUnsent = 4 << 20;  // a server this far behind has failed the bench

void put(Bytes& out, std::uint32_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint32_t get24(const char* at) {
    const auto* byte = reinterpret_cast<const std::uint8_t*>(at);
    return std::uint32_t{byte[0]} << 16 | std::uint32_t{byte[1]} << 8 | byte[2];
}

// -- the recording ---------------------------------------------------------------------------------------------------

struct Tag {
    std::uint8_t type;   // 8 audio, 9 video, 18 data: RTMP's message types too
    std::uint32_t time;  // ms from the start
    bool once;           // codec configuration and metadata: not sent again when the recording starts over
    Bytes body;
};

struct Recording {
    std::vector<Tag> tags;
    std::uint32_t length = 0;  // ms
};

bool is_configuration(std::uint8_t type, const Bytes& body) {
    return type == 18 || (body.size() > 1 && body[1] == 0);  // AVCPacketType / AACPacketType 0 (FLV E.4)
}

Recording read_flv(const char* name) {
    std::ifstream file(name, std::ios::binary);
    const Bytes data((std::istreambuf_iterator<char>(file)), {});
    Recording recording;
    constexpr std::size_t kFileHeader = 9 + 4, kTagHeader = 11, kTrailer = 4;
    for (std::size_t at = kFileHeader; at + kTagHeader <= data.size();) {
        const std::uint32_t size = get24(&data[at + 1]);
        if (at + kTagHeader + size > data.size()) break;
        const auto type = static_cast<std::uint8_t>(data[at]);
        const std::uint32_t time = get24(&data[at + 4]) | std::uint32_t{static_cast<std::uint8_t>(data[at + 7])} << 24;
        Bytes body = data.substr(at + kTagHeader, size);
        const bool once = is_configuration(type, body);
        if (type == 18) body.insert(0, Bytes("\x02\x00\x0d@setDataFrame", 16));
        if (!body.empty()) recording.tags.push_back({type, time, once, std::move(body)});
        recording.length = std::max(recording.length, time);
        at += kTagHeader + size + kTrailer;
    }
    recording.length += 33;  // the last frame's duration, so that the second round does not start on top of it
    return recording;
}

// -- RTMP, the little a publisher says -------------------------------------------------------------------------------

void append_message(Bytes& out, int chunk_stream, std::uint8_t type, std::uint32_t stream, std::uint32_t time,
                    std::string_view body) {
    const bool extended = time >= 0xFFFFFF;
    out.push_back(static_cast<char>(chunk_stream));
    put(out, extended ? 0xFFFFFF : time, 3);
    put(out, static_cast<std::uint32_t>(body.size()), 3);
    out.push_back(static_cast<char>(type));
    for (int byte = 0; byte < 4; ++byte) out.push_back(static_cast<char>(stream >> (8 * byte)));  // little endian
    if (extended) put(out, time, 4);
    for (std::size_t at = 0; at < body.size(); at += kChunkSize) {
        if (at > 0) {
            out.push_back(static_cast<char>(0xC0 | chunk_stream));
            if (extended) put(out, time, 4);
        }
        out.append(body.substr(at, kChunkSize));
    }
}

Bytes amf_string(std::string_view text) {
    Bytes out(1, '\x02');
    put(out, static_cast<std::uint32_t>(text.size()), 2);
    return out.append(text);
}

Bytes amf_number(double value) {
    Bytes out(1, '\0');
    std::uint64_t bits;
    static_assert(sizeof bits == sizeof value);
    __builtin_memcpy(&bits, &value, sizeof bits);
    put(out, static_cast<std::uint32_t>(bits >> 32), 4);
    put(out, static_cast<std::uint32_t>(bits), 4);
    return out;
}

Bytes amf_property(std::string_view name, const Bytes& value) {
    return amf_string(name).substr(1) + value;
}

constexpr std::string_view kNull("\x05", 1);
constexpr std::string_view kObjectEnd("\0\0\x09", 3);

// Everything up to `publish` in one go: a server handles a connection's commands in order, so nothing need be awaited.
Bytes opening(const std::string& address, const std::string& app, const std::string& name) {
    Bytes out, size;
    put(size, kChunkSize, 4);
    append_message(out, 2, 1, 0, 0, size);  // set chunk size
    const Bytes connect = amf_string("connect") + amf_number(1) + '\x03' + amf_property("app", amf_string(app)) +
                          amf_property("type", amf_string("nonprivate")) +
                          amf_property("flashVer", amf_string("FMLE/3.0 (compatible; bench)")) +
                          amf_property("tcUrl", amf_string("rtmp://" + address + "/" + app)) + Bytes(kObjectEnd);
    append_message(out, 3, 20, 0, 0, connect);
    const Bytes null(kNull);
    append_message(out, 3, 20, 0, 0, amf_string("releaseStream") + amf_number(2) + null + amf_string(name));
    append_message(out, 3, 20, 0, 0, amf_string("FCPublish") + amf_number(3) + null + amf_string(name));
    append_message(out, 3, 20, 0, 0, amf_string("createStream") + amf_number(4) + null);
    append_message(out, 4, 20, 1, 0,
                   amf_string("publish") + amf_number(5) + null + amf_string(name) + amf_string("live"));
    return out;
}

// -- one publisher ---------------------------------------------------------------------------------------------------

enum class State { handshaking, waiting, publishing, failed };

class Publisher {
  public:
    Publisher(int socket, Bytes first_commands, const Recording& recording)
        : socket_(socket),
          recording_(recording),
          unsent_(Bytes(1, '\x03') + Bytes(kHandshake, '\0')),
          commands_(std::move(first_commands)) {}
    ~Publisher() { close(socket_); }
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] int socket() const { return socket_; }
    [[nodiscard]] std::uint64_t sent() const { return sent_; }

    void on_readable() {
        std::array<char, 16384> buffer;
        for (;;) {
            const ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
            if (count == 0 || (count < 0 && errno != EAGAIN)) state_ = State::failed;
            if (count <= 0) return;
            received_.append(buffer.data(), static_cast<std::size_t>(count));
            understand();
        }
    }

    // Sends every tag that is due by `now`.
    void advance(Clock::time_point now) {
        if (state_ == State::publishing) {
            while (due(next_) <= now) send_next();
        }
        flush();
    }

    void start(Clock::time_point at) { started_ = at; }

  private:
    void understand() {
        if (state_ == State::handshaking && received_.size() >= 1 + 2 * kHandshake) {  // S0 S1 S2
            unsent_ += received_.substr(1, kHandshake) + commands_;                    // C2 repeats S1
            received_.erase(0, 1 + 2 * kHandshake);
            state_ = State::waiting;
            flush();
        }
        if (state_ == State::waiting && received_.find("NetStream.Publish.Start") != Bytes::npos) {
            state_ = State::publishing;
        }
        if (state_ == State::publishing) received_.clear();  // acknowledgements and pings
    }

    [[nodiscard]] Clock::time_point due(std::size_t tag) const {
        return started_ + std::chrono::milliseconds(round_ * recording_.length + recording_.tags[tag].time);
    }

    void send_next() {
        const Tag& tag = recording_.tags[next_];
        if (round_ == 0 || !tag.once) {
            const int chunk_stream = tag.type == 9 ? 6 : 4;
            const auto time = static_cast<std::uint32_t>(round_ * recording_.length + tag.time);
            append_message(unsent_, chunk_stream, tag.type, 1, time, tag.body);
        }
        if (++next_ == recording_.tags.size()) {
            next_ = 0;
            ++round_;
        }
    }

    void flush() {
        while (!unsent_.empty()) {
            const ssize_t count = send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
            if (count < 0) {
                if (errno != EAGAIN || unsent_.size() > kMostUnsent) state_ = State::failed;
                return;
            }
            sent_ += static_cast<std::uint64_t>(count);
            unsent_.erase(0, static_cast<std::size_t>(count));
        }
    }

    int socket_;
    const Recording& recording_;
    State state_ = State::handshaking;
    Bytes unsent_, received_, commands_;
    std::size_t next_ = 0;
    std::uint64_t round_ = 0, sent_ = 0;
    Clock::time_point started_;
};

int connect_to(const char* address, int port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, address, &to.sin_addr);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
        std::perror("connect");
        std::exit(1);
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

std::size_t count_in(const std::vector<std::unique_ptr<Publisher>>& all, State state) {
    std::size_t count = 0;
    for (const auto& publisher : all) count += publisher->state() == state;
    return count;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 7) {
        std::fprintf(stderr, "Usage: publishers CLIP.flv ADDRESS PORT APP COUNT SECONDS\n");
        return 2;
    }
    const Recording recording = read_flv(argv[1]);
    if (recording.tags.empty()) {
        std::fprintf(stderr, "%s: no FLV tags in it\n", argv[1]);
        return 1;
    }
    const std::string address = argv[2], app = argv[4];
    const int port = std::atoi(argv[3]), count = std::atoi(argv[5]);
    const auto length = std::chrono::seconds(std::atoi(argv[6]));

    const int poll = epoll_create1(EPOLL_CLOEXEC);
    std::vector<std::unique_ptr<Publisher>> publishers;
    const auto begin = Clock::now();
    for (int index = 0; index < count; ++index) {
        const int fd = connect_to(address.c_str(), port);
        publishers.push_back(
            std::make_unique<Publisher>(fd, opening(address, app, "b" + std::to_string(index)), recording));
        publishers.back()->start(begin + index * 1000ms / count);  // spread over a second: no common key-frame burst
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = publishers.back().get();
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    }

    bool ready = false;
    std::array<epoll_event, 256> events;
    while (Clock::now() < begin + length) {
        const int found = epoll_wait(poll, events.data(), static_cast<int>(events.size()), 5);
        for (int index = 0; index < found; ++index) {
            auto* publisher = static_cast<Publisher*>(events[static_cast<std::size_t>(index)].data.ptr);
            publisher->on_readable();
            if (publisher->state() == State::failed) epoll_ctl(poll, EPOLL_CTL_DEL, publisher->socket(), nullptr);
        }
        const auto now = Clock::now();
        for (const auto& publisher : publishers) {
            if (publisher->state() != State::failed) publisher->advance(now);
        }
        if (!ready && count_in(publishers, State::publishing) == publishers.size()) {
            ready = true;
            std::puts("ready");
            std::fflush(stdout);
        }
    }
    std::uint64_t sent = 0;
    for (const auto& publisher : publishers) sent += publisher->sent();
    std::printf("{\"publishers\": %d, \"publishing\": %zu, \"failed\": %zu, \"bytes\": %llu}\n", count,
                count_in(publishers, State::publishing), count_in(publishers, State::failed),
                static_cast<unsigned long long>(sent));
    return count_in(publishers, State::publishing) == publishers.size() ? 0 : 1;
}
