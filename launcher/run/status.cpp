// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/run/status.hpp"

#include <json-glib/json-glib.h>

#include "common/gst/ref.hpp"

namespace millrace::launcher {

namespace {

using Render = net::HttpReply (*)(const StreamStatuses&);

std::string to_json(JsonBuilder* builder) {
    JsonNode* root = json_builder_get_root(builder);
    gst::OwnedText text(json_to_string(root, FALSE));
    json_node_unref(root);
    return std::string(text.get()) + "\n";
}

net::HttpReply reply(unsigned status, const char* type, const std::string& body) {
    return {status, {{"Content-Type", type}, {"Cache-Control", "no-store"}}, {Blob::of(body)}};
}

net::HttpReply healthz(const StreamStatuses&) {
    return reply(200, "text/plain", "ok\n");
}

// 200 once every stream that always runs is live; else what is missing.
net::HttpReply readyz(const StreamStatuses& streams) {
    auto builder = gst::adopt(json_builder_new());
    bool ready = true;
    json_builder_begin_array(builder.get());
    for (const StreamStatus& stream : streams) {
        if (!stream.required || stream.live) continue;
        ready = false;
        json_builder_begin_object(builder.get());
        json_builder_set_member_name(builder.get(), "path");
        json_builder_add_string_value(builder.get(), stream.path.c_str());
        json_builder_set_member_name(builder.get(), "state");
        json_builder_add_string_value(builder.get(), stream.state.c_str());
        json_builder_end_object(builder.get());
    }
    json_builder_end_array(builder.get());
    return reply(ready ? 200 : 503, "application/json", to_json(builder.get()));
}

net::HttpReply streams_json(const StreamStatuses& streams) {
    auto builder = gst::adopt(json_builder_new());
    json_builder_begin_array(builder.get());
    for (const StreamStatus& stream : streams) {
        json_builder_begin_object(builder.get());
        json_builder_set_member_name(builder.get(), "path");
        json_builder_add_string_value(builder.get(), stream.path.c_str());
        json_builder_set_member_name(builder.get(), "run");
        json_builder_add_string_value(builder.get(), stream.run.c_str());
        json_builder_set_member_name(builder.get(), "state");
        json_builder_add_string_value(builder.get(), stream.state.c_str());
        json_builder_set_member_name(builder.get(), "dropped");
        json_builder_add_int_value(builder.get(), static_cast<gint64>(stream.dropped));
        json_builder_end_object(builder.get());
    }
    json_builder_end_array(builder.get());
    return reply(200, "application/json", to_json(builder.get()));
}

struct Page {
    const char* path;
    Render render;
};
constexpr Page kPages[] = {{"/healthz", healthz}, {"/readyz", readyz}, {"/api/v1/streams", streams_json}};

class PageHandler : public net::HttpHandler {
  public:
    PageHandler(Page page, std::shared_ptr<Guarded<StreamStatuses>> statuses)
        : page_(page), statuses_(std::move(statuses)) {}

    void handle(net::HttpExchange exchange) override {
        if (exchange.path() != page_.path) return std::move(exchange).reply(reply(404, "text/plain", "not found\n"));
        if (exchange.method() != "GET" && exchange.method() != "HEAD") {
            net::HttpReply refused = reply(405, "text/plain", "only GET\n");
            refused.headers.emplace_back("Allow", "GET, HEAD");
            return std::move(exchange).reply(std::move(refused));
        }
        std::move(exchange).reply(page_.render(statuses_->copy()));
    }

  private:
    const Page page_;
    const std::shared_ptr<Guarded<StreamStatuses>> statuses_;
};

}  // namespace

Result<std::unique_ptr<StatusPages>> StatusPages::serve(const std::shared_ptr<net::HttpServer>& server,
                                                        std::shared_ptr<Guarded<StreamStatuses>> statuses) {
    auto pages = std::make_unique<StatusPages>();
    for (const Page& page : kPages) {
        auto mount = server->mount(page.path, std::make_shared<PageHandler>(page, statuses));
        if (!mount) return tl::unexpected(std::move(mount).error());
        pages->mounts_.push_back(std::move(*mount));
    }
    return pages;
}

}  // namespace millrace::launcher
