// SPDX-License-Identifier: LGPL-2.1-or-later
// All encoded renditions of one input: pictures in, each scaled to its rungs and marked as a key frame where it is to
// be one. Decides what an overloaded machine leaves out.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/thread.hpp"
#include "ladder/core/frame_rate_limit.hpp"
#include "ladder/core/key_schedule.hpp"
#include "ladder/core/overload.hpp"
#include "ladder/core/rung_plan.hpp"
#include "ladder/element/rung.hpp"
#include "ladder/element/scaler.hpp"

namespace millrace::ladder {

struct RungsSettings {
    std::vector<RenditionRequest> requests;
    std::string encoder;
    std::string speed;
    Duration key_interval{};
    bool live = true;
    bool copied = false;  // the input itself is a rendition too, and its key frames are followed
};

class Rungs {
  public:
    struct Callbacks {
        std::function<std::unique_ptr<Output>(unsigned number, const gst::Rendition&)> output;
        std::function<void(const std::string&)> warn;
        std::function<void(const Error&)> failed;  // nothing at all comes out
    };

    // For `stats`.
    struct Report {
        struct One {
            Rung rung;
            std::string encoder;
            RungThread::Counters counters;
            Keep keep = Keep::all;
        };
        std::vector<One> rungs;
        std::vector<std::string> notes;
        Picture input;
    };

    Rungs(RungsSettings settings, Callbacks callbacks);

    // The decoding thread.
    void event(GstEvent* event);
    void picture(gst::Ref<GstBuffer> picture, TimePoint arrival);
    void input_key(Duration pts) { schedule_.input_key(pts); }

    // Any thread. `input_may`: the input's encoder has been asked too.
    void request_key(bool input_may) { (input_may ? asked_with_input_ : asked_) = true; }
    // One more rung, for those who cannot be shown any other.
    void want_realtime() { realtime_wanted_ = true; }
    void stop();
    void flush();
    [[nodiscard]] Report report() const;

  private:
    struct Place {
        std::unique_ptr<RungThread> thread;
        std::unique_ptr<Scaler> scaler;
        FrameRateLimit limit{0};
        bool skip_next = false;      // of a rung that keeps half
        bool waits_for_key = false;  // it was given up
        gst::Ref<GstBuffer> scaled;  // of the picture that is being made
    };

    void set_input(const GstCaps* caps);
    void add(const Rung& rung, bool steady, bool segmented);
    void fit(std::size_t place, const Rung& rung);
    void begin(std::size_t place);
    void on_scaled_event(std::size_t place, GstEvent* event);
    void send_to(std::size_t place, const gst::Ref<GstEvent>& event);
    void add_realtime();
    bool take_requests_and_ask(Duration pts);
    void scale(std::size_t place, const gst::Ref<GstBuffer>& picture, Duration pts, Duration frame, bool key);
    [[nodiscard]] bool is_source(std::size_t place) const;
    bool is_encoded(Place& place, Keep keep, bool key);
    void watch_load(TimePoint now);
    void adapt(Overload::Change change);
    [[nodiscard]] unsigned number_of(const std::string& name) const;

    const RungsSettings settings_;
    const Callbacks callbacks_;
    KeySchedule schedule_;
    std::atomic<bool> asked_{false};
    std::atomic<bool> asked_with_input_{false};
    std::atomic<bool> realtime_wanted_{false};

    // The decoding thread's.
    gst::Ref<GstEvent> caps_;
    gst::Ref<GstEvent> segment_;
    std::atomic<std::int64_t> frame_{
        0};  // ns that a picture is shown, as far as the caps say; the rungs' threads read it
    double frame_rate_ = 0;
    std::vector<Rung> wanted_;  // as planned now, one a place
    std::vector<Keep> keeps_;   // one a place, as of the last look at the load
    bool warned_ = false;       // of the overload that there is

    mutable Mutex mutex_;
    std::vector<std::string> notes_ GUARDED_BY(mutex_);
    Picture input_ GUARDED_BY(mutex_);
    std::unique_ptr<Overload> overload_ GUARDED_BY(mutex_);
    // Grows on the decoding thread, under the lock. Last: the rungs' threads use all of the above until they have
    // ended.
    std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace millrace::ladder
