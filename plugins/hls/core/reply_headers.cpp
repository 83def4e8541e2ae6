// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/reply_headers.hpp"

#include <algorithm>
#include <array>

namespace millrace::hls {

namespace {

// Seconds = multiple of the target duration in halves, or a fixed text where there is one.
struct Rule {
    Kept kept;
    std::uint32_t half_targets;
    const char* fixed;
    const char* suffix;
};

constexpr std::array kRules{
    Rule{Kept::multivariant, 2, nullptr, ""},
    Rule{Kept::playlist, 1, nullptr, ""},
    Rule{Kept::blocking_playlist, 12, nullptr, ""},
    // Media outlives its listing by the playlist's length, at least six target durations: no cache keeps it longer
    // (HT-7).
    Rule{Kept::media, 12, nullptr, ", immutable"},
    Rule{Kept::init, 0, "public, max-age=3600, immutable", ""},
    Rule{Kept::missing, 0, "public, max-age=1", ""},
    Rule{Kept::missing_media, 2, nullptr, ""},
    Rule{Kept::abandoned_hint, 0, "public, max-age=1", ""},
    Rule{Kept::never, 0, "no-store", ""},
};

const Rule& rule_of(Kept kept) {
    return *std::find_if(kRules.begin(), kRules.end(), [kept](const Rule& rule) { return rule.kept == kept; });
}

}  // namespace

std::pair<std::string, std::string> cache_control(Kept kept, std::uint32_t target_duration) {
    const Rule& rule = rule_of(kept);
    if (rule.fixed) return {"Cache-Control", rule.fixed};
    const std::uint32_t seconds = rule.half_targets * target_duration / 2;
    if (seconds == 0) return {"Cache-Control", "no-cache"};  // HT-6: half of a one-second target
    return {"Cache-Control", "public, max-age=" + std::to_string(seconds) + rule.suffix};
}

Headers playlist_headers(Kept kept, std::uint32_t target_duration) {
    return {{"Content-Type", "application/vnd.apple.mpegurl"},
            {"X-Content-Type-Options", "nosniff"},
            {"Vary", "Accept-Encoding"},
            cache_control(kept, target_duration)};
}

Headers media_headers(Kept kept, codec::Kind kind, std::uint32_t target_duration) {
    return {{"Content-Type", kind == codec::Kind::video ? "video/mp4" : "audio/mp4"},
            {"X-Content-Type-Options", "nosniff"},
            {"Accept-Ranges", "bytes"},
            cache_control(kept, target_duration)};
}

}  // namespace millrace::hls
