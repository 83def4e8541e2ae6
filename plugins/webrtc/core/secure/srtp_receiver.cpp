// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/srtp_receiver.hpp"

#include <openssl/crypto.h>

#include <optional>
#include <utility>

#include "webrtc/core/secure/srtp_nonce.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::size_t kFixedHeader = 12;  // RFC 3550 5.1
constexpr std::size_t kExtensionHeader = 4;
constexpr std::uint64_t kRollover = 0x10000;
constexpr std::uint64_t kLastIndex = (std::uint64_t{1} << 48) - 1;

std::size_t u16_at(ByteView bytes, std::size_t at) {
    return static_cast<std::size_t>(bytes[at]) << 8 | bytes[at + 1];
}

// What stays readable: with the list of contributors and the extension (RFC 3711 3.1). Empty where that is longer than
// what is before the tag.
std::optional<std::size_t> header_size(ByteView packet, std::size_t tag) {
    if (packet.size() < kFixedHeader + tag || packet[0] >> 6 != 2) return {};
    const std::size_t room = packet.size() - tag;
    std::size_t size = kFixedHeader + std::size_t{packet[0] & 0x0fU} * 4;
    if ((packet[0] & 0x10) != 0) {
        if (size + kExtensionHeader > room) return {};
        size += kExtensionHeader + u16_at(packet, size + 2) * 4;
    }
    if (size > room) return {};
    return size;
}

// RFC 3711 3.3.1: the index with this sequence number that is nearest to the newest. Empty before the first roll-over
// for what would be of before the stream's beginning, and after the last.
std::optional<std::uint64_t> guess_index(std::optional<std::uint64_t> newest, std::uint64_t sequence) {
    if (!newest) return sequence;
    const std::uint64_t here = (*newest & ~(kRollover - 1)) | sequence;
    constexpr std::uint64_t kHalf = kRollover / 2;
    std::uint64_t guess = here;
    if (here > *newest + kHalf) {
        if (here < kRollover) return {};
        guess = here - kRollover;
    } else if (here + kHalf < *newest) {
        guess = here + kRollover;
    }
    if (guess > kLastIndex) return {};
    return guess;
}

}  // namespace

Result<SrtpReceiver> SrtpReceiver::make(SrtpProfile profile, const SessionKeys& keys) {
    if (profile == SrtpProfile::aead_aes_128_gcm) {
        if (auto gcm = make_evp_gcm_opener(keys.cipher.bytes)) return SrtpReceiver(profile, keys, std::move(gcm));
    } else if (auto cm = CmSha1::make(keys)) {
        return SrtpReceiver(profile, keys, std::move(*cm));
    }
    return fail(Fault::no_resource, "making an SRTP context: " + take_openssl_error());
}

tl::expected<std::span<std::uint8_t>, SrtpRefusal> SrtpReceiver::unprotect(std::span<std::uint8_t> packet) {
    const std::size_t tag = tag_size(profile_);
    const auto header = header_size(packet, tag);
    if (!header) return tl::unexpected(SrtpRefusal::malformed);
    const std::uint32_t ssrc = ByteReader(ByteView(packet).subspan(8, 4)).u32();

    // A replay is cheaper to see than to verify; whoever made it up learns only that.
    Source* source = source_of(ssrc);
    const auto index = guess_index(source != nullptr ? source->window.newest() : std::nullopt, u16_at(packet, 2));
    if (!index || (source != nullptr && !source->window.is_fresh(*index))) return tl::unexpected(SrtpRefusal::replayed);

    const bool valid = std::holds_alternative<CmSha1>(transform_)
                           ? open_with(std::get<CmSha1>(transform_), packet, *header, *index)
                           : open_with(*std::get<0>(transform_), packet, *header, *index);
    if (!valid) return tl::unexpected(SrtpRefusal::forged);

    if (source == nullptr) {
        if (source_count_ == kMaxSources) return tl::unexpected(SrtpRefusal::too_many_sources);
        source = &sources_[source_count_++];
        source->ssrc = ssrc;
    }
    source->window.accept(*index);
    return packet.first(packet.size() - tag);
}

SrtpReceiver::Source* SrtpReceiver::source_of(std::uint32_t ssrc) {
    for (std::size_t i = 0; i < source_count_; ++i)
        if (sources_[i].ssrc == ssrc) return &sources_[i];
    return nullptr;
}

// RFC 7714 8.2: the whole header is associated data.
bool SrtpReceiver::open_with(GcmOpener& gcm, std::span<std::uint8_t> packet, std::size_t header, std::uint64_t index) {
    const ByteView readable = ByteView(packet).first(header);
    const std::uint32_t ssrc = ByteReader(readable.subspan(8, 4)).u32();
    return gcm.open(gcm_nonce(keys_, ssrc, index), readable, ByteView(packet).subspan(header), packet.data() + header);
}

// RFC 3711 4.2: the tag is over the packet and the rollover counter, which is not sent.
bool SrtpReceiver::open_with(CmSha1& cm, std::span<std::uint8_t> packet, std::size_t header, std::uint64_t index) {
    const std::array<std::uint8_t, 4> rollover = {
        static_cast<std::uint8_t>(index >> 40), static_cast<std::uint8_t>(index >> 32),
        static_cast<std::uint8_t>(index >> 24), static_cast<std::uint8_t>(index >> 16)};
    const std::size_t authenticated = packet.size() - CmSha1::kTagSize;
    const auto tag = cm.authenticate(ByteView(packet).first(authenticated), rollover);
    if (!tag || CRYPTO_memcmp(tag->data(), packet.data() + authenticated, tag->size()) != 0) return false;
    const std::uint32_t ssrc = ByteReader(ByteView(packet).subspan(8, 4)).u32();
    const auto body = packet.subspan(header, authenticated - header);
    return cm.crypt(counter_block(keys_, ssrc, index), body, body.data());
}

}  // namespace millrace::webrtc
