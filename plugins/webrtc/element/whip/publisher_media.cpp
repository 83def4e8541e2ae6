// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whip/publisher_media.hpp"

#include <utility>

#include "common/gst/publisher_source_element.hpp"

namespace millrace::webrtc {

Result<std::unique_ptr<PublisherMedia>> PublisherMedia::make(GstElement* element, const ReceptionTerms& terms,
                                                             Duration latency, Duration from, const Output& output) {
    std::vector<std::uint32_t> rates;
    for (const IncomingTrack& track : terms.tracks) rates.push_back(track.codecs.front().clock_rate);
    std::unique_ptr<PublisherMedia> media(new PublisherMedia(element, SyncClock(rates, from)));
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
    return media;
}

void PublisherMedia::packet(std::size_t track, ByteView packet, TimePoint arrived) {
    tracks_[track]->push(packet, gst::running_time_at(element_, arrived));
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
