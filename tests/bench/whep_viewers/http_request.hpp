// SPDX-License-Identifier: LGPL-2.1-or-later
// One HTTP/1.1 request on a connection of its own, without waiting (RFC 9112). To an IPv4 address, without TLS: what a
// thousand joins a second want of a client.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/base/result.hpp"
#include "tests/bench/whep_viewers/poll.hpp"

namespace millrace::bench {

struct Url {
    std::string host;
    std::uint16_t port = 80;
    std::string path = "/";
};
Result<Url> parse_url(const std::string& text);
// What a Location means (RFC 3986 5.2.2, as far as servers use it).
Url relative_to(const Url& base, const std::string& location);

struct HttpReply {
    int status = 0;                              // 0: the server said nothing that could be read
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
};

class HttpRequest : private Poll::Ready {
  public:
    struct Message {
        std::string method;
        Url url;
        std::string content_type;
        std::string body;
    };
    // `done` is called once, never from the constructor, and may destroy the request.
    HttpRequest(Poll& poll, const Message& message, std::function<void(const HttpReply&)> done);
    ~HttpRequest() override;
    HttpRequest(const HttpRequest&) = delete;
    HttpRequest& operator=(const HttpRequest&) = delete;

  private:
    void ready(std::uint32_t events) override;
    void send_some();
    void receive_some();
    void finish(const HttpReply& reply);
    void hang_up();

    Poll& poll_;
    std::function<void(const HttpReply&)> done_;
    int socket_ = -1;
    std::string outgoing_;
    std::string incoming_;
};

}  // namespace millrace::bench
