// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/srtp_receiver.hpp"

#include <algorithm>

#include "webrtc/core/secure/srtp_nonce.hpp"

namespace millrace::webrtc::test {

namespace {

// RFC 3711 3.3.1: of the indices that end with this sequence number, the nearest to the highest so far.
std::uint64_t nearest_index(std::uint64_t highest, std::uint16_t sequence) {
    const auto step = static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(highest));
    if (step < 0 && highest < static_cast<std::uint64_t>(-step)) return sequence;
    return highest + static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
}

}  // namespace

Result<SrtpReceiver> SrtpReceiver::make(SrtpProfile profile, const SessionKeys& keys) {
    if (profile == SrtpProfile::aead_aes_128_gcm) {
        auto gcm = make_evp_gcm_opener(GcmKeyView(keys.cipher.bytes));
        if (gcm == nullptr) return fail(Fault::no_resource, "no memory for a cipher");
        return SrtpReceiver(profile, keys, std::move(gcm));
    }
    auto cm = CmSha1::make(keys);
    if (!cm) return fail(Fault::no_resource, "no memory for a cipher");
    return SrtpReceiver(profile, keys, std::move(*cm));
}

std::optional<ByteView> SrtpReceiver::open(std::span<std::uint8_t> packet, const RtpView& view) {
    const std::size_t tag = tag_size(profile_);
    if (packet.size() < view.header_size + tag) return {};
    auto source = std::ranges::find(sources_, view.ssrc, &Source::ssrc);
    const std::uint64_t index =
        source == sources_.end() ? view.sequence : nearest_index(source->highest, view.sequence);
    if (!std::visit(
            [&](auto& transform) {
                if constexpr (std::is_same_v<std::decay_t<decltype(transform)>, CmSha1>)
                    return open_with(transform, packet, view, index);
                else
                    return open_with(*transform, packet, view, index);
            },
            transform_))
        return {};
    // Only now: anybody can send a packet with a wrong tag.
    if (source == sources_.end())
        sources_.push_back({view.ssrc, index});
    else
        source->highest = std::max(source->highest, index);
    return packet.subspan(view.header_size, packet.size() - view.header_size - tag);
}

bool SrtpReceiver::open_with(GcmOpener& gcm, std::span<std::uint8_t> packet, const RtpView& view, std::uint64_t index) {
    auto sealed = packet.subspan(view.header_size);
    return gcm.open(gcm_nonce(keys_, view.ssrc, index), packet.first(view.header_size), sealed, sealed.data());
}

bool SrtpReceiver::open_with(CmSha1& cm, std::span<std::uint8_t> packet, const RtpView& view, std::uint64_t index) {
    const std::size_t size = packet.size() - CmSha1::kTagSize;
    // RFC 3711 4.2: the rollover counter is authenticated, though it is not sent.
    ByteWriter counter(4);
    counter.u32(index >> 16);
    const auto tag = cm.authenticate(packet.first(size), counter.view());
    if (!tag || !std::ranges::equal(*tag, packet.subspan(size))) return false;
    auto payload = packet.subspan(view.header_size, size - view.header_size);
    return cm.crypt(counter_block(keys_, view.ssrc, index), payload, payload.data());
}

}  // namespace millrace::webrtc::test
