// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/element/webrtc/publisher_clip.hpp"

#include <gst/gst.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "common/base/thread.hpp"
#include "common/gst/read_map.hpp"
#include "common/gst/ref.hpp"
#include "webrtc/core/rtp/h264_packetizer.hpp"
#include "webrtc/core/rtp/opus_packetizer.hpp"

namespace millrace::webrtc::test {

namespace {

struct Recording {
    std::vector<Bytes> buffers;
    gst::Ref<GstCaps> caps;
};

Recording record(const std::string& line) {
    auto pipeline = gst::share(gst_parse_launch((line + " ! appsink name=out sync=false").c_str(), nullptr));
    auto sink = gst::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    Recording recording;
    for (;;) {
        GstSample* taken = nullptr;
        g_signal_emit_by_name(sink.get(), "pull-sample", &taken);
        if (taken == nullptr) break;
        auto sample = gst::adopt(taken);
        recording.caps = gst::share(gst_sample_get_caps(sample.get()));
        auto map = gst::ReadMap::of(gst_sample_get_buffer(sample.get()));
        recording.buffers.emplace_back(map->bytes().begin(), map->bytes().end());
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return recording;
}

codec::TrackFormat format_of(const GstCaps* caps) {
    GstBuffer* data = nullptr;
    gst_structure_get(gst_caps_get_structure(caps, 0), "codec_data", GST_TYPE_BUFFER, &data, nullptr);
    auto owned = gst::adopt(data);
    codec::TrackFormat format;
    auto map = gst::ReadMap::of(data);
    format.config.assign(map->bytes().begin(), map->bytes().end());
    return format;
}

// The last NAL unit, behind its four bytes of length.
ByteView last_unit(ByteView access_unit) {
    ByteView last;
    ByteReader in(access_unit);
    while (in.remaining() > 4) {
        const std::uint32_t size = in.u32();
        if (size > in.remaining()) return {};
        last = in.rest().first(size);
        in.skip(size);
    }
    return last;
}

PublisherClip make(unsigned width, unsigned height, unsigned kilobits) {
    // Noise fills any rate.
    const std::string pattern = kilobits > PublisherClip::kRate ? "snow" : "ball";
    PublisherClip clip;
    const Recording video =
        record("videotestsrc num-buffers=60 pattern=" + pattern + " ! video/x-raw,width=" + std::to_string(width) +
               ",height=" + std::to_string(height) +
               ",format=I420,framerate=30/1 ! x264enc tune=zerolatency threads=1 key-int-max=30 bitrate=" +
               std::to_string(kilobits) +
               " ! "
               "h264parse ! video/x-h264,profile=constrained-baseline,stream-format=avc,alignment=au");
    auto pictures = make_h264_packetizer(format_of(video.caps.get()), PacketSize());
    for (const Bytes& unit : video.buffers) {
        clip.pictures.push_back(*(*pictures)->packetize(unit));
        const ByteView slice = last_unit(unit);
        clip.slices.emplace_back(slice.begin(), slice.end());
    }
    const Recording audio = record(
        "audiotestsrc num-buffers=100 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 "
        "! opusenc");
    OpusPacketizer sounds{PacketSize()};
    for (const Bytes& sound : audio.buffers) clip.sounds.push_back(*sounds.packetize(sound));
    if (clip.pictures.size() != PublisherClip::kPictures || !clip.pictures[PublisherClip::kKeyInterval].key_frame)
        throw std::runtime_error("the encoder made another clip than it was asked for");
    return clip;
}

}  // namespace

const PublisherClip& PublisherClip::of(unsigned width, unsigned height, unsigned kilobits) {
    static Guarded<std::map<std::array<unsigned, 3>, PublisherClip>> made;
    return *made.with([&](auto& all) {
        auto found = all.find({width, height, kilobits});
        if (found == all.end())
            found = all.emplace(std::array{width, height, kilobits}, make(width, height, kilobits)).first;
        return &found->second;
    });
}

std::optional<std::size_t> PublisherClip::number_of(ByteView access_unit) const {
    const ByteView slice = last_unit(access_unit);
    const auto found = std::ranges::find_if(slices, [&](const Bytes& each) { return std::ranges::equal(each, slice); });
    if (found == slices.end()) return {};
    return static_cast<std::size_t>(found - slices.begin());
}

}  // namespace millrace::webrtc::test
