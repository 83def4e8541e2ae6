// SPDX-License-Identifier: LGPL-2.1-or-later
// A stream, a viewer of it, and the browser at the other end: libsrtp reads what the viewer is sent.
#pragma once

#include <optional>
#include <vector>

#include "tests/core/webrtc/rtp/rtp_reader.hpp"
#include "tests/core/webrtc/secure/srtp_peer.hpp"
#include "webrtc/core/viewer/viewer.hpp"

namespace millrace::webrtc::test {

inline constexpr std::uint32_t kVideoSsrc = 0x11;
inline constexpr std::uint32_t kRtxSsrc = 0x12;
inline constexpr std::uint32_t kAudioSsrc = 0x13;
inline constexpr std::uint8_t kPlayoutDelayId = 5;
inline constexpr std::uint8_t kTransportCcId = 6;

struct SceneSetup {
    SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
    bool rtx = true;
    bool audio = true;
    bool abs_send_time = false;
    std::uint16_t first_sequence = 65000;
    MediaRing::Limits limits{};
    ViewerSettings settings{};
    std::vector<std::uint64_t> rungs{0};  // what each says that it takes, bit/s
    bool transport_cc = false;
    std::optional<RungId> pinned{};
    std::size_t arena = std::size_t{512} << 10;
};

struct ReceivedReport {
    std::uint32_t ssrc = 0;
    std::uint64_t ntp = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
};

class Scene {
  public:
    explicit Scene(const SceneSetup& setup = {});

    // 25 frames a second, each with its sound; a key frame is five times as large.
    void frame(bool key, std::size_t packets = 4);
    // Of one rung, now; `early` is how much before now it was captured.
    void picture(RungId rung, bool key, std::size_t packets = 4, Duration early = {});
    void frames(int count, int key_every);
    // Sends until all is said, and reads it.
    void pass();
    void pass_until(TimePoint end);  // at each deadline before

    void rtcp(const Bytes& plain);  // from the browser, protected
    void nack(const std::vector<std::uint16_t>& lost, std::uint32_t ssrc = kVideoSsrc);
    void pli();

    [[nodiscard]] std::vector<millrace::test::RtpPacket> of(std::uint32_t ssrc) const;
    [[nodiscard]] std::vector<millrace::test::RtpPacket> video() const { return of(kVideoSsrc); }

    MediaRing audio_ring;
    LiveStream stream;
    const MediaRing& video_ring;  // the first rung's
    TimePoint now{100s};
    std::optional<Viewer> viewer;
    std::vector<millrace::test::RtpPacket> packets;
    std::vector<ReceivedReport> reports;
    std::size_t times_full = 0;
    std::size_t unread = 0;  // that libsrtp refused
    std::size_t runs = 0;

  private:
    void read(const SendArena& arena);
    void read_datagram(ByteView datagram);

    SceneSetup setup_;
    std::vector<FrameSequence> video_sequences_;
    FrameSequence audio_sequence_{7};
    SrtpPeer reader_;
    SrtpPeer writer_;
    SendArena arena_;
};

}  // namespace millrace::webrtc::test
