// SPDX-License-Identifier: LGPL-2.1-or-later
// A viewer as people are: joins by WHEP over HTTP, plays over a UDP socket. On the thread that tests, which turns it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "common/net/worker.hpp"
#include "tests/core/net/client.hpp"
#include "tests/core/net/udp_client.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/webrtc/whep_viewer.hpp"

namespace millrace::webrtc::test {

class LiveViewer {
  public:
    explicit LiveViewer(const WhepViewerOptions& options = {}) : viewer_(*WhepViewer::make(identity(), options)) {}

    // Asks to join the stream at /`path`/, and begins to check when it may. The server's answer.
    millrace::test::HttpAnswer join(std::uint16_t http, const std::string& path, const std::string& headers = {},
                                    const std::string& query = {}) {
        http_ = http;
        auto answer = millrace::test::http_ask(http, "POST", "/" + path + "/whep" + query,
                                               "Content-Type: application/sdp\r\n" + headers, viewer_->offer());
        if (answer.status != 201) return answer;
        session_ = answer.header("Location");
        if (viewer_->accept(answer.body)) viewer_->start(net::now());
        return answer;
    }
    int leave() { return millrace::test::http_ask(http_, "DELETE", session_).status; }

    // What has come, what is due, and what there is to say.
    void turn() {
        for (Bytes datagram = socket_.next(MSG_DONTWAIT); !datagram.empty(); datagram = socket_.next(MSG_DONTWAIT))
            viewer_->receive(datagram, net::now());
        if (viewer_->deadline() <= net::now()) viewer_->on_timer(net::now());
        for (const Bytes& datagram : viewer_->take_output()) socket_.send(viewer_->server().port, datagram);
    }
    // Turns until it is as it should be.
    template <class F>
    bool until(F&& true_at_last) {
        return millrace::test::eventually([&] {
            turn();
            return true_at_last();
        });
    }
    bool plays() {
        return until([&] { return viewer_->state() >= WhepViewer::State::playing; }) &&
               viewer_->state() == WhepViewer::State::playing;
    }

    [[nodiscard]] const WhepViewer& seen() const { return *viewer_; }
    [[nodiscard]] const std::string& session() const { return session_; }

  private:
    static const std::shared_ptr<const DtlsIdentity>& identity() {
        static const auto kIdentity = WhepViewer::make_identity();
        return kIdentity;
    }

    std::unique_ptr<WhepViewer> viewer_;
    millrace::test::UdpClient socket_;
    std::uint16_t http_ = 0;
    std::string session_;
};

}  // namespace millrace::webrtc::test
