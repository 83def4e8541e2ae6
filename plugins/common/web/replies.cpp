// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/web/replies.hpp"

#include <glib.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "common/web/assets.hpp"

namespace millrace::web {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Our own files only; media comes through MSE (blob:) or from the stream's own URLs.
constexpr const char* kPolicy =
    "default-src 'self'; media-src 'self' blob:; img-src 'self' data:; style-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'";

bool is_read(const net::HttpExchange& exchange) {
    return exchange.method() == "GET" || exchange.method() == "HEAD";
}

void reply_read_only(net::HttpExchange exchange) {
    std::move(exchange).reply({405, {{"Allow", "GET, HEAD"}}, {}});
}

std::string root_seen_from(std::string_view url_path) {
    std::string root;
    for (std::size_t i = 1; i < url_path.size(); ++i) {
        if (url_path[i] == '/') root += "../";
    }
    return root.empty() ? "./" : root;
}

std::string replace_all(std::string text, std::string_view mark, std::string_view by) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += by.size()) {
        text.replace(at, mark.size(), by);
    }
    return text;
}

// RFC 8259 section 7. What is not ASCII passes as the UTF-8 that it is.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
            out += escape;
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string outputs_array(const Output* first, const Output* last) {
    std::string json = "[";
    for (const Output* output = first; output != last; ++output) {
        if (output != first) json += ',';
        json += "{\"kind\":" + quoted(output->kind) + ",\"url\":" + quoted(output->url) + "}";
    }
    return json + "]";
}

// Milliseconds of the server's clock: from it the page learns how far its own is off.
std::string now_member() {
    return "\"now\":" + std::to_string(net::wall_now().nanoseconds / 1'000'000);
}

std::string_view last_segment(std::string_view url_path) {
    return url_path.substr(url_path.rfind('/') + 1);
}

bool looks_like_a_page(std::string_view url_path) {
    return last_segment(url_path).find('.') == std::string_view::npos;
}

std::string escaped(const std::string& segment) {
    std::unique_ptr<gchar, decltype(&g_free)> encoded(g_uri_escape_string(segment.c_str(), nullptr, FALSE), &g_free);
    return encoded.get();
}

// `location` is relative to the URL (RFC 3986 5.2): right behind a proxy's prefix too, and never another host's.
void reply_moved(net::HttpExchange exchange, std::string location) {
    if (!is_read(exchange)) return reply_read_only(std::move(exchange));
    if (!exchange.query().empty()) location += "?" + std::string(exchange.query());
    std::move(exchange).reply({307, {{"Location", std::move(location)}, {"Cache-Control", "no-store"}}, {}});
}

}  // namespace

void reply_page(net::HttpExchange exchange, unsigned status, std::string_view page) {
    if (!is_read(exchange)) return reply_read_only(std::move(exchange));
    const Assets& assets = Assets::embedded();
    const Asset* asset = assets.find(page);
    const std::string root = root_seen_from(exchange.path());
    std::string html(asset ? asset->body.text() : std::string_view());
    html = replace_all(std::move(html), "{{assets}}", root + "assets/" + assets.version());
    html = replace_all(std::move(html), "{{root}}", root);
    std::move(exchange).reply({status,
                               {{"Content-Type", "text/html; charset=utf-8"},
                                {"Cache-Control", "no-cache"},
                                {"Content-Security-Policy", kPolicy},
                                {"X-Content-Type-Options", "nosniff"}},
                               {Blob::of(html)}});
}

void reply_asset(net::HttpExchange exchange) {
    if (!is_read(exchange)) return reply_read_only(std::move(exchange));
    const Assets& assets = Assets::embedded();
    const std::string folder = "/assets/" + assets.version() + "/";
    const std::string path(exchange.path());
    const Asset* asset =
        path.rfind(folder, 0) == 0 ? assets.find(std::string_view(path).substr(folder.size())) : nullptr;
    if (!asset) return reply_not_found(std::move(exchange));

    Headers headers = {{"Content-Type", asset->type},
                       {"Cache-Control", "public, max-age=31536000, immutable"},
                       {"Vary", "Accept-Encoding"},
                       {"X-Content-Type-Options", "nosniff"}};
    const bool gzip = !asset->gzip.empty() && exchange.header("Accept-Encoding").find("gzip") != std::string_view::npos;
    if (gzip) headers.emplace_back("Content-Encoding", "gzip");
    std::move(exchange).reply({200, std::move(headers), {gzip ? asset->gzip : asset->body}});
}

void reply_json(net::HttpExchange exchange, const std::string& json) {
    if (!is_read(exchange)) return reply_read_only(std::move(exchange));
    std::move(exchange).reply(
        {200,
         {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"Access-Control-Allow-Origin", "*"}},
         {Blob::of(json)}});
}

void reply_slash_added(net::HttpExchange exchange) {
    const std::string last(last_segment(exchange.path()));
    reply_moved(std::move(exchange), "./" + escaped(last) + "/");
}

void reply_slash_removed(net::HttpExchange exchange) {
    const std::string last(last_segment(exchange.path().substr(0, exchange.path().size() - 1)));
    reply_moved(std::move(exchange), "../" + escaped(last));
}

void reply_nothing_here(net::HttpExchange exchange) {
    const bool in_browser = exchange.header("Accept").find("text/html") != std::string_view::npos;
    if (!is_read(exchange) || !in_browser || !looks_like_a_page(exchange.path())) {
        return reply_not_found(std::move(exchange));
    }
    if (exchange.path().back() != '/') return reply_slash_added(std::move(exchange));
    reply_page(std::move(exchange), 404, "player.html");
}

void reply_not_found(net::HttpExchange exchange) {
    if (is_read(exchange) && exchange.header("Accept").find("text/html") != std::string_view::npos) {
        return reply_page(std::move(exchange), 404, "not-found.html");
    }
    std::move(exchange).reply(net::text_reply(404, "Not found"));
}

void reply_busy(net::HttpExchange exchange) {
    net::HttpReply reply = net::text_reply(503, "Too many requests wait for streams that are being started");
    reply.headers.emplace_back("Retry-After", "1");
    std::move(exchange).reply(std::move(reply));
}

std::string outputs_json(const std::vector<Output>& outputs) {
    return "{" + now_member() + ",\"outputs\":" + outputs_array(outputs.data(), outputs.data() + outputs.size()) +
           "}\n";
}

std::string paths_json(const std::vector<Output>& outputs, bool publish) {
    std::string json = "{" + now_member() + (publish ? ",\"publish\":true" : "") + ",\"paths\":[";
    for (std::size_t first = 0; first < outputs.size();) {
        std::size_t last = first;
        while (last < outputs.size() && outputs[last].path == outputs[first].path) ++last;
        if (first > 0) json += ',';
        json += "{\"path\":" + quoted(outputs[first].path) +
                ",\"outputs\":" + outputs_array(outputs.data() + first, outputs.data() + last) + "}";
        first = last;
    }
    return json + "]}\n";
}

}  // namespace millrace::web
