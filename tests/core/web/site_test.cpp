// SPDX-License-Identifier: LGPL-2.1-or-later
// The site on a real server, asked by a real client.
#include "common/web/site.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libsoup/soup.h>

#include <atomic>
#include <future>
#include <thread>

#include "common/web/announce.hpp"

namespace millrace::web {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Answer {
    unsigned status = 0;
    std::string body, type, location, cache, encoding;
};

// Answers with its name and what it was asked for.
class Named : public net::HttpHandler {
  public:
    explicit Named(std::string name) : name_(std::move(name)) {}
    void handle(net::HttpExchange exchange) override {
        const std::string text = name_ + " " + std::string(exchange.path());
        std::move(exchange).reply({200, {{"Content-Type", "text/plain"}}, {Blob::of(text)}});
    }

  private:
    std::string name_;
};

// Answers OPTIONS too.
class NamedWithOptions : public Named {
  public:
    using Named::Named;
    [[nodiscard]] bool wants_options() const override { return true; }
};

// Stays in its one call until it is let go.
struct Slow : net::HttpHandler {
    std::promise<void> entered, leave;
    std::atomic<bool> left{false};
    void handle(net::HttpExchange exchange) override {
        entered.set_value();
        leave.get_future().get();
        left = true;
        std::move(exchange).reply({200, {}, {}});
    }
};

bool is_playlist(std::string_view resource) {
    return resource == "index.m3u8";
}
bool is_whep(std::string_view resource) {
    return resource == "whep";
}

class TheSite : public testing::Test {
  protected:
    TheSite() {
        auto server = net::HttpServer::at("127.0.0.1:0");
        EXPECT_TRUE(server) << (server ? "" : server.error().what);
        server_ = *server;
        site_ = *Site::on(server_);
    }

    std::unique_ptr<Site::Announcement> announce(const std::string& path, const std::string& kind = "hls",
                                                 Site::Owns owns = is_playlist) {
        auto announced = site_->announce({path, kind, "index.m3u8"}, std::make_shared<Named>(kind), std::move(owns));
        EXPECT_TRUE(announced) << (announced ? "" : announced.error().what);
        return announced ? std::move(*announced) : nullptr;
    }

    std::unique_ptr<Site::Entrance> open(const std::string& resource, const std::string& name = "in") {
        auto entrance = site_->open_entrance(resource, std::make_shared<Named>(name));
        EXPECT_TRUE(entrance) << (entrance ? "" : entrance.error().what);
        return entrance ? std::move(*entrance) : nullptr;
    }

    [[nodiscard]] Answer ask(const std::string& path, const char* accept = "*/*", const char* method = "GET") const {
        SoupSession* session = soup_session_new();
        const std::string url = "http://127.0.0.1:" + std::to_string(server_->port()) + path;
        SoupMessage* message = soup_message_new(method, url.c_str());
        soup_message_set_flags(message, SOUP_MESSAGE_NO_REDIRECT);
        soup_message_headers_replace(soup_message_get_request_headers(message), "Accept", accept);
        GError* error = nullptr;
        GBytes* body = soup_session_send_and_read(session, message, nullptr, &error);
        EXPECT_EQ(error, nullptr) << (error ? error->message : "");
        Answer answer{soup_message_get_status(message), {}, {}, {}, {}, {}};
        if (body) answer.body.assign(static_cast<const char*>(g_bytes_get_data(body, nullptr)), g_bytes_get_size(body));
        auto header = [&](const char* name) {
            const char* value = soup_message_headers_get_one(soup_message_get_response_headers(message), name);
            return std::string(value ? value : "");
        };
        answer.type = header("Content-Type");
        answer.location = header("Location");
        answer.cache = header("Cache-Control");
        answer.encoding = header("Content-Encoding");
        g_clear_error(&error);
        if (body) g_bytes_unref(body);
        g_object_unref(message);
        g_object_unref(session);
        return answer;
    }

    [[nodiscard]] std::future<Answer> ask_later(std::string path, const char* accept = "*/*") const {
        return std::async(std::launch::async, [this, path = std::move(path), accept] { return ask(path, accept); });
    }

    std::shared_ptr<net::HttpServer> server_;
    std::shared_ptr<Site> site_;
};

TEST_F(TheSite, WhatHasNoUrlIsNotListed) {
    auto only_told = site_->announce({"live/asked", "on-demand", ""}, nullptr, nullptr);
    ASSERT_TRUE(only_told);
    auto live = announce("live/cam1");
    EXPECT_THAT(ask("/paths.json").body, testing::Not(HasSubstr("live/asked")));
    EXPECT_THAT(ask("/paths.json").body, HasSubstr("live/cam1"));
    EXPECT_THAT(ask("/live/asked/outputs.json").body, testing::Not(HasSubstr("on-demand")));
}

TEST_F(TheSite, OfAServerIsOneForAllWhoAsk) {
    EXPECT_EQ(*Site::on(server_), site_);
}

TEST_F(TheSite, IsMadeAnewAfterItsLastUserLeft) {
    const void* first = site_.get();
    ASSERT_NE(first, nullptr);
    site_.reset();
    auto again = Site::on(server_);
    ASSERT_TRUE(again) << again.error().what;
    site_ = *again;
    EXPECT_EQ(ask("/").status, 200u);
}

TEST_F(TheSite, IsKeptByItsAnnouncements) {
    auto announced = announce("live/cam1");
    site_.reset();
    EXPECT_EQ(ask("/live/cam1/index.m3u8").status, 200u);
}

TEST_F(TheSite, RefusesAServerWhoseRootIsTaken) {
    site_.reset();
    auto mount = server_->mount("/", std::make_shared<Named>("other"));
    ASSERT_TRUE(mount);
    auto site = Site::on(server_);
    ASSERT_FALSE(site);
    EXPECT_EQ(site.error().fault, Fault::refused);
}

TEST_F(TheSite, ShowsTheIndexAndItsFiles) {
    const Answer index = ask("/");
    EXPECT_EQ(index.status, 200u);
    EXPECT_THAT(index.type, StartsWith("text/html"));
    const auto at = index.body.find("./assets/");
    ASSERT_NE(at, std::string::npos);
    const std::string link = index.body.substr(at + 1, index.body.find('"', at) - at - 1);
    const Answer file = ask(link);
    EXPECT_EQ(file.status, 200u) << link;
    EXPECT_THAT(file.cache, HasSubstr("immutable"));
}

TEST_F(TheSite, HasNoAssetsOfAnotherVersion) {
    EXPECT_EQ(ask("/assets/000000000000/style.css").status, 404u);
}

TEST_F(TheSite, ListsLivePathsSortedWithTheirOutputs) {
    auto b = announce("live/b");
    auto a = announce("live/a"), whep = announce("live/a", "whep", is_whep);
    const Answer paths = ask("/paths.json");
    EXPECT_EQ(paths.cache, "no-store");
    EXPECT_THAT(paths.body, HasSubstr(R"("paths":[{"path":"live/a","outputs":[{"kind":"hls","url":"index.m3u8"},)"
                                      R"({"kind":"whep","url":"index.m3u8"}]},{"path":"live/b","outputs":[)"));
}

TEST_F(TheSite, EscapesPathsInJson) {
    auto odd = announce("live/\"q\\");
    EXPECT_THAT(ask("/paths.json").body, HasSubstr(R"("path":"live/\"q\\")"));
}

TEST_F(TheSite, GivesEveryPathWithAnOutputItsPage) {
    auto announced = announce("live/cam1");
    const Answer page = ask("/live/cam1/");
    EXPECT_EQ(page.status, 200u);
    EXPECT_THAT(page.body, HasSubstr("../../assets/"));
    EXPECT_THAT(ask("/live/cam1/outputs.json").body, HasSubstr(R"("outputs":[{"kind":"hls","url":"index.m3u8"}])"));
}

TEST_F(TheSite, LeadsFromAPathWithoutASlashToItsPage) {
    auto announced = announce("live/cam 1");
    const Answer answer = ask("/live/cam%201?x=1");
    EXPECT_EQ(answer.status, 307u);
    EXPECT_EQ(answer.location, "./cam%201/?x=1");
}

TEST_F(TheSite, HandsAResourceToTheOutputThatOwnsIt) {
    auto hls = announce("live/cam1");
    auto whep = announce("live/cam1", "whep", is_whep);
    EXPECT_EQ(ask("/live/cam1/index.m3u8").body, "hls /live/cam1/index.m3u8");
    EXPECT_EQ(ask("/live/cam1/whep", "*/*", "POST").body, "whep /live/cam1/whep");
    EXPECT_EQ(ask("/live/cam1/neither").status, 404u);
}

TEST_F(TheSite, RefusesASecondOutputOfAKindOnAPath) {
    auto first = announce("live/cam1");
    auto second = site_->announce({"live/cam1", "hls", "index.m3u8"}, std::make_shared<Named>("x"), is_playlist);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::refused);
    EXPECT_THAT(second.error().what, HasSubstr("live/cam1"));
    first.reset();
    EXPECT_TRUE(announce("live/cam1"));
}

TEST_F(TheSite, RefusesPathsThatCannotBeItsUrls) {
    for (const char* path : {"", "/x", "a//b", "assets/x"}) {
        EXPECT_FALSE(site_->announce({path, "hls", "index.m3u8"}, nullptr, nullptr)) << path;
    }
    EXPECT_TRUE(site_->outputs().empty());
}

TEST_F(TheSite, ForgetsAnOutputWithItsAnnouncement) {
    announce("live/cam1").reset();
    EXPECT_EQ(ask("/live/cam1/index.m3u8").status, 404u);
    EXPECT_TRUE(site_->outputs().empty());
}

TEST_F(TheSite, ShowsABrowserThePlayerWhereAStreamMayComeLater) {
    const Answer page = ask("/live/later/", "text/html");
    EXPECT_EQ(page.status, 404u);
    EXPECT_THAT(page.body, HasSubstr("<video"));
    EXPECT_EQ(ask("/live/later", "text/html").status, 307u);
    const Answer file = ask("/live/later/part.m4s", "text/html");
    EXPECT_EQ(file.status, 404u);
    EXPECT_THAT(file.body, Not(HasSubstr("<video")));
    EXPECT_EQ(ask("/live/later/outputs.json").status, 404u);
}

TEST_F(TheSite, TakesNoPostsForItsPages) {
    auto announced = announce("live/cam1");
    for (const char* url : {"/", "/paths.json", "/live/cam1/", "/live/cam1/outputs.json"}) {
        EXPECT_EQ(ask(url, "*/*", "POST").status, 405u) << url;
    }
}

TEST_F(TheSite, RemembersWhenAPathWasLastAskedFor) {
    auto announced = announce("live/cam1"), other = announce("live/cam2");
    EXPECT_EQ(announced->last_request(), TimePoint());
    const TimePoint before = net::now();
    EXPECT_EQ(ask("/live/cam1/outputs.json").status, 200u);
    EXPECT_GE(announced->last_request(), before);
    EXPECT_LE(announced->last_request(), net::now());
    EXPECT_EQ(other->last_request(), TimePoint());
}

TEST_F(TheSite, TakesUseByOtherWaysForARequest) {
    auto announced = announce("live/cam1"), other = announce("live/cam2");
    auto listener = site_->announce({"live/cam1", "listener", ""}, nullptr, nullptr);
    ASSERT_TRUE(listener);
    const TimePoint before = net::now();
    announced->in_use();
    EXPECT_GE(announced->last_request(), before);
    EXPECT_GE((*listener)->last_request(), before) << "it is told of the path's other outputs too";
    EXPECT_EQ(other->last_request(), TimePoint());
}

TEST_F(TheSite, HoldsARequestUntilThePathItDemandsIsAnnounced) {
    std::promise<std::string> asked;
    site_->set_demand([&](const std::string& path) {
        asked.set_value(path);
        return true;
    });
    auto answer = ask_later("/live/cam1/index.m3u8");
    EXPECT_EQ(asked.get_future().get(), "live/cam1");
    auto announced = announce("live/cam1");
    EXPECT_EQ(answer.get().body, "hls /live/cam1/index.m3u8");
    EXPECT_NE(announced->last_request(), TimePoint());
}

TEST_F(TheSite, GoesOnHoldingARequestThatTheFirstOutputDoesNotOwn) {
    std::promise<void> asked;
    site_->set_demand([&](const std::string&) {
        asked.set_value();
        return true;
    });
    auto answer = ask_later("/live/cam1/index.m3u8");
    asked.get_future().get();
    auto whep = announce("live/cam1", "whep", is_whep);
    auto hls = announce("live/cam1");
    EXPECT_EQ(answer.get().body, "hls /live/cam1/index.m3u8");
}

TEST_F(TheSite, AsksForADemandUntilOnePathIsKnown) {
    std::vector<std::string> asked;
    site_->set_demand([&](const std::string& path) {
        asked.push_back(path);
        return false;
    });
    EXPECT_EQ(ask("/live/cam1/video_0/1.m4s").status, 404u);
    EXPECT_THAT(asked, testing::ElementsAre("live/cam1/video_0", "live/cam1", "live"));
}

TEST_F(TheSite, AnswersWhatItHeldWhenItGoes) {
    std::promise<void> asked;
    site_->set_demand([&](const std::string&) {
        asked.set_value();
        return true;
    });
    auto answer = ask_later("/live/cam1/index.m3u8");
    asked.get_future().get();
    site_.reset();
    EXPECT_EQ(answer.get().status, 404u);
}

TEST_F(TheSite, LosesAnOutputOnlyBetweenItsCalls) {
    auto slow = std::make_shared<Slow>();
    auto announced = site_->announce({"live/cam1", "hls", "index.m3u8"}, slow, is_playlist);
    auto answer = ask_later("/live/cam1/index.m3u8");
    slow->entered.get_future().get();
    auto losing = std::async(std::launch::async, [&] {
        announced->reset();
        return slow->left.load();
    });
    slow->leave.set_value();
    EXPECT_TRUE(losing.get());
    EXPECT_EQ(answer.get().status, 200u);
}

TEST_F(TheSite, HasItsEntrancesAtEveryPath) {
    auto entrance = open("whip");
    auto announced = announce("live/cam1");
    for (const char* url : {"/live/cam1/whip", "/live/cam2/whip", "/live/cam1/whip/3f2a", "/deep/er/path/whip/3f2a/"}) {
        for (const char* method : {"POST", "PATCH", "DELETE", "GET"}) {
            const Answer answer = ask(url, "*/*", method);
            EXPECT_EQ(answer.status, 200u) << method << " " << url;
            EXPECT_EQ(answer.body, std::string("in ") + url) << method;
        }
    }
    EXPECT_EQ(announced->last_request(), TimePoint()) << "a publisher is no viewer";
    EXPECT_EQ(ask("/whip", "*/*", "POST").status, 404u) << "no path is meant";
    EXPECT_EQ(ask("/live/cam1/whipped", "*/*", "POST").status, 404u);
    EXPECT_EQ(ask("/live/cam1/index.m3u8").body, "hls /live/cam1/index.m3u8");
}

TEST_F(TheSite, LeavesAResourceToAnOutputOfThatPathThatOwnsIt) {
    auto entrance = open("whip");
    auto announced = announce("live/cam1", "own", [](std::string_view resource) { return resource == "whip"; });
    EXPECT_EQ(ask("/live/cam1/whip", "*/*", "POST").body, "own /live/cam1/whip");
    EXPECT_EQ(ask("/live/cam2/whip", "*/*", "POST").body, "in /live/cam2/whip");
}

TEST_F(TheSite, ShowsThePageOfAPathThatIsNamedLikeAnEntrance) {
    auto entrance = open("whip");
    auto announced = announce("live/whip");
    EXPECT_THAT(ask("/live/whip/").body, HasSubstr("<video"));
    EXPECT_THAT(ask("/live/whip/outputs.json").body, HasSubstr("hls"));
    EXPECT_EQ(ask("/live/whip/whip", "*/*", "POST").body, "in /live/whip/whip");
    EXPECT_EQ(ask("/live/whip", "*/*", "POST").body, "in /live/whip");
}

TEST_F(TheSite, AsksAnEntranceForOptionsOnlyWhereItWantsThem) {
    auto plain = open("whip");
    auto knowing = site_->open_entrance("other", std::make_shared<NamedWithOptions>("knowing"));
    ASSERT_TRUE(knowing);
    EXPECT_EQ(ask("/live/cam1/whip", "*/*", "OPTIONS").status, 204u);
    EXPECT_EQ(ask("/live/cam1/other", "*/*", "OPTIONS").body, "knowing /live/cam1/other");
}

TEST_F(TheSite, HasOneHandlerForAnEntrance) {
    auto entrance = open("whip");
    auto second = site_->open_entrance("whip", std::make_shared<Named>("second"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::refused);
    EXPECT_THAT(second.error().what, HasSubstr("whip"));
    EXPECT_EQ(ask("/live/cam1/whip", "*/*", "POST").body, "in /live/cam1/whip");
    entrance.reset();
    EXPECT_EQ(ask("/live/cam1/whip", "*/*", "POST").status, 404u);
    EXPECT_TRUE(open("whip"));
}

TEST_F(TheSite, RefusesEntrancesThatAreNotOneSegment) {
    for (const char* resource : {"", "a/b", "..", "assets", "publish"}) {
        auto entrance = site_->open_entrance(resource, std::make_shared<Named>("x"));
        ASSERT_FALSE(entrance) << resource;
        EXPECT_EQ(entrance.error().fault, Fault::bad_input) << resource;
    }
}

TEST_F(TheSite, HasAPageToPublishByWhileAnEntranceIsOpen) {
    EXPECT_EQ(ask("/live/cam1/publish").status, 404u);
    EXPECT_THAT(ask("/paths.json").body, Not(HasSubstr("publish")));
    auto entrance = open("whip");
    auto announced = announce("live/cam2");
    for (const char* url : {"/live/cam1/publish", "/live/cam2/publish"}) {
        const Answer page = ask(url);
        EXPECT_EQ(page.status, 200u) << url;
        EXPECT_THAT(page.type, StartsWith("text/html"));
        EXPECT_THAT(page.body, HasSubstr("publish.js"));
    }
    EXPECT_THAT(ask("/paths.json").body, HasSubstr(R"(,"publish":true,"paths":[)"));
    EXPECT_EQ(ask("/live/cam1/publish", "*/*", "POST").status, 405u);
    EXPECT_EQ(ask("/publish").status, 404u) << "no path is meant";
    EXPECT_EQ(announced->last_request(), TimePoint());
    entrance.reset();
    EXPECT_EQ(ask("/live/cam1/publish").status, 404u);
}

TEST_F(TheSite, LeadsFromThePublishPageWithASlashToThePage) {
    auto entrance = open("whip");
    const Answer answer = ask("/live/cam%201/publish/?source=test");
    EXPECT_EQ(answer.status, 307u);
    EXPECT_EQ(answer.location, "../publish?source=test");
}

TEST_F(TheSite, AsksForNoDemandWherePublishersCome) {
    std::atomic<int> asked{0};
    site_->set_demand([&](const std::string&) {
        ++asked;
        return false;
    });
    auto entrance = open("whip");
    EXPECT_EQ(ask("/live/cam1/whip", "*/*", "POST").status, 200u);
    EXPECT_EQ(ask("/live/cam1/whip/3f2a", "*/*", "DELETE").status, 200u);
    EXPECT_EQ(ask("/live/cam1/publish").status, 200u);
    EXPECT_EQ(asked, 0);
    EXPECT_EQ(ask("/live/cam1/index.m3u8").status, 404u);
    EXPECT_GT(asked, 0);
}

TEST_F(TheSite, OfAGivenServerGetsTheEntrance) {
    auto entrances = open_entrances("whip", std::make_shared<Named>("in"), "", server_);
    ASSERT_TRUE(entrances) << entrances.error().what;
    EXPECT_EQ(entrances->size(), 1u);
    EXPECT_EQ(ask("/live/cam1/whip", "*/*", "POST").body, "in /live/cam1/whip");
    EXPECT_FALSE(open_entrances("whip", std::make_shared<Named>("second"), "", server_));
    entrances->clear();
    EXPECT_EQ(ask("/live/cam1/whip", "*/*", "POST").status, 404u);
}

TEST_F(TheSite, IsKeptByItsEntrances) {
    auto entrance = open("whip");
    site_.reset();
    EXPECT_EQ(ask("/live/cam1/whip", "*/*", "POST").body, "in /live/cam1/whip");
}

TEST_F(TheSite, LosesAnEntranceOnlyBetweenItsCalls) {
    auto slow = std::make_shared<Slow>();
    auto entrance = site_->open_entrance("whip", slow);
    ASSERT_TRUE(entrance);
    auto answer = ask_later("/live/cam1/whip");
    slow->entered.get_future().get();
    auto losing = std::async(std::launch::async, [&] {
        entrance->reset();
        return slow->left.load();
    });
    slow->leave.set_value();
    EXPECT_TRUE(losing.get());
    EXPECT_EQ(answer.get().status, 200u);
}

}  // namespace
}  // namespace millrace::web
