// SPDX-License-Identifier: LGPL-2.1-or-later
// The shell of an element that takes publishers of a path: its states, queries, signals and statistics. What it does
// between start and stop is a SourceRun, which each protocol has its own of.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/publisher_directory.hpp"
#include "common/gst/track_caps.hpp"

namespace millrace::gst {

struct SourceSettings {
    std::string path;
    std::string listen;
    Duration latency = 100ms;
    Duration reconnect_timeout = 10s;
};

inline constexpr Property<SourceSettings> kReconnectTimeout{
    .name = "reconnect-timeout",
    .blurb = "How long the pads stay open for a publisher to come back in ns",
    .field = &SourceSettings::reconnect_timeout,
    .max = 3'600'000'000'000};

// `path` without leading slashes. Fails with bad_input when nothing is left.
Result<std::string> path_to_take(const std::string& path);

// What is left of `when`, a time of the I/O workers, on the element's timeline: never before its start.
Duration running_time_at(GstElement* element, TimePoint when);

// One run of a source, from start to stop. Its destructor stops its threads; the pads are deactivated by then.
class SourceRun {
  public:
    virtual ~SourceRun() = default;
    // Nothing comes out before play(): a live source gives no data while paused.
    virtual void play() = 0;
    virtual void pause() = 0;
    // Ends the stream behind what came so far, as when a publisher does not return.
    virtual void end() = 0;
    // Wakes its streaming threads for good.
    virtual void unblock() = 0;
    virtual void fill_stats(GstStructure* stats) const = 0;
};

// What a run tells and asks its element, on any thread: its signals.
class SourceEvents {
  public:
    // Whether the publisher may be taken; without a handler all may.
    virtual bool authorize(const PublisherInfo& publisher) = 0;
    virtual void connected(const PublisherInfo& publisher) = 0;
    virtual void disconnected(const PublisherInfo& publisher, const std::string& reason) = 0;  // "": in good order

  protected:
    ~SourceEvents() = default;
};

// The base of an element's C++ object.
class PublisherSourceElement : protected SourceEvents {
  public:
    // `factory` is the element's, for messages and the name of its statistics.
    PublisherSourceElement(GstElement* element, const char* factory, GstDebugCategory* category);
    virtual ~PublisherSourceElement() = default;

    GstStateChangeReturn change_state(GstStateChange change, gpointer parent_class);
    gboolean send_event(GstEvent* event, gpointer parent_class);
    gboolean query(GstQuery* query);
    GstStructure* stats();

  protected:
    virtual Result<std::unique_ptr<SourceRun>> start_run(GstElement* element, SourceEvents& events) = 0;
    virtual Duration latency() = 0;

    bool authorize(const PublisherInfo& publisher) final;
    void connected(const PublisherInfo& publisher) final;
    void disconnected(const PublisherInfo& publisher, const std::string& reason) final;

  private:
    bool start();
    void stop();
    bool end();
    template <class F>
    void with_run(F&& use) {
        Lock lock(mutex_);
        if (run_) use(*run_);
    }

    GstElement* const element_;
    const char* const factory_;
    GstDebugCategory* const category_;
    Mutex mutex_;
    std::unique_ptr<SourceRun> run_ GUARDED_BY(mutex_);
};

namespace detail {
void install_signals_and_pads(GstElementClass* klass, const char* video, const char* audio);
}

// All of that for an element's class; `source_of(element)` is its object, `video` and `audio` are the caps of its pads.
template <auto source_of>
void install_publisher_source(GstElementClass* klass, const char* video = kVideoCaps, const char* audio = kAudioCaps) {
    static gpointer parent_class = g_type_class_peek_parent(klass);
    detail::install_signals_and_pads(klass, video, audio);
    klass->change_state = [](GstElement* element, GstStateChange change) {
        return source_of(element).change_state(change, parent_class);
    };
    klass->send_event = [](GstElement* element, GstEvent* event) -> gboolean {
        return source_of(element).send_event(event, parent_class);
    };
    klass->query = [](GstElement* element, GstQuery* query) -> gboolean { return source_of(element).query(query); };
}

}  // namespace millrace::gst
