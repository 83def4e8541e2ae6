// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/core/webrtc/publisher/publisher_scene.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace millrace::webrtc::test {

namespace {

SrtpKeys keys_of(SrtpProfile profile) {
    Bytes exported(exported_size(profile));
    std::iota(exported.begin(), exported.end(), std::uint8_t{1});
    return *derive_srtp_keys(profile, exported);
}

}  // namespace

ReceptionTerms browser_terms() {
    ReceptionTerms terms;
    IncomingTrack video{.video = true, .mid = "0", .codecs = {{kVideoType, Codec::h264, 90000, kRtxType, {}}}};
    video.ssrcs = {kVideo};
    video.rtx_of = {{kVideo, kRtx}};
    video.nack = video.pli = video.fir = video.transport_cc = video.reduced_size_rtcp = true;
    IncomingTrack audio{.mid = "1", .codecs = {{kAudioType, Codec::opus, 48000, {}, {}}}};
    audio.ssrcs = {kAudio};
    audio.transport_cc = audio.reduced_size_rtcp = true;
    terms.tracks = {video, audio};
    terms.extensions = {.mid = 1, .rid = 2, .repaired_rid = 3, .transport_cc = 4, .abs_send_time = 5};
    terms.cname = "millrace";
    terms.local_ssrc = 7;
    return terms;
}

PublisherScene::PublisherScene(ReceptionTerms terms, SrtpProfile profile)
    : PublisherScene(std::move(terms), keys_of(profile)) {}

PublisherScene::PublisherScene(ReceptionTerms terms, const SrtpKeys& keys)
    : reception(PublisherReception::make(std::move(terms), keys).value()),
      rtp_out_(*SrtpSender::make(keys.profile, keys.client.rtp)),
      rtcp_out_(*SrtcpSender::make(keys.profile, keys.client.rtcp)),
      rtcp_in_(*SrtcpReceiver::make(keys.profile, keys.server.rtcp)) {}

Bytes PublisherScene::protect(const Sent& packet) {
    const Bytes plain = rtp_of(packet);
    const std::size_t header = plain.size() - packet.body_size();
    Bytes out(plain.size() + rtp_out_.overhead());
    if (rtp_out_.protect(ByteView(plain).first(header), ByteView(plain).subspan(header), packet.index, out) == 0)
        throw std::runtime_error("not protected");
    return out;
}

std::optional<PublisherReception::Packet> PublisherScene::send(const Sent& packet) {
    return send_bytes(protect(packet));
}

std::optional<PublisherReception::Packet> PublisherScene::send_bytes(Bytes datagram) {
    datagram_ = std::move(datagram);
    return reception.on_rtp(datagram_, now);
}

bool PublisherScene::send_rtcp(ByteView plain) {
    datagram_.resize(plain.size() + 40);
    datagram_.resize(rtcp_out_.protect(plain, datagram_));
    return reception.on_rtcp(datagram_, now);
}

void PublisherScene::wait(Duration time) {
    const TimePoint end = now + time;
    int calls = 0;
    while (reception.deadline() <= end) {
        now = std::max(now, reception.deadline());
        reception.on_deadline(now);
        if (++calls > 100'000) throw std::runtime_error("a deadline that does not pass");
    }
    now = end;
}

std::vector<RtcpMessage> PublisherScene::heard() {
    std::vector<RtcpMessage> all;
    datagrams_.clear();
    for (Bytes& datagram : reception.take_output()) {
        if (datagram.size() > 1200) throw std::runtime_error("a datagram that is too long");
        auto plain = rtcp_in_.unprotect(datagram);
        if (!plain) throw std::runtime_error(plain.error().what);
        auto messages = read_rtcp(*plain);
        if (!messages) throw std::runtime_error(messages.error().what);
        all.insert(all.end(), messages->begin(), messages->end());
        datagrams_.emplace_back(plain->begin(), plain->end());
    }
    return all;
}

}  // namespace millrace::webrtc::test
