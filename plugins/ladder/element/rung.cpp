// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/element/rung.hpp"

#include <gst/video/video.h>
#include <pthread.h>

#include <utility>

#include "common/net/worker.hpp"

namespace millrace::ladder {

namespace {

// One is being encoded; more than these behind it would only be late. What is not live waits before it is scaled.
constexpr std::size_t kMostWaitingLive = 3;
constexpr std::size_t kMostWaiting = 1;

}  // namespace

RungThread::RungThread(Rung rung, bool live, MadeEncoder encoder, std::unique_ptr<Output> output, Callbacks callbacks)
    : rung_(std::move(rung)),
      encoder_(std::move(encoder)),
      output_(std::move(output)),
      callbacks_(std::move(callbacks)),
      live_(live),
      queue_(live ? kMostWaitingLive : kMostWaiting) {}

Result<> RungThread::start() {
    auto chain = gst::Chain::make(
        encoder_.elements, {.event = [this](GstEvent* event) { return on_event(event); },
                            .buffer = [this](gst::Ref<GstBuffer> buffer) { return on_buffer(std::move(buffer)); }});
    if (!chain) return tl::unexpected(std::move(chain).error().while_(encoder_.factory));
    chain_ = std::move(*chain);
    chain_->send(gst::adopt(gst_event_new_stream_start(rung_.name.c_str())));
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), ("rung " + rung_.name).substr(0, 15).c_str());
    return {};
}

RungThread::~RungThread() {
    queue_.stop();
    if (thread_.joinable()) thread_.join();
    chain_.reset();
}

void RungThread::push(Item picture) {
    if (!live_) return queue_.give(std::move(picture));
    if (picture.key) return queue_.force(std::move(picture));
    const TimePoint arrival = picture.arrival;
    if (queue_.offer(std::move(picture))) return;
    ++dropped_;
    const TimePoint now = net::now();
    callbacks_.done(std::max<Duration>(now - arrival, 1s), now);
}

void RungThread::run() {
    while (auto item = queue_.take()) {
        if (item->event) {
            // What has failed still ends.
            const bool ends = failed_ && GST_EVENT_TYPE(item->event.get()) == GST_EVENT_EOS;
            ends ? output_->send(item->event.release()) : chain_->send(std::move(item->event));
        } else if (!failed_) {
            encode(std::move(*item));
        }
    }
}

void RungThread::encode(Item item) {
    if (item.key)
        chain_->send(gst::adopt(gst_video_event_new_downstream_force_key_unit(GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE,
                                                                              GST_CLOCK_TIME_NONE, TRUE, 0)));
    const GstFlowReturn flow = chain_->push(std::move(item.buffer));
    const TimePoint now = net::now();
    lag_ = (now - item.arrival).count();
    callbacks_.done(now - item.arrival, now);
    if (flow == GST_FLOW_OK || flow == GST_FLOW_FLUSHING || flow == GST_FLOW_EOS) return;
    const std::string why = chain_->complaint();
    fail(why.empty() ? gst_flow_get_name(flow) : why);
}

void RungThread::fail(const std::string& what) {
    failed_ = true;
    callbacks_.failed({Fault::no_resource, "rendition " + rung_.name + " (" + encoder_.factory + "): " + what});
}

// The pad has a STREAM_START of its own, which says what it is.
bool RungThread::on_event(GstEvent* event) {
    const auto type = GST_EVENT_TYPE(event);
    if (type == GST_EVENT_STREAM_START) return true;
    if (type == GST_EVENT_CUSTOM_DOWNSTREAM && gst_video_event_is_force_key_unit(event)) return true;
    return output_->send(gst_event_ref(event));
}

GstFlowReturn RungThread::on_buffer(gst::Ref<GstBuffer> buffer) {
    ++frames_;
    return output_->push(std::move(buffer));
}

RungThread::Counters RungThread::counters() const {
    return {.frames = frames_, .dropped = dropped_, .lag = Duration(lag_)};
}

}  // namespace millrace::ladder
