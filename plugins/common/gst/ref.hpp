// SPDX-License-Identifier: LGPL-2.1-or-later
// Ownership of what GStreamer counts, said once: adopt() takes a reference over, share() adds one, release() gives it
// away. One Ref for GObjects and mini objects alike. No unref stands anywhere else.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <type_traits>
#include <utility>

namespace millrace::gst {

template <class T>
concept MiniObject = requires(T* object) {
    object->mini_object;
}
|| std::is_same_v<T, GstSample> || std::is_same_v<T, GstContext>;  // these hide what they are

template <class T>
class Ref {
  public:
    Ref() = default;
    Ref(std::nullptr_t) {}
    Ref(const Ref& other) : object_(other.object_) { ref(object_); }
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Ref() { unref(object_); }

    [[nodiscard]] T* get() const { return object_; }
    T* operator->() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }

    // Gives the reference to a function that is [transfer full].
    [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }

  private:
    template <class U>
    friend Ref<U> adopt(U* object);
    template <class U>
    friend Ref<U> share(U* object);
    explicit Ref(T* owned) : object_(owned) {}

    static void ref(T* object) {
        if (!object) return;
        if constexpr (MiniObject<T>) {
            gst_mini_object_ref(reinterpret_cast<GstMiniObject*>(object));
        } else {
            g_object_ref(object);
        }
    }
    static void unref(T* object) {
        if (!object) return;
        if constexpr (MiniObject<T>) {
            gst_mini_object_unref(reinterpret_cast<GstMiniObject*>(object));
        } else {
            g_object_unref(object);
        }
    }

    T* object_ = nullptr;
};

// For what a function returned [transfer full]. A floating object is not owned by anyone yet: share() it instead.
template <class T>
[[nodiscard]] Ref<T> adopt(T* object) {
    return Ref<T>(object);
}

// For what a function returned [transfer none], and for floating objects, which it sinks.
template <class T>
[[nodiscard]] Ref<T> share(T* object) {
    if (!object) return {};
    if constexpr (MiniObject<T>) {
        gst_mini_object_ref(reinterpret_cast<GstMiniObject*>(object));
    } else {
        g_object_ref_sink(object);
    }
    return Ref<T>(object);
}

// Ownership of anything with a free function: Owned<gchar, g_free>.
template <auto free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const {
        free(object);
    }
};
template <class T, auto free>
using Owned = std::unique_ptr<T, FreeWith<free>>;

using OwnedText = Owned<gchar, g_free>;
using OwnedStructure = Owned<GstStructure, gst_structure_free>;

}  // namespace millrace::gst
