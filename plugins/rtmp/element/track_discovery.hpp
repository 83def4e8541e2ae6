// SPDX-License-Identifier: LGPL-2.1-or-later
// When a publisher's tracks are known: RTMP announces none up front, so what came so far and what the metadata promises
// must decide. Pure; driven by media time, not by a clock.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "rtmp/core/event.hpp"

namespace millrace::rtmp {

class TrackDiscovery {
  public:
    // Publishers without metadata send both configurations before or with their first media.
    static constexpr Duration kUnannounced = 500ms;  // of media
    // Announced tracks may start late: an encoder whose microphone needs a moment.
    static constexpr Duration kAnnounced = 2s;  // of media

    void saw(const Metadata& metadata) {
        announced_video_ = announces(metadata, "videocodecid");
        announced_audio_ = announces(metadata, "audiocodecid");
    }
    void saw(const FormatChanged& format) { (format.kind == codec::Kind::video ? video_ : audio_) = true; }
    void saw(const Media& media) {
        if (!first_) first_ = media.dts;
        latest_ = std::max(latest_.value_or(media.dts), media.dts);
    }

    [[nodiscard]] bool complete() const {
        if (!first_ || !(video_ || audio_)) return false;
        if (video_ && audio_) return true;
        const bool announced = announced_video_ || announced_audio_;
        if (announced && announced_video_ <= video_ && announced_audio_ <= audio_) return true;
        return *latest_ - *first_ >= (announced ? kAnnounced : kUnannounced);
    }

  private:
    static bool announces(const Metadata& metadata, std::string_view key) {
        return amf::find(metadata.values, key) != nullptr;
    }

    bool announced_video_ = false;
    bool announced_audio_ = false;
    bool video_ = false;
    bool audio_ = false;
    std::optional<Duration> first_;
    std::optional<Duration> latest_;
};

}  // namespace millrace::rtmp
