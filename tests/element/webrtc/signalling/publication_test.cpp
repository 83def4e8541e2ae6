// SPDX-License-Identifier: LGPL-2.1-or-later
// From a publisher's offer to its session's end, on a real port that nobody ever connects to.
#include "webrtc/element/signalling/publication.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/core/webrtc/sdp/publish_offers.hpp"

namespace millrace::webrtc {
namespace {

struct Nobody : SessionEvents {
    void connected(std::shared_ptr<PeerPath>, const SrtpKeys&) override {}
    bool rtcp(ByteView, TimePoint) override { return false; }
    void gone(const Error&) override {}
};

std::string header(const SignallingReply& reply, std::string_view name) {
    auto found = std::ranges::find(reply.headers, name, [](const auto& each) { return each.first; });
    return found == reply.headers.end() ? "" : found->second;
}

class PublicationTest : public testing::Test {
  protected:
    SignallingReply publish() {
        auto publication = negotiate_publication(test::chromium_publish_offer(), {});
        EXPECT_TRUE(publication) << publication.error().what;
        id_ = publication->id;
        return sessions_.admit(session_of(std::move(*publication), "live/me 1", std::make_shared<Nobody>()));
    }
    SignallingReply patch(const std::string& if_match, const std::string& ufrag = "") {
        IceFragment fragment;
        fragment.ufrag = ufrag;
        return sessions_.patch({id_, if_match, fragment});
    }

    std::shared_ptr<Roster> roster_ = std::make_shared<Roster>(2);
    Sessions sessions_{{{}, {{"stun:stun.example.net", "", ""}}}, *Endpoint::at("127.0.0.1:0"), roster_};
    std::string id_;
};

TEST_F(PublicationTest, AnOfferHasASession) {
    auto reply = publish();
    ASSERT_EQ(reply.status, 201U) << reply.body;
    EXPECT_EQ(header(reply, "Location"), "/live/me%201/whip/" + id_);
    EXPECT_EQ(header(reply, "Content-Type"), "application/sdp");
    EXPECT_NE(header(reply, "ETag"), "");
    EXPECT_EQ(header(reply, "Link"), "<stun:stun.example.net>; rel=\"ice-server\"");
    EXPECT_NE(reply.body.find("a=recvonly"), std::string::npos) << reply.body;
    EXPECT_NE(reply.body.find(" 127.0.0.1 "), std::string::npos) << reply.body;
    EXPECT_EQ(roster_->size(), 1U);
    EXPECT_EQ(sessions_.leave({id_}).status, 200U);
    EXPECT_EQ(roster_->size(), 0U);
    EXPECT_EQ(sessions_.leave({id_}).status, 404U);
}

TEST_F(PublicationTest, ARestartNeedsTheEtagAndMakesAnother) {
    const std::string first = header(publish(), "ETag");
    EXPECT_EQ(patch("").status, 428U);
    EXPECT_EQ(patch("\"another\"").status, 412U);
    EXPECT_EQ(patch(first).status, 204U) << "candidates";
    auto restarted = patch(first, "fresh");
    EXPECT_EQ(restarted.status, 200U) << restarted.body;
    EXPECT_NE(header(restarted, "ETag"), first);
    EXPECT_NE(restarted.body.find("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"), std::string::npos) << restarted.body;
    EXPECT_EQ(patch(first).status, 412U);
}

TEST_F(PublicationTest, NoMoreThanThereArePlacesFor) {
    EXPECT_EQ(publish().status, 201U);
    EXPECT_EQ(publish().status, 201U);
    auto full = publish();
    EXPECT_EQ(full.status, 503U);
    EXPECT_EQ(header(full, "Retry-After"), "5");
    EXPECT_EQ(roster_->size(), 2U);
}

TEST(Publication, HasNamesOfItsOwn) {
    auto one = negotiate_publication(test::obs_publish_offer(), {});
    auto other = negotiate_publication(test::obs_publish_offer(), {});
    ASSERT_TRUE(one && other);
    EXPECT_NE(one->id, other->id);
    EXPECT_NE(one->session_number, other->session_number);
    EXPECT_NE(one->terms.cname, other->terms.cname);
    EXPECT_EQ(one->terms.tracks.size(), 2U);
}

TEST(Publication, FailsWithTheReason) {
    EXPECT_EQ(negotiate_publication("nonsense", {}).error().fault, Fault::bad_input);
    EXPECT_EQ(negotiate_publication(test::chromium_offer(), {}).error().fault, Fault::refused) << "a viewer's offer";
}

}  // namespace
}  // namespace millrace::webrtc
