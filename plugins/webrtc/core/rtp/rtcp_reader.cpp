// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/rtcp_reader.hpp"

#include <limits>
#include <string>

#include "webrtc/core/rtp/rtcp_wire.hpp"
#include "webrtc/core/rtp/transport_feedback.hpp"

namespace millrace::webrtc {

namespace {

using Messages = std::vector<RtcpMessage>;

// One packet of a compound (RFC 3550 6.1), its length checked, its padding gone.
struct Packet {
    std::uint8_t type = 0;
    std::uint8_t count = 0;  // of what it lists, or the feedback's format
    ByteView body;
};

tl::unexpected<Error> malformed(std::string_view what) {
    return fail(Fault::bad_input, "RTCP: " + std::string(what));
}

// RFC 3550 6.4.1: only the last packet is padded, by a multiple of four. Chromium pads transport feedback up to one, by
// one to three bytes.
Result<ByteView> without_padding(ByteView body, bool last) {
    std::size_t padding = body.empty() ? 0 : body.back();
    if (!last || padding == 0 || padding > body.size()) return malformed("wrong padding");
    return body.first(body.size() - padding);
}

Result<Packet> next_packet(ByteReader& in) {
    std::uint8_t first = in.u8();
    Packet packet;
    packet.type = in.u8();
    packet.count = first & 0x1f;
    packet.body = in.take(std::size_t{in.u16()} * 4);
    if (in.failed()) return malformed("a packet is longer than its datagram");
    if (first >> 6 != kRtcpVersion) return malformed("not version 2");
    if ((first & 0x20) != 0) {
        auto body = without_padding(packet.body, in.empty());
        if (!body) return tl::unexpected(std::move(body).error());
        packet.body = *body;
    }
    return packet;
}

ReportBlock read_report_block(ByteReader& in) {
    ReportBlock block;
    block.ssrc = in.u32();
    block.fraction_lost = in.u8();
    block.cumulative_lost = static_cast<std::int32_t>(in.u24() << 8) >> 8;  // signed, 24 bits
    block.highest_sequence = in.u32();
    block.jitter = in.u32();
    block.last_report = in.u32();
    block.since_last_report = in.u32();
    return block;
}

SenderReport read_sender(ByteReader& in, std::uint32_t ssrc) {
    SenderReport report;
    report.ssrc = ssrc;
    report.ntp.value = in.u64();
    report.timestamp = in.u32();
    report.packets = in.u32();
    report.octets = in.u32();
    return report;
}

// RFC 3550 6.4.1 and 6.4.2; what a profile appends is skipped.
Result<> read_report(const Packet& packet, Messages& out) {
    ByteReader in(packet.body);
    const std::uint32_t reporter = in.u32();
    if (packet.type == static_cast<std::uint8_t>(RtcpType::sender_report)) out.emplace_back(read_sender(in, reporter));
    for (unsigned i = 0; i < packet.count && !in.failed(); ++i) out.emplace_back(read_report_block(in));
    if (in.failed()) return malformed("a report is truncated");
    return {};
}

// RFC 3550 6.6; the reason is skipped.
Result<> read_bye(const Packet& packet, Messages& out) {
    ByteReader in(packet.body);
    Bye bye;
    for (unsigned i = 0; i < packet.count && !in.failed(); ++i) bye.ssrcs.push_back(in.u32());
    if (in.failed()) return malformed("a BYE is truncated");
    out.emplace_back(std::move(bye));
    return {};
}

// RFC 4585 6.2.1: a number, and a bit for each of the sixteen after it.
Result<> read_nack(ByteReader in, std::uint32_t ssrc, Messages& out) {
    if (in.empty()) return malformed("a NACK of nothing");
    Nack nack{ssrc, {}};
    while (!in.empty()) {
        std::uint16_t first = in.u16();
        std::uint16_t following = in.u16();
        nack.lost.push_back(first);
        for (unsigned i = 0; i < 16; ++i) {
            if ((following >> i & 1) != 0) nack.lost.push_back(static_cast<std::uint16_t>(first + i + 1));
        }
    }
    if (in.failed()) return malformed("a NACK is truncated");
    out.emplace_back(std::move(nack));
    return {};
}

Result<> read_transport_cc(ByteReader in, Messages& out) {
    auto feedback = read_transport_feedback(in.rest());
    if (!feedback) return malformed(feedback.error().what);
    out.emplace_back(std::move(*feedback));
    return {};
}

// RFC 5104 4.3.1.1: the streams are in the entries, not in the header.
Result<> read_fir(ByteReader in, Messages& out) {
    if (in.empty()) return malformed("a FIR of nothing");
    while (!in.empty()) {
        out.emplace_back(KeyFrameRequest{in.u32()});
        in.skip(4);  // the command's number, and nothing
    }
    if (in.failed()) return malformed("a FIR is truncated");
    return {};
}

// draft-alvestrand-rmcat-remb-03 2.2. Other applications' feedback is skipped.
Result<> read_application(ByteReader in, Messages& out) {
    constexpr std::uint32_t kRemb = 0x52454d42;
    if (in.remaining() < 4 || in.u32() != kRemb) return {};
    unsigned ssrcs = in.u8();
    std::uint32_t number = in.u24();
    unsigned exponent = number >> 18;
    std::uint64_t mantissa = number & 0x3ffff;
    if (mantissa > std::numeric_limits<std::uint64_t>::max() >> exponent) return malformed("a REMB beyond all numbers");
    BitrateEstimate estimate{mantissa << exponent, {}};
    for (unsigned i = 0; i < ssrcs && !in.failed(); ++i) estimate.ssrcs.push_back(in.u32());
    if (in.failed()) return malformed("a REMB is truncated");
    out.emplace_back(std::move(estimate));
    return {};
}

// RFC 4585 6.1
Result<> read_feedback(const Packet& packet, Messages& out) {
    ByteReader in(packet.body);
    in.skip(4);  // who says it
    std::uint32_t ssrc = in.u32();
    if (in.failed()) return malformed("feedback is truncated");
    if (packet.type == static_cast<std::uint8_t>(RtcpType::transport_feedback)) {
        if (packet.count == kFormatNack) return read_nack(in, ssrc, out);
        if (packet.count == kFormatTransportCc) return read_transport_cc(in, out);
        return {};
    }
    if (packet.count == kFormatPli) out.emplace_back(KeyFrameRequest{ssrc});
    if (packet.count == kFormatFir) return read_fir(in, out);
    if (packet.count == kFormatApplication) return read_application(in, out);
    return {};
}

Result<> read_packet(const Packet& packet, Messages& out) {
    switch (static_cast<RtcpType>(packet.type)) {
        case RtcpType::sender_report:
        case RtcpType::receiver_report:
            return read_report(packet, out);
        case RtcpType::bye:
            return read_bye(packet, out);
        case RtcpType::transport_feedback:
        case RtcpType::payload_feedback:
            return read_feedback(packet, out);
        case RtcpType::source_description:
            break;
    }
    return {};
}

}  // namespace

Result<Messages> read_rtcp(ByteView datagram) {
    if (datagram.empty()) return malformed("an empty datagram");
    Messages messages;
    ByteReader in(datagram);
    while (!in.empty()) {
        auto packet = next_packet(in);
        if (!packet) return tl::unexpected(std::move(packet).error());
        if (auto read = read_packet(*packet, messages); !read) return tl::unexpected(std::move(read).error());
    }
    return messages;
}

}  // namespace millrace::webrtc
