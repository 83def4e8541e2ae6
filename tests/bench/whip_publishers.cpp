// SPDX-License-Identifier: LGPL-2.1-or-later
// Load for the bench of WHIP: publishers of one clip, 720p30 H.264 at 2.5 Mbit/s and Opus, which go on until they are
// told to stop.
//
//   whip-publishers whip HTTP_PORT COUNT SECONDS    publishes live/0, live/1 … to a WHIP server on the loopback
//   whip-publishers srtp PORT COUNT SECONDS         the same packets to COUNT ports from PORT on, with a key of 42s
//
// Prints "ready" when all of them send, then waits SECONDS and prints how many packets went out in them, as JSON.
#include <gst/gst.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/element/webrtc/live_publisher.hpp"

using namespace millrace;
using namespace millrace::webrtc;
using namespace millrace::webrtc::test;

namespace {

constexpr Duration kWarmUp = 2s;

const PublisherClip& clip() {
    return PublisherClip::of(1280, 720, 2500);
}

// Whoever sends the clip at the speed of life.
class Sender {
  public:
    virtual ~Sender() = default;
    virtual bool turn() = 0;  // false: it has failed
    [[nodiscard]] virtual std::uint64_t packets() const = 0;
};

class ByWhip : public Sender {
  public:
    ByWhip(std::uint16_t http, int number) : publisher_({}, clip()) {
        const int status = publisher_.join(http, "live/" + std::to_string(number)).status;
        if (status != 201) std::fprintf(stderr, "live/%d: %d\n", number, status);
        joined_ = status == 201;
    }
    bool turn() override {
        if (joined_) publisher_.turn();
        return joined_ && publisher_.peer().state() != WhipPublisher::State::failed;
    }
    [[nodiscard]] std::uint64_t packets() const override { return publisher_.told().packets; }

  private:
    LivePublisher publisher_;
    bool joined_ = false;
};

// Without ICE and DTLS, and deaf to what it is told.
class BySrtp : public Sender {
  public:
    explicit BySrtp(std::uint16_t port)
        : port_(port),
          keys_(*derive_srtp_keys(SrtpProfile::aead_aes_128_gcm,
                                  Bytes(exported_size(SrtpProfile::aead_aes_128_gcm), 42))),
          rtp_(*SrtpSender::make(keys_.profile, keys_.client.rtp)) {}
    bool turn() override {
        const TimePoint now = net::now();
        while (began_ + Duration(1s) / 30 * pictures_ <= now) {
            const auto at = static_cast<std::size_t>(pictures_) % clip().pictures.size();
            send(clip().pictures[at], kVideo, kVideoType, video_, pictures_ * PublisherClip::kPictureTicks);
            ++pictures_;
        }
        while (began_ + 20ms * sounds_ <= now) {
            const auto at = static_cast<std::size_t>(sounds_) % clip().sounds.size();
            send(clip().sounds[at], kAudio, kAudioType, audio_, sounds_ * PublisherClip::kSoundTicks);
            ++sounds_;
        }
        return true;
    }
    [[nodiscard]] std::uint64_t packets() const override { return packets_; }

  private:
    void send(const Payloads& frame, std::uint32_t ssrc, std::uint8_t type, std::uint64_t& index, std::int64_t time) {
        for (std::size_t i = 0; i < frame.packets.size(); ++i) {
            const ByteView payload = frame.payload(i);
            const Bytes plain = rtp_of({.ssrc = ssrc,
                                        .type = type,
                                        .index = index,
                                        .timestamp = static_cast<std::uint32_t>(time),
                                        .payload = Bytes(payload.begin(), payload.end()),
                                        .extensions = {{kTransportCcId, big_endian(transport_sequence_++, 2)}},
                                        .marker = frame.packets[i].marker});
            const std::size_t header = plain.size() - payload.size();
            Bytes datagram(plain.size() + rtp_.overhead());
            datagram.resize(
                rtp_.protect(ByteView(plain).first(header), ByteView(plain).subspan(header), index, datagram));
            socket_.send(port_, datagram);
            ++index;
            ++packets_;
        }
    }

    const std::uint16_t port_;
    const SrtpKeys keys_;
    SrtpSender rtp_;
    millrace::test::UdpClient socket_;
    TimePoint began_ = net::now();
    std::int64_t pictures_ = 0;
    std::int64_t sounds_ = 0;
    std::uint64_t video_ = 1000;
    std::uint64_t audio_ = 1000;
    std::uint16_t transport_sequence_ = 0;
    std::uint64_t packets_ = 0;
};

std::uint64_t send_for(std::vector<std::unique_ptr<Sender>>& senders, Duration time) {
    auto sent = [&] {
        std::uint64_t all = 0;
        for (const auto& each : senders) all += each->packets();
        return all;
    };
    const std::uint64_t before = sent();
    for (const TimePoint end = net::now() + time; net::now() < end;) {
        for (auto& each : senders) {
            if (each->turn()) continue;
            std::fprintf(stderr, "a publisher has failed\n");
            std::exit(1);
        }
        std::this_thread::sleep_for(2ms);
    }
    return sent() - before;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "Usage: whip-publishers whip|srtp PORT COUNT SECONDS\n");
        return 2;
    }
    gst_init(nullptr, nullptr);
    const auto port = static_cast<std::uint16_t>(std::atoi(argv[2]));
    std::vector<std::unique_ptr<Sender>> senders;
    clip();
    for (int number = 0; number < std::atoi(argv[3]); ++number) {
        if (std::string_view(argv[1]) == "whip")
            senders.push_back(std::make_unique<ByWhip>(port, number));
        else
            senders.push_back(std::make_unique<BySrtp>(static_cast<std::uint16_t>(port + number)));
    }
    send_for(senders, kWarmUp);
    std::printf("ready\n");
    std::fflush(stdout);
    const int seconds = std::atoi(argv[4]);
    const std::uint64_t packets = send_for(senders, std::chrono::seconds(seconds));
    std::printf("{\"packets\": %llu, \"seconds\": %d}\n", static_cast<unsigned long long>(packets), seconds);
    std::fflush(stdout);
    // Until the bench has read what that cost.
    send_for(senders, 500ms);
    return 0;
}
