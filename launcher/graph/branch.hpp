// SPDX-License-Identifier: LGPL-2.1-or-later
// The queue between a pad and one of those it feeds. In a live pipeline a full one drops its oldest media, and then all
// up to the next key frame: what comes out is late or complete, never broken. Drops are counted.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/gst/ref.hpp"

namespace millrace::launcher {

// The same queue as words of a gst-launch line.
std::vector<std::string> queue_words(bool live);
// Where an output goes that nobody takes.
std::vector<std::string> discard_words();

struct BranchCount {
    std::atomic<std::uint64_t> entered{0};
    std::atomic<std::uint64_t> left{0};
    std::atomic<bool> waits_for_key_frame{false};
};

class BranchQueue {
  public:
    static Result<BranchQueue> make(bool live);

    [[nodiscard]] GstElement* element() const { return element_.get(); }
    [[nodiscard]] gst::Ref<GstPad> sink() const {
        return gst::adopt(gst_element_get_static_pad(element_.get(), "sink"));
    }
    [[nodiscard]] gst::Ref<GstPad> src() const { return gst::adopt(gst_element_get_static_pad(element_.get(), "src")); }
    // Buffers that came in and will never come out.
    [[nodiscard]] std::uint64_t dropped() const;

  private:
    gst::Ref<GstElement> element_;
    std::shared_ptr<BranchCount> count_;
};

Result<gst::Ref<GstElement>> make_discard();

}  // namespace millrace::launcher
