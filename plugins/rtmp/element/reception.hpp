// SPDX-License-Identifier: LGPL-2.1-or-later
// One source's run, from start to stop: takes the publishers of its path, one after the other, and plays what they send
// out of the source's pads on a streaming thread.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.hpp"
#include "common/gst/playing_task.hpp"
#include "common/gst/publisher_source_element.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/track_pads.hpp"
#include "rtmp/core/timeline.hpp"
#include "rtmp/element/listener.hpp"
#include "rtmp/element/media_queue.hpp"
#include "rtmp/element/track_discovery.hpp"

namespace millrace::rtmp {

// What the element shows of a run. Written by the streaming thread, read by any.
struct Counters {
    std::atomic<std::uint64_t> publishers = 0;  // that were taken
    std::atomic<std::uint64_t> video_frames = 0;
    std::atomic<std::uint64_t> audio_frames = 0;
    std::atomic<std::uint64_t> bytes = 0;  // of media
    std::atomic<std::uint64_t> jumps = 0;  // of the publisher's clock
    std::atomic<std::int64_t> drift = 0;   // ns the publisher's clock has gained on ours since it came
};

class Reception : public gst::SourceRun {
  public:
    // The element is told and asks on the streaming thread, but for authorize(), which comes on a worker.
    static Result<std::unique_ptr<gst::SourceRun>> start(GstElement* element, const gst::SourceSettings& settings,
                                                         gst::SourceEvents& events);
    ~Reception() override;

    void play() override { task_.play(); }
    void pause() override { task_.pause(); }
    void end() override { queue_->push(EndAsked{}); }
    void unblock() override;
    void fill_stats(GstStructure* stats) const override;

  private:
    class PathTaker;

    Reception(GstElement* element, const gst::SourceSettings& settings, gst::SourceEvents& events);
    void step();  // the streaming thread: one item

    // What an item does.
    void on(Connected item);
    void on(Disconnected item);
    void on(Metadata item);
    void on(FormatChanged item);
    void on(TimedMedia item);
    void on(Notice item);
    void on(EndAsked item);

    void open_pads_when_known();
    void set_format(const FormatChanged& format);
    void play_out(TimedMedia item);
    void finish(GstFlowReturn flow);
    void give_up_waiting();
    void end_of_stream();

    GstElement* const element_;
    const gst::SourceSettings settings_;
    gst::SourceEvents& events_;
    Counters counters_;
    const std::shared_ptr<MediaQueue> queue_ = std::make_shared<MediaQueue>();

    // ---- the streaming thread's own
    gst::TrackPads pads_;
    std::map<std::pair<codec::Kind, unsigned>, GstClockTime> frame_durations_;
    std::shared_ptr<Listener> listener_;
    std::unique_ptr<gst::PublisherDirectory::Claim> claim_;
    gst::PublisherInfo publisher_;
    bool connected_ = false;
    TimePoint give_up_at_ = kNever;  // while nobody publishes and a return is awaited
    TrackDiscovery discovery_;
    std::vector<FormatChanged> formats_;             // until the pads are open
    std::vector<TimedMedia> early_;                  // media that came before the pads were open
    std::optional<codec::Rational> announced_rate_;  // the metadata's frame rate
    Timeline timeline_;
    std::optional<Duration> base_;  // running time of this publisher's timeline's zero
    std::optional<TimePoint> first_arrival_;

    gst::PlayingTask task_;
};

}  // namespace millrace::rtmp
