// SPDX-License-Identifier: LGPL-2.1-or-later
// One RTMP publisher's connection, sans-I/O: bytes and the time come in; events, bytes and a deadline come out.
// Knows nothing of sockets, of other publishers, or of who decides whether a path may be published.
//
// The owner's loop: receive() or tick(); then send take_output(), drain next_event(), re-arm deadline(), and close the
// connection once finished() and flushed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "rtmp/core/chunk_reader.hpp"
#include "rtmp/core/chunk_writer.hpp"
#include "rtmp/core/command.hpp"
#include "rtmp/core/event.hpp"
#include "rtmp/core/handshake.hpp"
#include "rtmp/core/limits.hpp"
#include "rtmp/core/message.hpp"
#include "rtmp/core/publication.hpp"

namespace millrace::rtmp {

// Why a publisher is refused; each has its words in the protocol.
enum class Refusal {
    unknown,       // nothing takes this path: NetStream.Publish.BadName
    busy,          // someone else publishes it: NetStream.Publish.BadName
    unauthorized,  // NetStream.Publish.Denied
};

class Session {
  public:
    Session(Limits limits, TimePoint now);

    // Bytes from the peer. An error ends the session: finished() is then true and the last event says the same. Output
    // and events gather until taken; call this again only when both were. Not calling it is the way to hold a peer
    // back.
    Result<> receive(ByteView in, TimePoint now);
    // Call at or after deadline(). An error is a peer that took too long.
    Result<> tick(TimePoint now);

    // The answer to PublishRequested. accept() lets what the publisher has already sent become events at once.
    void accept(TimePoint now);
    void refuse(Refusal refusal, std::string_view description = {});

    // The owner stopped reading, or reads again: silence in between is not held against the peer.
    void pause(TimePoint now);
    void resume(TimePoint now);

    // The connection is gone. Ends a publication that was not ended by the peer.
    void disconnected();

    std::optional<Event> next_event();
    Bytes take_output();

    [[nodiscard]] TimePoint deadline() const;
    [[nodiscard]] bool finished() const { return finished_; }
    // A decision is pending, so that further input is only held (up to the limit): a good time to stop reading.
    [[nodiscard]] bool awaits_decision() const { return publish_state_ == PublishState::requested; }
    [[nodiscard]] bool publishing() const { return publish_state_ == PublishState::accepted; }
    // Media messages that were dropped because their track had no usable configuration yet, or their codec is unknown.
    [[nodiscard]] std::uint64_t dropped() const { return dropped_before_ + publication_.dropped(); }
    // Bytes held for messages that are not whole yet and for a decision that is pending.
    [[nodiscard]] std::size_t buffered() const { return held_.size() + reader_.buffered(); }

  private:
    enum class PublishState { none, requested, accepted };

    Result<> consume(ByteView in, TimePoint now);
    Result<> hold(ByteView in);
    Result<> handle(Message message, TimePoint now);
    Result<> handle_control(const Message& message);
    Result<> handle_media(Message message, TimePoint now);
    Result<> handle_command(const Message& message, TimePoint now);
    void acknowledge();

    // What answers each command; one row each in a table of the implementation.
    struct Row;
    static const Row kCommands[];
    void on_connect(const Command& command, std::uint32_t stream_id);
    void on_create_stream(const Command& command, std::uint32_t stream_id);
    void on_publish(const Command& command, std::uint32_t stream_id);
    void on_unpublish(const Command& command, std::uint32_t stream_id);
    void on_delete_stream(const Command& command, std::uint32_t stream_id);
    void on_play(const Command& command, std::uint32_t stream_id);
    void on_stream_length(const Command& command, std::uint32_t stream_id);
    void on_courtesy(const Command& command, std::uint32_t stream_id);
    void on_answer(const Command& command, std::uint32_t stream_id);
    void on_unknown(const Command& command, std::uint32_t stream_id);

    void reject_connect(const Command& command, std::string_view why);
    void unpublish();
    void finish(std::optional<Error> why);

    void send(MessageType type, std::uint32_t chunk_stream, std::uint32_t stream_id, Bytes payload);
    void send_number(MessageType type, std::uint32_t number);
    void send_user_control(UserControl event, std::uint32_t value);
    void send_command(std::uint32_t stream_id, std::string_view name, double transaction, amf::Value object,
                      amf::Array arguments);
    void send_status(std::uint32_t stream_id, std::string_view level, std::string_view code,
                     std::string_view description);
    void send_error(const Command& command, std::string_view code, std::string_view description);

    Limits limits_;
    TimePoint started_;
    TimePoint last_activity_;  // the last whole message that was of use
    bool paused_ = false;
    bool finished_ = false;

    Handshake handshake_;
    ChunkReader reader_;
    ChunkWriter writer_;
    Bytes output_;
    Bytes held_;  // input that came after a publish command that is not decided yet

    // Acknowledgements (5.4.3), modulo 2^32 as on the wire.
    std::uint32_t received_ = 0;      // bytes of the chunk stream
    std::uint32_t acknowledged_ = 0;  // received_ as last told
    std::uint32_t window_;            // bytes after which the peer wants to be told

    bool connected_ = false;
    std::string app_;  // as written, with its query
    std::string tc_url_;
    std::string flash_version_;
    std::set<std::uint32_t> streams_;  // open message streams
    std::uint32_t next_stream_ = 1;

    PublishState publish_state_ = PublishState::none;
    std::uint32_t publish_stream_ = 0;
    std::string path_;
    Publication publication_;
    std::uint64_t dropped_before_ = 0;  // by publications that ended
    std::deque<Event> events_;
};

}  // namespace millrace::rtmp
