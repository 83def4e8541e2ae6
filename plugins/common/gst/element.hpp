// SPDX-License-Identifier: LGPL-2.1-or-later
// The GObject boilerplate of an element, written once: the instance owns one C++ object and forwards to it.
#pragma once

#include <gst/gst.h>

// The instance and class structs of `Type`, whose instance is its parent's plus a pointer to `Impl`.
#define MILL_INSTANCE(Type, Parent, Impl) \
    struct Type {                         \
        Parent parent;                    \
        Impl* impl;                       \
    };                                    \
    struct Type##Class {                  \
        Parent##Class parent_class;       \
    };

// `Impl(Parent*)` lives as long as the instance. The class_init sets PREFIX_finalize.
#define MILL_LIFETIME(Type, prefix, Parent, Impl)                \
    static void prefix##_init(Type* self) {                      \
        self->impl = new Impl(reinterpret_cast<Parent*>(self));  \
    }                                                            \
    static void prefix##_finalize(GObject* object) {             \
        delete reinterpret_cast<Type*>(object)->impl;            \
        G_OBJECT_CLASS(prefix##_parent_class)->finalize(object); \
    }

// Both around G_DEFINE_TYPE, for a type that implements no interface. The file that uses it provides
// `static void PREFIX_class_init(TypeClass*)`, a list of facts.
#define MILL_DEFINE_TYPE(Type, prefix, PARENT_TYPE, Parent, Impl) \
    MILL_INSTANCE(Type, Parent, Impl)                             \
    G_DEFINE_TYPE(Type, prefix, PARENT_TYPE)                      \
    MILL_LIFETIME(Type, prefix, Parent, Impl)

#define MILL_DEFINE_ELEMENT(Type, prefix, Impl) MILL_DEFINE_TYPE(Type, prefix, GST_TYPE_ELEMENT, GstElement, Impl)
