// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as what a publisher sends, with tags that are right: its own keys protect them first. And the same bytes as
// they are. What comes out is within the datagram, of a track and a type that were agreed; what is sent in return fits
// a datagram; deadlines pass; and times never go back.
//
// The input is datagrams with two bytes in front of each: how many bytes it has, and what is done with it.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>

#include "webrtc/core/publisher/publisher_reception.hpp"
#include "webrtc/core/publisher/sync_clock.hpp"
#include "webrtc/core/rtp/rtcp_reader.hpp"
#include "webrtc/core/rtp/rtp_packet.hpp"
#include "webrtc/core/secure/srtp_sender.hpp"

using namespace millrace;
using namespace millrace::webrtc;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

ReceptionTerms terms_of(std::uint8_t options) {
    ReceptionTerms terms;
    for (const char* rid : {"f", "h"}) {
        IncomingTrack video{.video = true, .mid = "0", .rid = rid};
        video.codecs = {{96, Codec::h264, 90000, 97, {}}, {98, Codec::vp8, 90000, 99, {}}};
        video.nack = (options & 1) == 0;
        video.pli = (options & 2) == 0;
        video.fir = true;
        video.transport_cc = (options & 4) == 0;
        video.remb = true;
        video.reduced_size_rtcp = (options & 8) == 0;
        terms.tracks.push_back(video);
    }
    IncomingTrack audio{.mid = "1", .codecs = {{111, Codec::opus, 48000, {}, {}}}};
    audio.reduced_size_rtcp = true;
    terms.tracks.push_back(audio);
    if ((options & 16) != 0) {
        terms.tracks[0].ssrcs = {0x01010101};
        terms.tracks[0].rtx_of = {{0x01010101, 0x02020202}};
        terms.tracks[2].ssrcs = {0x03030303};
    }
    terms.extensions = {.mid = 1, .rid = 2, .repaired_rid = 3, .transport_cc = 4, .abs_send_time = 5};
    terms.cname = "millrace";
    terms.local_ssrc = 7;
    terms.most_bitrate = (options & 32) != 0 ? 3'000'000 : 0;
    return terms;
}

const SrtpKeys& keys() {
    static const SrtpKeys kKeys = [] {
        Bytes exported(exported_size(SrtpProfile::aead_aes_128_gcm));
        std::iota(exported.begin(), exported.end(), std::uint8_t{1});
        return *derive_srtp_keys(SrtpProfile::aead_aes_128_gcm, exported);
    }();
    return kKeys;
}

class Publisher {
  public:
    explicit Publisher(std::uint8_t options) : reception_(*PublisherReception::make(terms_of(options), keys())) {}

    // As a source does, by one context for all of it.
    void rtp(ByteView plain) {
        if (plain.size() < 12) return;
        const std::uint16_t sequence = ByteReader(plain.subspan(2)).u16();
        Bytes datagram(plain.size() + 16);
        const std::size_t header = header_of(plain);
        datagram.resize(sender_.protect(plain.first(header), plain.subspan(header), sequence, datagram));
        if (!datagram.empty()) on_rtp(std::move(datagram));
    }
    void on_rtp(Bytes datagram) {
        const auto packet = reception_.on_rtp(datagram, now_);
        if (!packet) return;
        require(packet->track < 3 && packet->codec != nullptr);
        require(packet->rtp.data() >= datagram.data() &&
                packet->rtp.data() + packet->rtp.size() <= datagram.data() + datagram.size());
        const auto read = read_rtp_packet(packet->rtp);
        require(read && read->payload_type == packet->codec->payload_type);
        auto& before = times_[packet->track];
        const Duration time = clock_.map(packet->track, read->timestamp, now_.time_since_epoch());
        require(time >= before);
        before = time;
    }
    void rtcp(ByteView plain) {
        Bytes datagram(plain.size() + 40);
        datagram.resize(rtcp_.protect(plain, datagram));
        (void)reception_.on_rtcp(datagram, now_);
        for (const auto& time : reception_.take_sender_times())
            clock_.on_sender_time(time.track, time.timestamp, time.ntp);
    }
    void want_key_frame(std::size_t track) { reception_.want_key_frame(track, now_); }
    void key_frame_arrived(std::size_t track) { reception_.key_frame_arrived(track); }
    void wait(Duration time) {
        const TimePoint end = now_ + time;
        for (int calls = 0; reception_.deadline() <= end; ++calls) {
            require(calls < 10'000);
            now_ = std::max(now_, reception_.deadline());
            reception_.on_deadline(now_);
        }
        now_ = end;
        look();
    }
    void look() {
        for (Bytes& datagram : reception_.take_output()) {
            require(datagram.size() <= 1220);
            const auto plain = reader_.unprotect(datagram);
            require(plain && read_rtcp(*plain));
        }
        const auto stats = reception_.stats();
        for (const auto& track : stats.tracks) {
            require(track.fraction_lost >= 0 && track.fraction_lost <= 1);
            require(track.jitter >= Duration{} && track.round_trip >= Duration{} && track.round_trip < 1h);
        }
    }

  private:
    static std::size_t header_of(ByteView plain) {
        const auto read = read_rtp_packet(plain);
        return read ? read->header_size : 12;
    }

    PublisherReception reception_;
    SrtpSender sender_ = *SrtpSender::make(SrtpProfile::aead_aes_128_gcm, keys().client.rtp, SrtpBackend::openssl());
    SrtcpSender rtcp_ = *SrtcpSender::make(SrtpProfile::aead_aes_128_gcm, keys().client.rtcp);
    SrtcpReceiver reader_ = *SrtcpReceiver::make(SrtpProfile::aead_aes_128_gcm, keys().server.rtcp);
    SyncClock clock_{{90000, 90000, 48000}};
    std::array<Duration, 3> times_{};
    TimePoint now_{10s};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteReader in(ByteView(data, size));
    Publisher publisher(in.u8());
    for (int datagrams = 0; !in.empty() && datagrams < 1000; ++datagrams) {
        const std::size_t length = in.u8();
        const std::uint8_t what = in.u8();
        const ByteView bytes = in.rest().first(std::min(length, in.remaining()));
        in.skip(bytes.size());
        switch (what % 8) {
            case 0:
                publisher.on_rtp(Bytes(bytes.begin(), bytes.end()));
                break;
            case 1:
                publisher.rtcp(bytes);
                break;
            case 2:
                publisher.want_key_frame(what / 8U);
                break;
            case 3:
                publisher.key_frame_arrived(what / 8U);
                break;
            case 4:
                publisher.wait(std::chrono::milliseconds(what * 4));
                break;
            default:
                publisher.rtp(bytes);
        }
    }
    publisher.wait(2s);
    return 0;
}
