// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/track_input.hpp"

#include <cstdlib>
#include <string>
#include <utility>

#include "common/gst/caps_fields.hpp"
#include "webrtc/core/rtp/av1_packetizer.hpp"
#include "webrtc/core/rtp/vp8_packetizer.hpp"
#include "webrtc/core/rtp/vp9_packetizer.hpp"

namespace millrace::webrtc {

// Encoders choose their input by the profiles that are listed: 4:4:4, where x264enc or x265enc is given a choice,
// nobody could see. vp9enc does not choose, it fails and does not say why: what is wrong with its stream is for us to
// say.
const char* const kWhepVideoCaps =
    "video/x-h264, stream-format=(string)avc, alignment=(string)au, profile=(string){ constrained-baseline, baseline, "
    "main, constrained-high, progressive-high, high }; "
    "video/x-h265, stream-format=(string)hvc1, alignment=(string)au, profile=(string){ main, main-10 }; "
    "video/x-vp8; "
    "video/x-vp9; "
    "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu";

const char* const kWhepAudioCaps =
    "audio/x-opus, channel-mapping-family=(int)0; "
    "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw, framed=(boolean)true; "
    "audio/mpeg, mpegversion=(int)1, layer=(int)3, parsed=(boolean)true; "
    "audio/x-raw";

namespace {

// VP8, VP9 and AV1 need no configuration: what a decoder needs is in their frames.
Result<TrackMedia> media_of_vp9(const GstStructure* structure) {
    const gchar* profile = gst_structure_get_string(structure, "profile");
    const int number = profile ? std::atoi(profile) : 0;
    if (number != 0 && number != 2) {
        return fail(Fault::refused, "the video is VP9 of profile " + std::to_string(number) +
                                        ", which browsers do not decode; encode 4:2:0 in profile 0");
    }
    return TrackMedia{StreamFormat{.codec = Codec::vp9, .profile = static_cast<std::uint8_t>(number)},
                      std::make_unique<Vp9Packetizer>(gst::integer(structure, "width"),
                                                      gst::integer(structure, "height"), PacketSize())};
}

// Without codec_data, as av1parse gives it.
Result<TrackMedia> media_of_av1(const GstStructure* structure) {
    const gchar* profile = gst_structure_get_string(structure, "profile");
    if (profile && g_strcmp0(profile, "main") != 0) {
        return fail(Fault::refused, std::string("the video is AV1 of profile ") + profile +
                                        ", which browsers do not decode; encode 4:2:0 in profile main");
    }
    return TrackMedia{StreamFormat{.codec = Codec::av1}, std::make_unique<Av1Packetizer>(PacketSize())};
}

}  // namespace

Result<TrackMedia> media_from_caps(const GstCaps* caps, gst::FrameReader& reader) {
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    if (gst_structure_has_name(structure, "video/x-vp8"))
        return TrackMedia{StreamFormat{.codec = Codec::vp8}, std::make_unique<Vp8Packetizer>(PacketSize())};
    if (gst_structure_has_name(structure, "video/x-vp9")) return media_of_vp9(structure);
    if (gst_structure_has_name(structure, "video/x-av1") && !gst_structure_has_field(structure, "codec_data"))
        return media_of_av1(structure);
    auto track = reader.set_caps(caps);
    if (!track) return tl::unexpected(std::move(track).error());
    auto format = stream_format_of(*track);
    if (!format) return tl::unexpected(std::move(format).error());
    auto packetizer = make_packetizer(*track, PacketSize());
    if (!packetizer) return tl::unexpected(std::move(packetizer).error());
    return TrackMedia{*format, std::move(*packetizer)};
}

}  // namespace millrace::webrtc
