// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/reception.hpp"

#include <gst/video/video.h>

#include <algorithm>
#include <utility>

#include "common/codec/codec_table.hpp"
#include "common/gst/post.hpp"
#include "common/gst/track_caps.hpp"
#include "common/net/worker.hpp"
#include "rtmp/element/media_buffer.hpp"

namespace millrace::rtmp {

class Reception::PathTaker : public Taker {
  public:
    PathTaker(GstElement* element, std::shared_ptr<MediaQueue> queue, gst::SourceEvents& events)
        : element_(gst::share(element)), queue_(std::move(queue)), events_(events) {}
    bool authorize(const gst::PublisherInfo& publisher) override { return events_.authorize(publisher); }
    std::shared_ptr<MediaQueue> queue() override { return queue_; }

  private:
    const gst::Ref<GstElement> element_;  // whose events they are: it may be stopped while it is asked
    const std::shared_ptr<MediaQueue> queue_;
    gst::SourceEvents& events_;
};

Reception::Reception(GstElement* element, const gst::SourceSettings& settings, gst::SourceEvents& events)
    : element_(element), settings_(settings), events_(events), pads_(element), task_([this] { step(); }) {}

Result<std::unique_ptr<gst::SourceRun>> Reception::start(GstElement* element, const gst::SourceSettings& settings,
                                                         gst::SourceEvents& events) {
    auto path = gst::path_to_take(settings.path);
    if (!path) return tl::unexpected(std::move(path).error());
    auto listener = Listener::at(settings.listen);
    if (!listener) return tl::unexpected(std::move(listener).error());
    std::unique_ptr<Reception> run(new Reception(element, settings, events));
    auto claim = (*listener)->directory()->claim(*path, std::make_shared<PathTaker>(element, run->queue_, events));
    if (!claim) return tl::unexpected(std::move(claim).error());
    run->listener_ = std::move(*listener);
    run->claim_ = std::move(*claim);
    run->task_.start(element);
    return run;
}

Reception::~Reception() {
    unblock();
    task_.join();
    claim_.reset();
    pads_.remove();
}

void Reception::unblock() {
    task_.stop();
    queue_->close();
}

void Reception::fill_stats(GstStructure* stats) const {
    gst_structure_set(stats, "publishers", G_TYPE_UINT64, counters_.publishers.load(), "video-frames", G_TYPE_UINT64,
                      counters_.video_frames.load(), "audio-frames", G_TYPE_UINT64, counters_.audio_frames.load(),
                      "bytes", G_TYPE_UINT64, counters_.bytes.load(), "timestamp-jumps", G_TYPE_UINT64,
                      counters_.jumps.load(), "drift", G_TYPE_INT64, counters_.drift.load(), nullptr);
}

void Reception::step() {
    auto item = queue_->pop(give_up_at_);
    if (item) {
        std::visit([this](auto&& each) { on(std::move(each)); }, std::move(*item));
    } else if (!queue_->closed()) {
        give_up_waiting();
    }
}

// ---- what comes -----------------------------------------------------------------------------------------------------

void Reception::on(Connected item) {
    publisher_ = std::move(item.publisher);
    connected_ = true;
    give_up_at_ = kNever;
    ++counters_.publishers;
    timeline_ = Timeline();
    base_.reset();
    first_arrival_.reset();
    announced_rate_.reset();
    if (!pads_.any()) discovery_ = TrackDiscovery();
    events_.connected(publisher_);
}

void Reception::on(Disconnected item) {
    connected_ = false;
    give_up_at_ = net::now() + settings_.reconnect_timeout;
    if (!pads_.any()) {
        // Too short to tell its tracks; what it sent is not worth a pad.
        early_.clear();
        formats_.clear();
        give_up_at_ = kNever;
    }
    pads_.interrupted();
    events_.disconnected(publisher_, item.reason);
}

void Reception::on(Metadata item) {
    discovery_.saw(item);
    if (const amf::Value* rate = amf::find(item.values, "framerate"); rate && rate->number() && *rate->number() > 0) {
        gint numerator = 0;
        gint denominator = 1;
        gst_video_guess_framerate(static_cast<GstClockTime>(GST_SECOND / *rate->number()), &numerator, &denominator);
        announced_rate_ = {static_cast<std::uint32_t>(numerator), static_cast<std::uint32_t>(denominator)};
    }
    open_pads_when_known();
}

void Reception::on(FormatChanged item) {
    if (auto completed = codec::complete(item.format); !completed) {
        gst::warn(element_, "publisher " + publisher_.address + " of " + settings_.path +
                                " sent a configuration that cannot be used: " + completed.error().what);
        return;
    }
    if (item.kind == codec::Kind::video && !item.format.frame_rate.known() && announced_rate_) {
        item.format.frame_rate = *announced_rate_;
    }
    discovery_.saw(item);
    if (pads_.any()) return set_format(item);
    std::erase_if(formats_,
                  [&](const FormatChanged& known) { return known.kind == item.kind && known.track == item.track; });
    formats_.push_back(std::move(item));
    open_pads_when_known();
}

void Reception::on(TimedMedia item) {
    if (pads_.any()) return play_out(std::move(item));
    discovery_.saw(item.media);
    early_.push_back(std::move(item));
    open_pads_when_known();
}

void Reception::on(Notice item) {
    gst::warn(element_, "publisher " + publisher_.address + " of " + settings_.path + ": " + item.text);
}

void Reception::on(EndAsked) {
    finish(GST_FLOW_EOS);
}

// ---- what goes out --------------------------------------------------------------------------------------------------

void Reception::open_pads_when_known() {
    if (pads_.any() || !discovery_.complete()) return;
    // Video first: who links in the order of appearance gets it as the leading track.
    std::stable_sort(formats_.begin(), formats_.end(), [](const auto& a, const auto& b) { return a.kind < b.kind; });
    for (const FormatChanged& format : std::exchange(formats_, {})) set_format(format);
    pads_.all_known();
    for (TimedMedia& media : std::exchange(early_, {})) play_out(std::move(media));
}

void Reception::set_format(const FormatChanged& format) {
    frame_durations_[{format.kind, format.track}] = frame_duration(format.format);
    pads_.set_caps(format.kind, format.track, gst::caps_from_format(format.format));
}

void Reception::play_out(TimedMedia item) {
    const auto mapped = timeline_.map(item.media.track * 2 + (item.media.kind == codec::Kind::audio ? 1 : 0),
                                      item.media.dts, item.media.pts, item.arrived);
    if (!base_) {
        base_ = gst::running_time_at(element_, item.arrived) - mapped.dts;
        first_arrival_ = item.arrived;
    }
    if (mapped.discontinuity) ++counters_.jumps;
    ++(item.media.kind == codec::Kind::video ? counters_.video_frames : counters_.audio_frames);
    counters_.bytes += item.media.payload.size;
    if (item.media.kind == codec::Kind::video)
        counters_.drift = (mapped.dts - (item.arrived - *first_arrival_)).count();
    const auto duration = frame_durations_.find({item.media.kind, item.media.track});
    if (duration == frame_durations_.end()) return;  // of a track whose format never came
    const codec::Kind kind = item.media.kind;
    const unsigned track = item.media.track;
    const GstFlowReturn flow =
        pads_.push(kind, track, to_buffer(std::move(item.media), mapped, *base_, duration->second));
    if (flow != GST_FLOW_OK) finish(flow);
}

void Reception::finish(GstFlowReturn flow) {
    task_.finish();
    if (flow == GST_FLOW_FLUSHING) return;
    if (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS) {
        GST_ELEMENT_FLOW_ERROR(element_, flow);
    }
    end_of_stream();
}

// The publisher did not come back. The path is free again: whoever publishes it next is a new stream.
void Reception::give_up_waiting() {
    if (!pads_.any()) {
        give_up_at_ = kNever;
        return;
    }
    task_.finish();
    end_of_stream();
}

// Frees the path first: who sees the EOS may start the source's successor at once.
void Reception::end_of_stream() {
    claim_.reset();
    listener_.reset();
    pads_.end_of_stream();
}

}  // namespace millrace::rtmp
