// SPDX-License-Identifier: LGPL-2.1-or-later
// Where things are in a protected packet: with AES-CM [header 8][body][E, index 4][tag 10], with GCM
// [header 8][body][tag 16][E, index 4]. The header and the SSRC behind it stay readable.
#include "webrtc/core/secure/srtcp.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "webrtc/core/secure/srtp_nonce.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::size_t kHeader = 8;
constexpr std::size_t kTrailer = 4;
constexpr std::uint32_t kEncrypted = 0x80000000;
constexpr std::uint32_t kIndexMask = 0x7fffffff;

using Trailer = std::array<std::uint8_t, kTrailer>;

Trailer trailer_of(std::uint32_t flag_and_index) {
    return {static_cast<std::uint8_t>(flag_and_index >> 24), static_cast<std::uint8_t>(flag_and_index >> 16),
            static_cast<std::uint8_t>(flag_and_index >> 8), static_cast<std::uint8_t>(flag_and_index)};
}

std::uint32_t word_at(ByteView bytes, std::size_t at) {
    return ByteReader(bytes.subspan(at, 4)).u32();
}

// RFC 7714 9.2 and 9.3: what is not encrypted is associated data, and E with the index stands behind it.
Bytes associated_data(ByteView readable, const Trailer& trailer) {
    Bytes associated(readable.begin(), readable.end());
    associated.insert(associated.end(), trailer.begin(), trailer.end());
    return associated;
}

}  // namespace

Result<SrtcpSender> SrtcpSender::make(SrtpProfile profile, const SessionKeys& keys) {
    if (profile == SrtpProfile::aead_aes_128_gcm) {
        if (auto gcm = make_evp_gcm(keys.cipher.bytes)) return SrtcpSender(profile, keys, std::move(gcm));
    } else if (auto cm = CmSha1::make(keys)) {
        return SrtcpSender(profile, keys, std::move(*cm));
    }
    return fail(Fault::no_resource, "making an SRTCP context: " + take_openssl_error());
}

std::size_t SrtcpSender::protect(ByteView rtcp, std::span<std::uint8_t> out) {
    const std::size_t size = rtcp.size() + srtcp_overhead(profile_);
    if (rtcp.size() < kHeader || out.size() < size || index_ > kIndexMask) return 0;
    bool done = std::holds_alternative<CmSha1>(transform_)
                    ? protect_with(std::get<CmSha1>(transform_), rtcp, out.data())
                    : protect_with(*std::get<0>(transform_), rtcp, out.data());
    // Also after a failure: an index is used once.
    ++index_;
    return done ? size : 0;
}

bool SrtcpSender::protect_with(GcmSealer& gcm, ByteView rtcp, std::uint8_t* out) {
    const Trailer trailer = trailer_of(kEncrypted | index_);
    std::ranges::copy(rtcp.first(kHeader), out);
    std::ranges::copy(trailer, out + rtcp.size() + kGcmTagSize);
    return gcm.seal(gcm_nonce(keys_, word_at(rtcp, 4), index_), associated_data(rtcp.first(kHeader), trailer),
                    rtcp.subspan(kHeader), out + kHeader);
}

bool SrtcpSender::protect_with(CmSha1& cm, ByteView rtcp, std::uint8_t* out) {
    const Trailer trailer = trailer_of(kEncrypted | index_);
    std::ranges::copy(rtcp.first(kHeader), out);
    if (!cm.crypt(counter_block(keys_, word_at(rtcp, 4), index_), rtcp.subspan(kHeader), out + kHeader)) return false;
    auto tag = cm.authenticate(ByteView(out, rtcp.size()), trailer);
    if (!tag) return false;
    std::ranges::copy(trailer, out + rtcp.size());
    std::ranges::copy(*tag, out + rtcp.size() + kTrailer);
    return true;
}

Result<SrtcpReceiver> SrtcpReceiver::make(SrtpProfile profile, const SessionKeys& keys) {
    if (profile == SrtpProfile::aead_aes_128_gcm) {
        if (auto gcm = make_evp_gcm_opener(keys.cipher.bytes)) return SrtcpReceiver(profile, keys, std::move(gcm));
    } else if (auto cm = CmSha1::make(keys)) {
        return SrtcpReceiver(profile, keys, std::move(*cm));
    }
    return fail(Fault::no_resource, "making an SRTCP context: " + take_openssl_error());
}

Result<ByteView> SrtcpReceiver::unprotect(std::span<std::uint8_t> packet) {
    const std::size_t overhead = srtcp_overhead(profile_);
    if (packet.size() < kHeader + overhead) return fail(Fault::bad_input, "SRTCP packet too short");
    const bool is_gcm = profile_ == SrtpProfile::aead_aes_128_gcm;
    const std::size_t trailer_at = packet.size() - (is_gcm ? kTrailer : kTrailer + CmSha1::kTagSize);
    const std::uint32_t flag_and_index = word_at(packet, trailer_at);

    // A replay is cheaper to see than to verify; whoever made it up learns only that.
    Source* source = source_of(word_at(packet, 4));
    if (source != nullptr && !source->window.is_fresh(flag_and_index & kIndexMask))
        return fail(Fault::refused, "SRTCP packet was seen before");

    bool valid = is_gcm ? open_with(*std::get<0>(transform_), packet, flag_and_index)
                        : open_with(std::get<CmSha1>(transform_), packet, flag_and_index);
    if (!valid) return fail(Fault::bad_input, "SRTCP packet with a wrong authentication tag");

    if (source == nullptr) {
        if (source_count_ == kMaxSources) return fail(Fault::refused, "SRTCP from too many sources");
        source = &sources_[source_count_++];
        source->ssrc = word_at(packet, 4);
    }
    source->window.accept(flag_and_index & kIndexMask);
    return ByteView(packet).first(packet.size() - overhead);
}

SrtcpReceiver::Source* SrtcpReceiver::source_of(std::uint32_t ssrc) {
    for (std::size_t i = 0; i < source_count_; ++i)
        if (sources_[i].ssrc == ssrc) return &sources_[i];
    return nullptr;
}

bool SrtcpReceiver::open_with(GcmOpener& gcm, std::span<std::uint8_t> packet, std::uint32_t flag_and_index) {
    const auto nonce = gcm_nonce(keys_, word_at(packet, 4), flag_and_index & kIndexMask);
    const Trailer trailer = trailer_of(flag_and_index);
    ByteView sealed = ByteView(packet).first(packet.size() - kTrailer);
    if (flag_and_index & kEncrypted)
        return gcm.open(nonce, associated_data(sealed.first(kHeader), trailer), sealed.subspan(kHeader),
                        packet.data() + kHeader);
    // Only authenticated: there is a tag and no cipher text.
    ByteView plain = sealed.first(sealed.size() - kGcmTagSize);
    return gcm.open(nonce, associated_data(plain, trailer), sealed.last(kGcmTagSize), packet.data() + plain.size());
}

bool SrtcpReceiver::open_with(CmSha1& cm, std::span<std::uint8_t> packet, std::uint32_t flag_and_index) {
    const std::size_t authenticated = packet.size() - CmSha1::kTagSize;
    auto tag = cm.authenticate(ByteView(packet).first(authenticated), {});
    if (!tag || CRYPTO_memcmp(tag->data(), packet.data() + authenticated, tag->size()) != 0) return false;
    if ((flag_and_index & kEncrypted) == 0) return true;
    auto body = packet.subspan(kHeader, authenticated - kTrailer - kHeader);
    return cm.crypt(counter_block(keys_, word_at(packet, 4), flag_and_index & kIndexMask), body, body.data());
}

}  // namespace millrace::webrtc
