// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/run/playing.hpp"

#include <mutex>

namespace millrace::launcher {

// What outlives the owner: the threads that change the state hold it too.
struct Playing::Shared {
    std::unique_ptr<Pipeline> pipeline;
    std::mutex turn;       // one change of state at a time
    bool retired = false;  // under `turn`: no change comes after the last
};

namespace {

using Task = std::function<void()>;

// On a thread of GStreamer's pool.
void in_background(GstElement* element, Task task) {
    gst_element_call_async(
        element, [](GstElement*, gpointer data) { (*static_cast<Task*>(data))(); }, new Task(std::move(task)),
        [](gpointer data) { delete static_cast<Task*>(data); });
}

struct Said {
    std::string place;
    std::string message;
};

Said said(const Pipeline& pipeline, GstMessage* message, void (*parse)(GstMessage*, GError**, gchar**)) {
    GError* error = nullptr;
    gchar* debug = nullptr;
    parse(message, &error, &debug);
    Said out{pipeline.place_of(GST_MESSAGE_SRC(message)), error ? error->message : "unknown"};
    g_clear_error(&error);
    g_free(debug);
    return out;
}

}  // namespace

Playing::Playing(std::shared_ptr<ControlLoop> loop, std::unique_ptr<Pipeline> pipeline, Events events)
    : loop_(std::move(loop)), shared_(std::make_shared<Shared>()), events_(std::move(events)) {
    auto bus = gst::adopt(gst_element_get_bus(pipeline->element()));
    bus_ = Watch::bus(*loop_, bus.get(), [this](GstMessage* message) { on_message(message); });
    shared_->pipeline = std::move(pipeline);
}

Playing::~Playing() {
    if (shared_->pipeline) retire([] {});
}

void Playing::play() {
    in_background(shared_->pipeline->element(), [shared = shared_] {
        std::lock_guard turn(shared->turn);
        if (shared->retired) return;
        GstElement* element = shared->pipeline->element();
        if (gst_element_set_state(element, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE) return;
        // Most elements have said why by now; the bus takes the first.
        GST_ELEMENT_ERROR(element, CORE, STATE_CHANGE, ("it does not start"), (nullptr));
    });
}

void Playing::end() {
    in_background(shared_->pipeline->element(), [shared = shared_] {
        std::lock_guard turn(shared->turn);
        GstElement* element = shared->pipeline->element();
        if (shared->retired || gst_element_send_event(element, gst_event_new_eos())) return;
        // A source that cannot be told: there is nothing to wait for.
        gst_element_post_message(element, gst_message_new_eos(GST_OBJECT(element)));
    });
}

void Playing::retire(std::function<void()> gone) {
    bus_ = Watch();
    auto shared = std::exchange(shared_, std::make_shared<Shared>());
    auto element = gst::share(shared->pipeline->element());
    in_background(element.get(), [shared, loop = loop_, gone = std::move(gone)] {
        {
            std::lock_guard turn(shared->turn);
            shared->retired = true;
            gst_element_set_state(shared->pipeline->element(), GST_STATE_NULL);
        }
        loop->post([shared, gone] {
            shared->pipeline.reset();
            gone();
        });
    });
}

std::uint64_t Playing::dropped() const {
    return shared_->pipeline ? shared_->pipeline->dropped() : 0;
}

void Playing::fail(const std::string& place, const std::string& message) {
    if (std::exchange(failed_, true)) return;
    events_.failed(place, message);  // may destroy this
}

void Playing::on_message(GstMessage* message) {
    Pipeline& pipeline = *shared_->pipeline;
    bool from_pipeline = GST_MESSAGE_SRC(message) == GST_OBJECT(pipeline.element());
    switch (GST_MESSAGE_TYPE(message)) {
        case GST_MESSAGE_ERROR: {
            Said error = said(pipeline, message, gst_message_parse_error);
            return fail(error.place, error.message);
        }
        case GST_MESSAGE_WARNING: {
            Said warning = said(pipeline, message, gst_message_parse_warning);
            return events_.warned(warning.place, warning.message);
        }
        case GST_MESSAGE_EOS:
            return events_.ended();
        case GST_MESSAGE_LATENCY:
            gst_bin_recalculate_latency(GST_BIN(pipeline.element()));
            break;
        case GST_MESSAGE_STATE_CHANGED: {
            GstState now = GST_STATE_NULL;
            gst_message_parse_state_changed(message, nullptr, &now, nullptr);
            if (from_pipeline) playing_ = now == GST_STATE_PLAYING;
            // Without a `from` anywhere nobody sees media pass: playing is all there is to know.
            if (from_pipeline && playing_ && !pipeline.watches_media()) media_ = true;
            break;
        }
        case GST_MESSAGE_APPLICATION:
            media_ = media_ || gst_message_has_name(message, kFlowingMessage);
            break;
        default:
            break;
    }
    if (playing_ && media_ && !std::exchange(flowing_said_, true)) events_.flowing();
}

}  // namespace millrace::launcher
