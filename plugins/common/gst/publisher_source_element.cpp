// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/publisher_source_element.hpp"

#include <algorithm>
#include <utility>

#include "common/gst/post.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/signals.hpp"
#include "common/net/worker.hpp"

namespace millrace::gst {

Result<std::string> path_to_take(const std::string& path) {
    const auto start = path.find_first_not_of('/');
    if (start == std::string::npos) {
        return fail(Fault::bad_input, "no path is set; say which stream to take, such as path=live/cam1");
    }
    return path.substr(start);
}

Duration running_time_at(GstElement* element, TimePoint when) {
    auto clock = adopt(gst_element_get_clock(element));
    if (!clock) return 0ns;
    const auto running = static_cast<std::int64_t>(gst_clock_get_time(clock.get())) -
                         static_cast<std::int64_t>(gst_element_get_base_time(element));
    return std::max<Duration>(Duration(running) - (net::now() - when), 0ns);
}

PublisherSourceElement::PublisherSourceElement(GstElement* element, const char* factory, GstDebugCategory* category)
    : element_(element), factory_(factory), category_(category) {
    GST_OBJECT_FLAG_SET(element, GST_ELEMENT_FLAG_SOURCE);
}

// ---- states ---------------------------------------------------------------------------------------------------------

bool PublisherSourceElement::start() {
    auto started = start_run(element_, *this);
    if (!started) {
        post(element_, std::move(started).error().while_(std::string("starting ") + factory_));
        return false;
    }
    Lock lock(mutex_);
    run_ = std::move(*started);
    return true;
}

void PublisherSourceElement::stop() {
    std::unique_ptr<SourceRun> ended;
    Lock lock(mutex_);
    ended.swap(run_);
}

GstStateChangeReturn PublisherSourceElement::change_state(GstStateChange change, gpointer parent_class) {
    if (change == GST_STATE_CHANGE_READY_TO_PAUSED && !start()) return GST_STATE_CHANGE_FAILURE;
    if (change == GST_STATE_CHANGE_PAUSED_TO_PLAYING) with_run([](SourceRun& run) { run.play(); });
    if (change == GST_STATE_CHANGE_PLAYING_TO_PAUSED) with_run([](SourceRun& run) { run.pause(); });
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) with_run([](SourceRun& run) { run.unblock(); });
    auto result = GST_ELEMENT_CLASS(parent_class)->change_state(element_, change);
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) stop();
    // A live source has nothing to show before it plays.
    const bool live_pause = change == GST_STATE_CHANGE_READY_TO_PAUSED || change == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
    return result == GST_STATE_CHANGE_SUCCESS && live_pause ? GST_STATE_CHANGE_NO_PREROLL : result;
}

// ---- events, queries, statistics ------------------------------------------------------------------------------------

gboolean PublisherSourceElement::query(GstQuery* query) {
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return FALSE;
    gst_query_set_latency(query, TRUE, static_cast<GstClockTime>(latency().count()), GST_CLOCK_TIME_NONE);
    return TRUE;
}

// An application ends a live pipeline by sending EOS to its sources (gst-launch-1.0 -e, the launcher).
gboolean PublisherSourceElement::send_event(GstEvent* event, gpointer parent_class) {
    if (GST_EVENT_TYPE(event) != GST_EVENT_EOS) return GST_ELEMENT_CLASS(parent_class)->send_event(element_, event);
    gst_event_unref(event);
    return end();
}

// False while there are no pads to say it on.
bool PublisherSourceElement::end() {
    GST_OBJECT_LOCK(element_);
    const bool has_pads = element_->numsrcpads > 0;
    GST_OBJECT_UNLOCK(element_);
    if (has_pads) with_run([](SourceRun& run) { run.end(); });
    return has_pads;
}

GstStructure* PublisherSourceElement::stats() {
    GstStructure* structure = gst_structure_new_empty((std::string("application/x-") + factory_ + "-stats").c_str());
    with_run([&](const SourceRun& run) { run.fill_stats(structure); });
    return structure;
}

// ---- signals --------------------------------------------------------------------------------------------------------

namespace {
constexpr const char* kAuthorize = "authorize";
constexpr const char* kConnected = "publisher-connected";
constexpr const char* kDisconnected = "publisher-disconnected";
}  // namespace

bool PublisherSourceElement::authorize(const PublisherInfo& publisher) {
    const guint signal = g_signal_lookup(kAuthorize, G_OBJECT_TYPE(element_));
    if (!g_signal_has_handler_pending(element_, signal, 0, FALSE)) return true;
    gboolean allowed = FALSE;
    g_signal_emit(element_, signal, 0, publisher.facts.get(), &allowed);
    GST_CAT_INFO_OBJECT(category_, element_, "publisher %s: %s for %s", publisher.address.c_str(),
                        allowed ? "authorized" : "not authorized", publisher.path.c_str());
    return allowed;
}

void PublisherSourceElement::connected(const PublisherInfo& publisher) {
    GST_CAT_INFO_OBJECT(category_, element_, "publisher %s: took %s", publisher.address.c_str(),
                        publisher.path.c_str());
    g_signal_emit_by_name(element_, kConnected, publisher.facts.get());
}

void PublisherSourceElement::disconnected(const PublisherInfo& publisher, const std::string& reason) {
    GST_CAT_INFO_OBJECT(category_, element_, "publisher %s: left %s: %s", publisher.address.c_str(),
                        publisher.path.c_str(), reason.empty() ? "it ended the stream" : reason.c_str());
    g_signal_emit_by_name(element_, kDisconnected, publisher.facts.get());
}

void detail::install_signals_and_pads(GstElementClass* klass, const char* video, const char* audio) {
    // authorize(request) → allowed: asked, on a network thread, before a publisher is taken; without a handler all are.
    new_structure_signal(G_OBJECT_CLASS_TYPE(klass), kAuthorize, G_TYPE_BOOLEAN);
    new_structure_signal(G_OBJECT_CLASS_TYPE(klass), kConnected, G_TYPE_NONE);
    new_structure_signal(G_OBJECT_CLASS_TYPE(klass), kDisconnected, G_TYPE_NONE);
    auto add_template = [&](const char* name, const char* caps) {
        gst_element_class_add_pad_template(
            klass, gst_pad_template_new(name, GST_PAD_SRC, GST_PAD_SOMETIMES, adopt(gst_caps_from_string(caps)).get()));
    };
    add_template("video_%u", video);
    add_template("audio_%u", audio);
}

}  // namespace millrace::gst
