// SPDX-License-Identifier: LGPL-2.1-or-later
// Two protocols that exist in tests only, red and blue: providers and sources as a plugin has them, and publishers that
// do what a test says. No network.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <optional>
#include <string>

#include "common/base/thread.hpp"
#include "common/gst/publisher_directory.hpp"
#include "common/gst/ref.hpp"

namespace millrace::test {

class PaintRun;
enum class Colour { red, blue };

// With GStreamer: testredsrc, testbluesrc and their device providers.
void register_paint();

// How many key frames the sources of a colour were asked for.
int key_frames_wanted(Colour colour);

class PaintPublisher {
  public:
    PaintPublisher(Colour colour, const std::string& path);
    ~PaintPublisher();

    void offer();
    void leave();

    bool await_taken();
    // Why it was refused; empty when it was not in time.
    std::string await_refusal();
    [[nodiscard]] std::optional<gst::Refusal> refusal() const;

    // Of the source that took it.
    void open(const std::string& pad, const std::string& caps, const std::string& rendition = "");
    void all_open();
    GstFlowReturn send(const std::string& pad, GstClockTime time);

  private:
    class Application;
    const Colour colour_;
    const std::string path_;
    std::shared_ptr<Application> application_;
};

}  // namespace millrace::test
