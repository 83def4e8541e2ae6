// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/publication.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include "common/codec/codec_table.hpp"
#include "common/codec/mp3.hpp"
#include "common/codec/opus.hpp"
#include "rtmp/core/command.hpp"

namespace millrace::rtmp {

namespace {

using codec::Codec;
using codec::Kind;
using codec::TrackFormat;

constexpr std::size_t kMaxTracks = 16;   // of both kinds
constexpr std::size_t kMaxNotices = 16;  // a peer that finds more ways to be wrong is not told of each

const char* name_of(Kind kind) {
    return kind == Kind::video ? "video" : "audio";
}

// The configuration as ISO BMFF has it. Only Opus differs on the wire: Enhanced RTMP sends the Ogg header.
Result<TrackFormat> format_of(Codec codec, ByteView configuration) {
    TrackFormat format;
    format.codec = codec;
    if (codec == Codec::opus) {
        auto head = codec::parse_opus_head(configuration);
        if (!head) return tl::unexpected(head.error());
        format.config = codec::write_dops(*head);
    } else {
        format.config.assign(configuration.begin(), configuration.end());
    }
    if (auto completed = codec::complete(format); !completed) return tl::unexpected(completed.error());
    return format;
}

// MP3 has no configuration: each frame says what it is.
Result<TrackFormat> format_of_mp3(ByteView frame) {
    auto header = codec::parse_mp3_frame(frame);
    if (!header) return tl::unexpected(header.error());
    TrackFormat format;
    format.codec = Codec::mp3;
    format.sample_rate = header->sample_rate;
    format.channels = header->channels;
    format.samples_per_frame = header->samples;
    return format;
}

}  // namespace

Result<bool> Publication::receive(Message message) {
    switch (message.type) {
        case MessageType::audio:
            return receive_media(Kind::audio, std::move(message));
        case MessageType::video:
            return receive_media(Kind::video, std::move(message));
        case MessageType::data_amf0:
        case MessageType::data_amf3:
            return receive_data(message);
        case MessageType::aggregate:
            return receive_aggregate(message);
        default:
            return false;
    }
}

Result<bool> Publication::receive_media(Kind kind, Message message) {
    if (message.payload.empty()) return false;  // Flash pauses so; there is nothing in it
    auto tags = kind == Kind::video ? read_video_tags(message.payload) : read_audio_tags(message.payload);
    if (!tags) return tl::unexpected(tags.error());

    Duration dts = std::chrono::milliseconds(unwrapper_.unwrap(message.timestamp));
    bool useful = false;
    for (std::size_t i = 0; i < tags->size(); ++i) {
        const FlvTag& tag = (*tags)[i];
        if (!tag.codec) {
            drop(std::string(name_of(kind)) + " in " + tag.codec_name + " cannot be carried and is dropped");
        } else if (tag.packet == FlvTag::Packet::configuration) {
            receive_configuration(kind, tag, ByteView(message.payload).subspan(tag.offset, tag.size));
            useful = true;
        } else if (tag.packet == FlvTag::Packet::frame && tag.size > 0) {
            // The last tag takes the message's bytes with it; only multitrack messages have others.
            bool last = i + 1 == tags->size();
            ByteView bytes = ByteView(message.payload).subspan(tag.offset, tag.size);
            Payload payload = last ? Payload{std::move(message.payload), tag.offset, tag.size}
                                   : Payload{Bytes(bytes.begin(), bytes.end()), 0, tag.size};
            useful |= receive_frame(kind, tag, dts, std::move(payload));
        }
    }
    return useful;
}

void Publication::receive_configuration(Kind kind, const FlvTag& tag, ByteView bytes) {
    if (tag.codec == Codec::mp3) return;
    auto format = format_of(*tag.codec, bytes);
    if (!format) return drop(std::string(name_of(kind)) + " configuration is unusable: " + format.error().what);
    if (Track* track = find_track(kind, tag)) set_format(*track, std::move(*format));
}

bool Publication::receive_frame(Kind kind, const FlvTag& tag, Duration dts, Payload payload) {
    Track* track = find_track(kind, tag);
    if (!track) return false;
    if (tag.codec == Codec::mp3) {
        auto format = format_of_mp3(payload.view());
        if (!format) return drop("MP3 frame is unusable: " + format.error().what), false;
        set_format(*track, std::move(*format));
    }
    if (!track->usable || track->format.codec != *tag.codec) {
        drop(std::string(name_of(kind)) + " came before its codec configuration and is dropped until there is one");
        return false;
    }
    events_.push_back(Media{kind, track->id, dts, dts + tag.composition, tag.key, std::move(payload)});
    return true;
}

// Publishers repeat their configuration, at every key frame or so; only a change is news.
void Publication::set_format(Track& track, TrackFormat format) {
    if (track.usable && track.format == format) return;
    track.usable = true;
    track.format = format;
    events_.push_back(FormatChanged{track.kind, track.id, std::move(format)});
}

Publication::Track* Publication::find_track(Kind kind, const FlvTag& tag) {
    for (Track& track : tracks_)
        if (track.kind == kind && track.id == tag.track) return &track;
    if (tracks_.size() == kMaxTracks) {
        drop("more than " + std::to_string(kMaxTracks) + " tracks; the others are dropped");
        return nullptr;
    }
    tracks_.push_back({kind, tag.track, {}, false});
    return &tracks_.back();
}

// 7.1.2: "@setDataFrame", "onMetaData", values. Encoders without a Flash past send it without the first.
Result<bool> Publication::receive_data(const Message& message) {
    auto values = read_data(message);
    if (!values) {
        if (values.error().fault == Fault::bad_input) return tl::unexpected(values.error());
        notice_once("metadata is ignored: " + values.error().what);  // well formed, merely large
        return false;
    }
    auto is_name = [&](std::size_t at, std::string_view name) {
        return at < values->size() && (*values)[at].string() && *(*values)[at].string() == name;
    };
    std::size_t at = is_name(0, "@setDataFrame") ? 1 : 0;
    if (!is_name(at, "onMetaData") || at + 1 >= values->size()) return false;
    const amf::Object* metadata = (*values)[at + 1].object();
    if (!metadata) return false;
    events_.push_back(Metadata{*metadata});
    return true;
}

// 7.1.6: FLV tags in a row. Their timestamps count from the first one's, which stands for the message's.
Result<bool> Publication::receive_aggregate(const Message& message) {
    ByteReader in(message.payload);
    bool useful = false;
    std::optional<std::uint32_t> first;
    while (!in.empty()) {
        auto type = static_cast<MessageType>(in.u8());
        std::size_t size = in.u24();
        std::uint32_t timestamp = in.u24();
        timestamp |= static_cast<std::uint32_t>(in.u8()) << 24;
        in.skip(3);  // stream id: the aggregate's holds
        ByteView body = in.take(size);
        in.skip(4);  // back pointer
        if (in.failed()) return fail(Fault::bad_input, "aggregate message is cut off");
        if (!first) first = timestamp;
        if (type == MessageType::aggregate)
            return fail(Fault::bad_input, "aggregate message inside an aggregate message");
        auto received = receive(
            {type, message.timestamp + (timestamp - *first), message.stream_id, Bytes(body.begin(), body.end())});
        if (!received) return received;
        useful |= *received;
    }
    return useful;
}

void Publication::drop(std::string why) {
    ++dropped_;
    notice_once(std::move(why));
}

void Publication::notice_once(std::string text) {
    if (noticed_.size() == kMaxNotices || std::find(noticed_.begin(), noticed_.end(), text) != noticed_.end()) return;
    noticed_.push_back(text);
    events_.push_back(Notice{std::move(text)});
}

}  // namespace millrace::rtmp
