// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "rtmp/core/stream_path.hpp"

namespace millrace::rtmp {

namespace {

// What we announce, and acknowledge after until the peer says otherwise. The usual value of servers.
constexpr std::uint32_t kWindow = 2'500'000;
// A window smaller than this would have us answer every few bytes.
constexpr std::uint32_t kSmallestWindow = 4096;
constexpr std::uint32_t kOurChunkSize = 4096;
constexpr std::uint8_t kDynamicLimit = 2;  // 5.4.5, limit type

// Enhanced RTMP v2: what the connect command and its answer say of each other's abilities.
constexpr std::array<const char*, 7> kFourCcs = {"avc1", "hvc1", "av01", "vp09", "mp4a", "Opus", ".mp3"};
constexpr double kMultitrackAndModEx = 0x02 | 0x04;

struct RefusalWords {
    Refusal refusal;
    std::string_view code;
    std::string_view description;
};
constexpr std::array<RefusalWords, 3> kRefusals = {
    {{Refusal::unknown, "NetStream.Publish.BadName", "No stream of this name is expected here"},
     {Refusal::busy, "NetStream.Publish.BadName", "The stream is already being published"},
     {Refusal::unauthorized, "NetStream.Publish.Denied", "Not authorized to publish this stream"}}};

PublishMode publish_mode(std::string_view name) {
    if (name == "record") return PublishMode::record;
    if (name == "append") return PublishMode::append;
    return PublishMode::live;
}

std::string_view text_of(const amf::Object& object, std::string_view name) {
    const amf::Value* value = amf::find(object, name);
    const std::string* text = value ? value->string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

std::optional<std::uint32_t> stream_argument(const Command& command) {
    const double* number = command.arguments.empty() ? nullptr : command.arguments.front().number();
    if (!number || !(*number >= 0 && *number <= 0xffffffff)) return {};
    return static_cast<std::uint32_t>(*number);
}

amf::Object information(std::string_view level, std::string_view code, std::string_view description) {
    return {{"level", level}, {"code", code}, {"description", description}};
}

}  // namespace

struct Session::Row {
    std::string_view name;
    void (Session::*handle)(const Command& command, std::uint32_t stream_id);
};

// What ffmpeg, librtmp (so OBS), GStreamer and Flash send around a publication, and how each is answered.
const Session::Row Session::kCommands[] = {
    {"connect", &Session::on_connect},
    {"createStream", &Session::on_create_stream},
    {"publish", &Session::on_publish},
    {"FCUnpublish", &Session::on_unpublish},
    {"closeStream", &Session::on_unpublish},
    {"deleteStream", &Session::on_delete_stream},
    {"releaseStream", &Session::on_courtesy},
    {"FCPublish", &Session::on_courtesy},
    {"_checkbw", &Session::on_courtesy},
    {"checkBandwidth", &Session::on_courtesy},
    {"getStreamLength", &Session::on_stream_length},
    {"play", &Session::on_play},
    {"play2", &Session::on_play},
    {"_result", &Session::on_answer},
    {"_error", &Session::on_answer},
    {"onStatus", &Session::on_answer},
};

Session::Session(Limits limits, TimePoint now)
    : limits_(limits),
      started_(now),
      last_activity_(now),
      handshake_(static_cast<std::uint64_t>(now.time_since_epoch().count())),
      reader_(limits),
      window_(kWindow) {}

Result<> Session::receive(ByteView in, TimePoint now) {
    if (finished_) return {};
    auto consumed = consume(in, now);
    if (!consumed) {
        finish(consumed.error());
    } else {
        acknowledge();
    }
    return consumed;
}

Result<> Session::consume(ByteView in, TimePoint now) {
    if (!handshake_.done()) {
        auto shaken = handshake_.receive(in);
        Bytes answer = handshake_.take_output();
        output_.insert(output_.end(), answer.begin(), answer.end());
        if (!shaken) return shaken;
        if (!handshake_.done()) return {};
        last_activity_ = now;
    }
    while (!finished_) {
        if (awaits_decision()) return hold(in);
        std::size_t before = in.size();
        auto message = reader_.next(in);
        received_ += static_cast<std::uint32_t>(before - in.size());
        if (!message) return tl::unexpected(std::move(message).error().while_("reading the chunk stream"));
        if (!*message) return {};
        if (auto handled = handle(std::move(**message), now); !handled) return handled;
    }
    return {};
}

// What came behind a publish command waits for the owner's answer to it.
Result<> Session::hold(ByteView in) {
    if (buffered() + in.size() > limits_.max_input)
        return fail(Fault::bad_input, "more than " + std::to_string(limits_.max_input) +
                                          " bytes sent without waiting for the answer to publish");
    held_.insert(held_.end(), in.begin(), in.end());
    return {};
}

Result<> Session::tick(TimePoint now) {
    if (finished_ || now < deadline()) return {};
    Error late{Fault::peer_gone, handshake_.done() ? "idle for too long" : "the handshake took too long"};
    finish(late);
    return tl::unexpected(std::move(late));
}

TimePoint Session::deadline() const {
    if (finished_) return kNever;
    if (!handshake_.done()) return started_ + limits_.handshake;
    if (paused_ || awaits_decision()) return kNever;  // the silence is ours
    return last_activity_ + limits_.idle;
}

void Session::pause(TimePoint) {
    paused_ = true;
}

void Session::resume(TimePoint now) {
    paused_ = false;
    last_activity_ = std::max(last_activity_, now);
}

void Session::disconnected() {
    finish({});
}

std::optional<Event> Session::next_event() {
    if (events_.empty()) return {};
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
}

Bytes Session::take_output() {
    return std::exchange(output_, {});
}

// Messages.

Result<> Session::handle(Message message, TimePoint now) {
    switch (message.type) {
        case MessageType::set_chunk_size:
        case MessageType::abort:
        case MessageType::user_control:
        case MessageType::window_acknowledgement_size:
            return handle_control(message);
        case MessageType::audio:
        case MessageType::video:
        case MessageType::data_amf0:
        case MessageType::data_amf3:
        case MessageType::aggregate:
            return handle_media(std::move(message), now);
        case MessageType::command_amf0:
        case MessageType::command_amf3:
            return handle_command(message, now);
        // We send too little for the peer's acknowledgements or bandwidth limit to matter.
        case MessageType::acknowledgement:
        case MessageType::set_peer_bandwidth:
            break;
    }
    return {};  // types unknown to us, such as shared objects, are the peer's to send
}

// None of these counts as activity: one could send them forever and never publish.
Result<> Session::handle_control(const Message& message) {
    ByteReader in(message.payload);
    if (message.type == MessageType::user_control) {
        // 7.1.7. A ping is the only event of a client that wants an answer.
        auto event = static_cast<UserControl>(in.u16());
        std::uint32_t value = in.u32();
        if (!in.failed() && event == UserControl::ping_request) send_user_control(UserControl::ping_response, value);
        return {};
    }
    std::uint32_t number = in.u32();
    if (in.failed()) return fail(Fault::bad_input, "protocol control message is cut off");
    if (message.type == MessageType::set_chunk_size) return reader_.set_chunk_size(number);
    if (message.type == MessageType::abort) reader_.abort(number);
    if (message.type == MessageType::window_acknowledgement_size) window_ = std::max(number, kSmallestWindow);
    return {};
}

Result<> Session::handle_media(Message message, TimePoint now) {
    if (!publishing()) return {};
    auto useful = publication_.receive(std::move(message));
    for (Event& event : publication_.take_events()) events_.push_back(std::move(event));
    if (!useful) return tl::unexpected(std::move(useful).error().while_("publishing " + path_));
    if (*useful) last_activity_ = now;
    return {};
}

Result<> Session::handle_command(const Message& message, TimePoint now) {
    auto command = read_command(message);
    if (!command) return tl::unexpected(command.error());
    if (!connected_ && command->name != "connect")
        return fail(Fault::bad_input, "command '" + legible(command->name) + "' before connect");
    last_activity_ = now;
    auto row =
        std::find_if(std::begin(kCommands), std::end(kCommands), [&](const Row& r) { return r.name == command->name; });
    auto handler = row == std::end(kCommands) ? &Session::on_unknown : row->handle;
    (this->*handler)(*command, message.stream_id);
    return {};
}

void Session::acknowledge() {
    if (received_ - acknowledged_ < window_) return;
    acknowledged_ = received_;
    send_number(MessageType::acknowledgement, received_);
}

// Commands.

void Session::on_connect(const Command& command, std::uint32_t) {
    const amf::Object* object = command.object.object();
    const amf::Value* app = object ? amf::find(*object, "app") : nullptr;
    if (connected_) return reject_connect(command, "Already connected");
    if (!app || !app->string()) return reject_connect(command, "The connect command names no application");
    connected_ = true;
    app_ = *app->string();
    tc_url_ = legible(text_of(*object, "tcUrl"));
    flash_version_ = legible(text_of(*object, "flashVer"));

    send_number(MessageType::window_acknowledgement_size, kWindow);
    ByteWriter bandwidth;
    bandwidth.u32(kWindow);
    bandwidth.u8(kDynamicLimit);
    send(MessageType::set_peer_bandwidth, kControlChunkStream, 0, std::move(bandwidth).take());
    send_number(MessageType::set_chunk_size, kOurChunkSize);

    amf::Object properties{{"fmsVer", "FMS/3,0,1,123"}, {"capabilities", 31.0}};
    amf::Object status = information("status", "NetConnection.Connect.Success", "Connection succeeded.");
    status.push_back({"objectEncoding", 0.0});  // AMF0, whatever was asked for; AMF3 is understood all the same
    if (amf::find(*object, "fourCcList") || amf::find(*object, "capsEx")) {
        properties.push_back({"fourCcList", amf::Array(kFourCcs.begin(), kFourCcs.end())});
        properties.push_back({"capsEx", kMultitrackAndModEx});
    }
    send_command(0, "_result", command.transaction, std::move(properties), {std::move(status)});
}

void Session::reject_connect(const Command& command, std::string_view why) {
    send_error(command, "NetConnection.Connect.Rejected", why);
    finish(Error{Fault::refused, "connect rejected: " + std::string(why)});
}

void Session::on_create_stream(const Command& command, std::uint32_t) {
    if (streams_.size() >= limits_.max_message_streams)
        return send_error(command, "NetConnection.Call.Failed", "Too many streams");
    std::uint32_t id = next_stream_++;
    streams_.insert(id);
    send_command(0, "_result", command.transaction, amf::Null{}, {static_cast<double>(id)});
}

void Session::on_publish(const Command& command, std::uint32_t stream_id) {
    if (publish_state_ != PublishState::none)
        return send_status(stream_id, "error", "NetStream.Publish.BadName", "This connection publishes already");
    if (!streams_.contains(stream_id)) {
        send_status(stream_id, "error", "NetStream.Publish.BadName", "No stream was created to publish on");
        return finish(Error{Fault::bad_input, "publish on a stream that was not created"});
    }
    auto named = stream_path(app_, text_argument(command, 0));
    if (!named) {
        send_status(stream_id, "error", "NetStream.Publish.BadName", named.error().what);
        return finish(std::move(named).error().while_("publish refused"));
    }
    publish_state_ = PublishState::requested;
    publish_stream_ = stream_id;
    path_ = named->path;
    events_.push_back(PublishRequested{std::move(named->path), std::move(named->app), std::move(named->stream),
                                       std::move(named->query), tc_url_, flash_version_,
                                       publish_mode(text_argument(command, 1))});
}

void Session::accept(TimePoint now) {
    if (!awaits_decision()) return;
    publish_state_ = PublishState::accepted;
    last_activity_ = now;
    send_user_control(UserControl::stream_begin, publish_stream_);
    send_status(publish_stream_, "status", "NetStream.Publish.Start", path_ + " is now published.");
    Bytes held = std::exchange(held_, {});
    if (auto consumed = consume(held, now); !consumed) finish(consumed.error());
}

void Session::refuse(Refusal refusal, std::string_view description) {
    if (!awaits_decision()) return;
    auto words = std::find_if(kRefusals.begin(), kRefusals.end(),
                              [refusal](const RefusalWords& w) { return w.refusal == refusal; });
    if (description.empty()) description = words->description;
    send_status(publish_stream_, "error", words->code, description);
    publish_state_ = PublishState::none;
    finish(Error{Fault::refused, "publish " + path_ + " refused: " + std::string(description)});
}

void Session::on_unpublish(const Command& command, std::uint32_t stream_id) {
    if (publishing()) {
        send_status(publish_stream_, "status", "NetStream.Unpublish.Success", path_ + " is no longer published.");
        unpublish();
    }
    on_courtesy(command, stream_id);
}

void Session::on_delete_stream(const Command& command, std::uint32_t) {
    auto id = stream_argument(command);
    if (!id) return;
    streams_.erase(*id);
    if (publishing() && *id == publish_stream_) unpublish();
}

void Session::unpublish() {
    publish_state_ = PublishState::none;
    dropped_before_ += publication_.dropped();
    publication_ = Publication();
    events_.push_back(Unpublished{});
}

void Session::on_play(const Command&, std::uint32_t stream_id) {
    constexpr std::string_view why = "This server takes streams in by RTMP; it plays them by other protocols";
    send_status(stream_id, "error", "NetStream.Play.Failed", why);
    finish(Error{Fault::refused, "play refused: streams are only published here"});
}

void Session::on_stream_length(const Command& command, std::uint32_t) {
    send_command(0, "_result", command.transaction, amf::Null{}, {0.0});
}

// Commands that ask for nothing but an answer. Transaction 0 does not even ask for that (7.2.1.2).
void Session::on_courtesy(const Command& command, std::uint32_t) {
    if (command.transaction != 0) send_command(0, "_result", command.transaction, amf::Null{}, {amf::Undefined{}});
}

void Session::on_answer(const Command&, std::uint32_t) {}

void Session::on_unknown(const Command& command, std::uint32_t) {
    if (command.transaction != 0)
        send_error(command, "NetConnection.Call.Failed", "No such method: " + legible(command.name));
}

void Session::finish(std::optional<Error> why) {
    if (finished_) return;
    if (publishing()) unpublish();
    publish_state_ = PublishState::none;
    held_ = {};
    finished_ = true;
    events_.push_back(Closed{std::move(why)});
}

// Output.

void Session::send(MessageType type, std::uint32_t chunk_stream, std::uint32_t stream_id, Bytes payload) {
    writer_.write(output_, chunk_stream, {type, 0, stream_id, std::move(payload)});
}

void Session::send_number(MessageType type, std::uint32_t number) {
    ByteWriter payload;
    payload.u32(number);
    send(type, kControlChunkStream, 0, std::move(payload).take());
}

void Session::send_user_control(UserControl event, std::uint32_t value) {
    ByteWriter payload;
    payload.u16(static_cast<std::uint16_t>(event));
    payload.u32(value);
    send(MessageType::user_control, kControlChunkStream, 0, std::move(payload).take());
}

void Session::send_command(std::uint32_t stream_id, std::string_view name, double transaction, amf::Value object,
                           amf::Array arguments) {
    Command command{std::string(name), transaction, std::move(object), std::move(arguments)};
    send(MessageType::command_amf0, stream_id == 0 ? kCommandChunkStream : kStatusChunkStream, stream_id,
         write_command(command));
}

void Session::send_status(std::uint32_t stream_id, std::string_view level, std::string_view code,
                          std::string_view description) {
    send_command(stream_id, "onStatus", 0, amf::Null{}, {information(level, code, description)});
}

void Session::send_error(const Command& command, std::string_view code, std::string_view description) {
    send_command(0, "_error", command.transaction, amf::Null{}, {information("error", code, description)});
}

}  // namespace millrace::rtmp
