// SPDX-License-Identifier: LGPL-2.1-or-later
// What a WHIP or WHEP endpoint answers, with the headers that clients go by. CORS, Date and Content-Length are the HTTP
// layer's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::webrtc {

struct SignallingReply {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// A STUN or TURN server for the peer to use (RFC 9725 4.6).
struct IceServer {
    std::string url;  // "stun:stun.example.net", "turn:turn.example.net?transport=udp"
    std::string username;
    std::string credential;
};

// What a stream can be asked for by name.
struct RenditionName {
    std::string name;
    std::uint64_t bitrate = 0;  // bit/s; 0 = not known
};

// 201: the peer has a session at `location`; `etag` names its ICE session (RFC 9725 4.3).
SignallingReply joined(const std::string& location, const std::string& etag, std::string answer,
                       std::span<const IceServer> servers);
// The same with what there is to choose from, for pages: Millrace-Renditions: 1080p;bitrate=4000000, 480p;bitrate=0.
void add_renditions(SignallingReply& reply, std::span<const RenditionName> renditions);
// 204: candidates were taken.
SignallingReply trickled();
// 200: the session goes on under new ICE credentials.
SignallingReply restarted(const std::string& etag, std::string fragment);
// 200: the session is over.
SignallingReply left();
// 204: what may be asked of the endpoint or of a session.
SignallingReply endpoint_options(std::span<const IceServer> servers);
SignallingReply session_options();

// An error for people and programs (RFC 9457): `title` says what it is, `detail` what to do about it.
SignallingReply problem(unsigned status, std::string_view title, std::string_view detail);

}  // namespace millrace::webrtc
