// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whip/application.hpp"

#include <utility>

#include "webrtc/core/signalling/refusals.hpp"
#include "webrtc/core/signalling/request.hpp"
#include "webrtc/element/signalling/http_carriage.hpp"
#include "webrtc/element/whip/listener.hpp"

namespace millrace::webrtc {

namespace {

gst::OwnedStructure facts_of(const std::string& path, const std::string& token, const net::HttpExchange& exchange) {
    const std::string software(exchange.header("User-Agent"));
    return gst::OwnedStructure(gst_structure_new(
        "publisher", "path", G_TYPE_STRING, path.c_str(), "protocol", G_TYPE_STRING, "whip", "address", G_TYPE_STRING,
        exchange.peer().c_str(), "token", G_TYPE_STRING, token.c_str(), "query", G_TYPE_STRING,
        std::string(exchange.query()).c_str(), "software", G_TYPE_STRING, software.c_str(), nullptr));
}

SignallingReply refusal_reply(gst::Refusal refusal, const gst::PublisherInfo& info, const std::string& why,
                              bool had_token) {
    if (refusal == gst::Refusal::busy) return path_taken(info.path);
    if (refusal == gst::Refusal::unauthorized) return unauthorized(had_token, "publish");
    return problem(404, "Nothing takes this stream", why);
}

}  // namespace

std::shared_ptr<Application> Application::make(std::string path, std::string token, net::HttpExchange exchange,
                                               std::weak_ptr<gst::PublisherDirectory> directory) {
    auto info = gst::publisher_info(facts_of(path, token, exchange));
    std::shared_ptr<Application> application(
        new Application(std::move(info), std::move(exchange), std::move(directory)));
    application->exchange_->on_disconnect([weak = std::weak_ptr(application)] {
        if (auto self = weak.lock()) self->give_up();
    });
    return application;
}

Application::Application(gst::PublisherInfo info, net::HttpExchange exchange,
                         std::weak_ptr<gst::PublisherDirectory> directory)
    : info_(std::move(info)),
      directory_(std::move(directory)),
      worker_(exchange.worker()),
      exchange_(std::move(exchange)) {}

Application::~Application() = default;

void Application::run(std::function<void()> task) {
    worker_.post([self = shared_from_this(), task = std::move(task)] { task(); });
}

void Application::wait(TimePoint until) {
    run([this, until] {
        if (!exchange_) return;
        patience_ = std::make_unique<net::Worker::Timer>(worker_, [weak = weak_from_this()] {
            auto self = weak.lock();
            if (self)
                self->run([of = self.get()] {
                    of->refuse(gst::Refusal::unknown, "nothing takes the stream " + of->info_.path);
                    of->withdraw();
                });
        });
        patience_->at(until);
    });
}

void Application::take(std::shared_ptr<gst::PublisherSource> source) {
    run([this, source] {
        if (!exchange_) return;
        const std::string url(exchange_->path());
        const auto target = signalling_target(url, kWhipEndpoint);
        auto intent = read_signalling(signalling_request(*exchange_, target->resource), kWhipEndpoint);
        SignallingReply reply =
            std::static_pointer_cast<Taker>(source)->publish(std::get<Join>(intent), shared_from_this());
        if (reply.status != 201) withdraw();
        answer(std::move(reply));
    });
}

void Application::refuse(gst::Refusal refusal, const std::string& why) {
    run([this, refusal, why] {
        if (!exchange_) return;
        answer(refusal_reply(refusal, info_, why, !exchange_->header("Authorization").empty()));
    });
}

void Application::dismiss() {
    const Session ended = fate_.with([](Fate& fate) {
        fate.dismissed = true;
        return std::exchange(fate.session, {});
    });
    if (ended.end) ended.end();
    refuse(gst::Refusal::unknown, "the source of " + info_.path + " was stopped");
}

bool Application::is_silent() const {
    const Session session = fate_.copy().session;
    return session.is_silent && session.is_silent();
}

void Application::accepted(Session session) {
    const bool too_late = fate_.with([&](Fate& fate) {
        if (!fate.dismissed) fate.session = session;
        return fate.dismissed;
    });
    if (too_late) session.end();
}

void Application::withdraw() {
    fate_.with([](Fate& fate) { fate.session = {}; });
    if (auto directory = directory_.lock()) directory->withdraw(*this);
}

void Application::answer(SignallingReply reply) {
    patience_.reset();
    send_reply(*std::exchange(exchange_, std::nullopt), std::move(reply));
}

// The client does not wait any longer; where it was answered, its session goes on without this.
void Application::give_up() {
    run([this] {
        if (!exchange_) return;
        patience_.reset();
        exchange_.reset();
        withdraw();
    });
}

}  // namespace millrace::webrtc
