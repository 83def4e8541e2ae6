// SPDX-License-Identifier: LGPL-2.1-or-later
// The ladder's video input: passed on as it is where that was asked for, and decoded for the rungs.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <optional>

#include "common/base/thread.hpp"
#include "ladder/element/decoding.hpp"
#include "ladder/element/outlet.hpp"
#include "ladder/element/rungs.hpp"

namespace millrace::ladder {

class VideoTrack {
  public:
    VideoTrack(GstPad* sink, RungsSettings settings, Outlet outlet);
    ~VideoTrack();
    VideoTrack(const VideoTrack&) = delete;
    VideoTrack& operator=(const VideoTrack&) = delete;

    // The sink pad's streaming thread.
    void event(gst::Ref<GstEvent> event);
    GstFlowReturn push(gst::Ref<GstBuffer> buffer);

    // Any thread.
    void stop();
    struct Report {
        Rungs::Report rungs;
        bool copied = false;
        std::string decoder;
        std::uint64_t frames = 0;
        std::uint64_t dropped = 0;  // before they were decoded
    };
    [[nodiscard]] Report report() const;

  private:
    void set_caps(GstEvent* event);
    void make_copy(GstEvent* caps);
    void start_decoding(gst::Ref<GstEvent> caps);
    void replay(GstEventType type);
    bool on_upstream(bool copy, GstEvent* event);
    bool on_query(GstQuery* query);
    // `caps`: of the copy, null = of a rung.
    std::unique_ptr<Output> make_output(unsigned number, const gst::Rendition& rendition, GstEvent* caps);

    GstPad* const sink_;
    RungsSettings settings_;
    const Outlet outlet_;
    const bool wants_copy_;
    std::atomic<bool> realtime_wanted_{false};
    std::atomic<std::int64_t> frame_{0};  // ns
    std::atomic<std::uint64_t> frames_{0};

    mutable Mutex mutex_;  // of the pointers, for those who are not the streaming thread
    std::unique_ptr<Output> copy_;
    std::shared_ptr<Rungs> rungs_;
    std::unique_ptr<Decoding> decoding_;  // last: its thread feeds the rungs
};

}  // namespace millrace::ladder
