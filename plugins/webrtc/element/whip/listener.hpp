// SPDX-License-Identifier: LGPL-2.1-or-later
// Where WHIP publishers come in: "/PATH/whip" on the HTTP servers of one address, for every path, and the directory
// that brings them to their sources. One listener an address in the process, whoever asks first starts it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/gst/publisher_directory.hpp"
#include "common/net/http.hpp"
#include "common/web/announce.hpp"
#include "webrtc/core/signalling/request.hpp"

namespace millrace::webrtc {

class Application;

// The sources of a listener's directory. Called on workers.
class Taker : public gst::PublisherSource {
  public:
    // Agrees with a publisher that was authorized on a session: 201, or what is in the way. What becomes of the session
    // is told to the application.
    virtual SignallingReply publish(const Join& join, const std::shared_ptr<Application>& application) = 0;
    virtual SignallingReply patch(const Patch& patch) = 0;
    virtual SignallingReply leave(const Leave& leave) = 0;
    virtual SignallingReply options() = 0;
};

class Listener {
  public:
    // The listener at `listen`, or on an application's server where one is given; "" = the process's default addresses
    // for HTTP (:8080 unless set) and HTTPS (if set), which share their paths.
    static Result<std::shared_ptr<Listener>> at(const std::string& listen,
                                                const std::shared_ptr<net::HttpServer>& given = nullptr);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] const std::shared_ptr<gst::PublisherDirectory>& directory() const { return directory_; }

    // Whom requests about the sessions of a path go to, as long as there is another reference to it.
    void serve(const std::string& path, const std::shared_ptr<Taker>& taker);

  private:
    class Handler;

    Listener();
    const std::shared_ptr<gst::PublisherDirectory> directory_ = gst::PublisherDirectory::make();
    const std::shared_ptr<Handler> handler_;
    web::OpenEntrances entrances_;  // last: first to go
};

}  // namespace millrace::webrtc
