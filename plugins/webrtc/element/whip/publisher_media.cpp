// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whip/publisher_media.hpp"

#include <algorithm>
#include <utility>

#include "common/gst/publisher_source_element.hpp"

namespace millrace::webrtc {

namespace {
constexpr std::size_t kTimestampAt = 4;  // in an RTP packet (RFC 3550 5.1)
constexpr Duration kLongestBeginning = 300ms;
constexpr std::size_t kMostKept = 1'000;  // packets: some 40 Mbit/s for that time
}  // namespace

Result<std::unique_ptr<PublisherMedia>> PublisherMedia::make(GstElement* element, const ReceptionTerms& terms,
                                                             Duration latency, Duration from, const Output& output) {
    std::vector<std::uint32_t> rates;
    for (const IncomingTrack& track : terms.tracks) rates.push_back(track.codecs.front().clock_rate);
    std::unique_ptr<PublisherMedia> media(
        new PublisherMedia(element, std::min(latency, kLongestBeginning), SyncClock(rates, from)));
    const auto clock = gst::adopt(gst_element_get_clock(element));
    const gst::ChainTime time{clock.get(), gst_element_get_base_time(element)};
    for (std::size_t index = 0; index < terms.tracks.size(); ++index) {
        auto made = TrackFrames::make(
            terms.tracks[index].codecs.front(), latency, time,
            {.time_of =
                 [of = media.get(), index](std::uint32_t timestamp, Duration arrived) {
                     return of->clock_.with([&](SyncClock& all) { return all.map(index, timestamp, arrived); });
                 },
             .format = [output, index](const gst::Ref<GstCaps>& caps) { output.format(index, caps); },
             .frame = [output, index](gst::Ref<GstBuffer> frame) { output.frame(index, std::move(frame)); },
             .key_frame_needed = [output, index] { output.key_frame_needed(index); }});
        if (!made) return tl::unexpected(std::move(made).error());
        media->tracks_.push_back(std::move(*made));
        media->is_video_.push_back(terms.tracks[index].video);
    }
    media->beginnings_.resize(terms.tracks.size());
    return media;
}

void PublisherMedia::packet(std::size_t track, ByteView packet, TimePoint arrived) {
    const Duration time = gst::running_time_at(element_, arrived);
    beginnings_[track].over ? tracks_[track]->push(packet, time) : keep(track, packet, time);
    if (over_ < tracks_.size()) end_beginnings(time);
}

// The clock is to know what the first one is behind of: an encoder that begins slowly is quick when it has begun.
void PublisherMedia::keep(std::size_t track, ByteView packet, Duration arrived) {
    const std::uint32_t timestamp = ByteReader(packet.subspan(kTimestampAt, 4)).u32();
    clock_.with([&](SyncClock& all) { all.await(track, timestamp, arrived); });
    beginnings_[track].packets.push_back({Bytes(packet.begin(), packet.end()), arrived});
}

// Also of a track whose next packet is not to come soon: of a screen on which nothing happens.
void PublisherMedia::end_beginnings(Duration now) {
    for (std::size_t track = 0; track < tracks_.size(); ++track) {
        Beginning& beginning = beginnings_[track];
        if (beginning.packets.empty()) continue;
        beginning.over = now - beginning.packets.front().arrived >= settles_ || beginning.packets.size() >= kMostKept;
        if (!beginning.over) continue;
        ++over_;
        for (const auto& kept : std::exchange(beginning.packets, {})) tracks_[track]->push(kept.packet, kept.arrived);
    }
}

void PublisherMedia::sender_time(std::size_t track, std::uint32_t timestamp, NtpTime ntp) {
    clock_.with([&](SyncClock& all) { all.on_sender_time(track, timestamp, ntp); });
}

PublisherMedia::Totals PublisherMedia::totals() {
    Totals totals;
    for (std::size_t index = 0; index < tracks_.size(); ++index) {
        const TrackFrames::Counters& of = tracks_[index]->counters();
        (is_video_[index] ? totals.video_frames : totals.audio_frames) += of.frames;
        totals.gaps += of.gaps;
        totals.dropped += of.dropped;
        totals.overrun += of.overrun;
    }
    clock_.with([&](const SyncClock& all) {
        for (std::size_t index = 0; index < tracks_.size(); ++index) totals.jumps += all.restarts(index);
        totals.drift_ppm = tracks_.empty() ? 0 : all.drift_ppm(0);
    });
    return totals;
}

}  // namespace millrace::webrtc
