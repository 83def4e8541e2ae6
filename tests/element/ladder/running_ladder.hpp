// SPDX-License-Identifier: LGPL-2.1-or-later
// A pipeline with a ladder in it: numbered pictures go in, and what comes out of each of its pads is decoded and looked
// at.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/thread.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/rendition.hpp"

namespace millrace::ladder::test {

struct Shown {
    std::uint32_t number = 0;
    GstClockTime pts = 0;  // running time
    bool key = false;

    bool operator==(const Shown&) const = default;
};

// Of one pad.
struct Seen {
    gst::Rendition rendition;
    std::string caps;   // as they came out
    std::string known;  // of them, when the pad was there
    int width = 0;
    int height = 0;
    std::string rate;                 // framerate in the caps
    std::vector<Shown> shown;         // in the order shown
    std::vector<GstClockTime> beeps;  // running times at which sound begins after silence
    std::size_t buffers = 0;
    bool ended = false;  // it came out
    bool shown_to_its_end = false;
    std::size_t unreadable = 0;
    gst::Ref<GstPad> pad;

    [[nodiscard]] std::vector<std::uint32_t> numbers() const;
    [[nodiscard]] std::vector<std::uint32_t> keys() const;
};

class RunningLadder {
  public:
    // `line`: a gst-launch line with elements called `l` (the ladder) and, where pictures are to be numbered, `n` (any
    // element that raw pictures come out of). `behind`: an element to put right behind a pad, by its name, such as
    // "identity sleep-time=60000".
    explicit RunningLadder(const std::string& line, std::map<std::string, std::string> behind = {});
    ~RunningLadder();

    void play();
    // Until the pipeline's end or an error; false after `seconds`. What is in the pipeline by then has ended: a pad
    // that comes later than a short stream's copy took is not waited for.
    bool wait_for_end(int seconds = 60);
    // Until what comes out of these pads has ended.
    bool wait_for_end_of(const std::vector<std::string>& pads);
    bool wait_until(const std::function<bool()>& true_of_it, int seconds = 30);

    [[nodiscard]] std::map<std::string, Seen> seen();
    [[nodiscard]] Seen seen(const std::string& pad) { return seen()[pad]; }
    [[nodiscard]] std::vector<std::string> warnings();
    [[nodiscard]] std::string error() const { return error_; }
    [[nodiscard]] GstElement* ladder() const { return ladder_.get(); }
    [[nodiscard]] GstElement* pipeline() const { return pipeline_.get(); }
    gst::OwnedStructure stats();

  private:
    struct Branch;
    void take_messages();
    static void on_pad_added(GstElement* ladder, GstPad* pad, gpointer self);
    static GstPadProbeReturn on_encoded(GstPad* pad, GstPadProbeInfo* info, gpointer branch);
    static GstPadProbeReturn on_picture(GstPad* pad, GstPadProbeInfo* info, gpointer branch);
    static GstPadProbeReturn on_sound(GstPad* pad, GstPadProbeInfo* info, gpointer branch);
    void add_branch(GstPad* pad);

    std::map<std::string, std::string> behind_;
    gst::Ref<GstElement> pipeline_;
    gst::Ref<GstElement> ladder_;
    std::string error_;
    bool ended_ = false;
    std::vector<std::string> warnings_;
    Mutex mutex_;
    std::map<std::string, std::unique_ptr<Branch>> branches_ GUARDED_BY(mutex_);
};

}  // namespace millrace::ladder::test
