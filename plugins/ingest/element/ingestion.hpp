// SPDX-License-Identifier: LGPL-2.1-or-later
// One run of the element: takes the publishers of its path one after the other, by whatever way each comes, and plays
// them out of the same pads. Carries out what a Succession decides.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/gst/playing_task.hpp"
#include "common/gst/progress.hpp"
#include "common/gst/publisher_source_element.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/track_pads.hpp"
#include "ingest/core/succession.hpp"
#include "ingest/element/inbox.hpp"
#include "ingest/element/publisher_finder.hpp"
#include "ingest/element/relay.hpp"
#include "ingest/element/taken_source.hpp"

namespace millrace::ingest {

// The latency of the sources taken so far, for as long as the element lives. Any thread.
using KnownLatency = std::atomic<std::int64_t>;  // ns

class Ingestion : public gst::SourceRun {
  public:
    static Result<std::unique_ptr<gst::SourceRun>> start(GstBin* bin, const gst::SourceSettings& settings,
                                                         gst::SourceEvents& events, KnownLatency& latency);
    ~Ingestion() override;

    void play() override { task_.play(); }
    void pause() override { task_.pause(); }
    void end() override { inbox_->push(EndAsked{}); }
    void unblock() override;
    void fill_stats(GstStructure* stats) const override;

  private:
    Ingestion(GstBin* bin, const gst::SourceSettings& settings, gst::SourceEvents& events, KnownLatency& latency);
    void step();  // the task: one happening
    bool pass_upstream(codec::Kind kind, unsigned number, GstEvent* event);

    void on(Appeared happening);
    void on(Vanished happening);
    void on(Connected happening);
    void on(Disconnected happening);
    void on(Exhausted happening);
    void on(EndAsked happening);

    void carry_out();
    void carry_out(Take decision);
    void carry_out(Refuse decision);
    void carry_out(Drop decision);
    void carry_out(End decision);
    Result<> take(GstDevice* device);
    void remember_latency();
    [[nodiscard]] bool is_current(unsigned source) const { return source_ && source_->number() == source; }
    [[nodiscard]] gst::Ref<GstDevice> forget(Candidate who);

    GstBin* const bin_;
    const gst::SourceSettings settings_;
    gst::SourceEvents& events_;
    KnownLatency& latency_;
    const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
    gst::Progress progress_;
    gst::TrackPads pads_;

    // ---- the task's own
    std::unique_ptr<PublisherFinder> finder_;
    Succession succession_;
    std::map<Candidate, gst::Ref<GstDevice>> devices_;  // of those who wait
    Candidate last_candidate_ = 0;
    std::unique_ptr<TakenSource> source_;
    unsigned last_source_ = 0;
    TimePoint end_by_ = kNever;  // the application's end of stream, when the source does not bring it

    // ---- what others see of it
    struct Seen {
        gst::Ref<GstElement> source;
        std::shared_ptr<Relay> relay;
        std::string protocol;  // while somebody publishes
    };
    Guarded<Seen> seen_;
    std::atomic<std::uint64_t> publishers_ = 0;
    std::atomic<std::uint64_t> refused_ = 0;
    std::atomic<std::uint64_t> changes_ = 0;  // of the source, while the stream went on

    gst::PlayingTask task_;
};

}  // namespace millrace::ingest
