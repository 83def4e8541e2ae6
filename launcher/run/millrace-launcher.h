// SPDX-License-Identifier: LGPL-2.1-or-later
// The launcher for C, Python and every other language with GObject introspection. Elements need nothing of it.
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MILLRACE_API __attribute__((visibility("default")))

#define MILLRACE_TYPE_LAUNCHER (millrace_launcher_get_type())
MILLRACE_API G_DECLARE_FINAL_TYPE(MillraceLauncher, millrace_launcher, MILLRACE, LAUNCHER, GObject)

#define MILLRACE_TYPE_STREAM (millrace_stream_get_type())
MILLRACE_API G_DECLARE_FINAL_TYPE(MillraceStream, millrace_stream, MILLRACE, STREAM, GObject)

/**
 * MILLRACE_LAUNCHER_ERROR:
 *
 * Error domain of #MillraceLauncher.
 */
#define MILLRACE_LAUNCHER_ERROR (millrace_launcher_error_quark())
MILLRACE_API GQuark millrace_launcher_error_quark(void);

/**
 * MillraceLauncherError:
 * @MILLRACE_LAUNCHER_ERROR_FILE: a pipeline file is wrong; the message has one line for each problem,
 *   with file, line and column
 * @MILLRACE_LAUNCHER_ERROR_FAILED: it cannot run, for example because a port is taken
 */
typedef enum {
    MILLRACE_LAUNCHER_ERROR_FILE,
    MILLRACE_LAUNCHER_ERROR_FAILED,
} MillraceLauncherError;

MILLRACE_API MillraceLauncher* millrace_launcher_new_from_file(const char* path, GError** error);
MILLRACE_API gboolean millrace_launcher_start(MillraceLauncher* self, GError** error);
MILLRACE_API void millrace_launcher_stop(MillraceLauncher* self);
MILLRACE_API gboolean millrace_launcher_reload(MillraceLauncher* self, GError** error);
MILLRACE_API GList* millrace_launcher_list_streams(MillraceLauncher* self);
MILLRACE_API char** millrace_launcher_list_urls(MillraceLauncher* self);

MILLRACE_API const char* millrace_stream_get_path(MillraceStream* self);
MILLRACE_API const char* millrace_stream_get_state(MillraceStream* self);

G_END_DECLS
