// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep/viewer_session.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::webrtc {

void ViewerSession::connected(std::shared_ptr<PeerPath> path, const SrtpKeys& keys) {
    auto owner = owner_.lock();
    fan_out_ = owner ? owner->fan_out_of(*path->worker()) : nullptr;
    if (!fan_out_) return;
    auto viewer = Viewer::make(std::exchange(answer_, {}), names_, keys, settings_, pinned_);
    if (!viewer) return owner->failed(info_, viewer.error());
    // Counted before it is sent anything: what a viewer sees and what is told of it come in this order.
    owner->joined(info_);
    place_ = fan_out_->add(std::move(*viewer), std::move(path));
}

bool ViewerSession::rtcp(ByteView datagram, TimePoint now) {
    std::array<std::uint8_t, 2048> mutable_copy;  // it is decrypted in place
    if (place_ == nullptr || datagram.size() > mutable_copy.size()) return false;
    std::ranges::copy(datagram, mutable_copy.begin());
    const auto heard = fan_out_->on_rtcp(place_, std::span(mutable_copy).first(datagram.size()), now);
    if (heard.goodbye)
        if (auto owner = owner_.lock()) owner->said_goodbye(info_);
    return heard.authentic;
}

void ViewerSession::gone(const Error& why) {
    FanOut::Place* place = std::exchange(place_, nullptr);
    if (place != nullptr) fan_out_->remove(place);
    fan_out_.reset();
    auto owner = owner_.lock();
    if (!owner) return;
    place != nullptr ? owner->left(info_, why) : owner->failed(info_, why);
}

}  // namespace millrace::webrtc
