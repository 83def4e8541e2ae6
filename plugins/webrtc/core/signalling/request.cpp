// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/signalling/request.hpp"

#include <algorithm>

#include "webrtc/core/sdp/words.hpp"
#include "webrtc/core/signalling/percent.hpp"
#include "webrtc/core/signalling/refusals.hpp"

namespace millrace::webrtc {

namespace {

// A media type is compared without its parameters and without regard to case (RFC 9110 8.3.1).
bool is_type(std::string_view content_type, std::string_view wanted) {
    return same_name(trimmed(take_word(content_type, ';')), wanted);
}

std::string_view bearer(std::string_view authorization) {
    std::string_view rest = trimmed(authorization);
    if (!same_name(take_word(rest), "Bearer")) return {};
    return trimmed(rest);
}

SignallingReply not_allowed(std::string_view allowed, std::string_view what) {
    SignallingReply reply = problem(405, "Method not allowed", what);
    reply.headers.emplace_back("Allow", allowed);
    return reply;
}

SignallingReply unsupported(std::string_view header, std::string_view type, std::string_view what) {
    SignallingReply reply = problem(415, "Unsupported media type", what);
    reply.headers.emplace_back(header, type);
    return reply;
}

// What one does at an endpoint and in its sessions, for who asks for something else.
struct Words {
    std::string_view endpoint;
    std::string_view session;
};
Words words_of(std::string_view endpoint) {
    if (endpoint == kWhipEndpoint) {
        return {"This is a WHIP endpoint: POST an SDP offer here to publish the stream.",
                "This is a WHIP session: DELETE it to stop publishing."};
    }
    return {"This is a WHEP endpoint: POST an SDP offer here to play the stream.",
            "This is a WHEP session: DELETE it to stop playing."};
}

SignallingIntent read_endpoint(const SignallingRequest& request, const Words& words) {
    if (request.method == "OPTIONS") return endpoint_options({});
    if (request.method != "POST") return not_allowed("POST, OPTIONS", words.endpoint);
    if (!is_type(request.content_type, "application/sdp")) {
        return unsupported("Accept-Post", "application/sdp",
                           "The body must be an SDP offer with Content-Type application/sdp.");
    }
    return Join{request.body, bearer(request.authorization), query_value(request.query, "rendition")};
}

SignallingIntent read_patch(const SignallingRequest& request, std::string_view session) {
    if (!is_type(request.content_type, "application/trickle-ice-sdpfrag")) {
        return unsupported("Accept-Patch", "application/trickle-ice-sdpfrag",
                           "The body must be an SDP fragment with Content-Type application/trickle-ice-sdpfrag.");
    }
    auto fragment = parse_ice_fragment(request.body);
    if (!fragment) return problem(400, "Not an SDP fragment", fragment.error().what);
    return Patch{session, request.if_match, std::move(*fragment)};
}

SignallingIntent read_session(const SignallingRequest& request, std::string_view session, const Words& words) {
    if (request.method == "OPTIONS") return session_options();
    if (request.method == "DELETE") return Leave{session};
    if (request.method == "PATCH") return read_patch(request, session);
    return not_allowed("PATCH, DELETE, OPTIONS", words.session);
}

// "" for the endpoint itself, nothing for what is neither.
std::optional<std::string_view> session_of(std::string_view resource, std::string_view endpoint) {
    if (!resource.starts_with(endpoint)) return {};
    resource.remove_prefix(endpoint.size());
    if (resource.empty()) return resource;
    if (resource.front() != '/') return {};
    resource.remove_prefix(1);
    auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (resource.size() != kSessionIdSize || !std::ranges::all_of(resource, is_digit)) return {};
    return resource;
}

}  // namespace

// A stream may be called as the endpoint is: what counts is the end of the path.
std::optional<SignallingTarget> signalling_target(std::string_view path, std::string_view endpoint) {
    if (path.starts_with('/')) path.remove_prefix(1);
    for (const std::size_t length : {endpoint.size(), endpoint.size() + 1 + kSessionIdSize}) {
        if (path.size() < length + 2 || path[path.size() - length - 1] != '/') continue;
        const std::string_view resource = path.substr(path.size() - length);
        if (is_signalling(resource, endpoint))
            return SignallingTarget{path.substr(0, path.size() - length - 1), resource};
    }
    return {};
}

bool is_signalling(std::string_view resource, std::string_view endpoint) {
    return session_of(resource, endpoint).has_value();
}

SignallingIntent read_signalling(const SignallingRequest& request, std::string_view endpoint) {
    auto session = session_of(request.resource, endpoint);
    if (!session) return no_such_session();
    const Words words = words_of(endpoint);
    return session->empty() ? read_endpoint(request, words) : read_session(request, *session, words);
}

}  // namespace millrace::webrtc
