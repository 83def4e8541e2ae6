// SPDX-License-Identifier: LGPL-2.1-or-later
// One encoded rendition: pictures of its size go in, from the thread that scales them; a thread of its own encodes them
// and pushes them out.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "common/base/result.hpp"
#include "common/gst/chain.hpp"
#include "ladder/core/rung_plan.hpp"
#include "ladder/element/encoder_table.hpp"
#include "ladder/element/hand_over.hpp"
#include "ladder/element/output.hpp"

namespace millrace::ladder {

class RungThread {
  public:
    struct Counters {
        std::uint64_t frames = 0;   // that came out
        std::uint64_t dropped = 0;  // that there was no room for
        Duration lag{};             // of the last one, from its arrival
    };
    struct Callbacks {
        std::function<void(Duration lag, TimePoint now)> done;  // on its thread, for each picture
        std::function<void(const Error&)> failed;               // its encoder or what is behind it; once
    };

    RungThread(Rung rung, bool live, MadeEncoder encoder, std::unique_ptr<Output> output, Callbacks callbacks);
    ~RungThread();
    RungThread(const RungThread&) = delete;
    RungThread& operator=(const RungThread&) = delete;
    Result<> start();

    [[nodiscard]] const Rung& rung() const { return rung_; }
    [[nodiscard]] const std::string& encoder() const { return encoder_.factory; }
    [[nodiscard]] const std::string& raw_format() const { return encoder_.raw_format; }
    [[nodiscard]] Output& output() { return *output_; }

    // The scaling thread.
    void send(gst::Ref<GstEvent> event) { queue_.force({.event = std::move(event)}); }
    // Waits for room unless it is live: then a picture that has none is dropped, but no key frame is.
    void push(Item picture);

    // Any thread.
    void stop() { queue_.stop(); }
    void flush() { queue_.flush(); }
    [[nodiscard]] Counters counters() const;

  private:
    void run();
    void encode(Item item);
    bool on_event(GstEvent* event);
    GstFlowReturn on_buffer(gst::Ref<GstBuffer> buffer);
    void fail(const std::string& what);

    const Rung rung_;
    const MadeEncoder encoder_;
    const std::unique_ptr<Output> output_;
    const Callbacks callbacks_;
    const bool live_;
    HandOver queue_;
    std::unique_ptr<gst::Chain> chain_;
    std::thread thread_;

    bool failed_ = false;  // its thread's
    std::atomic<std::uint64_t> frames_{0};
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<std::int64_t> lag_{0};
};

}  // namespace millrace::ladder
