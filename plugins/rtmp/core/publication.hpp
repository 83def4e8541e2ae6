// SPDX-License-Identifier: LGPL-2.1-or-later
// One published stream, from its messages to events: formats, access units, metadata. Drops and counts what cannot be
// decoded. Knows nothing of connections or commands.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.hpp"
#include "common/codec/track_format.hpp"
#include "rtmp/core/event.hpp"
#include "rtmp/core/flv_tag.hpp"
#include "rtmp/core/message.hpp"
#include "rtmp/core/timeline.hpp"

namespace millrace::rtmp {

class Publication {
  public:
    // Turns an audio, video, data or aggregate message into events, which gather until taken. False: it said nothing.
    Result<bool> receive(Message message);

    std::deque<Event> take_events() { return std::exchange(events_, {}); }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  private:
    struct Track {
        codec::Kind kind{};
        unsigned id = 0;
        codec::TrackFormat format;
        bool usable = false;  // has a configuration that can be decoded
    };

    Result<bool> receive_media(codec::Kind kind, Message message);
    Result<bool> receive_data(const Message& message);
    Result<bool> receive_aggregate(const Message& message);
    void receive_configuration(codec::Kind kind, const FlvTag& tag, ByteView bytes);
    bool receive_frame(codec::Kind kind, const FlvTag& tag, Duration dts, Payload payload);
    void set_format(Track& track, codec::TrackFormat format);
    Track* find_track(codec::Kind kind, const FlvTag& tag);
    void drop(std::string why);
    void notice_once(std::string text);

    TimestampUnwrapper unwrapper_;
    std::vector<Track> tracks_;
    std::vector<std::string> noticed_;
    std::uint64_t dropped_ = 0;
    std::deque<Event> events_;
};

}  // namespace millrace::rtmp
