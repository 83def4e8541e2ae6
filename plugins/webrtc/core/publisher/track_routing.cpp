// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/track_routing.hpp"

#include <algorithm>
#include <string_view>

namespace millrace::webrtc {

namespace {

std::optional<std::string_view> text_of(const RtpPacket& packet, std::uint8_t id) {
    const auto data = packet.extension(id);
    if (!data) return {};
    return as_text(*data);
}

// What the track makes of a payload type; empty where it is none of its.
std::optional<bool> is_retransmission(const IncomingTrack& track, std::uint8_t payload_type) {
    for (const IncomingCodec& codec : track.codecs) {
        if (codec.payload_type == payload_type) return false;
        if (codec.rtx_payload_type == payload_type) return true;
    }
    return {};
}

}  // namespace

TrackRouting::TrackRouting(std::shared_ptr<const ReceptionTerms> terms)
    : terms_(std::move(terms)), current_(terms_->tracks.size()) {}

tl::expected<TrackRouting::Route, TrackRouting::Refusal> TrackRouting::route(const RtpPacket& packet) {
    Source* source = known(packet.ssrc);
    const auto found = source != nullptr ? std::optional(*source) : match(packet);
    if (!found) return tl::unexpected(Refusal::unknown_source);
    const IncomingCodec* codec = codec_of(*found, packet.payload_type);
    if (codec == nullptr) return tl::unexpected(Refusal::wrong_type);

    const bool is_new = source == nullptr;
    if (is_new) {
        if (source_count_ == kMaxSources) return tl::unexpected(Refusal::unknown_source);
        sources_[source_count_++] = *found;
        if (!found->retransmission) current_[found->track] = packet.ssrc;
    }
    const auto current = current_[found->track];
    const auto original = found->retransmission ? (found->original ? found->original : current) : packet.ssrc;
    // Also a retransmission of what came from nowhere yet: there is nothing that it could be put back into.
    if (!current || original != current) return tl::unexpected(Refusal::unknown_source);
    return Route{found->track, codec, *original, found->retransmission, is_new};
}

std::optional<std::uint32_t> TrackRouting::source_of(std::size_t track) const {
    if (current_[track] || terms_->tracks[track].ssrcs.empty()) return current_[track];
    return terms_->tracks[track].ssrcs.front();
}

std::optional<std::size_t> TrackRouting::track_heard_from(std::uint32_t ssrc) const {
    const auto found = std::ranges::find(current_, std::optional(ssrc));
    if (found == current_.end()) return {};
    return static_cast<std::size_t>(found - current_.begin());
}

TrackRouting::Source* TrackRouting::known(std::uint32_t ssrc) {
    for (std::size_t i = 0; i < source_count_; ++i)
        if (sources_[i].ssrc == ssrc) return &sources_[i];
    return nullptr;
}

std::optional<TrackRouting::Source> TrackRouting::match(const RtpPacket& packet) const {
    if (auto source = announced(packet.ssrc)) return source;
    bool names = false;
    auto source = named(packet, names);
    return names ? source : only_with(packet);
}

std::optional<TrackRouting::Source> TrackRouting::announced(std::uint32_t ssrc) const {
    for (std::size_t i = 0; i < terms_->tracks.size(); ++i) {
        const IncomingTrack& track = terms_->tracks[i];
        for (const auto& [original, rtx] : track.rtx_of)
            if (rtx == ssrc) return Source{ssrc, i, true, original};
        if (std::ranges::find(track.ssrcs, ssrc) != track.ssrcs.end()) return Source{ssrc, i, false, {}};
    }
    return {};
}

// RFC 9143 9.2 and RFC 8852: the section's name, and the layer's where it has some.
std::optional<TrackRouting::Source> TrackRouting::named(const RtpPacket& packet, bool& names) const {
    const IncomingExtensions& ids = terms_->extensions;
    const auto mid = text_of(packet, ids.mid);
    const auto repaired = text_of(packet, ids.repaired_rid);
    const auto rid = repaired ? repaired : text_of(packet, ids.rid);
    names = mid || rid;
    if (!names) return {};
    std::optional<Source> found;
    for (std::size_t i = 0; i < terms_->tracks.size(); ++i) {
        const IncomingTrack& track = terms_->tracks[i];
        if (mid && *mid != track.mid) continue;
        if (rid ? *rid != track.rid && (!mid || !track.rid.empty()) : !track.rid.empty()) continue;
        if (found) return {};  // which of them?
        const bool rtx = repaired || is_retransmission(track, packet.payload_type).value_or(false);
        found = Source{packet.ssrc, i, rtx, {}};
    }
    return found;
}

std::optional<TrackRouting::Source> TrackRouting::only_with(const RtpPacket& packet) const {
    std::optional<Source> found;
    for (std::size_t i = 0; i < terms_->tracks.size(); ++i) {
        const auto rtx = is_retransmission(terms_->tracks[i], packet.payload_type);
        if (!rtx) continue;
        if (found) return {};
        found = Source{packet.ssrc, i, *rtx, {}};
    }
    return found;
}

const IncomingCodec* TrackRouting::codec_of(const Source& source, std::uint8_t payload_type) const {
    for (const IncomingCodec& codec : terms_->tracks[source.track].codecs) {
        if (source.retransmission ? codec.rtx_payload_type == payload_type : codec.payload_type == payload_type)
            return &codec;
    }
    return nullptr;
}

}  // namespace millrace::webrtc
