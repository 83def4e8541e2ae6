// SPDX-License-Identifier: LGPL-2.1-or-later
// A viewer that joins by WHEP.
#include <utility>

#include "tests/bench/whep_viewers/signalling.hpp"

namespace millrace::bench {

namespace {

class Whep : public Signalling {
  public:
    Whep(Poll& poll, Url endpoint) : poll_(poll), endpoint_(std::move(endpoint)) {}

    void join(webrtc::test::WhepViewer& viewer, Joined joined) override {
        const HttpRequest::Message post{"POST", endpoint_, "application/sdp", viewer.offer()};
        request_ =
            std::make_unique<HttpRequest>(poll_, post, [this, &viewer, joined = std::move(joined)](const auto& reply) {
                if (reply.status != 201) return joined(refusal(reply));
                if (auto location = reply.headers.find("location"); location != reply.headers.end())
                    session_ = relative_to(endpoint_, location->second);
                joined(viewer.accept(reply.body));
            });
    }

    void leave(std::function<void()> left) override {
        if (!session_) return left();
        request_ = std::make_unique<HttpRequest>(poll_, HttpRequest::Message{"DELETE", *session_, "", ""},
                                                 [left = std::move(left)](const auto&) { left(); });
    }

  private:
    static Result<> refusal(const HttpReply& reply) {
        if (reply.status == 0) return fail(Fault::peer_gone, "no HTTP answer: is the server listening there?");
        return fail(Fault::refused, "HTTP status " + std::to_string(reply.status) + ": " + reply.body.substr(0, 200));
    }

    Poll& poll_;
    const Url endpoint_;
    std::optional<Url> session_;
    std::unique_ptr<HttpRequest> request_;
};

}  // namespace

std::unique_ptr<Signalling> make_whep(Poll& poll, const Url& endpoint) {
    return std::make_unique<Whep>(poll, endpoint);
}

}  // namespace millrace::bench
