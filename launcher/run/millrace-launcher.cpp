// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/run/millrace-launcher.h"

#include <gst/gst.h>

#include <memory>
#include <string>
#include <vector>

#include "launcher/run/conductor.hpp"

using namespace millrace;
using namespace millrace::launcher;

// MillraceStream ---------------------------------------------------------------------------------------------------

/**
 * MillraceStream:
 *
 * A stream path and what was happening to it when it was listed.
 */
struct _MillraceStream {
    GObject parent;
    std::string* path;
    std::string* state;
};

G_DEFINE_TYPE(MillraceStream, millrace_stream, G_TYPE_OBJECT)

static void millrace_stream_init(MillraceStream* self) {
    self->path = new std::string;
    self->state = new std::string;
}

static void millrace_stream_finalize(GObject* object) {
    delete MILLRACE_STREAM(object)->path;
    delete MILLRACE_STREAM(object)->state;
    G_OBJECT_CLASS(millrace_stream_parent_class)->finalize(object);
}

enum { STREAM_PATH = 1, STREAM_STATE };

static void millrace_stream_get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
    MillraceStream* self = MILLRACE_STREAM(object);
    g_value_set_string(value, id == STREAM_PATH ? self->path->c_str() : self->state->c_str());
}

static void millrace_stream_class_init(MillraceStreamClass* klass) {
    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = millrace_stream_finalize;
    object_class->get_property = millrace_stream_get_property;
    auto read_only = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_property(object_class, STREAM_PATH,
                                    g_param_spec_string("path", "Path", "The stream's path", nullptr, read_only));
    g_object_class_install_property(
        object_class, STREAM_STATE,
        g_param_spec_string("state", "State", "starting, live, ended, waiting, stopping or idle", nullptr, read_only));
}

/**
 * millrace_stream_get_path:
 * @self: a stream
 *
 * Returns: (transfer none): its path, such as `live/cam1`
 */
const char* millrace_stream_get_path(MillraceStream* self) {
    g_return_val_if_fail(MILLRACE_IS_STREAM(self), nullptr);
    return self->path->c_str();
}

/**
 * millrace_stream_get_state:
 * @self: a stream
 *
 * Returns: (transfer none): `starting`, `live`, `ended`, `waiting` (for its next try), `stopping` or `idle`
 */
const char* millrace_stream_get_state(MillraceStream* self) {
    g_return_val_if_fail(MILLRACE_IS_STREAM(self), nullptr);
    return self->state->c_str();
}

// MillraceLauncher -------------------------------------------------------------------------------------------------

namespace {

enum { STARTED, STOPPED, FAILED, WARNED, SIGNALS };
guint signals[SIGNALS];

// What happens to streams, as signals.
class Emitter : public StreamObserver {
  public:
    explicit Emitter(MillraceLauncher* self) : self_(self) {}
    void on_started(const std::string& path) override { g_signal_emit(self_, signals[STARTED], 0, path.c_str()); }
    void on_stopped(const std::string& path) override { g_signal_emit(self_, signals[STOPPED], 0, path.c_str()); }
    void on_failed(const std::string& path, const std::string& element, const std::string& message, Duration) override {
        g_signal_emit(self_, signals[FAILED], 0, path.c_str(), element.c_str(), message.c_str());
    }
    void on_warning(const std::string& path, const std::string& element, const std::string& message) override {
        g_signal_emit(self_, signals[WARNED], 0, path.c_str(), element.c_str(), message.c_str());
    }

  private:
    MillraceLauncher* self_;
};

struct Running {
    explicit Running(MillraceLauncher* self) : emitter(self), conductor(loop, emitter) {}
    std::shared_ptr<ControlLoop> loop = [] {
        GMainContext* context = g_main_context_get_thread_default();
        return std::make_shared<ControlLoop>(context ? context : g_main_context_default());
    }();
    Emitter emitter;
    Conductor conductor;
};

std::optional<PipelineFile> load(const std::string& path, GError** error) {
    Problems problems;
    auto file = load_checked({path}, problems);
    std::string text;
    for (const Problem& problem : problems) text += (text.empty() ? "" : "\n") + to_text(problem);
    if (!file) g_set_error_literal(error, MILLRACE_LAUNCHER_ERROR, MILLRACE_LAUNCHER_ERROR_FILE, text.c_str());
    return file;
}

}  // namespace

/**
 * MillraceLauncher:
 *
 * Runs the streams of a pipeline file. Signals come from the #GMainContext that was the thread's default when
 * millrace_launcher_start() was called; that context must be running.
 */
struct _MillraceLauncher {
    GObject parent;
    std::string* path;
    PipelineFile* file;
    Running* running;
};

G_DEFINE_TYPE(MillraceLauncher, millrace_launcher, G_TYPE_OBJECT)

GQuark millrace_launcher_error_quark(void) {
    return g_quark_from_static_string("millrace-launcher-error-quark");
}

static void millrace_launcher_init(MillraceLauncher* self) {
    self->path = new std::string;
    self->file = new PipelineFile;
}

static void millrace_launcher_finalize(GObject* object) {
    MillraceLauncher* self = MILLRACE_LAUNCHER(object);
    delete self->running;
    delete self->file;
    delete self->path;
    G_OBJECT_CLASS(millrace_launcher_parent_class)->finalize(object);
}

static void millrace_launcher_class_init(MillraceLauncherClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = millrace_launcher_finalize;
    GType type = G_TYPE_FROM_CLASS(klass);

    /**
     * MillraceLauncher::stream-started:
     * @self: the launcher
     * @path: the stream's path
     *
     * The stream is live: media has reached every output.
     */
    signals[STARTED] = g_signal_new("stream-started", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr,
                                    G_TYPE_NONE, 1, G_TYPE_STRING);
    /**
     * MillraceLauncher::stream-stopped:
     * @self: the launcher
     * @path: the stream's path
     *
     * A stream that was live is not any more.
     */
    signals[STOPPED] = g_signal_new("stream-stopped", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr,
                                    G_TYPE_NONE, 1, G_TYPE_STRING);
    /**
     * MillraceLauncher::stream-error:
     * @self: the launcher
     * @path: the stream's path
     * @element: the node and element it came from, such as `hls (fakesink)`
     * @message: what went wrong
     *
     * The stream failed. It is tried again by itself, after one second at first and thirty at most.
     */
    signals[FAILED] = g_signal_new("stream-error", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr, G_TYPE_NONE,
                                   3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
    /**
     * MillraceLauncher::stream-warning:
     * @self: the launcher
     * @path: the stream's path
     * @element: the node and element it came from
     * @message: what should be known
     *
     * Something is not right, and the stream goes on.
     */
    signals[WARNED] = g_signal_new("stream-warning", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr, G_TYPE_NONE,
                                   3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
}

/**
 * millrace_launcher_new_from_file:
 * @path: (type filename): a pipeline file
 * @error: return location for an error
 *
 * Reads and checks a pipeline file. Nothing runs yet.
 *
 * Returns: (transfer full): a launcher, or %NULL with @error set
 */
MillraceLauncher* millrace_launcher_new_from_file(const char* path, GError** error) {
    g_return_val_if_fail(path != nullptr, nullptr);
    if (!gst_is_initialized()) gst_init(nullptr, nullptr);
    auto file = load(path, error);
    if (!file) return nullptr;
    auto* self = MILLRACE_LAUNCHER(g_object_new(MILLRACE_TYPE_LAUNCHER, nullptr));
    *self->path = path;
    *self->file = std::move(*file);
    return self;
}

/**
 * millrace_launcher_start:
 * @self: a launcher
 * @error: return location for an error
 *
 * Opens the listeners and starts the streams that always run. When it fails, nothing has started.
 *
 * Returns: %TRUE when it runs
 */
gboolean millrace_launcher_start(MillraceLauncher* self, GError** error) {
    g_return_val_if_fail(MILLRACE_IS_LAUNCHER(self), FALSE);
    if (self->running) return TRUE;
    self->running = new Running(self);
    auto started = self->running->conductor.start(*self->file);
    if (started) return TRUE;
    g_set_error_literal(error, MILLRACE_LAUNCHER_ERROR, MILLRACE_LAUNCHER_ERROR_FAILED, started.error().what.c_str());
    delete std::exchange(self->running, nullptr);
    return FALSE;
}

/**
 * millrace_launcher_stop:
 * @self: a launcher
 *
 * Ends every stream and closes the listeners. Returns when that is done, after a few seconds at most; until then
 * signals still come.
 */
void millrace_launcher_stop(MillraceLauncher* self) {
    g_return_if_fail(MILLRACE_IS_LAUNCHER(self));
    if (!self->running) return;
    g_object_ref(self);
    bool done = false;
    auto loop = self->running->loop;
    self->running->conductor.stop([&] { done = true; });
    Watch patience = Watch::after(*loop, 5s, [&] { done = true; });
    while (!done) g_main_context_iteration(loop->context(), TRUE);
    delete std::exchange(self->running, nullptr);
    g_object_unref(self);
}

/**
 * millrace_launcher_reload:
 * @self: a launcher
 * @error: return location for an error
 *
 * Reads the file again. Streams whose rule did not change go on. When the file is wrong, everything stays as it was.
 *
 * Returns: %TRUE when the file as it is now is in force
 */
gboolean millrace_launcher_reload(MillraceLauncher* self, GError** error) {
    g_return_val_if_fail(MILLRACE_IS_LAUNCHER(self), FALSE);
    auto file = load(*self->path, error);
    if (!file) return FALSE;
    *self->file = *file;
    if (self->running) self->running->conductor.reload(std::move(*file));
    return TRUE;
}

/**
 * millrace_launcher_list_streams:
 * @self: a launcher
 *
 * Returns: (transfer full) (element-type MillraceStream): the streams that run now or always should
 */
GList* millrace_launcher_list_streams(MillraceLauncher* self) {
    g_return_val_if_fail(MILLRACE_IS_LAUNCHER(self), nullptr);
    GList* list = nullptr;
    if (!self->running) return list;
    for (const StreamStatus& status : self->running->conductor.streams()) {
        auto* stream = MILLRACE_STREAM(g_object_new(MILLRACE_TYPE_STREAM, nullptr));
        *stream->path = status.path;
        *stream->state = status.state;
        list = g_list_prepend(list, stream);
    }
    return g_list_reverse(list);
}

/**
 * millrace_launcher_list_urls:
 * @self: a launcher
 *
 * Returns: (transfer full) (array zero-terminated=1): every URL one can publish to and play, each after a word and a
 *   blank: `play http://localhost:8080/demo/`
 */
char** millrace_launcher_list_urls(MillraceLauncher* self) {
    g_return_val_if_fail(MILLRACE_IS_LAUNCHER(self), nullptr);
    GStrvBuilder* builder = g_strv_builder_new();
    if (self->running) {
        for (const Url& url : self->running->conductor.urls()) {
            g_strv_builder_add(builder, (url.what + " " + url.text).c_str());
        }
    }
    char** list = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return list;
}
