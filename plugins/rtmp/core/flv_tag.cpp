// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/flv_tag.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "common/codec/codec_table.hpp"
#include "rtmp/core/stream_path.hpp"

namespace millrace::rtmp {

namespace {

using codec::Codec;
using codec::Kind;
using Packet = FlvTag::Packet;
using Tags = std::vector<FlvTag>;

struct LegacyCodec {
    unsigned id;
    const char* name;
    std::optional<Codec> codec;
};

// Annex E.4.3.1, CodecID. 12 was never assigned by Adobe, but is what many encoders use for HEVC before Enhanced RTMP.
constexpr std::array<LegacyCodec, 6> kVideoCodecs = {{{2, "Sorenson H.263", {}},
                                                      {3, "Screen video", {}},
                                                      {4, "VP6", {}},
                                                      {5, "VP6 with alpha", {}},
                                                      {7, "H.264", Codec::h264},
                                                      {12, "H.265", Codec::h265}}};

// Annex E.4.2.1, SoundFormat.
constexpr std::array<LegacyCodec, 9> kAudioCodecs = {{{0, "PCM", {}},
                                                      {1, "ADPCM", {}},
                                                      {2, "MP3", Codec::mp3},
                                                      {3, "PCM", {}},
                                                      {6, "Nellymoser", {}},
                                                      {10, "AAC", Codec::aac},
                                                      {11, "Speex", {}},
                                                      {14, "MP3 at 8 kHz", Codec::mp3},
                                                      {15, "device-specific sound", {}}}};

constexpr unsigned kExtendedAudio = 9;  // Enhanced RTMP: SoundFormat ExHeader
constexpr unsigned kExtendedVideo = 8;  // Enhanced RTMP: the top bit, above the frame type

constexpr unsigned kKeyFrame = 1;      // E.4.3.1, FrameType
constexpr unsigned kCommandFrame = 5;  // says something about seeking, has no picture

void name_codec(FlvTag& tag, std::span<const LegacyCodec> codecs, unsigned id) {
    auto row = std::find_if(codecs.begin(), codecs.end(), [id](const LegacyCodec& c) { return c.id == id; });
    tag.codec = row == codecs.end() ? std::nullopt : row->codec;
    tag.codec_name = row == codecs.end() ? "codec " + std::to_string(id) : row->name;
}

void name_codec(FlvTag& tag, std::string_view fourcc, Kind kind) {
    const codec::CodecRow* row = codec::find_fourcc(fourcc);
    if (row && codec::kind_of(row->codec) == kind) {
        tag.codec = row->codec;
    } else {
        tag.codec_name = "codec '" + legible(fourcc) + "'";
    }
}

Duration composition_time(ByteReader& in) {
    auto offset = static_cast<std::int32_t>(in.u24());
    return std::chrono::milliseconds(offset >= 1 << 23 ? offset - (1 << 24) : offset);
}

// What is left of `in` is the media.
void close_tag(FlvTag& tag, ByteView message, const ByteReader& in) {
    tag.offset = message.size() - in.remaining();
    tag.size = in.remaining();
}

Result<Tags> checked(Tags tags, const ByteReader& in, const char* what) {
    if (in.failed()) return fail(Fault::bad_input, std::string(what) + " message is cut off");
    return tags;
}

// Enhanced RTMP v2: the packet types that audio and video share, under their video numbers.
enum class Extended : unsigned {
    sequence_start = 0,
    coded_frames = 1,
    sequence_end = 2,
    coded_frames_x = 3,  // video only: without a composition time, which is then zero
    metadata = 4,        // audio: multichannel configuration
    mpeg2ts_start = 5,   // video; the same number is multitrack in audio
    video_multitrack = 6,
    mod_ex = 7,
};
constexpr unsigned kAudioMultitrack = 5;

enum class Multitrack : unsigned { one_track = 0, many_tracks = 1, many_tracks_many_codecs = 2 };

bool has_composition_time(std::optional<Codec> codec) {
    return codec == Codec::h264 || codec == Codec::h265;
}

class ExtendedReading {
  public:
    ExtendedReading(ByteView message, Kind kind, bool key) : message_(message), in_(message), kind_(kind), key_(key) {}

    Result<Tags> read() {
        unsigned type = in_.u8() & 0x0f;
        if (type == static_cast<unsigned>(Extended::mod_ex)) type = skip_modifiers();
        bool multitrack =
            type == (kind_ == Kind::video ? static_cast<unsigned>(Extended::video_multitrack) : kAudioMultitrack);
        if (multitrack) {
            read_tracks();
        } else {
            FlvTag tag = new_tag();
            name_codec(tag, fourcc(), kind_);
            read_packet(tag, type, in_);
        }
        return checked(std::move(tags_), in_, kind_ == Kind::video ? "video" : "audio");
    }

  private:
    FlvTag new_tag() const {
        FlvTag tag;
        tag.key = key_;
        return tag;
    }

    std::string_view fourcc() { return as_text(in_.take(4)); }

    // Modifiers we have no use for (nanosecond offsets); the packet type is behind the last of them.
    unsigned skip_modifiers() {
        unsigned type = static_cast<unsigned>(Extended::mod_ex);
        while (type == static_cast<unsigned>(Extended::mod_ex) && !in_.failed()) {
            std::size_t size = in_.u8() + 1U;
            if (size == 256) size = in_.u16() + 1U;
            in_.skip(size);
            type = in_.u8() & 0x0f;
        }
        return type;
    }

    void read_tracks() {
        std::uint8_t byte = in_.u8();
        auto layout = static_cast<Multitrack>(byte >> 4);
        unsigned type = byte & 0x0f;
        FlvTag common = new_tag();
        if (layout != Multitrack::many_tracks_many_codecs) name_codec(common, fourcc(), kind_);
        do {
            FlvTag tag = common;
            if (layout == Multitrack::many_tracks_many_codecs) name_codec(tag, fourcc(), kind_);
            tag.track = in_.u8();
            ByteReader rest = in_;
            if (layout != Multitrack::one_track) {
                std::size_t size = in_.u24();
                rest = ByteReader(in_.take(size));
            }
            read_packet(tag, type, rest);
        } while (layout != Multitrack::one_track && !in_.empty() && !in_.failed());
    }

    void read_packet(FlvTag tag, unsigned type, ByteReader in) {
        switch (static_cast<Extended>(type)) {
            case Extended::sequence_start:
                tag.packet = Packet::configuration;
                break;
            case Extended::coded_frames:
                tag.packet = Packet::frame;
                if (has_composition_time(tag.codec)) tag.composition = composition_time(in);
                if (in.failed()) in_.skip(in_.remaining() + 1);
                break;
            case Extended::coded_frames_x:
                tag.packet = kind_ == Kind::video ? Packet::frame : Packet::nothing;
                break;
            default:
                tag.packet = Packet::nothing;
                break;
        }
        ByteView media = in.rest();
        tag.offset = media.empty() ? message_.size() : static_cast<std::size_t>(media.data() - message_.data());
        tag.size = media.size();
        tags_.push_back(std::move(tag));
    }

    ByteView message_;
    ByteReader in_;
    Kind kind_;
    bool key_;
    Tags tags_;
};

}  // namespace

Result<std::vector<FlvTag>> read_video_tags(ByteView message) {
    ByteReader in(message);
    std::uint8_t first = in.u8();
    unsigned frame_type = first >> 4;
    if ((frame_type & kExtendedVideo) != 0) {
        frame_type &= 7;
        if (frame_type == kCommandFrame) return Tags{};
        return ExtendedReading(message, Kind::video, frame_type == kKeyFrame).read();
    }
    FlvTag tag;
    name_codec(tag, kVideoCodecs, first & 0x0f);
    tag.key = frame_type == kKeyFrame;
    if (!tag.codec) return checked({tag}, in, "video");
    if (frame_type == kCommandFrame) return Tags{};

    // E.4.3.2, AVCPacketType.
    switch (in.u8()) {
        case 0:
            tag.packet = Packet::configuration;
            break;
        case 1:
            tag.packet = Packet::frame;
            break;
        default:
            tag.packet = Packet::nothing;
            break;
    }
    tag.composition = composition_time(in);
    close_tag(tag, message, in);
    return checked({tag}, in, "video");
}

Result<std::vector<FlvTag>> read_audio_tags(ByteView message) {
    ByteReader in(message);
    unsigned format = in.u8() >> 4;
    if (format == kExtendedAudio) return ExtendedReading(message, Kind::audio, true).read();
    FlvTag tag;
    name_codec(tag, kAudioCodecs, format);
    tag.packet = Packet::frame;
    // E.4.2.2, AACPacketType.
    if (tag.codec == Codec::aac && in.u8() == 0) tag.packet = Packet::configuration;
    close_tag(tag, message, in);
    return checked({tag}, in, "audio");
}

}  // namespace millrace::rtmp
