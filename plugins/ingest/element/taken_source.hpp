// SPDX-License-Identifier: LGPL-2.1-or-later
// The source that has the publisher: made by the publisher's device, run as a child of the element.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <vector>

#include "common/base/time.hpp"
#include "common/gst/progress.hpp"
#include "common/gst/publisher_source_element.hpp"
#include "common/gst/ref.hpp"
#include "ingest/element/inbox.hpp"
#include "ingest/element/relay.hpp"

namespace millrace::ingest {

class TakenSource {
  public:
    // What it is among.
    struct Surroundings {
        GstBin* bin;
        const gst::SourceSettings& settings;
        gst::SourceEvents& events;
        std::shared_ptr<Inbox> inbox;
        gst::TrackPads& pads;
        gst::Progress& progress;
    };

    // `number` is what the inbox calls it by. Fails when the device makes no element.
    static Result<std::unique_ptr<TakenSource>> make(GstDevice* device, unsigned number, const Surroundings& among);
    ~TakenSource();  // not on a thread of the source
    TakenSource(const TakenSource&) = delete;
    TakenSource& operator=(const TakenSource&) = delete;

    // Takes the publisher, who may be there before this returns. Fails when the element cannot start, which has said
    // why.
    Result<> start(const gst::OwnedStructure& publisher, Inbox& inbox);
    // Has it end its stream behind what came so far; false when it cannot.
    bool end() { return gst_element_send_event(source_.get(), gst_event_new_eos()); }
    [[nodiscard]] unsigned number() const { return number_; }
    [[nodiscard]] const gst::Ref<GstElement>& element() const { return source_; }
    [[nodiscard]] const std::shared_ptr<Relay>& relay() const { return relay_; }
    [[nodiscard]] Duration latency() const;

  private:
    struct Ears;

    TakenSource(gst::Ref<GstElement> source, unsigned number, const Surroundings& among);
    void settle(const gst::SourceSettings& settings);
    void add_pads_it_has();
    void listen(gst::SourceEvents& events, const std::shared_ptr<Inbox>& inbox);

    GstBin* const bin_;
    const gst::Ref<GstElement> source_;
    const unsigned number_;
    const std::shared_ptr<Relay> relay_;
    std::vector<gulong> handlers_;
};

}  // namespace millrace::ingest
