// SPDX-License-Identifier: LGPL-2.1-or-later
// Many light HLS viewers in one thread, so that a bench measures the server and not its viewers. Speaks HTTP/1.1 with
// keep-alive and Content-Length; reads of a playlist only what it needs to ask for the next part. Judges nothing.
//
//     viewers play  ADDRESS PORT PLAYLIST COUNT SECONDS          blocking reloads, and every new part
//     viewers poll  ADDRESS PORT PLAYLIST COUNT SECONDS MS       the same requests every MS, blocking nothing
//     viewers fetch ADDRESS PORT FILE     COUNT SECONDS          one file, again as soon as it came
//
// Prints "ready" once every viewer has been answered once, counts from there, and prints one line of JSON. `wake` is
// how much later than the first viewer each one had the first byte of the same playlist.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Position = std::pair<std::uint64_t, std::uint64_t>;  // MSN, part index

// -- what all viewers count together ---------------------------------------------------------------------------------

struct Count {
    std::uint64_t reloads = 0, files = 0, bytes = 0, errors = 0;
    std::vector<std::pair<Position, Clock::time_point>> arrivals;  // of blocking reloads
};

// -- playlists -------------------------------------------------------------------------------------------------------

struct Playlist {
    Position next;          // what to ask for
    std::string last_part;  // URI, relative to the playlist
};

std::string gunzip(std::string_view data) {
    z_stream stream{};
    inflateInit2(&stream, 16 + MAX_WBITS);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    std::string text;
    std::array<char, 16384> buffer;
    int result = Z_OK;
    while (result == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream.avail_out = buffer.size();
        result = inflate(&stream, Z_NO_FLUSH);
        text.append(buffer.data(), buffer.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    return text;
}

Playlist read_playlist(std::string_view text) {
    Playlist playlist;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.rfind("#EXT-X-MEDIA-SEQUENCE:", 0) == 0) {
            playlist.next.first = std::strtoull(line.data() + 22, nullptr, 10);
        } else if (line.rfind("#EXT-X-PART:", 0) == 0) {
            const std::size_t uri = line.find("URI=\"") + 5;
            playlist.last_part = line.substr(uri, line.find('"', uri) - uri);
            ++playlist.next.second;
        } else if (!line.empty() && line[0] != '#') {
            playlist.next = {playlist.next.first + 1, 0};
        }
    }
    return playlist;
}

// Viewers get the same bytes at about the same time: parsed once.
const Playlist& parse(const std::string& body, bool compressed) {
    static std::string last;
    static Playlist playlist;
    if (body != last) {
        playlist = read_playlist(compressed ? gunzip(body) : body);
        last = body;
    }
    return playlist;
}

// -- one connection --------------------------------------------------------------------------------------------------

struct Server {
    std::string address;
    int port;
};

class Connection {
  public:
    struct Answer {
        int status;  // 0 = the server ended the connection
        bool compressed;
        const std::string& body;
        Clock::time_point first_byte;
    };
    using Handler = std::function<void(const Answer&)>;

    Connection(int poll, const Server& server, Handler handler)
        : handler_(std::move(handler)), server_(server), poll_(poll) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(server.port));
        inet_pton(AF_INET, server.address.c_str(), &to.sin_addr);
        socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (socket_ < 0 || connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
            std::perror("connect");
            std::exit(1);
        }
        const int on = 1;
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = this;
        epoll_ctl(poll, EPOLL_CTL_ADD, socket_, &event);
    }
    ~Connection() { close(socket_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] bool busy() const { return busy_; }

    void get(const std::string& target, bool gzip) {
        if (broken_) return;
        const std::string request = "GET " + target + " HTTP/1.1\r\nHost: " + server_.address + "\r\n" +
                                    (gzip ? "Accept-Encoding: gzip\r\n\r\n" : "\r\n");
        busy_ = send(socket_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
        if (!busy_) end();
    }

    void on_readable() {
        static std::array<char, 1 << 18> buffer;
        for (;;) {
            const ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
            if (count == 0 || (count < 0 && errno != EAGAIN)) end();
            if (count <= 0) return;
            if (received_.empty()) first_byte_ = Clock::now();
            received_.append(buffer.data(), static_cast<std::size_t>(count));
            answer_if_whole();
        }
    }

  private:
    void end() {
        if (std::exchange(broken_, true)) return;
        busy_ = false;
        shutdown(socket_, SHUT_RDWR);
        epoll_ctl(poll_, EPOLL_CTL_DEL, socket_, nullptr);
        handler_({0, false, body_, Clock::now()});
    }

    void answer_if_whole() {
        if (!head_length_) read_head();
        if (!head_length_ || received_.size() < head_length_ + body_length_) return;
        body_ = received_.substr(head_length_, body_length_);
        received_.clear();
        head_length_ = 0;
        busy_ = false;
        handler_({status_, compressed_, body_, first_byte_});
    }

    void read_head() {
        const std::size_t end = received_.find("\r\n\r\n");
        if (end == std::string::npos) return;
        head_length_ = end + 4;
        std::string head = received_.substr(0, end);
        std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
        const std::size_t length = head.find("\r\ncontent-length:");
        status_ = std::atoi(head.c_str() + 9);
        body_length_ = length == std::string::npos ? 0 : std::strtoull(head.c_str() + length + 17, nullptr, 10);
        compressed_ = head.find("\r\ncontent-encoding: gzip") != std::string::npos;
    }

    Handler handler_;
    const Server& server_;
    int poll_, socket_;
    bool busy_ = false, broken_ = false, compressed_ = false;
    int status_ = 0;
    std::size_t head_length_ = 0, body_length_ = 0;
    std::string received_, body_;
    Clock::time_point first_byte_;
};

// -- viewers ---------------------------------------------------------------------------------------------------------

// First every viewer joins, with one request on each of its connections; when all have been answered, all start. So the
// measure is that of viewers who are there, not of a server that is busy with some while others still knock.
class Viewer {
  public:
    virtual ~Viewer() = default;
    virtual void join() = 0;
    virtual void start() = 0;
    virtual void tick(Clock::time_point) {}
    [[nodiscard]] bool joined() const { return unanswered_ == 0; }

  protected:
    explicit Viewer(int connections) : unanswered_(connections) {}
    int unanswered_;
};

// Follows a playlist as an LL-HLS player does; with an interval it asks again and again instead of blocking.
class Player : public Viewer {
  public:
    Player(int poll, const Server& server, std::string playlist, Count& count, std::optional<Clock::duration> interval,
           Clock::duration offset)
        : Viewer(2),
          playlist_(std::move(playlist)),
          folder_(playlist_.substr(0, playlist_.rfind('/') + 1)),
          interval_(interval),
          offset_(offset),
          count_(count),
          reload_(poll, server, [this](const auto& answer) { on_playlist(answer); }),
          media_(poll, server, [this](const auto& answer) { on_part(answer); }) {}

    void join() override {
        reload_.get(playlist_, true);
        media_.get(playlist_, true);
    }

    void start() override {
        due_ = Clock::now() + offset_;
        if (!interval_) reload_.get(playlist_, true);
    }

    void tick(Clock::time_point now) override {
        if (!interval_ || now < due_ || reload_.busy()) return;
        due_ = std::max(due_, now - *interval_) + *interval_;
        reload_.get(playlist_, true);
    }

  private:
    void on_playlist(const Connection::Answer& answer) {
        count_.errors += answer.status != 200;
        if (unanswered_ > 0) {
            --unanswered_;
            return;
        }
        if (answer.status != 200) {
            if (!interval_) reload_.get(playlist_, true);
            return;
        }
        const Playlist& playlist = parse(answer.body, answer.compressed);
        ++count_.reloads;
        count_.bytes += answer.body.size();
        if (!media_.busy() && !playlist.last_part.empty()) media_.get(folder_ + playlist.last_part, false);
        if (interval_) return;
        const auto [msn, part] = playlist.next;
        if (reloaded_) count_.arrivals.emplace_back(playlist.next, answer.first_byte);
        reloaded_ = true;
        reload_.get(playlist_ + "?_HLS_msn=" + std::to_string(msn) + "&_HLS_part=" + std::to_string(part), true);
    }

    void on_part(const Connection::Answer& answer) {
        count_.errors += answer.status != 200;
        if (unanswered_ > 0) {
            --unanswered_;
            return;
        }
        if (answer.status != 200) return;
        ++count_.files;
        count_.bytes += answer.body.size();
    }

    std::string playlist_, folder_;
    std::optional<Clock::duration> interval_;
    Clock::duration offset_;
    Clock::time_point due_;
    bool reloaded_ = false;  // the next answer is one to a blocking reload
    Count& count_;
    Connection reload_, media_;
};

class Fetcher : public Viewer {
  public:
    Fetcher(int poll, const Server& server, std::string file, Count& count)
        : Viewer(1),
          file_(std::move(file)),
          count_(count),
          connection_(poll, server, [this](const auto& answer) { on_file(answer); }) {}

    void join() override { connection_.get(file_, false); }
    void start() override { connection_.get(file_, false); }

  private:
    void on_file(const Connection::Answer& answer) {
        count_.errors += answer.status != 200;
        if (unanswered_ > 0) {
            --unanswered_;
            return;
        }
        if (answer.status == 200) ++count_.files;
        count_.bytes += answer.body.size();
        connection_.get(file_, false);
    }

    std::string file_;
    Count& count_;
    Connection connection_;
};

// -- the run ---------------------------------------------------------------------------------------------------------

struct Percentiles {
    double p50 = 0, p99 = 0;
};

// How much later than the first to get it each viewer got a playlist, in ms.
Percentiles wakes(const Count& count) {
    std::map<Position, Clock::time_point> first;
    for (const auto& [position, time] : count.arrivals) {
        const auto [at, fresh] = first.emplace(position, time);
        if (!fresh) at->second = std::min(at->second, time);
    }
    std::vector<double> late;
    for (const auto& [position, time] : count.arrivals) {
        late.push_back(std::chrono::duration<double, std::milli>(time - first[position]).count());
    }
    if (late.empty()) return {};
    std::sort(late.begin(), late.end());
    return {late[late.size() / 2], late[late.size() * 99 / 100]};
}

void report(const Count& count, std::size_t viewers, double seconds) {
    const Percentiles wake = wakes(count);
    std::printf(
        "{\"viewers\": %zu, \"seconds\": %.2f, \"reloads\": %llu, \"files\": %llu, \"per_second\": %.0f, "
        "\"bytes\": %llu, \"errors\": %llu, \"wake_p50_ms\": %.2f, \"wake_p99_ms\": %.2f}\n",
        viewers, seconds, static_cast<unsigned long long>(count.reloads), static_cast<unsigned long long>(count.files),
        static_cast<double>(count.reloads + count.files) / seconds, static_cast<unsigned long long>(count.bytes),
        static_cast<unsigned long long>(count.errors), wake.p50, wake.p99);
}

void serve_events(int poll) {
    std::array<epoll_event, 512> events;
    const int found = epoll_wait(poll, events.data(), static_cast<int>(events.size()), 5);
    for (int index = 0; index < found; ++index) {
        static_cast<Connection*>(events[static_cast<std::size_t>(index)].data.ptr)->on_readable();
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    if (argc < 7 || (mode == "poll" && argc < 8) || (mode != "play" && mode != "poll" && mode != "fetch")) {
        std::fprintf(stderr, "Usage: viewers play|poll|fetch ADDRESS PORT TARGET COUNT SECONDS [MS]\n");
        return 2;
    }
    const Server server{argv[2], std::atoi(argv[3])};
    const int viewers_wanted = std::atoi(argv[5]);
    const auto length = std::chrono::seconds(std::atoi(argv[6]));
    std::optional<Clock::duration> interval;
    if (mode == "poll") interval = std::chrono::milliseconds(std::atoi(argv[7]));

    const int poll = epoll_create1(EPOLL_CLOEXEC);
    Count count;
    std::vector<std::unique_ptr<Viewer>> viewers;
    for (int index = 0; index < viewers_wanted; ++index) {
        if (mode == "fetch") {
            viewers.push_back(std::make_unique<Fetcher>(poll, server, argv[4], count));
        } else {
            const auto offset = interval.value_or(Clock::duration::zero()) * index / viewers_wanted;
            viewers.push_back(std::make_unique<Player>(poll, server, argv[4], count, interval, offset));
        }
        viewers.back()->join();
        if (index % 64 == 63) serve_events(poll);
    }
    const auto joined = [](const auto& viewer) { return viewer->joined(); };
    const auto give_up = Clock::now() + std::chrono::seconds(60);
    while (!std::all_of(viewers.begin(), viewers.end(), joined)) {
        serve_events(poll);
        if (Clock::now() > give_up) {
            const auto count_joined = std::count_if(viewers.begin(), viewers.end(), joined);
            std::fprintf(stderr, "only %ld of %d viewers were answered within 60 s\n", count_joined, viewers_wanted);
            return 1;
        }
    }
    std::puts("ready");
    std::fflush(stdout);
    const auto begin = Clock::now();
    for (const auto& viewer : viewers) viewer->start();
    while (Clock::now() < begin + length) {
        serve_events(poll);
        const auto now = Clock::now();
        for (const auto& viewer : viewers) viewer->tick(now);
    }
    report(count, viewers.size(), std::chrono::duration<double>(Clock::now() - begin).count());
    return 0;
}
