// SPDX-License-Identifier: LGPL-2.1-or-later
// Who may watch: requests in, replies out, with sessions on a real port that nobody ever connects to.
#include "webrtc/element/whep/admission.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/core/webrtc/sdp/offers.hpp"

namespace millrace::webrtc {
namespace {

using test::chromium_offer;
using test::firefox_offer;

const StreamFormat kH264{.codec = Codec::h264, .profile = 0x42, .constraints = 0xc0, .level = 31};

std::string header(const SignallingReply& reply, std::string_view name) {
    auto found = std::ranges::find(reply.headers, name, [](const auto& each) { return each.first; });
    return found == reply.headers.end() ? "" : found->second;
}

class AdmissionTest : public testing::Test {
  protected:
    void begin(std::size_t most = 0, std::function<bool(const ViewerInfo&)> authorize = nullptr) {
        roster_ = std::make_shared<Roster>(most);
        Admission::Terms terms{"live/cam 1", {}, {}, {}, {}, std::move(authorize)};
        terms.names = {1, "cname", "stream", 1, 2, 3};
        admission_.emplace(std::move(terms), *Endpoint::at("127.0.0.1:0"), roster_,
                           std::weak_ptr<ViewerSession::Owner>());
    }
    SignallingReply join(const std::string& offer = chromium_offer(), std::string_view token = {}) {
        auto reply = admission_->join({offer, token, {}}, "192.0.2.7");
        if (reply.status == 201) session_ = header(reply, "Location").substr(std::string("/live/cam%201/whep/").size());
        return reply;
    }
    SignallingReply patch(const std::string& if_match, const std::string& ufrag = "") {
        IceFragment fragment;
        fragment.ufrag = ufrag;
        return admission_->patch({session_, if_match, fragment});
    }

    void expect(TrackId id) {
        admission_->with_tracks([&](StreamTracks& tracks) { tracks.expect(id, kNow); });
    }
    void set(TrackId id, const StreamFormat& format, const TrackOptions& options = {}) {
        admission_->with_tracks([&](StreamTracks& tracks) {
            tracks.describe(id, options);
            tracks.set(id, format, kNow);
        });
    }
    void set_video(const StreamFormat& format) { set(0, format); }
    void refuse_video(const Error& why) {
        admission_->with_tracks([&](StreamTracks& tracks) { tracks.refuse(0, why); });
    }

    static constexpr TimePoint kNow{100s};
    std::shared_ptr<Roster> roster_;
    std::optional<Admission> admission_;
    std::string session_;
};

TEST_F(AdmissionTest, WaitsAMomentForTracksThatAreToCome) {
    begin();
    EXPECT_FALSE(admission_->is_starting(kNow)) << "nothing is";
    expect(0);
    expect(kSound);
    EXPECT_TRUE(admission_->is_starting(kNow + 2s));
    EXPECT_FALSE(admission_->is_starting(kNow + 4s)) << "but not for ever";
    set_video(kH264);
    EXPECT_TRUE(admission_->is_starting(kNow + 500ms)) << "sound is to come";
    EXPECT_FALSE(admission_->is_starting(kNow + 2s)) << "it would have come by now";
    set(kSound, {.codec = Codec::opus});
    EXPECT_FALSE(admission_->is_starting(kNow));
}

TEST_F(AdmissionTest, WaitsForVideoThatIsBeingMadeOfWhatCannotBeShown) {
    begin();
    set(kSound, {.codec = Codec::opus});
    admission_->with_tracks([](StreamTracks& tracks) { tracks.await_video(kNow); });
    EXPECT_TRUE(admission_->is_starting(kNow + 2s)) << "an answer without video is never mended";
    EXPECT_FALSE(admission_->is_starting(kNow + 6s)) << "nobody makes any";
    set_video(kH264);
    EXPECT_FALSE(admission_->is_starting(kNow + 2s));
}

TEST_F(AdmissionTest, AViewerThatMayWatchHasASession) {
    begin();
    set_video(kH264);
    auto reply = join();
    EXPECT_EQ(reply.status, 201U) << reply.body;
    EXPECT_EQ(header(reply, "Location").find("/live/cam%201/whep/"), 0U) << header(reply, "Location");
    EXPECT_EQ(session_.size(), kSessionIdSize);
    EXPECT_NE(header(reply, "ETag"), "");
    EXPECT_NE(reply.body.find("127.0.0.1"), std::string::npos) << reply.body;
    EXPECT_EQ(roster_->size(), 1U);
    EXPECT_EQ(admission_->leave({session_}).status, 200U);
    EXPECT_EQ(roster_->size(), 0U);
    EXPECT_EQ(admission_->leave({session_}).status, 404U);
}

TEST_F(AdmissionTest, BeforeAndAfterTheStreamViewersTryAgain) {
    begin();
    auto early = join();
    EXPECT_EQ(early.status, 503U);
    EXPECT_EQ(header(early, "Retry-After"), "1");
    set_video(kH264);
    EXPECT_EQ(join().status, 201U);
    admission_->with_tracks([](StreamTracks& tracks) { tracks.clear(0); });
    EXPECT_EQ(join().status, 503U);
}

TEST_F(AdmissionTest, WhatCannotBeAgreedToIsSaid) {
    begin();
    set_video({.codec = Codec::av1});
    EXPECT_EQ(join("nonsense").status, 400U);
    auto nothing = join(firefox_offer());
    EXPECT_EQ(nothing.status, 406U);
    EXPECT_NE(nothing.body.find("AV1"), std::string::npos) << nothing.body;
    EXPECT_EQ(roster_->size(), 0U);
}

TEST_F(AdmissionTest, WhyATrackIsRefusedReachesViewers) {
    begin();
    set_video(kH264);
    refuse_video({Fault::refused, "the video has B-frames"});
    auto refused = join();
    EXPECT_EQ(refused.status, 406U);
    EXPECT_NE(refused.body.find("B-frames"), std::string::npos) << refused.body;
    set_video(kH264);
    EXPECT_EQ(join().status, 201U) << "another encoding";
}

TEST_F(AdmissionTest, NoMoreThanMayWatch) {
    begin(2);
    set_video(kH264);
    EXPECT_EQ(join().status, 201U);
    EXPECT_EQ(join().status, 201U);
    auto full = join();
    EXPECT_EQ(full.status, 503U);
    EXPECT_EQ(header(full, "Retry-After"), "5");
    EXPECT_EQ(admission_->leave({session_}).status, 200U);
    EXPECT_EQ(join().status, 201U);
}

TEST_F(AdmissionTest, TheApplicationIsAskedFirst) {
    ViewerInfo asked;
    begin(0, [&](const ViewerInfo& viewer) {
        asked = viewer;
        return viewer.token == "good";
    });
    auto without = join();
    EXPECT_EQ(without.status, 401U) << "before anything is said about the stream";
    EXPECT_EQ(header(without, "WWW-Authenticate"), "Bearer");
    EXPECT_EQ(join(chromium_offer(), "bad").status, 403U);
    set_video(kH264);
    EXPECT_EQ(join(chromium_offer(), "good").status, 201U);
    EXPECT_EQ(asked.path, "live/cam 1");
    EXPECT_EQ(asked.address, "192.0.2.7");
    EXPECT_EQ(asked.id, session_);
}

TEST_F(AdmissionTest, ARestartNeedsTheEtagAndMakesAnother) {
    begin();
    set_video(kH264);
    const std::string first = header(join(), "ETag");
    EXPECT_EQ(patch("").status, 428U);
    EXPECT_EQ(patch("\"another\"").status, 412U);
    EXPECT_EQ(patch(first).status, 204U) << "candidates";
    EXPECT_EQ(patch(first, "Yf8o").status, 204U) << "of the fragment that is known";
    auto restarted = patch(first, "fresh");
    EXPECT_EQ(restarted.status, 200U) << restarted.body;
    const std::string second = header(restarted, "ETag");
    EXPECT_NE(second, first);
    EXPECT_NE(restarted.body.find("a=ice-ufrag:"), std::string::npos) << restarted.body;
    EXPECT_EQ(patch(first, "fresh").status, 412U);
    EXPECT_EQ(patch(second, "fresh").status, 204U);
    EXPECT_EQ(patch("*", "again").status, 200U);
    admission_->leave({session_});
    EXPECT_EQ(patch("*").status, 404U);
}

// ---- several videos -------------------------------------------------------------------------------------------------

TEST_F(AdmissionTest, OneRungThatIsRefusedIsNotTheTrack) {
    begin();
    set_video(kH264);
    set(1, kH264);
    refuse_video({Fault::refused, "the video has B-frames"});
    EXPECT_EQ(join().status, 201U);
    admission_->with_tracks([](StreamTracks& tracks) { tracks.refuse(1, {Fault::refused, "another reason"}); });
    auto refused = join();
    EXPECT_EQ(refused.status, 406U);
    EXPECT_NE(refused.body.find("B-frames"), std::string::npos) << refused.body;
    expect(2);
    EXPECT_TRUE(admission_->is_starting(kNow)) << "one that can be shown may come";
    set(2, kH264);
    EXPECT_EQ(join().status, 201U);
}

TEST_F(AdmissionTest, TransportFeedbackIsForWhoHasAChoice) {
    begin();
    set_video(kH264);
    EXPECT_EQ(join().body.find("transport-cc"), std::string::npos);
    expect(1);
    EXPECT_NE(join().body.find("transport-cc"), std::string::npos) << "another may come";
    set(1, kH264, {"low", 800'000});
    EXPECT_NE(join().body.find("transport-cc"), std::string::npos);
    auto pinned = admission_->join({chromium_offer(), {}, "low"}, "192.0.2.7");
    EXPECT_EQ(pinned.status, 201U) << pinned.body;
    EXPECT_EQ(pinned.body.find("transport-cc"), std::string::npos);
}

}  // namespace
}  // namespace millrace::webrtc
