// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/publisher.hpp"

#include <algorithm>
#include <utility>

#include "rtmp/element/listener.hpp"
#include "rtmp/element/publisher_structure.hpp"

namespace millrace::rtmp {

// Touches the publisher in tasks of its connection only: they run as long as the publisher lives.
class Publisher::Application : public gst::Applicant, public std::enable_shared_from_this<Application> {
  public:
    Application(Publisher& publisher, const PublishRequested& request)
        : publisher_(publisher),
          connection_(publisher.connection_),
          info_(gst::publisher_info(to_structure(request, connection_->peer()))) {}

    [[nodiscard]] const gst::PublisherInfo& info() const override { return info_; }
    void run(std::function<void()> task) override {
        connection_->post([self = shared_from_this(), task = std::move(task)] {
            if (self->publisher_.application_ == self) task();
        });
    }
    void wait(TimePoint until) override {
        run([this, until] { publisher_.wait_until_ = until; });
    }
    void take(std::shared_ptr<gst::PublisherSource> source) override {
        run([this, source] { publisher_.attach(std::static_pointer_cast<Taker>(source)->queue()); });
    }
    void refuse(gst::Refusal refusal, const std::string& why) override {
        run([this, refusal, why] { publisher_.refuse(in_the_protocol(refusal), why); });
    }
    void dismiss() override {
        run([this] { publisher_.dismiss(); });
    }

  private:
    static Refusal in_the_protocol(gst::Refusal refusal) {
        if (refusal == gst::Refusal::busy) return Refusal::busy;
        return refusal == gst::Refusal::unknown ? Refusal::unknown : Refusal::unauthorized;
    }

    Publisher& publisher_;
    const std::shared_ptr<net::TcpConnection> connection_;
    const gst::PublisherInfo info_;
};

Publisher::Publisher(gst::PublisherDirectory& directory, std::shared_ptr<net::TcpConnection> connection)
    : directory_(directory), connection_(std::move(connection)), session_(Limits{}, net::now()) {}

Result<> Publisher::receive(ByteView bytes, TimePoint now) {
    auto received = session_.receive(bytes, now);
    drain_events();
    return received;
}

Result<> Publisher::tick(TimePoint now) {
    if (now >= wait_until_) {
        refuse(Refusal::unknown, "nothing takes the stream " + application_->info().path);
        return {};
    }
    auto ticked = session_.tick(now);
    drain_events();
    return ticked;
}

TimePoint Publisher::deadline() const {
    return std::min(session_.deadline(), wait_until_);
}

void Publisher::closed(const std::optional<Error>& why) {
    session_.disconnected();
    drain_events();
    leave(why ? why->what : "");
}

void Publisher::attach(std::shared_ptr<MediaQueue> queue) {
    wait_until_ = kNever;
    queue_ = std::move(queue);
    feed(Connected{application_->info()});
    session_.accept(net::now());
    drain_events();
}

void Publisher::refuse(Refusal refusal, const std::string& description) {
    leave("");
    session_.refuse(refusal, description);
}

void Publisher::dismiss() {
    leave("the source of " + application_->info().path + " was stopped");
    connection_->close();
}

void Publisher::drain_events() {
    while (auto event = session_.next_event()) {
        if (auto* request = std::get_if<PublishRequested>(&*event)) {
            apply(*request);
        } else if (auto* media = std::get_if<Media>(&*event)) {
            feed(TimedMedia{std::move(*media), net::now()});
        } else if (auto* format = std::get_if<FormatChanged>(&*event)) {
            feed(std::move(*format));
        } else if (auto* metadata = std::get_if<Metadata>(&*event)) {
            feed(std::move(*metadata));
        } else if (auto* notice = std::get_if<Notice>(&*event)) {
            feed(std::move(*notice));
        } else if (std::holds_alternative<Unpublished>(*event)) {
            leave("");
        } else if (auto* end = std::get_if<Closed>(&*event)) {
            leave(end->why ? end->why->what : "");
        }
    }
}

void Publisher::apply(const PublishRequested& request) {
    application_ = std::make_shared<Application>(*this, request);
    directory_.offer(application_);
}

void Publisher::feed(Item item) {
    if (!queue_) return;
    const bool room = queue_->push(std::move(item), [connection = connection_, this] {
        connection->post([this] { session_.resume(net::now()); });
        connection->resume_reading();
    });
    if (room) return;
    session_.pause(net::now());
    connection_->pause_reading();
}

void Publisher::leave(const std::string& reason) {
    if (auto queue = std::exchange(queue_, nullptr)) queue->push(Disconnected{reason});
    if (auto application = std::exchange(application_, nullptr)) directory_.withdraw(*application);
    wait_until_ = kNever;
}

}  // namespace millrace::rtmp
