// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/run/control_loop.hpp"

namespace millrace::launcher {

namespace {

using Task = std::function<void()>;
using OnMessage = std::function<void(GstMessage*)>;

template <class F>
void forget(gpointer data) {
    delete static_cast<F*>(data);
}

gboolean run_once(gpointer task) {
    (*static_cast<Task*>(task))();
    return G_SOURCE_REMOVE;
}

gboolean run_again(gpointer task) {
    (*static_cast<Task*>(task))();
    return G_SOURCE_CONTINUE;
}

gboolean deliver(GstBus*, GstMessage* message, gpointer on_message) {
    (*static_cast<OnMessage*>(on_message))(message);
    return G_SOURCE_CONTINUE;
}

GSource* timer(const ControlLoop& loop, Duration wait, GSourceFunc call, Task task) {
    auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
    GSource* source = g_timeout_source_new(static_cast<guint>(milliseconds));
    g_source_set_callback(source, call, new Task(std::move(task)), forget<Task>);
    g_source_attach(source, loop.context());
    return source;
}

}  // namespace

void ControlLoop::post(Task task) const {
    GSource* source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, run_once, new Task(std::move(task)), forget<Task>);
    g_source_attach(source, context_);
    g_source_unref(source);
}

Watch::~Watch() {
    if (!source_) return;
    g_source_destroy(source_);
    g_source_unref(source_);
}

Watch Watch::after(const ControlLoop& loop, Duration wait, Task fire) {
    return Watch(timer(loop, wait, run_once, std::move(fire)));
}

Watch Watch::every(const ControlLoop& loop, Duration period, Task fire) {
    return Watch(timer(loop, period, run_again, std::move(fire)));
}

Watch Watch::bus(const ControlLoop& loop, GstBus* bus, OnMessage on_message) {
    GSource* source = gst_bus_create_watch(bus);
    g_source_set_callback(source, G_SOURCE_FUNC(deliver), new OnMessage(std::move(on_message)), forget<OnMessage>);
    g_source_attach(source, loop.context());
    return Watch(source);
}

}  // namespace millrace::launcher
