// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/core/webrtc/viewer/viewer_scene.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc::test {

namespace {

constexpr std::size_t kPacket = 1000;

Payloads payloads(std::size_t packets, std::size_t size, bool key) {
    Payloads media;
    media.key_frame = key;
    media.bytes.resize(packets * size, key ? 0x4b : 0x50);
    for (std::size_t i = 0; i < packets; ++i) {
        media.packets.push_back({.offset = static_cast<std::uint32_t>(i * size),
                                 .size = static_cast<std::uint32_t>(size),
                                 .marker = i + 1 == packets});
    }
    return media;
}

ServedMedia served(const SceneSetup& setup, bool video) {
    ServedMedia media;
    media.codec = video ? Codec::h264 : Codec::opus;
    media.payload_type.number = video ? 102 : 111;
    media.feedback = {.nack = video, .pli = video, .fir = video};
    media.extensions = {.mid = 1, .playout_delay = kPlayoutDelayId};
    if (setup.abs_send_time) media.extensions.abs_send_time = 3;
    if (setup.transport_cc) media.extensions.transport_cc = kTransportCcId;
    media.ssrc = video ? kVideoSsrc : kAudioSsrc;
    if (video && setup.rtx) {
        media.rtx_payload_type = 103;
        media.rtx_ssrc = kRtxSsrc;
    }
    return media;
}

Answer answer_of(const SceneSetup& setup) {
    Answer answer;
    answer.sections.push_back({"video", "UDP/TLS/RTP/SAVPF", "102", "0", served(setup, true)});
    if (setup.audio) answer.sections.push_back({"audio", "UDP/TLS/RTP/SAVPF", "111", "1", served(setup, false)});
    return answer;
}

constexpr TransportAddress kBrowser{.ip = {192, 0, 2, 7}, .is_v6 = false, .port = 5004};

Viewer make_viewer(const SceneSetup& setup) {
    SourceNames names;
    names.cname = "stream";
    const auto keys = *derive_srtp_keys(setup.profile, exported_bytes(setup.profile));
    return std::move(*Viewer::make(answer_of(setup), names, keys, setup.settings, setup.pinned));
}

}  // namespace

Scene::Scene(const SceneSetup& setup)
    : audio_ring(setup.limits),
      stream{.rungs = LiveRungs(setup.limits),
             .video = {.ring = nullptr, .clock_rate = 90'000, .clock_offset = 12345},
             .audio = {.ring = &audio_ring, .clock_rate = 48'000, .clock_offset = 0xfffff000},
             .origin = TimePoint(90s),
             .wall = SendClock(0s, UnixTime{1'700'000'000'000'000'000})},
      video_ring(stream.rungs.rung(0).ring),
      viewer(make_viewer(setup)),
      setup_(setup),
      reader_(setup.profile, key_and_salt(setup.profile, true), false),
      writer_(setup.profile, key_and_salt(setup.profile, false), true),
      arena_(setup.arena) {
    if (!setup.audio) stream.audio.ring = nullptr;
    for (std::uint64_t declared : setup.rungs) {
        const auto id = static_cast<RungId>(video_sequences_.size());
        stream.rungs.open(id, {.codec = Codec::h264}, declared);
        video_sequences_.emplace_back(static_cast<std::uint16_t>(setup.first_sequence - 1000 * id));
    }
}

void Scene::frame(bool key, std::size_t count) {
    now += 40ms;
    const Duration time = stream.running_time(now);
    picture(0, key, count);
    if (!setup_.audio) return;
    for (Duration half : {0ms, 20ms}) {
        audio_ring.append(
            audio_sequence_.next(payloads(1, 80, true), stream.audio.clock().timestamp(time + half), now));
    }
}

void Scene::picture(RungId rung, bool key, std::size_t count, Duration early) {
    const Duration time = stream.running_time(now) - early;
    Payloads media = payloads(key ? 5 * count : count, kPacket, key);
    for (std::size_t i = 0; i < media.bytes.size(); i += kPacket) media.bytes[i + 1] = static_cast<std::uint8_t>(rung);
    stream.rungs.append(rung, video_sequences_[rung].next(std::move(media), stream.video.clock().timestamp(time), now));
}

void Scene::frames(int count, int key_every) {
    for (int i = 0; i < count; ++i) frame(i % key_every == 0);
}

void Scene::pass() {
    for (;;) {
        arena_.clear();
        const auto pass = viewer->send(stream, now, kBrowser, arena_);
        read(arena_);
        if (pass == Viewer::Pass::done) return;
        ++times_full;
        ASSERT_FALSE(arena_.empty()) << "a full arena has something in it";
    }
}

void Scene::pass_until(TimePoint end) {
    pass();
    while (viewer->deadline() < end) {
        const TimePoint before = now;
        now = std::max(now, viewer->deadline());
        pass();
        ASSERT_TRUE(now > before || viewer->deadline() > now) << "a deadline that is kept is over";
    }
    now = end;
}

void Scene::read(const SendArena& arena) {
    std::size_t expected = 0;
    for (const SendArena::Run& run : arena.runs()) {
        ++runs;
        EXPECT_EQ(run.offset, expected);
        expected += run.size;
        EXPECT_LE(run.size, SendArena::kMostBytes);
        EXPECT_LE((run.size + run.segment - 1) / run.segment, SendArena::kMostSegments);
        EXPECT_EQ(run.to.port, 5004);
        ByteView rest = arena.bytes(run);
        while (!rest.empty()) {
            const std::size_t size = std::min(run.segment, rest.size());
            read_datagram(rest.first(size));
            rest = rest.subspan(size);
        }
    }
}

void Scene::read_datagram(ByteView datagram) {
    const Bytes bytes(datagram.begin(), datagram.end());
    const bool is_rtcp = bytes.at(1) == 200;
    auto plain = is_rtcp ? reader_.read_rtcp(bytes) : reader_.read_rtp(bytes);
    if (!plain) {
        ++unread;
        return;
    }
    if (!is_rtcp) {
        packets.push_back(millrace::test::read_rtp(*plain));
        return;
    }
    ByteReader in(*plain);
    in.skip(4);
    ReceivedReport report;
    report.ssrc = in.u32();
    report.ntp = in.u64();
    report.timestamp = in.u32();
    report.packets = in.u32();
    report.octets = in.u32();
    EXPECT_EQ(in.u16(), 0x81ca) << "a source description follows";
    EXPECT_EQ(as_text(in.rest()).substr(8, 6), "stream");
    reports.push_back(report);
}

void Scene::rtcp(const Bytes& plain) {
    Bytes datagram = writer_.write_rtcp(plain);
    auto read = viewer->on_rtcp(datagram, stream, now);
    EXPECT_TRUE(read) << read.error().what;
}

void Scene::nack(const std::vector<std::uint16_t>& lost, std::uint32_t ssrc) {
    ByteWriter out;
    out.u16(0x81cd);
    out.u16(2 + lost.size());
    out.u32(9);
    out.u32(ssrc);
    for (std::uint16_t sequence : lost) {
        out.u16(sequence);
        out.u16(0);
    }
    rtcp(std::move(out).take());
}

void Scene::pli() {
    ByteWriter out;
    out.u16(0x81ce);
    out.u16(2);
    out.u32(9);
    out.u32(kVideoSsrc);
    rtcp(std::move(out).take());
}

std::vector<millrace::test::RtpPacket> Scene::of(std::uint32_t ssrc) const {
    std::vector<millrace::test::RtpPacket> found;
    for (const auto& packet : packets)
        if (packet.ssrc == ssrc) found.push_back(packet);
    return found;
}

}  // namespace millrace::webrtc::test
