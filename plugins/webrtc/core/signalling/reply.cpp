// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/signalling/reply.hpp"

#include "webrtc/core/signalling/json_text.hpp"
#include "webrtc/core/signalling/percent.hpp"

namespace millrace::webrtc {

namespace {

constexpr const char* kSdp = "application/sdp";
constexpr const char* kFragment = "application/trickle-ice-sdpfrag";

// What a quoted-string of HTTP can hold (RFC 9110 5.6.4): the rest of what a configuration may say is left out.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c >= 0x20 && c < 0x7f) out += c;
    }
    return out + '"';
}

void add_links(SignallingReply& reply, std::span<const IceServer> servers) {
    for (const IceServer& server : servers) {
        std::string link = "<" + server.url + ">; rel=\"ice-server\"";
        if (!server.username.empty()) {
            link += "; username=" + quoted(server.username) + "; credential=" + quoted(server.credential) +
                    "; credential-type=\"password\"";
        }
        reply.headers.emplace_back("Link", std::move(link));
    }
}

}  // namespace

SignallingReply joined(const std::string& location, const std::string& etag, std::string answer,
                       std::span<const IceServer> servers) {
    SignallingReply reply{201,
                          {{"Content-Type", kSdp},
                           {"Location", location},
                           {"ETag", quoted(etag)},
                           {"Accept-Patch", kFragment},
                           {"Cache-Control", "no-store"}},
                          std::move(answer)};
    add_links(reply, servers);
    return reply;
}

void add_renditions(SignallingReply& reply, std::span<const RenditionName> renditions) {
    std::string list;
    for (const RenditionName& rendition : renditions)
        list += (list.empty() ? "" : ", ") + percent_encoded(rendition.name) +
                ";bitrate=" + std::to_string(rendition.bitrate);
    reply.headers.emplace_back("Millrace-Renditions", std::move(list));
    // A page sees what is named here and nothing else (Fetch 3.3.6).
    reply.headers.emplace_back("Access-Control-Expose-Headers", "Date, Location, Link, ETag, Millrace-Renditions");
}

SignallingReply trickled() {
    return {204, {}, {}};
}

SignallingReply restarted(const std::string& etag, std::string fragment) {
    return {
        200, {{"Content-Type", kFragment}, {"ETag", quoted(etag)}, {"Cache-Control", "no-store"}}, std::move(fragment)};
}

SignallingReply left() {
    return {200, {}, {}};
}

SignallingReply endpoint_options(std::span<const IceServer> servers) {
    SignallingReply reply{204, {{"Allow", "POST, OPTIONS"}, {"Accept-Post", kSdp}}, {}};
    add_links(reply, servers);
    return reply;
}

SignallingReply session_options() {
    return {204, {{"Allow", "PATCH, DELETE, OPTIONS"}, {"Accept-Patch", kFragment}}, {}};
}

SignallingReply problem(unsigned status, std::string_view title, std::string_view detail) {
    return {status,
            {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
            "{\"status\": " + std::to_string(status) + ", \"title\": " + json_text(title) +
                ", \"detail\": " + json_text(detail) + "}\n"};
}

}  // namespace millrace::webrtc
