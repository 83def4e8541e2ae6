// SPDX-License-Identifier: LGPL-2.1-or-later
// A viewer of Janus: its HTTP API as far as the streaming plugin needs it.
#include <json-glib/json-glib.h>

#include <utility>

#include "tests/bench/whep_viewers/signalling.hpp"

namespace millrace::bench {

namespace {

struct NodeFree {
    void operator()(JsonNode* node) const { json_node_unref(node); }
};
using Node = std::unique_ptr<JsonNode, NodeFree>;

// What stands at `path` ("$.data.id") in a document, as text; "" when nothing does.
std::string at(const std::string& document, const char* path) {
    Node root(json_from_string(document.c_str(), nullptr));
    Node found(root ? json_path_query(path, root.get(), nullptr) : nullptr);
    JsonArray* all = found ? json_node_get_array(found.get()) : nullptr;
    if (all == nullptr || json_array_get_length(all) == 0) return {};
    JsonNode* first = json_array_get_element(all, 0);
    if (json_node_get_value_type(first) == G_TYPE_STRING) return json_node_get_string(first);
    return std::to_string(json_node_get_int(first));
}

std::string quoted(const std::string& text) {
    Node node(json_node_init_string(json_node_alloc(), text.c_str()));
    gchar* json = json_to_string(node.get(), FALSE);
    std::string copy = json;
    g_free(json);
    return copy;
}

class Janus : public Signalling {
  public:
    Janus(Poll& poll, Url api, int mountpoint) : poll_(poll), api_(std::move(api)), mountpoint_(mountpoint) {}

    void join(webrtc::test::WhepViewer& viewer, Joined joined) override {
        viewer_ = &viewer;
        joined_ = std::move(joined);
        post(api_, R"({"janus":"create","transaction":"1"})", [this](const HttpReply& reply) { attach(reply); });
    }

    void leave(std::function<void()> left) override {
        if (!session_) return left();
        post(*session_, R"({"janus":"destroy","transaction":"6"})", [left = std::move(left)](const auto&) { left(); });
    }

  private:
    void attach(const HttpReply& reply) {
        const std::string id = at(reply.body, "$.data.id");
        if (id.empty()) return give_up("Janus makes no session", reply);
        session_ = api_;
        session_->path += "/" + id;
        post(*session_, R"({"janus":"attach","plugin":"janus.plugin.streaming","transaction":"2"})",
             [this](const HttpReply& attached) { watch(attached); });
    }

    void watch(const HttpReply& reply) {
        const std::string id = at(reply.body, "$.data.id");
        if (id.empty()) return give_up("Janus has no streaming plugin", reply);
        handle_ = *session_;
        handle_.path += "/" + id;
        post(handle_,
             R"({"janus":"message","transaction":"3","body":{"request":"watch","id":)" + std::to_string(mountpoint_) +
                 "}}",
             [this](const HttpReply&) { wait_for_offer(); });
    }

    // Events are asked for one by one; the offer is among the first.
    void wait_for_offer() {
        if (++events_ > kMostEvents) return give_up("Janus makes no offer", {});
        Url next = *session_;
        next.path += "?maxev=1";
        request_ = std::make_unique<HttpRequest>(poll_, HttpRequest::Message{"GET", next, "", ""},
                                                 [this](const HttpReply& event) { answer(event); });
    }

    void answer(const HttpReply& event) {
        if (at(event.body, "$.jsep.type") != "offer") return wait_for_offer();
        auto description = viewer_->answer(at(event.body, "$.jsep.sdp"));
        if (!description) return joined_(tl::unexpected(std::move(description.error())));
        post(handle_,
             R"({"janus":"message","transaction":"4","body":{"request":"start"},"jsep":{"type":"answer","sdp":)" +
                 quoted(*description) + "}}",
             [this](const HttpReply& reply) {
                 if (reply.status != 200) return give_up("Janus took no answer", reply);
                 joined_({});
             });
    }

    void post(const Url& url, const std::string& body, std::function<void(const HttpReply&)> done) {
        request_ = std::make_unique<HttpRequest>(poll_, HttpRequest::Message{"POST", url, "application/json", body},
                                                 std::move(done));
    }
    void give_up(const std::string& what, const HttpReply& reply) {
        joined_(fail(Fault::refused, what + ": " + reply.body.substr(0, 200)));
    }

    static constexpr int kMostEvents = 10;

    Poll& poll_;
    const Url api_;
    const int mountpoint_;
    webrtc::test::WhepViewer* viewer_ = nullptr;
    Joined joined_;
    std::optional<Url> session_;
    Url handle_;
    int events_ = 0;
    std::unique_ptr<HttpRequest> request_;
};

}  // namespace

std::unique_ptr<Signalling> make_janus(Poll& poll, const Url& api, int mountpoint) {
    return std::make_unique<Janus>(poll, api, mountpoint);
}

}  // namespace millrace::bench
