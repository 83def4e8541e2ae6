// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whip/track_frames.hpp"

#include <gst/rtp/rtp.h>

#include <algorithm>
#include <utility>

#include "common/codec/av1.hpp"
#include "common/codec/opus.hpp"
#include "common/gst/read_map.hpp"
#include "webrtc/element/whip/depayloading.hpp"

namespace millrace::webrtc {

namespace {

// Some seconds of a fast stream: what waits while downstream does not take it, and no more.
constexpr std::uint64_t kMostWaiting = 4096;

struct RtpFields {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    bool marker = false;
};

std::optional<RtpFields> fields_of(GstBuffer* packet) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (!gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp)) return {};
    const RtpFields fields{gst_rtp_buffer_get_seq(&rtp), gst_rtp_buffer_get_timestamp(&rtp),
                           gst_rtp_buffer_get_marker(&rtp) == TRUE};
    gst_rtp_buffer_unmap(&rtp);
    return fields;
}

gst::Ref<GstElement> make_jitter_buffer(Duration latency) {
    auto buffer = gst::make_element("rtpjitterbuffer");
    if (!buffer) return buffer;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(latency).count();
    // Nothing waits for a packet before the first. The times that it makes tell it how long to wait, and nobody else:
    // ours are made of the timestamps behind it, for all tracks together.
    g_object_set(buffer.get(), "latency", static_cast<guint>(milliseconds), "faststart-min-packets", 1U, nullptr);
    return buffer;
}

}  // namespace

TrackFrames::TrackFrames(const IncomingCodec& codec, Output output)
    : codec_(codec),
      video_(codec.codec != Codec::opus),
      output_(std::move(output)),
      needs_key_frame_(codec.codec != Codec::opus) {}

Result<std::unique_ptr<TrackFrames>> TrackFrames::make(const IncomingCodec& codec, Duration latency,
                                                       const gst::ChainTime& time, Output output) {
    std::unique_ptr<TrackFrames> track(new TrackFrames(codec, std::move(output)));
    if (auto opened = track->open(latency, time); !opened) return tl::unexpected(std::move(opened).error());
    return track;
}

TrackFrames::~TrackFrames() {
    packets_.reset();
    frames_.reset();
}

Result<> TrackFrames::open(Duration latency, const gst::ChainTime& time) {
    auto elements = depayloading(codec_);
    if (!elements) return tl::unexpected(std::move(elements).error());
    auto frames = gst::Chain::make(
        *elements, {.event = [this](GstEvent* event) { return on_event(event); },
                    .buffer = [this](gst::Ref<GstBuffer> frame) { return on_frame(std::move(frame)); }});
    if (!frames) return tl::unexpected(std::move(frames).error());
    frames_ = std::move(*frames);
    jitter_buffer_ = make_jitter_buffer(latency);
    if (!jitter_buffer_)
        return fail(Fault::no_resource, "GStreamer's rtpjitterbuffer is missing; install gst-plugins-good");
    auto packets =
        gst::Chain::make({jitter_buffer_},
                         {.event = [](GstEvent*) { return true; },
                          .buffer = [this](gst::Ref<GstBuffer> packet) { return on_packet(std::move(packet)); }},
                         time);
    if (!packets) return tl::unexpected(std::move(packets).error());
    packets_ = std::move(*packets);
    const auto caps = rtp_caps(codec_);
    if (auto begun = begin(*frames_, depayloads_itself(codec_) ? temporal_unit_caps().get() : caps.get()); !begun)
        return begun;
    return begin(*packets_, caps.get());
}

Result<> TrackFrames::begin(gst::Chain& chain, const GstCaps* caps) {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    chain.send(gst::adopt(gst_event_new_stream_start("track")));
    if (!chain.send(gst::adopt(gst_event_new_caps(const_cast<GstCaps*>(caps)))))
        return fail(Fault::no_resource, "a depayloader refuses its packets: " + chain.complaint());
    chain.send(gst::adopt(gst_event_new_segment(&segment)));
    return {};
}

// It does not bound what it holds but by dropping what came in a burst, which may be the end of a stall.
bool TrackFrames::has_room() {
    if (pushed_ - taken_ - useless_ < kMostWaiting) return true;
    // What came twice or too late went in and never comes out.
    GstStructure* said = nullptr;
    g_object_get(jitter_buffer_.get(), "stats", &said, nullptr);
    const gst::OwnedStructure stats(said);
    useless_ = 0;
    for (const char* name : {"num-late", "num-duplicates"}) {
        guint64 count = 0;
        if (stats && gst_structure_get_uint64(stats.get(), name, &count)) useless_ += count;
    }
    useless_ = std::min(useless_, pushed_ - taken_);
    return pushed_ - taken_ - useless_ < kMostWaiting;
}

void TrackFrames::push(ByteView packet, Duration arrived) {
    if (!has_room()) {
        ++counters_.overrun;
        return;
    }
    ++pushed_;
    auto buffer = gst::adopt(gst_buffer_new_memdup(packet.data(), packet.size()));
    const auto time = static_cast<GstClockTime>(std::max<std::int64_t>(arrived.count(), 0));
    GST_BUFFER_PTS(buffer.get()) = time;
    GST_BUFFER_DTS(buffer.get()) = time;
    GST_BUFFER_OFFSET(buffer.get()) = time;  // the jitter buffer writes times of its own into the other two
    packets_->push(std::move(buffer));
}

// ---- packets, in order ----------------------------------------------------------------------------------------------

GstFlowReturn TrackFrames::on_packet(gst::Ref<GstBuffer> packet) {
    ++taken_;
    const auto fields = fields_of(packet.get());
    if (!fields) return GST_FLOW_OK;
    packet = gst::adopt(gst_buffer_make_writable(packet.release()));
    const auto arrived = Duration(static_cast<std::int64_t>(GST_BUFFER_OFFSET(packet.get())));
    const auto time =
        static_cast<GstClockTime>(std::max<std::int64_t>(output_.time_of(fields->timestamp, arrived).count(), 0));
    GST_BUFFER_PTS(packet.get()) = time;
    GST_BUFFER_DTS(packet.get()) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_OFFSET(packet.get()) = GST_BUFFER_OFFSET_NONE;

    const bool follows = !last_sequence_ || fields->sequence == static_cast<std::uint16_t>(*last_sequence_ + 1);
    if (!follows) on_gap(time);
    last_sequence_ = fields->sequence;
    const bool starts = timestamp_ != fields->timestamp;
    if (follows && starts && is_cut()) on_cut_frame(packet.get());
    timestamp_ = fields->timestamp;
    time_ = time;
    if (starts) ended_ = false;
    if (fields->marker && !std::exchange(ended_, true)) ++marked_;
    if (depayloads_itself(codec_)) {
        unpack_temporal_unit(packet.get(), starts);
        return GST_FLOW_OK;
    }
    frames_->push(std::move(packet));
    return GST_FLOW_OK;
}

// What is missing may have been the end of the frame before, or the beginning of this one.
void TrackFrames::on_gap(GstClockTime time) {
    ++counters_.gaps;
    discontinuity_ = true;
    temporal_units_.lost();
    if (!video_) return;
    needs_key_frame_ = true;
    damaged_until_ = time;
    output_.key_frame_needed();
}

// Of who marks the end of each frame; some mark no end, or some ends.
bool TrackFrames::is_cut() {
    constexpr unsigned kSurely = 8;  // frames one after the other
    if (!video_ || ended_) return false;
    return std::exchange(marked_, 0) >= kSurely;
}

// Chromium throws away what it has not yet sent of a frame when a key frame is made, and its numbers show no gap. What
// came of the frame would else become the beginning of the next one.
void TrackFrames::on_cut_frame(GstBuffer* next) {
    GST_BUFFER_FLAG_SET(next, GST_BUFFER_FLAG_DISCONT);
    discontinuity_ = true;
    needs_key_frame_ = true;
    damaged_until_ = time_;
    output_.key_frame_needed();
}

void TrackFrames::unpack_temporal_unit(GstBuffer* packet, bool starts) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (!gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp)) return;
    const ByteView payload(static_cast<const std::uint8_t*>(gst_rtp_buffer_get_payload(&rtp)),
                           gst_rtp_buffer_get_payload_len(&rtp));
    auto unit = temporal_units_.push(payload, starts, gst_rtp_buffer_get_marker(&rtp) == TRUE);
    gst_rtp_buffer_unmap(&rtp);
    if (!unit) return;
    auto buffer = gst::adopt(gst::wrap_bytes(std::move(*unit)));
    GST_BUFFER_PTS(buffer.get()) = GST_BUFFER_PTS(packet);
    frames_->push(std::move(buffer));
}

// ---- frames ---------------------------------------------------------------------------------------------------------

bool TrackFrames::on_event(GstEvent* event) {
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return true;
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    auto format = gst::share(caps);
    if (codec_.codec == Codec::opus) {
        format = gst::adopt(gst_caps_copy(caps));
        gst_caps_set_simple(format.get(), "rate", G_TYPE_INT, static_cast<int>(codec::kOpusRate), nullptr);
    }
    if (codec_.codec == Codec::av1)
        incomplete_ = std::move(format);
    else
        output_.format(format);
    return true;
}

// The parser of AV1 gives no codec_data.
void TrackFrames::complete_format(GstBuffer* key_frame) {
    const auto map = gst::ReadMap::of(key_frame);
    auto config = map ? codec::write_av1c(map->bytes()) : fail(Fault::bad_input, "no bytes");
    auto format = gst::adopt(gst_caps_copy(std::exchange(incomplete_, {}).get()));
    if (config) {
        auto data = gst::adopt(gst::wrap_bytes(std::move(*config)));
        gst_caps_set_simple(format.get(), "codec_data", GST_TYPE_BUFFER, data.get(), nullptr);
    }
    output_.format(format);
}

bool TrackFrames::lets_pass(const GstBuffer& frame) {
    if (!needs_key_frame_) return true;
    if (GST_BUFFER_FLAG_IS_SET(&frame, GST_BUFFER_FLAG_DELTA_UNIT)) return false;
    if (damaged_until_ != 0 && GST_BUFFER_PTS_IS_VALID(&frame) && GST_BUFFER_PTS(&frame) <= damaged_until_)
        return false;
    needs_key_frame_ = false;
    return true;
}

GstFlowReturn TrackFrames::on_frame(gst::Ref<GstBuffer> frame) {
    if (!lets_pass(*frame.get())) {
        // A publisher begins with a key frame, unless it began before.
        if (!std::exchange(begun_, true)) output_.key_frame_needed();
        ++counters_.dropped;
        return GST_FLOW_OK;
    }
    begun_ = true;
    if (incomplete_) complete_format(frame.get());
    ++counters_.frames;
    frame = gst::adopt(gst_buffer_make_writable(frame.release()));
    if (codec_.codec == Codec::opus) {
        if (auto map = gst::ReadMap::of(frame.get()))
            GST_BUFFER_DURATION(frame.get()) =
                gst_util_uint64_scale(codec::opus_packet_samples(map->bytes()), GST_SECOND, codec::kOpusRate);
    }
    std::exchange(discontinuity_, false) ? GST_BUFFER_FLAG_SET(frame.get(), GST_BUFFER_FLAG_DISCONT)
                                         : GST_BUFFER_FLAG_UNSET(frame.get(), GST_BUFFER_FLAG_DISCONT);
    output_.frame(std::move(frame));
    return GST_FLOW_OK;
}

}  // namespace millrace::webrtc
