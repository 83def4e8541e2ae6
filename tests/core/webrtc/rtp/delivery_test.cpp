// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts together: frames go out as RTP, some packets are lost on the way, are asked for in RTCP and come again.
#include <gtest/gtest.h>

#include <map>

#include "tests/core/webrtc/rtp/depacketizers.hpp"
#include "tests/core/webrtc/rtp/rtp_reader.hpp"
#include "webrtc/core/rtp/media_ring.hpp"
#include "webrtc/core/rtp/nack_responder.hpp"
#include "webrtc/core/rtp/rtcp_reader.hpp"
#include "webrtc/core/rtp/rtp_header.hpp"
#include "webrtc/core/rtp/vp8_packetizer.hpp"

namespace millrace::webrtc {
namespace {

constexpr std::uint32_t kMediaSsrc = 1;
constexpr std::uint32_t kRtxSsrc = 2;

// A packet as it would be encrypted; a retransmission has its original number before the payload.
Bytes on_the_wire(const RtpHeader& header, const Slot& slot, std::optional<std::uint64_t> rtx_sequence) {
    Bytes out(header.size());
    header.write(out, {.sequence = static_cast<std::uint16_t>(rtx_sequence.value_or(slot.sequence())),
                       .timestamp = slot.frame->timestamp,
                       .marker = slot.marker(),
                       .padded = slot.padded()});
    if (rtx_sequence) {
        out.resize(out.size() + kRtxHeaderSize);
        write_rtx_header(std::span(out).last(kRtxHeaderSize), static_cast<std::uint16_t>(slot.sequence()));
    }
    out.insert(out.end(), slot.payload().begin(), slot.payload().end());
    return out;
}

// Puts packets in their order again, for numbers that wrap at most once.
class Receiver {
  public:
    explicit Receiver(std::uint16_t first) : first_(first) {}

    void receive(ByteView bytes) {
        test::RtpPacket packet = test::read_rtp(bytes);
        if (packet.ssrc == kRtxSsrc) {
            packet.sequence = packet.payload.at(0) * 256U + packet.payload.at(1);
            packet.payload.erase(packet.payload.begin(), packet.payload.begin() + 2);
        }
        packets_[static_cast<std::uint16_t>(packet.sequence - first_)] = packet;
    }

    // One number an entry: the mask of the others is empty.
    [[nodiscard]] Bytes nack(std::size_t sent) const {
        ByteWriter entries;
        for (std::size_t i = 0; i < sent; ++i) {
            if (packets_.contains(static_cast<std::uint16_t>(i))) continue;
            entries.u16(static_cast<std::uint16_t>(first_ + i));
            entries.u16(0);
        }
        ByteWriter out;
        out.u16(0x81cd);
        out.u16(2 + entries.size() / 4);
        out.u32(9);
        out.u32(kMediaSsrc);
        out.bytes(entries.view());
        return std::move(out).take();
    }

    [[nodiscard]] std::vector<Bytes> frames() const {
        std::vector<Bytes> frames;
        std::vector<Bytes> payloads;
        for (const auto& [number, packet] : packets_) {
            payloads.push_back(packet.payload);
            if (!packet.marker) continue;
            frames.push_back(test::vp8_picture(payloads).frame);
            payloads.clear();
        }
        return frames;
    }

  private:
    std::uint16_t first_;
    std::map<std::uint16_t, test::RtpPacket> packets_;
};

void deliver_with_losses(Retransmission how) {
    Vp8Packetizer packetizer({});
    FrameSequence sequence(65500);
    MediaRing ring;
    std::vector<Bytes> sent;
    for (unsigned i = 0; i < 60; ++i) {
        sent.push_back(test::noise(300 + i * 130, i));
        ring.append(sequence.next(packetizer.packetize(sent.back()).value(), i * 3000, TimePoint(i * 33ms)));
    }
    RtpHeader media({.ssrc = kMediaSsrc, .ids = {.mid = 1}, .mid = "0", .playout_delay = {}});
    RtpHeader rtx({.payload_type = 97, .ssrc = kRtxSsrc, .ids = {.mid = 1}, .mid = "0", .playout_delay = {}});
    ASSERT_TRUE(media.repeatable());

    Receiver receiver(65500);
    for (std::uint64_t cursor = ring.begin(); cursor < ring.end(); ++cursor) {
        if (cursor % 7 != 3) receiver.receive(on_the_wire(media, *ring.find(cursor), std::nullopt));
    }
    NackResponder responder(how, 500);
    auto messages = read_rtcp(receiver.nack(ring.packets())).value();
    const auto& lost = std::get<Nack>(messages.at(0)).lost;
    EXPECT_GT(lost.size(), 20U);
    for (const Resend& resend : responder.answer(lost, ring, {ring.begin(), ring.end(), 20ms}, TimePoint(2s))) {
        receiver.receive(on_the_wire(resend.rtx_sequence ? rtx : media, resend.slot, resend.rtx_sequence));
    }
    EXPECT_EQ(receiver.frames(), sent);
}

TEST(Delivery, LossesAreMadeGoodByRtx) {
    deliver_with_losses(Retransmission::rtx);
}

TEST(Delivery, LossesAreMadeGoodByTheSamePacketAgain) {
    deliver_with_losses(Retransmission::plain);
}

}  // namespace
}  // namespace millrace::webrtc
