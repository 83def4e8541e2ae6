// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of an output's pad for what it takes: its name, bitrate and language among the renditions. What they
// leave open, the stream's own description says.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "common/gst/properties.hpp"
#include "common/gst/rendition.hpp"

namespace millrace::gst {

struct RenditionSettings {
    std::string rendition;
    std::uint64_t bitrate = 0;
    std::string language;
};

inline const std::array kRenditionProperties{
    Property<RenditionSettings>{.name = "rendition",
                                .blurb = "Name of the rendition; empty = what the stream says, or else the pad's name",
                                .field = &RenditionSettings::rendition},
    Property<RenditionSettings>{
        .name = "bitrate",
        .blurb = "Bitrate that its encoder keeps to in bit/s; 0 = what the stream says, or else measured",
        .field = &RenditionSettings::bitrate},
    Property<RenditionSettings>{
        .name = "language",
        .blurb = "Language of an audio rendition as a BCP 47 tag; empty = what the stream says, or else undetermined",
        .field = &RenditionSettings::language},
};

// `said` is the stream's own description, where there is one.
inline Rendition rendition_with(const RenditionSettings& settings, const std::optional<Rendition>& said,
                                const std::string& pad) {
    Rendition rendition = said.value_or(Rendition());
    if (!settings.rendition.empty()) rendition.name = settings.rendition;
    if (rendition.name.empty()) rendition.name = pad;
    if (settings.bitrate > 0) rendition.bitrate = settings.bitrate;
    if (!settings.language.empty()) rendition.language = settings.language;
    return rendition;
}

}  // namespace millrace::gst
