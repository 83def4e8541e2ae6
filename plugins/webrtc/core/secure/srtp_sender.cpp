// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/srtp_sender.hpp"

#include <cstring>
#include <utility>

#include "webrtc/core/secure/srtp_nonce.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::size_t kFixedHeader = 12;                     // RFC 3550 5.1
constexpr std::uint64_t kIndexEnd = std::uint64_t{1} << 48;  // RFC 3711 9.2: no key outlives its indices

std::uint16_t sequence_of(ByteView header) {
    return ByteReader(header.subspan(2, 2)).u16();
}
std::uint32_t ssrc_of(ByteView header) {
    return ByteReader(header.subspan(8, 4)).u32();
}

}  // namespace

Result<SrtpSender> SrtpSender::make(SrtpProfile profile, const SessionKeys& keys, const SrtpBackend& backend) {
    if (profile == SrtpProfile::aead_aes_128_gcm) {
        if (auto gcm = backend.make_gcm(keys.cipher.bytes)) return SrtpSender(profile, keys, std::move(gcm));
    } else if (auto cm = CmSha1::make(keys)) {
        return SrtpSender(profile, keys, std::move(*cm));
    }
    return fail(Fault::no_resource, "making an SRTP context: " + take_openssl_error());
}

std::size_t SrtpSender::protect(ByteView header, ByteView payload, std::uint64_t index, std::span<std::uint8_t> out) {
    const std::size_t size = header.size() + payload.size() + overhead();
    if (header.size() < kFixedHeader || out.size() < size) return 0;
    if (sequence_of(header) != (index & 0xffff)) return 0;
    auto own = own_index(ssrc_of(header), index);
    if (!own) return 0;

    std::memmove(out.data(), header.data(), header.size());
    ByteView written(out.data(), header.size());
    bool done = std::holds_alternative<CmSha1>(transform_)
                    ? protect_with(std::get<CmSha1>(transform_), written, payload, *own, out.data())
                    : protect_with(*std::get<0>(transform_), written, payload, *own, out.data());
    return done ? size : 0;
}

// The index as this viewer counts it.
std::optional<std::uint64_t> SrtpSender::own_index(std::uint32_t ssrc, std::uint64_t index) {
    for (std::size_t i = 0; i < source_count_; ++i) {
        if (sources_[i].ssrc != ssrc) continue;
        // Of before its first packet there is nothing that it could ask for.
        if (index < sources_[i].base || index - sources_[i].base >= kIndexEnd) return {};
        return index - sources_[i].base;
    }
    if (source_count_ == kMaxSources) return {};
    sources_[source_count_++] = Source{ssrc, index & ~std::uint64_t{0xffff}};
    return index & 0xffff;
}

// RFC 7714 8.2: the whole header is associated data, the payload is the plain text, the tag follows it.
bool SrtpSender::protect_with(GcmSealer& gcm, ByteView header, ByteView payload, std::uint64_t index,
                              std::uint8_t* out) {
    return gcm.seal(gcm_nonce(keys_, ssrc_of(header), index), header, payload, out + header.size());
}

// RFC 3711 4.2: the tag is over the packet and the rollover counter, which is not sent.
bool SrtpSender::protect_with(CmSha1& cm, ByteView header, ByteView payload, std::uint64_t index, std::uint8_t* out) {
    if (!cm.crypt(counter_block(keys_, ssrc_of(header), index), payload, out + header.size())) return false;
    const std::array<std::uint8_t, 4> rollover = {
        static_cast<std::uint8_t>(index >> 40), static_cast<std::uint8_t>(index >> 32),
        static_cast<std::uint8_t>(index >> 24), static_cast<std::uint8_t>(index >> 16)};
    const std::size_t size = header.size() + payload.size();
    auto tag = cm.authenticate(ByteView(out, size), rollover);
    if (!tag) return false;
    std::memcpy(out + size, tag->data(), tag->size());
    return true;
}

}  // namespace millrace::webrtc
