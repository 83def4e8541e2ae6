// SPDX-License-Identifier: LGPL-2.1-or-later
// One source's run, from start to stop: takes the publishers of its path, one after the other, and plays what they send
// out of the source's pads.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/gst/progress.hpp"
#include "common/gst/publisher_source_element.hpp"
#include "common/gst/track_pads.hpp"
#include "common/net/worker.hpp"
#include "webrtc/element/whip/desk.hpp"
#include "webrtc/element/whip/listener.hpp"
#include "webrtc/element/whip/pad_opening.hpp"
#include "webrtc/element/whip/publisher_media.hpp"
#include "webrtc/element/whip/publisher_session.hpp"
#include "webrtc/element/whip/whip_settings.hpp"

namespace millrace::webrtc {

class Reception : public gst::SourceRun {
  public:
    static Result<std::unique_ptr<gst::SourceRun>> start(GstElement* element, const WhipSettings& settings,
                                                         gst::SourceEvents& events);
    ~Reception() override;

    void play() override;
    void pause() override;
    void end() override;
    void unblock() override;
    void fill_stats(GstStructure* stats) const override;

  private:
    // The publisher that is there.
    struct Live {
        gst::PublisherInfo info;
        std::shared_ptr<PublisherSession> session;
        std::unique_ptr<PublisherMedia> media;
    };

    Reception(GstElement* element, const WhipSettings& settings, gst::SourceEvents& events);
    Result<> open();

    // ---- the control thread
    void on_connected(const gst::PublisherInfo& info, const std::shared_ptr<PublisherSession>& session);
    void on_gone(const std::shared_ptr<PublisherSession>& session, const std::string& why);
    void begin_media();
    void end_media();
    void give_up_waiting();
    void end_of_stream();

    // ---- the tracks' threads
    void on_frame(std::size_t track, bool video, gst::Ref<GstBuffer> frame);
    void watch_key_frames(std::size_t track, const GstBuffer& frame);
    void finish(GstFlowReturn flow);
    void want_key_frame(codec::Kind kind, unsigned number);
    [[nodiscard]] std::shared_ptr<PublisherSession> session() const;

    GstElement* const element_;
    const WhipSettings settings_;
    gst::SourceEvents& events_;
    gst::TrackPads pads_;
    PadOpening opening_;
    gst::Progress progress_;
    std::shared_ptr<Desk> desk_;
    std::shared_ptr<Listener> listener_;
    std::unique_ptr<gst::PublisherDirectory::Claim> claim_;

    std::atomic<bool> playing_ = false;
    std::atomic<bool> ended_ = false;  // nothing comes out any more
    std::atomic<std::uint64_t> publishers_ = 0;
    std::atomic<std::uint64_t> bytes_ = 0;            // of frames
    mutable Guarded<PublisherMedia::Totals> before_;  // of the publishers that have left

    // When each track's last key frame came, in running time, and when one was last asked for because of that.
    struct KeyFrames {
        GstClockTime last = GST_CLOCK_TIME_NONE;
        GstClockTime asked = GST_CLOCK_TIME_NONE;
    };
    std::vector<KeyFrames> key_frames_;  // each its track's thread's

    mutable Guarded<std::optional<Live>> live_;     // changed by the control thread alone
    std::unique_ptr<net::Worker::Timer> patience_;  // the control thread's
    std::unique_ptr<net::Worker> control_;          // last: its tasks use the rest
};

}  // namespace millrace::webrtc
