// SPDX-License-Identifier: LGPL-2.1-or-later
// Requests and their answers: delivery directives (DD-1 to DD-16), hints, ranges, compression and headers (HT-3 to
// HT-11).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "hls/core/media_playlist.hpp"
#include "tests/core/hls/broadcast.hpp"

namespace millrace::hls {
namespace {

using test::Broadcast;
using test::ReadPlaylist;
using test::ReadSegment;
using testing::HasSubstr;

std::string header(const Reply& reply, std::string_view name) {
    std::string found;
    for (const auto& [key, value] : reply.headers) {
        if (key == name) found += (found.empty() ? "" : "|") + value;
    }
    return found;
}

Bytes gunzip(const Bytes& zipped) {
    Bytes out(1 << 20);
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = const_cast<Bytef*>(zipped.data());
    stream.avail_in = static_cast<uInt>(zipped.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

// Twelve seconds in, in the middle of a segment: parts of 200 ms, ten to a segment.
class Origin : public testing::Test {
  protected:
    Origin() : live(Broadcast::of_video_and_audio()) { live.run(12'950ms); }

    [[nodiscard]] std::uint64_t open() const { return live.snapshot()->renditions[0].open->msn; }
    [[nodiscard]] std::int64_t last_part() const { return live.snapshot()->renditions[0].last().part; }

    // The status of a reload, 0 when it waits.
    [[nodiscard]] unsigned reload(std::uint64_t msn, std::int64_t part = -1) const {
        std::string query = "_HLS_msn=" + std::to_string(msn);
        if (part >= 0) query += "&_HLS_part=" + std::to_string(part);
        const Answer answer = live.ask("video_0/media.m3u8", query);
        const auto* reply = std::get_if<Reply>(&answer);
        return reply ? reply->status : 0;
    }
    [[nodiscard]] Wait wait_of(const std::string& resource, const std::string& query = "") const {
        const Answer answer = live.ask(resource, query);
        const auto* wait = std::get_if<Wait>(&answer);
        EXPECT_TRUE(wait) << resource << "?" << query;
        return wait ? *wait : Wait{};
    }
    static Reply ask(const Snapshot& snapshot, const Request& request) {
        return std::get<Reply>(answer(snapshot, request));
    }

    Broadcast live;
};

TEST_F(Origin, DirectivesThatMakeNoSenseAreRefused) {  // DD-1
    for (const char* query :
         {"_HLS_part=1", "_HLS_msn=x", "_HLS_msn=-1", "_HLS_msn=", "_HLS_msn", "_HLS_msn=1&_HLS_msn=2",
          "_HLS_msn=1&_HLS_part=1&_HLS_part=1", "_HLS_msn=1.5", "_HLS_msn=+1", "_HLS_msn=0x10",
          "_HLS_msn=9007199254740993", "_HLS_msn=99999999999999999999",
          "_HLS_msn=1&_HLS_part=", "_HLS_skip=YES&_HLS_skip=YES", "%5FHLS_part=1"}) {
        const Reply reply = live.get("video_0/media.m3u8", query);
        EXPECT_EQ(reply.status, 400u) << query;
        EXPECT_EQ(header(reply, "Cache-Control"), "no-store") << query;
    }
}

TEST_F(Origin, OtherParametersAreIgnored) {  // DD-14
    for (const char* query :
         {"", "token=abc", "_HLS_new=1", "_HLS_skip=maybe", "a&b=&=c&&", "_HLS_push=1&x=%zz", "%"}) {
        EXPECT_EQ(live.get("video_0/media.m3u8", query).status, 200u) << query;
    }
    EXPECT_EQ(live.get("index.m3u8", "_HLS_msn=x").status, 200u);
    EXPECT_EQ(live.get("video_0/" + live.playlist().segments.back().uri, "token=abc").status, 200u);
}

TEST_F(Origin, TheOrderAndSpellingOfDirectivesDoNotMatter) {
    const std::string msn = std::to_string(open());
    EXPECT_EQ(live.get("video_0/media.m3u8", "_HLS_part=0&x=1&_HLS_msn=" + msn).status, 200u);
    EXPECT_EQ(live.get("video_0/media.m3u8", "%5FHLS%5fmsn=" + msn + "&_HLS_part=%30").status, 200u);
}

TEST_F(Origin, AReloadWaitsForWhatItNames) {  // DD-2, DD-3
    EXPECT_EQ(reload(open() - 1), 200u);
    EXPECT_EQ(reload(open()), 0u);  // a complete segment, not merely its first part
    EXPECT_EQ(reload(open(), last_part()), 200u);
    EXPECT_EQ(reload(open(), last_part() + 1), 0u);
    EXPECT_EQ(reload(open() + 1), 0u);
}

TEST_F(Origin, AReloadIsAnsweredByTheVeryPublicationThatHasIt) {
    const std::uint64_t msn = open();
    const std::int64_t part = last_part() + 1;
    const Wait wait =
        wait_of("video_0/media.m3u8", "_HLS_msn=" + std::to_string(msn) + "&_HLS_part=" + std::to_string(part));
    while (last_part() < part) {
        EXPECT_FALSE(ready(*live.snapshot(), wait));
        live.run(live.now + 5ms);
    }
    EXPECT_TRUE(ready(*live.snapshot(), wait));
    EXPECT_EQ(reload(msn, part), 200u);
}

TEST_F(Origin, APartBeyondAFinishedSegmentIsTheNextSegmentsFirst) {  // DD-4
    EXPECT_EQ(reload(open() - 1, 99), 200u);
    live.run(14'010ms);  // a new segment begins: nothing of it is there yet
    ASSERT_EQ(last_part(), 9);
    const std::uint64_t finished = live.snapshot()->renditions[0].last().msn;
    EXPECT_EQ(reload(finished, 9), 200u);
    EXPECT_EQ(reload(finished, 10), 0u);
    EXPECT_EQ(reload(finished, 99), 0u);
    live.run(14'250ms);
    EXPECT_EQ(reload(finished, 10), 200u);
    EXPECT_EQ(reload(finished, 99), 200u);
}

TEST_F(Origin, AWaitForTheOpenSegmentEndsWhenItClosesWithFewerParts) {
    const Wait wait = wait_of("video_0/media.m3u8", "_HLS_msn=" + std::to_string(open()) + "&_HLS_part=12");
    live.run(14'100ms);
    EXPECT_FALSE(ready(*live.snapshot(), wait));
    live.run(14'300ms);
    EXPECT_TRUE(ready(*live.snapshot(), wait));
}

TEST_F(Origin, ASegmentOfLongAgoIsAnsweredAtOnce) {  // DD-5
    EXPECT_EQ(reload(0), 200u);
    EXPECT_EQ(reload(1, 3), 200u);
    EXPECT_EQ(reload(open() - 1000, 0), 200u);
}

TEST_F(Origin, WhatLiesTooFarAheadIsRefused) {  // DD-7 to DD-9
    EXPECT_EQ(reload(open() + 2), 400u);
    EXPECT_EQ(reload(open() + 1000), 400u);
    EXPECT_EQ(reload(9007199254740992), 400u);
    const std::int64_t limit = 15;  // ceil(3 s / 0.21334 s)
    EXPECT_EQ(reload(open(), last_part() + limit), 0u);
    EXPECT_EQ(reload(open(), last_part() + limit + 1), 400u);
    EXPECT_EQ(reload(open(), 9007199254740992), 400u);
    EXPECT_EQ(reload(open() + 1, 0), 0u);
    EXPECT_EQ(reload(open() + 1, 99), 400u);
}

TEST(OriginLimits, AWholeSegmentAheadIsNeverTooFar) {  // DD-8: hls.js without low latency asks for a whole segment
    Broadcast live({.part_duration = 1s, .segment_duration = 6s}, {test::video({30, 1}, 60)});
    live.run(25s);
    const std::uint64_t open = live.snapshot()->renditions[0].open->msn;
    const Answer answer = live.ask("video_0/media.m3u8", "_HLS_msn=" + std::to_string(open) + "&_HLS_part=5");
    EXPECT_TRUE(std::holds_alternative<Wait>(answer));
}

TEST_F(Origin, TheEndAnswersEverybody) {  // DD-6
    const Wait reload_wait = wait_of("video_0/media.m3u8", "_HLS_msn=" + std::to_string(open() + 1));
    const std::string hinted = "video_0/" + live.playlist().hinted_part;
    const Wait hint_wait = wait_of(hinted);
    live.end();
    EXPECT_TRUE(ready(*live.snapshot(), reload_wait));
    EXPECT_TRUE(ready(*live.snapshot(), hint_wait));
    EXPECT_THAT(live.text("video_0/media.m3u8", "_HLS_msn=" + std::to_string(open() + 100)),
                HasSubstr("#EXT-X-ENDLIST"));
    EXPECT_EQ(
        live.get("video_0/" + test::read_media_playlist(live.text("video_0/media.m3u8")).segments.back().uri).status,
        200u);
}

TEST_F(Origin, WaitingHasAnEnd) {  // DD-10, HINT-7
    const Wait wait = wait_of("video_0/media.m3u8", "_HLS_msn=" + std::to_string(open()));
    EXPECT_EQ(wait.longest, 6s);
    EXPECT_EQ(timed_out(wait).status, 503u);
    EXPECT_EQ(header(timed_out(wait), "Retry-After"), "1");
    EXPECT_EQ(header(timed_out(wait), "Cache-Control"), "no-store");
    const Wait hint = wait_of("video_0/" + live.playlist().hinted_part);
    EXPECT_EQ(hint.longest, 6s);
    EXPECT_EQ(timed_out(hint).status, 404u);
}

TEST_F(Origin, AskingChangesNothing) {  // DD-11
    const auto snapshot = live.snapshot();
    const Blob* body = nullptr;
    std::vector<Reply> replies;
    for (int i = 0; i < 10'000; ++i)
        replies.push_back(ask(*snapshot, {.resource = "video_0/media.m3u8", .query = "_HLS_msn=1"}));
    for (const Reply& reply : replies) {
        if (!body) body = &reply.body[0];
        EXPECT_EQ(reply.body[0].share(), body->share());  // one body for all
    }
    EXPECT_EQ(live.snapshot(), snapshot);
}

TEST_F(Origin, APlainReloadNeverWaits) {  // DD-16
    EXPECT_EQ(live.get("video_0/media.m3u8").status, 200u);
    EXPECT_EQ(live.get("index.m3u8").status, 200u);
}

TEST_F(Origin, AHintedPartIsHeldUntilItIsWhole) {  // HINT-2, HINT-3
    const std::string hinted = "video_0/" + live.playlist().hinted_part;
    const Wait wait = wait_of(hinted);
    while (!ready(*live.snapshot(), wait)) live.run(live.now + 5ms);
    const Bytes part = Broadcast::body(live.get(hinted));
    live.run(live.now + 3s);
    // The same bytes as the part, and as its slice of the segment.
    EXPECT_EQ(Broadcast::body(live.get(hinted)), part);
    bool found = false;
    for (const ReadSegment& segment : live.playlist().segments) {
        Bytes joined;
        for (const auto& each : segment.parts) {
            const Bytes bytes = Broadcast::body(live.get("video_0/" + each.uri));
            found = found || bytes == part;
            joined.insert(joined.end(), bytes.begin(), bytes.end());
        }
        if (!segment.parts.empty()) {
            EXPECT_EQ(Broadcast::body(live.get("video_0/" + segment.uri)), joined);  // MP-6
        }
    }
    EXPECT_TRUE(found);
}

TEST_F(Origin, UnknownResourcesAreMissing) {  // HINT-4
    const std::uint64_t next = live.snapshot()->renditions[0].next_part;
    for (const std::string& resource :
         {std::string("nothing"), std::string("video_0"), std::string("video_0/"), std::string("video_9/media.m3u8"),
          "video_0/p" + std::to_string(next + 1) + ".m4s", std::string("video_0/p1.m4s"),
          std::string("video_0/p01.m4s"), "video_0/s" + std::to_string(open()) + ".m4s", std::string("video_0/s.m4s"),
          std::string("video_0/s-1.m4s"), std::string("video_0/s99999999999999999999.m4s"),
          std::string("video_0/init-0.mp4"), std::string("video_0/x/p1.m4s"), std::string("/index.m3u8"),
          std::string("")}) {
        EXPECT_EQ(live.get(resource).status, 404u) << resource;
    }
}

TEST_F(Origin, EveryListedPartSegmentAndMapIsThereAtOnce) {  // PART-11
    for (const char* rendition : {"video_0", "audio_0"}) {
        const ReadPlaylist list = live.playlist(rendition);
        std::vector<ReadSegment> segments = list.segments;
        segments.push_back(*list.open);
        for (const ReadSegment& segment : segments) {
            const std::string folder = std::string(rendition) + "/";
            EXPECT_EQ(live.get(folder + segment.map).status, 200u);
            if (!segment.uri.empty()) {
                EXPECT_EQ(live.get(folder + segment.uri).status, 200u);
            }
            for (const auto& part : segment.parts) EXPECT_EQ(live.get(folder + part.uri).status, 200u);
        }
    }
}

TEST_F(Origin, HeadHasTheHeadersOfGetAndNeverWaits) {  // HT-11
    const auto snapshot = live.snapshot();
    const Reply got = live.get("video_0/media.m3u8");
    const Reply head = ask(*snapshot, {.resource = "video_0/media.m3u8", .query = "_HLS_msn=", .head = true});
    EXPECT_EQ(head.status, 400u);
    const std::string far = "_HLS_msn=" + std::to_string(open() + 1);
    const Reply reload = ask(*snapshot, {.resource = "video_0/media.m3u8", .query = far, .head = true});
    EXPECT_EQ(reload.status, 200u);
    EXPECT_TRUE(reload.body.empty());
    EXPECT_EQ(header(reload, "Content-Length"), std::to_string(Broadcast::body(got).size()));
    const std::string hinted = "video_0/" + live.playlist().hinted_part;
    EXPECT_EQ(ask(*snapshot, {.resource = hinted, .head = true}).status, 404u);
}

TEST_F(Origin, OneByteRangeIsServed) {  // HT-10
    const std::string uri = "video_0/" + live.playlist().segments.back().uri;
    const Bytes whole = Broadcast::body(live.get(uri));
    const auto snapshot = live.snapshot();
    const std::size_t size = whole.size();
    struct Row {
        std::string range;
        std::size_t first, last;
    };
    for (const Row& row : {Row{"bytes=0-0", 0, 0}, Row{"bytes=10-2999", 10, 2999}, Row{"bytes=5-", 5, size - 1},
                           Row{"bytes=-7", size - 7, size - 1}, Row{"bytes=3-9007199254740991", 3, size - 1},
                           Row{"bytes=-9007199254740991", 0, size - 1}}) {
        const Reply reply = ask(*snapshot, {.resource = uri, .range = row.range});
        EXPECT_EQ(reply.status, 206u) << row.range;
        EXPECT_EQ(header(reply, "Content-Range"),
                  "bytes " + std::to_string(row.first) + "-" + std::to_string(row.last) + "/" + std::to_string(size));
        EXPECT_EQ(Broadcast::body(reply), Bytes(whole.begin() + static_cast<std::ptrdiff_t>(row.first),
                                                whole.begin() + static_cast<std::ptrdiff_t>(row.last) + 1));
    }
    const Reply beyond = ask(*snapshot, {.resource = uri, .range = "bytes=" + std::to_string(size) + "-"});
    EXPECT_EQ(beyond.status, 416u);
    EXPECT_EQ(header(beyond, "Content-Range"), "bytes */" + std::to_string(size));
    for (const char* ignored :
         {"bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4", "items=0-1", "bytes 0-1"}) {
        EXPECT_EQ(ask(*snapshot, {.resource = uri, .range = ignored}).status, 200u) << ignored;
    }
}

TEST_F(Origin, PlaylistsAreZippedForWhoAcceptsItAndMediaNever) {  // HT-3
    const auto snapshot = live.snapshot();
    for (const char* resource : {"index.m3u8", "video_0/media.m3u8"}) {
        const Reply zipped = ask(*snapshot, {.resource = resource, .accepts_gzip = true});
        EXPECT_EQ(header(zipped, "Content-Encoding"), "gzip");
        EXPECT_EQ(header(zipped, "Vary"), "Accept-Encoding");
        EXPECT_EQ(gunzip(Broadcast::body(zipped)), Broadcast::body(live.get(resource)));
        EXPECT_EQ(header(live.get(resource), "Content-Encoding"), "");
        EXPECT_EQ(header(live.get(resource), "Vary"), "Accept-Encoding");
    }
    const std::string uri = "video_0/" + live.playlist().segments.back().uri;
    EXPECT_EQ(header(ask(*snapshot, {.resource = uri, .accepts_gzip = true}), "Content-Encoding"), "");
}

TEST_F(Origin, WhatIsZippedIsThePlaylistAtEveryPublication) {
    auto last = live.snapshot();
    while (live.now < 17s) {
        live.run(live.now + 20ms);
        if (live.snapshot() == last) continue;
        last = live.snapshot();
        for (const auto& rendition : last->renditions) {
            const Bytes zipped(rendition.full.gzip.view().begin(), rendition.full.gzip.view().end());
            ASSERT_EQ(as_text(gunzip(zipped)), rendition.full.plain.text());
            EXPECT_LT(zipped.size() * 3, rendition.full.plain.size());
        }
    }
}

TEST_F(Origin, CachesAreToldHowLongAnAnswerHolds) {  // HT-4 to HT-7
    const ReadPlaylist list = live.playlist();
    const std::string part = "video_0/" + list.open->parts[0].uri;
    const std::string map = "video_0/" + list.segments.back().map;
    struct Row {
        std::string resource, query, type, cache;
    };
    const std::string playlist = "application/vnd.apple.mpegurl";
    for (const Row& row : {Row{"index.m3u8", "", playlist, "public, max-age=2"},
                           Row{"video_0/media.m3u8", "", playlist, "public, max-age=1"},
                           Row{"video_0/media.m3u8", "_HLS_msn=5", playlist, "public, max-age=12"},
                           Row{"video_0/" + list.segments.back().uri, "", "video/mp4", "public, max-age=12, immutable"},
                           Row{part, "", "video/mp4", "public, max-age=12, immutable"},
                           Row{map, "", "video/mp4", "public, max-age=3600, immutable"},
                           Row{"audio_0/" + live.playlist("audio_0").segments[0].map, "", "audio/mp4",
                               "public, max-age=3600, immutable"},
                           Row{"video_0/p1.m4s", "", "text/plain; charset=utf-8", "public, max-age=2"},
                           Row{"video_9/media.m3u8", "", "text/plain; charset=utf-8", "public, max-age=1"}}) {
        const Reply reply = live.get(row.resource, row.query);
        EXPECT_EQ(header(reply, "Content-Type"), row.type) << row.resource;
        EXPECT_EQ(header(reply, "Cache-Control"), row.cache) << row.resource;
        EXPECT_EQ(header(reply, "X-Content-Type-Options"), "nosniff") << row.resource;
    }
}

TEST(OriginBeforeTheStart, SaysNotYet) {
    Presentation presentation({}, UnixTime{Broadcast::kWallStart});
    presentation.add_track(codec::Kind::video, {"video_0"});
    const Snapshot& snapshot = *presentation.snapshot();
    for (const char* resource : {"index.m3u8", "video_0/media.m3u8"}) {
        const Reply reply = std::get<Reply>(answer(snapshot, {.resource = resource, .query = "_HLS_msn=3"}));
        EXPECT_EQ(reply.status, 404u);
        EXPECT_EQ(header(reply, "Retry-After"), "1");
        EXPECT_EQ(header(reply, "Cache-Control"), "public, max-age=1");
        EXPECT_TRUE(owns(snapshot, resource));
    }
    EXPECT_FALSE(owns(snapshot, "player.js"));
    EXPECT_FALSE(owns(snapshot, ""));
}

}  // namespace
}  // namespace millrace::hls
