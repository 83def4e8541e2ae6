// SPDX-License-Identifier: LGPL-2.1-or-later
// Sole ownership of a reference to a GObject, and of a GError.
#pragma once

#include <glib-object.h>

#include <memory>
#include <string>

namespace millrace::net {

struct GObjectUnref {
    void operator()(gpointer object) const { g_object_unref(object); }
};
template <class T>
using GObjectRef = std::unique_ptr<T, GObjectUnref>;

template <class T>
GObjectRef<T> owned(T* object) {  // takes over a reference
    return GObjectRef<T>(object);
}
template <class T>
GObjectRef<T> shared(T* object) {  // adds one
    return GObjectRef<T>(object ? static_cast<T*>(g_object_ref(object)) : nullptr);
}

// For the last argument of a call: `GErrorText error; if (!g_x(…, error.out())) … error.text()`.
class GErrorText {
  public:
    GErrorText() = default;
    GErrorText(const GErrorText&) = delete;
    GErrorText& operator=(const GErrorText&) = delete;
    ~GErrorText() { g_clear_error(&error_); }
    GError** out() {
        g_clear_error(&error_);
        return &error_;
    }
    [[nodiscard]] const GError* get() const { return error_; }
    [[nodiscard]] std::string text() const { return error_ ? error_->message : "unknown error"; }

  private:
    GError* error_ = nullptr;
};

}  // namespace millrace::net
