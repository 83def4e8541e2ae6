// SPDX-License-Identifier: LGPL-2.1-or-later
// The GObject boilerplate of an element, written once: the instance owns one C++ object and forwards to it.
#pragma once

#include <gst/gst.h>

// Defines the instance and class structs and the type functions of `Type`. The file that uses it provides
// `static void PREFIX_class_init(TypeClass*)`, a list of facts, and `Impl(Type*)`, which lives as long as the element.
#define MILL_DEFINE_TYPE_WITH_CODE(Type, prefix, PARENT_TYPE, Parent, Impl, CODE) \
    struct Type {                                                                 \
        Parent parent;                                                            \
        Impl* impl;                                                               \
    };                                                                            \
    struct Type##Class {                                                          \
        Parent##Class parent_class;                                               \
    };                                                                            \
    G_DEFINE_TYPE_WITH_CODE(Type, prefix, PARENT_TYPE, CODE)                      \
    static void prefix##_init(Type* self) {                                       \
        self->impl = new Impl(self);                                              \
    }                                                                             \
    static void prefix##_finalize(GObject* object) {                              \
        delete reinterpret_cast<Type*>(object)->impl;                             \
        G_OBJECT_CLASS(prefix##_parent_class)->finalize(object);                  \
    }

#define MILL_DEFINE_TYPE(Type, prefix, PARENT_TYPE, Parent, Impl) \
    MILL_DEFINE_TYPE_WITH_CODE(Type, prefix, PARENT_TYPE, Parent, Impl, )

#define MILL_DEFINE_ELEMENT(Type, prefix, Impl) MILL_DEFINE_TYPE(Type, prefix, GST_TYPE_ELEMENT, GstElement, Impl)
