// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/rtp_header.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

constexpr std::uint8_t kVersion = 2 << 6;
constexpr std::uint8_t kPadding = 0x20;
constexpr std::uint8_t kExtension = 0x10;
constexpr std::uint8_t kMarker = 0x80;
constexpr std::uint8_t kPayloadType = 0x7f;
constexpr std::size_t kFixedSize = 12;
constexpr std::size_t kExtensionHeaderSize = 4;
constexpr std::uint16_t kOneByteExtensions = 0xbede;
constexpr std::size_t kLongestElement = 16;

void store(std::span<std::uint8_t> out, std::size_t at, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
}

std::uint32_t playout_steps(Duration delay) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(delay / 10ms, 0, 0xfff));
}

bool usable(std::uint8_t id) {
    return id >= 1 && id <= 14;  // 0 is padding, 15 reserved
}

}  // namespace

std::uint32_t to_abs_send_time(TimePoint now) {
    std::int64_t nanoseconds = now.time_since_epoch().count();
    std::int64_t wrapped = (nanoseconds % 64'000'000'000 + 64'000'000'000) % 64'000'000'000;
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(wrapped) << 18) / 1'000'000'000);
}

RtpHeader::RtpHeader(const RtpStream& stream) {
    bytes_[0] = kVersion;
    bytes_[1] = stream.payload_type & kPayloadType;
    store(bytes_, 8, stream.ssrc, 4);
    size_ = kFixedSize;
    append_extensions(stream);
}

void RtpHeader::append_extensions(const RtpStream& stream) {
    size_ += kExtensionHeaderSize;
    std::size_t start = size_;
    constexpr std::array<std::uint8_t, 3> kSpace{};
    bool has_mid = !stream.mid.empty() && stream.mid.size() <= kLongestElement;
    if (has_mid) append_element(stream.ids.mid, as_bytes(stream.mid));
    if (usable(stream.ids.abs_send_time)) {
        abs_send_time_at_ = size_ + 1;
        append_element(stream.ids.abs_send_time, kSpace);
    }
    if (usable(stream.ids.transport_cc)) {
        transport_sequence_at_ = size_ + 1;
        append_element(stream.ids.transport_cc, ByteView(kSpace).first(2));
    }
    std::array<std::uint8_t, 3> delay{};
    store(delay, 0, playout_steps(stream.playout_delay.least) << 12 | playout_steps(stream.playout_delay.most), 3);
    append_element(stream.ids.playout_delay, delay);

    if (size_ == start) {
        size_ = kFixedSize;
        return;
    }
    while (size_ % 4 != 0) bytes_[size_++] = 0;
    bytes_[0] |= kExtension;
    store(bytes_, kFixedSize, kOneByteExtensions, 2);
    store(bytes_, kFixedSize + 2, (size_ - start) / 4, 2);
}

void RtpHeader::append_element(std::uint8_t id, ByteView data) {
    if (!usable(id)) return;
    bytes_[size_++] = static_cast<std::uint8_t>(id << 4 | (data.size() - 1));
    std::copy(data.begin(), data.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += data.size();
}

void RtpHeader::write(std::span<std::uint8_t> out, const RtpPacketFields& packet) const {
    std::copy_n(bytes_.begin(), size_, out.begin());
    if (packet.padded) out[0] |= kPadding;
    if (packet.marker) out[1] |= kMarker;
    store(out, 2, packet.sequence, 2);
    store(out, 4, packet.timestamp, 4);
    if (abs_send_time_at_ != 0) store(out, abs_send_time_at_, packet.abs_send_time, 3);
    if (transport_sequence_at_ != 0) store(out, transport_sequence_at_, packet.transport_sequence, 2);
}

void write_rtx_header(std::span<std::uint8_t> out, std::uint16_t original_sequence) {
    store(out, 0, original_sequence, 2);
}

}  // namespace millrace::webrtc
