// SPDX-License-Identifier: LGPL-2.1-or-later
// What an HTTP request to a WHIP endpoint (RFC 9725) or a WHEP endpoint (draft-ietf-wish-whep-02; its sessions work as
// WHIP's) asks for. Reads the request alone; whether the session exists and who may join is for its owner to say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "webrtc/core/sdp/ice_fragment.hpp"
#include "webrtc/core/signalling/reply.hpp"

namespace millrace::webrtc {

struct SignallingRequest {
    std::string_view method;
    std::string_view resource;      // below the stream's path: "whep", "whip/SESSION"
    std::string_view query;         // still percent-encoded
    std::string_view content_type;  // headers as they came, "" where absent
    std::string_view authorization;
    std::string_view if_match;
    std::string_view body;
};

// The endpoints' names: where one plays and where one publishes. And the length of a session's id in hexadecimal
// digits: 128 bits that nobody guesses.
inline constexpr std::string_view kWhepEndpoint = "whep";
inline constexpr std::string_view kWhipEndpoint = "whip";
inline constexpr std::size_t kSessionIdSize = 32;

// Whether a resource is the endpoint or could be one of its sessions.
bool is_signalling(std::string_view resource, std::string_view endpoint);

// The path of a URL in two, where any stream has the endpoint: "/live/cam1/whip/SESSION" is of the stream "live/cam1"
// and asks for "whip/SESSION". Views into `path`; empty where it is no such URL, or of no stream.
struct SignallingTarget {
    std::string_view stream;
    std::string_view resource;
};
std::optional<SignallingTarget> signalling_target(std::string_view path, std::string_view endpoint);

struct Join {
    std::string_view offer;
    std::string_view token;  // a bearer's (RFC 6750 2.1), "" without one
    std::string rendition;   // that it wants of the stream, "" where it leaves that to us
};
// Trickled candidates, or an ICE restart: the fragment's user fragment tells, which the session knows (RFC 9725 4.3.3).
struct Patch {
    std::string_view session;
    std::string_view if_match;  // "" where absent
    IceFragment fragment;
};
struct Leave {
    std::string_view session;
};

// A reply is one that needs no more looking.
using SignallingIntent = std::variant<Join, Patch, Leave, SignallingReply>;

// Views into the request.
SignallingIntent read_signalling(const SignallingRequest& request, std::string_view endpoint);

}  // namespace millrace::webrtc
