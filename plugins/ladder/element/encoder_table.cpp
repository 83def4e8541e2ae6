// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/element/encoder_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <thread>
#include <utility>

#include "common/base/thread.hpp"
#include "common/codec/codec_table.hpp"
#include "common/gst/chain.hpp"

namespace millrace::ladder {

namespace {

using codec::Codec;

constexpr std::array<std::string_view, 10> kSpeeds{"ultrafast", "superfast", "veryfast", "faster",   "fast",
                                                   "medium",    "slow",      "slower",   "veryslow", "placebo"};
using Speeds = std::array<const char*, kSpeeds.size()>;

struct Row {
    const char* factory;
    Codec codec;
    bool hardware;
    const char* raw_format;
    // name=value, with {kbit} {bit} {speed} {threads} {never} filled in. What an element of another version does not
    // have is left out.
    const char* settings;
    const Speeds* speeds;  // what {speed} becomes; nullptr = as it is
    const char* package;   // that has it
};

constexpr Speeds kCpuUsed{"10", "10", "9", "8", "7", "6", "5", "4", "3", "2"};
constexpr Speeds kComplexity{"low", "low", "low", "medium", "medium", "medium", "high", "high", "high", "high"};
constexpr Speeds kNvidia{"p1", "p1", "p2", "p3", "p3", "p4", "p5", "p6", "p7", "p7"};
constexpr Speeds kUsage{"7", "7", "6", "5", "5", "4", "3", "2", "1", "1"};

// How long the buffer of the rate control is, in ms. A key frame may fill it, and takes as long on a link that is only
// just fast enough: the rung's viewers are not to wait longer than they notice.
constexpr std::uint64_t kBuffer = 300;

// Of one maker, whatever the codec.
constexpr const char* kNvidiaSettings =
    "preset={speed} tune=ultra-low-latency rc-mode=cbr bitrate={kbit} max-bitrate={kbit} vbv-buffer-size={vbvkbit} "
    "gop-size={never} bframes=0 zerolatency=true aud=false i-adapt=false";
constexpr const char* kVaSettings =
    "rate-control=cbr bitrate={kbit} cpb-size={vbvkbit} key-int-max=1024 b-frames=0 target-usage={speed} aud=false";

// Key frames are asked for and never made on a scene cut; no B-frames.
constexpr std::array kRows{
    Row{"nvh264enc", Codec::h264, true, "NV12", kNvidiaSettings, &kNvidia,
        "gstreamer1.0-plugins-bad and NVIDIA's driver"},
    Row{"qsvh264enc", Codec::h264, true, "NV12",
        "rate-control=cbr bitrate={kbit} max-bitrate={kbit} gop-size=0 b-frames=0 target-usage={speed} "
        "low-latency=true",
        &kUsage, "gstreamer1.0-plugins-bad and Intel's media driver"},
    Row{"vah264enc", Codec::h264, true, "NV12", kVaSettings, &kUsage, "gstreamer1.0-plugins-bad and a VA driver"},
    Row{"vah264lpenc", Codec::h264, true, "NV12", kVaSettings, &kUsage, "gstreamer1.0-plugins-bad and a VA driver"},
    Row{"v4l2h264enc", Codec::h264, true, "NV12",
        "extra-controls=controls,video_bitrate_mode=1,video_bitrate={bit},video_gop_size=100000000,"
        "video_b_frames=0,repeat_sequence_header=1",
        nullptr, "gstreamer1.0-plugins-good and a kernel with a codec driver"},
    Row{"x264enc", Codec::h264, false, "I420",
        "tune=zerolatency speed-preset={speed} pass=cbr bitrate={kbit} vbv-buf-capacity={vbvms} key-int-max={never} "
        "threads={threads} aud=false option-string=scenecut=0:open-gop=0",
        nullptr, "gstreamer1.0-plugins-ugly"},
    Row{"openh264enc", Codec::h264, false, "I420",
        "usage-type=camera rate-control=bitrate bitrate={bit} max-bitrate={bit} gop-size=0 complexity={speed} "
        "scene-change-detection=false multi-thread={threads} enable-frame-skip=false",
        &kComplexity, "gstreamer1.0-plugins-bad"},
    Row{"nvh265enc", Codec::h265, true, "NV12", kNvidiaSettings, &kNvidia,
        "gstreamer1.0-plugins-bad and NVIDIA's driver"},
    Row{"qsvh265enc", Codec::h265, true, "NV12",
        "rate-control=cbr bitrate={kbit} max-bitrate={kbit} gop-size=0 b-frames=0 target-usage={speed}", &kUsage,
        "gstreamer1.0-plugins-bad and Intel's media driver"},
    Row{"vah265enc", Codec::h265, true, "NV12", kVaSettings, &kUsage, "gstreamer1.0-plugins-bad and a VA driver"},
    Row{"v4l2h265enc", Codec::h265, true, "NV12",
        "extra-controls=controls,video_bitrate_mode=1,video_bitrate={bit},video_gop_size=100000000,video_b_frames=0",
        nullptr, "gstreamer1.0-plugins-good and a kernel with a codec driver"},
    Row{"x265enc", Codec::h265, false, "I420",
        "tune=zerolatency speed-preset={speed} bitrate={kbit} key-int-max={never} log-level=none "
        "option-string=scenecut=0:open-gop=0:bframes=0:vbv-maxrate={kbit}:vbv-bufsize={vbvkbit}:pools={threads}:"
        "frame-threads=1",
        nullptr, "gstreamer1.0-plugins-bad"},
    Row{"svtav1enc", Codec::av1, false, "I420",
        "preset={speed} target-bitrate={kbit} intra-period-length=-1 parameters-string=rc=2:pred-struct=1:lp={threads}",
        &kCpuUsed, "gstreamer1.0-plugins-bad with SVT-AV1"},
    Row{"av1enc", Codec::av1, false, "I420",
        "usage-profile=realtime end-usage=cbr target-bitrate={kbit} cpu-used={speed} lag-in-frames=0 "
        "keyframe-mode=auto "
        "keyframe-max-dist=2147483647 min-quantizer=2 max-quantizer=56 buf-sz=1000 buf-initial-sz=500 "
        "buf-optimal-sz=600 threads={threads} row-mt=true",
        &kCpuUsed, "gstreamer1.0-plugins-bad"},
};

struct Stream {
    Codec codec;
    const char* encoded;  // what is asked of the encoder. Main is what every browser decodes, in real time too
    const char* parser;
    const char* parsed;
};
constexpr std::array kStreams{
    Stream{Codec::h264, "video/x-h264, profile=(string){ main, constrained-baseline }", "h264parse",
           "video/x-h264, stream-format=(string)avc, alignment=(string)au"},
    Stream{Codec::h265, "video/x-h265, profile=(string)main", "h265parse",
           "video/x-h265, stream-format=(string)hvc1, alignment=(string)au"},
    Stream{Codec::av1, "video/x-av1", "av1parse",
           "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu"},
};

const Stream& stream_of(Codec codec) {
    return *std::find_if(kStreams.begin(), kStreams.end(), [&](const Stream& stream) { return stream.codec == codec; });
}

// ---- settings -------------------------------------------------------------------------------------------------------

// One core does about so many pixels a second at veryfast; slices cost quality, so only what needs them has them.
unsigned threads_for(double pixels_per_second) {
    constexpr double kPixelsOfACore = 45e6;
    const double wanted = std::ceil(pixels_per_second / kPixelsOfACore);
    return static_cast<unsigned>(
        std::clamp(wanted, 1.0, static_cast<double>(std::max(std::thread::hardware_concurrency(), 1U))));
}

std::string speed_of(const Row& row, const std::string& speed) {
    if (row.speeds == nullptr) return speed;
    const auto* found = std::find(kSpeeds.begin(), kSpeeds.end(), speed);
    return (*row.speeds)[static_cast<std::size_t>(found - kSpeeds.begin()) % kSpeeds.size()];
}

std::string filled_in(std::string text, const Row& row, const EncoderOrder& order) {
    const std::pair<std::string_view, std::string> values[] = {
        {"{kbit}", std::to_string(order.bitrate / 1000)},
        {"{vbvkbit}", std::to_string(order.bitrate * kBuffer / 1'000'000)},
        {"{vbvms}", std::to_string(kBuffer)},
        {"{bit}", std::to_string(order.bitrate)},
        {"{speed}", speed_of(row, order.speed)},
        {"{threads}", std::to_string(threads_for(order.pixels_per_second))},
        {"{never}", "2147483647"},
    };
    for (const auto& [mark, value] : values)
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
            text.replace(at, mark.size(), value);
    return text;
}

void configure(GstElement* encoder, const Row& row, const EncoderOrder& order) {
    const std::string settings = filled_in(row.settings, row, order);
    for (std::size_t at = 0; at < settings.size();) {
        const std::size_t end = std::min(settings.find(' ', at), settings.size());
        const std::string setting = settings.substr(at, end - at);
        at = end + 1;
        const auto equals = setting.find('=');
        const std::string name = setting.substr(0, equals);
        if (!g_object_class_find_property(G_OBJECT_GET_CLASS(encoder), name.c_str())) continue;
        gst_util_set_object_arg(G_OBJECT(encoder), name.c_str(), setting.substr(equals + 1).c_str());
    }
}

// ---- choice ---------------------------------------------------------------------------------------------------------

Result<MadeEncoder> make(const Row& row, const EncoderOrder& order) {
    const Stream& stream = stream_of(row.codec);
    auto encoded = gst::adopt(gst_caps_from_string(stream.encoded));
    auto parsed = gst::adopt(gst_caps_from_string(stream.parsed));
    MadeEncoder made{row.factory,
                     row.raw_format,
                     {gst::make_element(row.factory), gst::make_caps_filter(encoded.get()),
                      gst::make_element(stream.parser), gst::make_caps_filter(parsed.get())}};
    if (!made.elements[0])
        return fail(Fault::no_resource, std::string("there is no ") + row.factory + "; install " + row.package);
    if (!made.elements[2])
        return fail(Fault::no_resource,
                    std::string("there is no ") + stream.parser + "; install gstreamer1.0-plugins-bad");
    configure(made.elements[0].get(), row, order);
    return made;
}

gst::Ref<GstBuffer> grey_picture() {
    constexpr gsize kSize = 320 * 240 * 3 / 2;
    auto buffer = gst::adopt(gst_buffer_new_allocate(nullptr, kSize, nullptr));
    gst_buffer_memset(buffer.get(), 0, 0x80, kSize);
    return buffer;
}

// Whether it really encodes: a driver may be there without its device.
bool encodes(const Row& row) {
    EncoderOrder order{
        .encoder = row.factory, .codec = row.codec, .speed = "veryfast", .bitrate = 500'000, .pixels_per_second = 1e6};
    auto made = make(row, order);
    if (!made) return false;
    bool came = false;
    auto chain = gst::Chain::make(made->elements, {.event = [](GstEvent*) { return true; },
                                                   .buffer =
                                                       [&](gst::Ref<GstBuffer>) {
                                                           came = true;
                                                           return GST_FLOW_OK;
                                                       }});
    if (!chain) return false;
    const std::string caps = std::string("video/x-raw, format=(string)") + row.raw_format +
                             ", width=(int)320, height=(int)240, framerate=(fraction)30/1";
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    (*chain)->send(gst::adopt(gst_event_new_stream_start("trial")));
    (*chain)->send(gst::adopt(gst_event_new_caps(gst::adopt(gst_caps_from_string(caps.c_str())).get())));
    (*chain)->send(gst::adopt(gst_event_new_segment(&segment)));
    for (int i = 0; i < 3; ++i) {
        auto picture = grey_picture();
        GST_BUFFER_PTS(picture.get()) = static_cast<GstClockTime>(i) * GST_SECOND / 30;
        GST_BUFFER_DURATION(picture.get()) = GST_SECOND / 30;
        if ((*chain)->push(std::move(picture)) != GST_FLOW_OK) return false;
    }
    (*chain)->send(gst::adopt(gst_event_new_eos()));
    return came;
}

// Tried once a process.
bool works(const Row& row) {
    auto factory = gst::adopt(gst_element_factory_find(row.factory));
    if (!factory || !row.hardware) return static_cast<bool>(factory);
    static Guarded<std::map<std::string, bool>> tried;
    return tried.with([&](auto& results) {
        auto [found, fresh] = results.try_emplace(row.factory, false);
        if (fresh) found->second = encodes(row);
        return found->second;
    });
}

std::string names_for(Codec codec) {
    std::string names;
    for (const Row& row : kRows)
        if (row.codec == codec) names += (names.empty() ? "" : ", ") + std::string(row.factory);
    return names;
}

}  // namespace

bool is_speed(std::string_view name) {
    return std::find(kSpeeds.begin(), kSpeeds.end(), name) != kSpeeds.end();
}

std::string all_speeds() {
    std::string all;
    for (std::string_view speed : kSpeeds) all += (all.empty() ? "" : ", ") + std::string(speed);
    return all;
}

Result<MadeEncoder> make_encoder(const EncoderOrder& order) {
    const std::string codec(codec::row_of(order.codec).name);
    if (order.encoder.empty() || order.encoder == "auto") {
        const char* package = "";
        for (const Row& row : kRows) {
            if (row.codec != order.codec) continue;
            if (works(row)) return make(row, order);
            if (!row.hardware && *package == '\0') package = row.package;
        }
        return fail(Fault::no_resource, "there is no encoder for " + codec + "; install " + package);
    }
    for (const Row& row : kRows) {
        // By name it is meant for its own codec; rungs of another have what suits them.
        if (order.encoder == row.factory && row.codec == order.codec) return make(row, order);
    }
    const bool known =
        std::any_of(kRows.begin(), kRows.end(), [&](const Row& row) { return order.encoder == row.factory; });
    if (!known)
        return fail(Fault::bad_input, "video-encoder=" + order.encoder + " is none of auto, " + names_for(Codec::h264) +
                                          ", " + names_for(Codec::h265) + ", " + names_for(Codec::av1));
    EncoderOrder any = order;
    any.encoder = "auto";
    return make_encoder(any);
}

}  // namespace millrace::ladder
