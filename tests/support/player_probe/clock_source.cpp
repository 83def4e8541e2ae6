// SPDX-License-Identifier: LGPL-2.1-or-later
// A live picture that carries the wall clock in its pixels, with a tick of sound every second, for measuring how late a
// picture is shown. Encodes H.264 and AAC and knows nothing of where they go: the rest of the pipeline is the argument.
// `picture.` is what is encoded, for more renditions of it. SIGUSR1 turns a `valve name=valve` among them.
//
//   clock_source [OPTION…] 'flvmux name=m streamable=true ! rtmp2sink location=rtmp://localhost/live/x
//                           video. ! queue ! h264parse ! m.  audio. ! queue ! m.'
//
// The clock is three rows of 16 blocks at the top left, each block 1/32 of the picture's width, white for 1:
//   the upper and the lower half of T; CRC-8 (polynomial 0x07, from 0xff) of T's bytes, and 0xa5.
// T is CLOCK_REALTIME in ms modulo 2^32, read immediately before the frame is painted.
#include <glib-unix.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace {

constexpr int kColumns = 16, kRows = 3, kBlocksPerWidth = 32;
constexpr std::uint32_t kSync = 0xa5;

struct Options {
    int width = 1280, height = 720, fps = 30, bitrate = 1500, b_frames = 0;
    double gop_seconds = 1, seconds = 0;
    gboolean no_audio = FALSE, noise = FALSE;
};

std::uint32_t crc8(std::uint32_t value) {
    std::uint8_t crc = 0xff;
    for (int shift = 24; shift >= 0; shift -= 8) {
        crc ^= static_cast<std::uint8_t>(value >> shift);
        for (int bit = 0; bit < 8; ++bit) crc = static_cast<std::uint8_t>(crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1);
    }
    return crc;
}

std::array<std::uint32_t, kRows> rows_of(std::uint32_t time) {
    return {time >> 16, time & 0xffff, crc8(time) << 8 | kSync};
}

void fill(GstVideoFrame& frame, int plane, int x, int y, int width, int height, int value) {
    const int stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane);
    auto* pixels = static_cast<std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane));
    for (int row = y; row < y + height; ++row)
        std::memset(pixels + row * stride + x, value, static_cast<size_t>(width));
}

void paint(GstVideoFrame& frame, std::uint32_t time) {
    constexpr int kWhite = 235, kBlack = 16, kGrey = 128;
    const int block = GST_VIDEO_FRAME_WIDTH(&frame) / kBlocksPerWidth;
    const auto rows = rows_of(time);
    for (int row = 0; row < kRows; ++row) {
        for (int column = 0; column < kColumns; ++column) {
            const bool set = rows[static_cast<size_t>(row)] >> (kColumns - 1 - column) & 1;
            fill(frame, 0, column * block, row * block, block, block, set ? kWhite : kBlack);
        }
    }
    for (int plane : {1, 2}) fill(frame, plane, 0, 0, kColumns * block / 2, kRows * block / 2, kGrey);
}

GstPadProbeReturn paint_clock(GstPad* pad, GstPadProbeInfo* info, gpointer) {
    GstVideoInfo video;
    GstCaps* caps = gst_pad_get_current_caps(pad);
    const bool known = caps && gst_video_info_from_caps(&video, caps);
    gst_clear_caps(&caps);
    if (!known) return GST_PAD_PROBE_OK;

    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    GstVideoFrame frame;
    if (gst_video_frame_map(&frame, &video, buffer, GST_MAP_WRITE)) {
        paint(frame, static_cast<std::uint32_t>(g_get_real_time() / 1000));
        gst_video_frame_unmap(&frame);
    }
    return GST_PAD_PROBE_OK;
}

std::string describe(const Options& options, const std::string& rest) {
    const std::string tune = options.b_frames > 0 ? "b-adapt=false rc-lookahead=10" : "tune=zerolatency";
    const std::string picture =
        options.noise ? "pattern=snow" : "pattern=ball background-color=0xff17424a foreground-color=0xffe8b04a";
    std::string text = "videotestsrc is-live=true " + picture +
                       " ! video/x-raw,format=I420,width=" + std::to_string(options.width) +
                       ",height=" + std::to_string(options.height) + ",framerate=" + std::to_string(options.fps) +
                       "/1 ! identity name=painter ! tee name=picture"
                       " ! x264enc speed-preset=veryfast threads=1 option-string=scenecut=0:open-gop=0 bitrate=" +
                       std::to_string(options.bitrate) + " bframes=" + std::to_string(options.b_frames) + " " + tune +
                       " key-int-max=" + std::to_string(static_cast<int>(options.gop_seconds * options.fps)) +
                       " ! video/x-h264,profile=high ! tee name=video allow-not-linked=true ";
    if (!options.no_audio) {
        text +=
            "audiotestsrc is-live=true wave=ticks samplesperbuffer=480 ! audio/x-raw,rate=48000,channels=2"
            " ! audioconvert ! voaacenc bitrate=96000 ! aacparse ! tee name=audio allow-not-linked=true ";
    }
    return text + rest;
}

gboolean turn_valve(gpointer valve) {
    gboolean shut = FALSE;
    g_object_get(valve, "drop", &shut, nullptr);
    g_object_set(valve, "drop", !shut, nullptr);
    return G_SOURCE_CONTINUE;
}

gboolean end_stream(gpointer pipeline) {
    gst_element_send_event(GST_ELEMENT(pipeline), gst_event_new_eos());
    return G_SOURCE_REMOVE;
}

// Returns the process's exit status.
int run(GstElement* pipeline, double seconds) {
    g_unix_signal_add(SIGINT, end_stream, pipeline);
    g_unix_signal_add(SIGTERM, end_stream, pipeline);
    GstElement* valve = gst_bin_get_by_name(GST_BIN(pipeline), "valve");
    if (valve) g_unix_signal_add(SIGUSR1, turn_valve, valve);
    if (seconds > 0) g_timeout_add(static_cast<guint>(seconds * 1000), end_stream, pipeline);

    GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
    GstBus* bus = gst_element_get_bus(pipeline);
    gst_bus_add_signal_watch(bus);
    GError* error = nullptr;
    g_signal_connect_swapped(bus, "message::eos", G_CALLBACK(g_main_loop_quit), loop);
    g_signal_connect(bus, "message::error", G_CALLBACK(+[](GstBus*, GstMessage* message, gpointer into) {
                         if (!*static_cast<GError**>(into))
                             gst_message_parse_error(message, static_cast<GError**>(into), nullptr);
                     }),
                     &error);
    g_signal_connect_swapped(bus, "message::error", G_CALLBACK(g_main_loop_quit), loop);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_main_loop_run(loop);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (error) g_printerr("clock_source: %s\n", error->message);
    const int status = error ? 1 : 0;
    g_clear_error(&error);
    gst_clear_object(&valve);
    gst_object_unref(bus);
    g_main_loop_unref(loop);
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    const GOptionEntry entries[] = {
        {"width", 0, 0, G_OPTION_ARG_INT, &options.width, "1280", "PIXELS"},
        {"height", 0, 0, G_OPTION_ARG_INT, &options.height, "720", "PIXELS"},
        {"fps", 0, 0, G_OPTION_ARG_INT, &options.fps, "30", "N"},
        {"gop", 0, 0, G_OPTION_ARG_DOUBLE, &options.gop_seconds, "between key frames, 1", "SECONDS"},
        {"bitrate", 0, 0, G_OPTION_ARG_INT, &options.bitrate, "of the video, 1500", "KBIT/S"},
        {"b-frames", 0, 0, G_OPTION_ARG_INT, &options.b_frames, "between reference frames, 0", "N"},
        {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options.seconds, "until the end of stream; 0 = until SIGINT",
         "SECONDS"},
        {"noise", 0, 0, G_OPTION_ARG_NONE, &options.noise, "a picture that takes all of its bit rate", nullptr},
        {"no-audio", 0, 0, G_OPTION_ARG_NONE, &options.no_audio, "no sound", nullptr},
        {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr},
    };
    GOptionContext* context = g_option_context_new("PIPELINE");
    g_option_context_set_summary(context, "Live H.264 (video.) and AAC (audio.) with the wall clock in the picture.");
    g_option_context_add_main_entries(context, entries, nullptr);
    g_option_context_add_group(context, gst_init_get_option_group());
    GError* error = nullptr;
    const bool parsed = g_option_context_parse(context, &argc, &argv, &error);
    g_option_context_free(context);

    std::string rest;
    for (int i = 1; i < argc; ++i) rest += std::string(argv[i]) + " ";
    GstElement* pipeline = parsed ? gst_parse_launch(describe(options, rest).c_str(), &error) : nullptr;
    if (error) {
        g_printerr("clock_source: %s\n", error->message);
        return 1;
    }
    GstElement* painter = gst_bin_get_by_name(GST_BIN(pipeline), "painter");
    GstPad* pad = gst_element_get_static_pad(painter, "src");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, paint_clock, nullptr, nullptr);
    gst_object_unref(pad);
    gst_object_unref(painter);

    const int status = run(pipeline, options.seconds);
    gst_object_unref(pipeline);
    return status;
}
