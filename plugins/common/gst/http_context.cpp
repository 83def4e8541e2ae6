// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/http_context.hpp"

#include <libsoup/soup.h>

#include <future>
#include <map>
#include <utility>

#include "common/base/thread.hpp"
#include "common/gst/ref.hpp"

namespace millrace::gst {

namespace {

Ref<GstContext> context_of(GstElement* element) {
    if (GstContext* set = gst_element_get_context(element, kHttpServerContext)) return adopt(set);
    gst_element_post_message(element, gst_message_new_need_context(GST_OBJECT(element), kHttpServerContext));
    return adopt(gst_element_get_context(element, kHttpServerContext));
}

// libsoup wants to be used where its context runs: at once when that is here or nowhere yet, else over there.
std::shared_ptr<net::HttpServer> wrap(SoupServer* soup, GMainContext* context) {
    struct Task {
        SoupServer* soup;
        GMainContext* context;
        std::promise<std::shared_ptr<net::HttpServer>> done;
    } task{soup, context, {}};
    auto server = task.done.get_future();
    g_main_context_invoke(
        context,
        [](gpointer data) -> gboolean {
            auto* wanted = static_cast<Task*>(data);
            wanted->done.set_value(net::HttpServer::wrap(wanted->soup, wanted->context));
            return G_SOURCE_REMOVE;
        },
        &task);
    return server.get();
}

struct Wrapped {
    Mutex mutex;
    std::map<SoupServer*, std::weak_ptr<net::HttpServer>> servers GUARDED_BY(mutex);
};

}  // namespace

std::shared_ptr<net::HttpServer> http_server_of(GstElement* element) {
    auto context = context_of(element);
    if (!context) return nullptr;
    SoupServer* soup = nullptr;
    GMainContext* loop = nullptr;
    const GstStructure* structure = gst_context_get_structure(context.get());
    gst_structure_get(structure, "server", SOUP_TYPE_SERVER, &soup, nullptr);
    gst_structure_get(structure, "context", G_TYPE_MAIN_CONTEXT, &loop, nullptr);
    auto owned = adopt(soup);
    Owned<GMainContext, g_main_context_unref> owned_loop(loop);
    if (!soup) return nullptr;

    static Wrapped wrapped;
    Lock lock(wrapped.mutex);
    auto& known = wrapped.servers[soup];
    auto server = known.lock();
    if (!server) known = server = wrap(soup, loop ? loop : g_main_context_default());
    return server;
}

}  // namespace millrace::gst
