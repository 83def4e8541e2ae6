// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/publisher.hpp"

#include <algorithm>
#include <utility>

#include "rtmp/element/listener.hpp"

namespace millrace::rtmp {

Publisher::Publisher(Listener& listener, std::shared_ptr<net::TcpConnection> connection)
    : listener_(listener), connection_(std::move(connection)), session_(Limits{}, net::now()) {
    info_.address = connection_->peer();
}

Result<> Publisher::receive(ByteView bytes, TimePoint now) {
    auto received = session_.receive(bytes, now);
    drain_events();
    return received;
}

Result<> Publisher::tick(TimePoint now) {
    if (now >= wait_until_) {
        wait_until_ = kNever;
        listener_.withdraw(*this);
        offered_ = false;
        refuse(Refusal::unknown, "nothing takes the stream " + info_.request.path);
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
    feed(Connected{info_});
    session_.accept(net::now());
    drain_events();
}

void Publisher::refuse(Refusal refusal, const std::string& description) {
    wait_until_ = kNever;
    session_.refuse(refusal, description);
}

void Publisher::dismiss() {
    leave("the source of " + info_.request.path + " was stopped");
    connection_->close();
}

void Publisher::drain_events() {
    while (auto event = session_.next_event()) {
        if (auto* request = std::get_if<PublishRequested>(&*event)) {
            info_.request = std::move(*request);
            offered_ = true;
            listener_.offer(*this);
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
    if (std::exchange(offered_, false)) listener_.withdraw(*this);
    wait_until_ = kNever;
}

}  // namespace millrace::rtmp
