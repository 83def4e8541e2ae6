// SPDX-License-Identifier: LGPL-2.1-or-later
// millhlssink over real HTTP: frames pushed by a harness, playlists and parts read by a socket.
#include <gst/check/gstharness.h>
#include <gtest/gtest.h>
#include <libsoup/soup.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>

#include "common/gst/ref.hpp"
#include "common/gst/rendition.hpp"
#include "tests/support/application_server.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/test_video.hpp"

extern "C" {
GST_PLUGIN_STATIC_DECLARE(millhls);
}

using namespace millrace;
using millrace::test::http_get;
using millrace::test::Socket;

namespace {

class HlsSink : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        gst_init(nullptr, nullptr);
        GST_PLUGIN_STATIC_REGISTER(millhls);
    }

    void SetUp() override {
        port_ = Socket::free_port();
        sink_ = gst::share(gst_element_factory_make("millhlssink", "hls"));
        ASSERT_TRUE(sink_);
        set_listen(sink_.get());
        bus_ = gst::adopt(gst_bus_new());
        gst_element_set_bus(sink_.get(), bus_.get());
    }

    void TearDown() override {
        if (harness_) gst_harness_teardown(harness_);
        gst_element_set_bus(sink_.get(), nullptr);
        gst_element_set_state(sink_.get(), GST_STATE_NULL);
    }

    void set_listen(GstElement* sink) {
        g_object_set(sink, "path", "live/cam1", "listen", ("127.0.0.1:" + std::to_string(port_)).c_str(), nullptr);
    }

    void start() {
        harness_ = gst_harness_new_with_element(sink_.get(), "video_0", nullptr);
        gst_harness_set_src_caps(harness_, gst_caps_from_string(test::kVideoCaps));
        gst_harness_play(harness_);
    }

    void push_frames(int count) {
        for (int i = 0; i < count; ++i)
            ASSERT_EQ(gst_harness_push(harness_, test::video_frame(frames_++)), GST_FLOW_OK);
    }

    std::string media_playlist() { return http_get(port_, "/live/cam1/video_0/media.m3u8").body; }

    // The last URI="…" of a line that starts with `tag`.
    static std::string last_uri(const std::string& playlist, const std::string& tag) {
        auto line = playlist.rfind(tag);
        if (line == std::string::npos) return {};
        auto from = playlist.find("URI=\"", line) + 5;
        return playlist.substr(from, playlist.find('"', from) - from);
    }

    static std::uint64_t media_sequence(const std::string& playlist) {
        const std::string tag = "#EXT-X-MEDIA-SEQUENCE:";
        return std::stoull(playlist.substr(playlist.find(tag) + tag.size()));
    }

    std::string error_text() {
        auto message = gst::adopt(gst_bus_timed_pop_filtered(bus_.get(), 5 * GST_SECOND, GST_MESSAGE_ERROR));
        if (!message) return {};
        GError* error = nullptr;
        gst_message_parse_error(message.get(), &error, nullptr);
        std::string text = error->message;
        g_error_free(error);
        return text;
    }

    std::uint16_t port_ = 0;
    gst::Ref<GstElement> sink_;
    gst::Ref<GstBus> bus_;
    GstHarness* harness_ = nullptr;
    int frames_ = 0;
};

TEST_F(HlsSink, ThereIsNoPlaylistBeforeTheFirstSegmentIsComplete) {
    start();
    push_frames(30);
    auto early = http_get(port_, "/live/cam1/index.m3u8");
    EXPECT_TRUE(early.status == 404 || early.status == 503) << early.status;
    push_frames(31);
    auto playlist = http_get(port_, "/live/cam1/index.m3u8");
    EXPECT_EQ(playlist.status, 200);
    EXPECT_NE(playlist.body.find("avc1.42c015"), std::string::npos) << playlist.body;
    EXPECT_NE(playlist.body.find("RESOLUTION=320x180"), std::string::npos) << playlist.body;
}

TEST_F(HlsSink, APartIsListedAndServedTheMomentItsLastFrameWasPushed) {
    start();
    push_frames(60 + 6);
    const std::string playlist = media_playlist();
    const std::string uri = last_uri(playlist, "#EXT-X-PART:");
    ASSERT_FALSE(uri.empty()) << playlist;
    auto part = http_get(port_, "/live/cam1/video_0/" + uri);
    EXPECT_EQ(part.status, 200);
    EXPECT_EQ(part.body.substr(4, 4), "styp");
    // Six frames of eight bytes at the very end.
    const std::string frame("\0\0\0\4\x41\1\2\3", 8);
    EXPECT_EQ(part.body.substr(part.body.size() - 8), frame);
}

TEST_F(HlsSink, ABlockedReloadAndAHintedPartAreAnsweredByTheSamePublication) {
    start();
    push_frames(60 + 6);
    const std::string before = media_playlist();
    const auto msn = std::to_string(media_sequence(before) + 1);
    const std::string hint = last_uri(before, "#EXT-X-PRELOAD-HINT:");
    auto reload = std::async(std::launch::async, [&] {
        return http_get(port_, "/live/cam1/video_0/media.m3u8?_HLS_msn=" + msn + "&_HLS_part=1");
    });
    auto part = std::async(std::launch::async, [&] { return http_get(port_, "/live/cam1/video_0/" + hint); });
    push_frames(6);
    EXPECT_NE(reload.get().body.find("URI=\"" + hint + "\""), std::string::npos);
    EXPECT_EQ(part.get().status, 200);
}

TEST_F(HlsSink, EosEndsThePlaylistAndAnswersWhoWaits) {
    start();
    push_frames(60 + 6);
    const auto msn = std::to_string(media_sequence(media_playlist()) + 2);
    auto reload = std::async(std::launch::async,
                             [&] { return http_get(port_, "/live/cam1/video_0/media.m3u8?_HLS_msn=" + msn); });
    gst_harness_push_event(harness_, gst_event_new_eos());
    EXPECT_NE(reload.get().body.find("#EXT-X-ENDLIST"), std::string::npos);
    auto eos = gst::adopt(gst_bus_timed_pop_filtered(bus_.get(), 5 * GST_SECOND, GST_MESSAGE_EOS));
    EXPECT_TRUE(eos);
}

TEST_F(HlsSink, StoppingAnswersWhoWaitsAndTakesThePathDown) {
    start();
    push_frames(60 + 6);
    const std::string hint = last_uri(media_playlist(), "#EXT-X-PRELOAD-HINT:");
    auto part = std::async(std::launch::async, [&] { return http_get(port_, "/live/cam1/video_0/" + hint); });
    auto keep = http_get(port_, "/live/cam1/video_0/media.m3u8");
    EXPECT_EQ(keep.status, 200);
    gst_element_set_state(sink_.get(), GST_STATE_NULL);
    EXPECT_NE(part.get().status, 200);
    EXPECT_NE(http_get(port_, "/live/cam1/index.m3u8").status, 200);
}

TEST_F(HlsSink, TheStateOfAPathIsSeenInStats) {
    start();
    push_frames(61);
    GstStructure* stats = nullptr;
    g_object_get(sink_.get(), "stats", &stats, nullptr);
    gst::OwnedStructure owned(stats);
    guint64 segments = 0;
    ASSERT_TRUE(gst_structure_get_uint64(stats, "segments", &segments));
    EXPECT_EQ(segments, 1u);
}

TEST_F(HlsSink, APathThatIsTakenIsAnErrorThatNamesIt) {
    start();
    auto second = gst::share(gst_element_factory_make("millhlssink", "second"));
    set_listen(second.get());
    gst_element_set_bus(second.get(), bus_.get());
    EXPECT_EQ(gst_element_set_state(second.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    EXPECT_NE(error_text().find("live/cam1"), std::string::npos);
    gst_element_set_state(second.get(), GST_STATE_NULL);
    gst_element_set_bus(second.get(), nullptr);
}

TEST_F(HlsSink, WithoutAPathItSaysWhatToSet) {
    g_object_set(sink_.get(), "path", "", nullptr);
    EXPECT_EQ(gst_element_set_state(sink_.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    EXPECT_NE(error_text().find("path="), std::string::npos);
}

TEST_F(HlsSink, OnlyGetAndHeadAreAllowed) {
    start();
    push_frames(61);
    EXPECT_EQ(http_get(port_, "/live/cam1/index.m3u8", "POST").status, 405);
    auto head = http_get(port_, "/live/cam1/index.m3u8", "HEAD");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
}

TEST_F(HlsSink, PadsCanBeAddressedThroughTheElement) {
    start();
    gst_child_proxy_set(GST_CHILD_PROXY(sink_.get()), "video_0::rendition", "720p", nullptr);
    gchar* name = nullptr;
    gst_child_proxy_get(GST_CHILD_PROXY(sink_.get()), "video_0::rendition", &name, nullptr);
    EXPECT_STREQ(name, "720p");
    g_free(name);
}

TEST_F(HlsSink, AFrameThatCannotBeUsedIsDroppedWithOneWarning) {
    start();
    push_frames(10);
    for (int i = 0; i < 3; ++i) {
        GstBuffer* broken = gst::wrap_bytes({0, 0, 1, 0, 0x41});  // a NAL unit longer than its access unit
        GST_BUFFER_PTS(broken) = static_cast<GstClockTime>(frames_++) * test::kFrameDuration;
        EXPECT_EQ(gst_harness_push(harness_, broken), GST_FLOW_OK);
    }
    EXPECT_TRUE(gst::adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_WARNING)));
    EXPECT_FALSE(gst::adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_WARNING)));
    push_frames(60);
    EXPECT_EQ(http_get(port_, "/live/cam1/index.m3u8").status, 200);
}

// A pad of its own, whose stream says what it is.
class Rung {
  public:
    Rung(GstElement* sink, const char* pad, const gst::Rendition& said)
        : harness_(gst_harness_new_with_element(sink, pad, nullptr)) {
        auto start = gst::adopt(gst_event_new_stream_start(pad));
        gst::describe(start.get(), said);
        gst_harness_push_event(harness_.get(), start.release());
        gst_harness_set_src_caps(harness_.get(), gst_caps_from_string(test::kVideoCaps));
    }
    void play() { gst_harness_play(harness_.get()); }
    void push(int number) { EXPECT_EQ(gst_harness_push(harness_.get(), test::video_frame(number)), GST_FLOW_OK); }
    void end() { gst_harness_push_event(harness_.get(), gst_event_new_eos()); }
    GstPad* source() { return harness_.get()->srcpad; }

  private:
    gst::Owned<GstHarness, gst_harness_teardown> harness_;
};

TEST_F(HlsSink, ARenditionIsCalledWhatItsStreamSays) {
    Rung high(sink_.get(), "video_0", {.name = "720p", .bitrate = 3'000'000, .steady = true});
    auto pad = gst::adopt(gst_element_request_pad_simple(sink_.get(), "video_1"));
    gst_child_proxy_set(GST_CHILD_PROXY(sink_.get()), "video_1::rendition", "small", nullptr);
    Rung low(sink_.get(), "video_1", {.name = "360p", .bitrate = 800'000});
    high.play();
    low.play();
    for (int i = 0; i < 70; ++i) {
        high.push(i);
        low.push(i);
    }
    const std::string playlist = http_get(port_, "/live/cam1/index.m3u8").body;
    EXPECT_NE(playlist.find("\n720p/media.m3u8"), std::string::npos) << playlist;
    EXPECT_NE(playlist.find("\nsmall/media.m3u8"), std::string::npos) << playlist;
    EXPECT_NE(playlist.find("AVERAGE-BANDWIDTH=2"), std::string::npos) << playlist;
    EXPECT_EQ(http_get(port_, "/live/cam1/720p/media.m3u8").status, 200);
    EXPECT_EQ(http_get(port_, "/live/cam1/video_0/media.m3u8").status, 404);
}

TEST_F(HlsSink, AStreamForOtherOutputsIsDroppedAndDelaysNothing) {
    Rung wanted(sink_.get(), "video_0", {.name = "720p"});
    Rung unwanted(sink_.get(), "video_1", {.name = "realtime", .segmented = false});
    wanted.play();
    unwanted.play();
    for (int i = 0; i < 70; ++i) {
        wanted.push(i);
        unwanted.push(i);
    }
    const std::string playlist = http_get(port_, "/live/cam1/index.m3u8").body;
    EXPECT_NE(playlist.find("\n720p/media.m3u8"), std::string::npos) << playlist;
    EXPECT_EQ(playlist.find("realtime"), std::string::npos) << playlist;
    EXPECT_EQ(playlist.find("video_1"), std::string::npos) << playlist;
    wanted.end();
    EXPECT_NE(http_get(port_, "/live/cam1/720p/media.m3u8").body.find("#EXT-X-ENDLIST"), std::string::npos);
    unwanted.end();
    EXPECT_TRUE(gst::adopt(gst_bus_timed_pop_filtered(bus_.get(), 5 * GST_SECOND, GST_MESSAGE_EOS)));
    EXPECT_FALSE(gst::adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_WARNING)));
}

TEST_F(HlsSink, AStreamThatWasForOtherOutputsMayBecomeARendition) {
    Rung first(sink_.get(), "video_0", {.name = "720p"});
    Rung other(sink_.get(), "video_1", {.name = "360p", .segmented = false});
    first.play();
    other.play();
    for (int i = 0; i < 70; ++i) first.push(i);
    auto start = gst::adopt(gst_event_new_stream_start("again"));
    gst::describe(start.get(), {.name = "360p"});
    gst_pad_push_event(other.source(), start.release());
    gst_pad_push_event(other.source(), gst_event_new_caps(gst::adopt(gst_caps_from_string(test::kVideoCaps)).get()));
    for (int i = 70; i < 140; ++i) {
        first.push(i);
        other.push(i);
    }
    EXPECT_NE(http_get(port_, "/live/cam1/index.m3u8").body.find("\n360p/media.m3u8"), std::string::npos);
}

std::string content(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

TEST_F(HlsSink, ADirectoryHoldsAPlainPlaylistAndTheSegmentsItLists) {
    namespace fs = std::filesystem;
    std::string pattern = (fs::temp_directory_path() / "millhlssink-XXXXXX").string();
    const fs::path folder = ::mkdtemp(pattern.data());
    g_object_set(sink_.get(), "directory", folder.c_str(), nullptr);
    start();
    push_frames(121);
    gst_harness_push_event(harness_, gst_event_new_eos());
    gst_element_set_state(sink_.get(), GST_STATE_NULL);  // the writer has finished when this returns

    EXPECT_NE(content(folder / "index.m3u8").find("video_0/media.m3u8"), std::string::npos);
    const std::string playlist = content(folder / "video_0" / "media.m3u8");
    EXPECT_NE(playlist.find("#EXT-X-ENDLIST"), std::string::npos) << playlist;
    EXPECT_EQ(playlist.find("#EXT-X-PART"), std::string::npos) << playlist;
    std::istringstream lines(playlist);
    int listed = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.front() == '#') continue;
        EXPECT_GT(fs::file_size(folder / "video_0" / line), 0u) << line;
        ++listed;
    }
    EXPECT_EQ(listed, 3);
    for (const auto& file : fs::recursive_directory_iterator(folder)) EXPECT_NE(file.path().extension(), ".part");
    fs::remove_all(folder);
}

TEST_F(HlsSink, ADirectoryThatCannotBeWrittenIsAnErrorThatNamesIt) {
    g_object_set(sink_.get(), "path", "live/cam1", "directory", "/proc/nowhere", nullptr);
    EXPECT_EQ(gst_element_set_state(sink_.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    EXPECT_NE(error_text().find("/proc/nowhere"), std::string::npos);
}

TEST_F(HlsSink, AnApplicationsOwnHttpServerIsUsedWhenItIsHandedIn) {
    test::ApplicationServer application;
    auto context = gst::adopt(gst_context_new("millrace.http-server", TRUE));
    gst_structure_set(gst_context_writable_structure(context.get()), "server", SOUP_TYPE_SERVER, application.soup(),
                      nullptr);
    gst_element_set_context(sink_.get(), context.get());
    start();
    push_frames(61);
    auto answer = std::async(std::launch::async, [&] { return http_get(application.port(), "/live/cam1/index.m3u8"); });
    while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        g_main_context_iteration(nullptr, FALSE);
    EXPECT_EQ(answer.get().status, 200);
}

}  // namespace
