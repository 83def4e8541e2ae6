// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/multivariant_playlist.hpp"

#include <algorithm>
#include <cmath>

#include "hls/core/media_time.hpp"
#include "hls/core/playlist_text.hpp"
#include "hls/core/snapshot.hpp"

namespace millrace::hls {

namespace {

constexpr std::string_view kAudioGroup = "audio";
constexpr int kVersion = 6;

using Variants = std::vector<const Variant*>;

Variants of_kind(const std::vector<Variant>& renditions, codec::Kind kind) {
    Variants found;
    for (const Variant& rendition : renditions) {
        if (rendition.kind == kind) found.push_back(&rendition);
    }
    return found;
}

std::string playlist_uri(const Variant& rendition) {
    return rendition.name + "/" + std::string(kMediaPlaylist);
}

// MV-3: every sample format of the variant and of all members of its group, each once.
std::string codecs_of(const Variant& variant, const Variants& group) {
    std::vector<std::string> list{variant.codecs};
    for (const Variant* member : group) {
        if (std::find(list.begin(), list.end(), member->codecs) == list.end()) list.push_back(member->codecs);
    }
    std::string joined;
    for (const std::string& codec : list) joined += (joined.empty() ? "" : ",") + codec;
    return joined;
}

// MV-2: the largest sum over the playable combinations.
BitRate rate_of(const Variant& variant, const Variants& group) {
    BitRate loudest;
    for (const Variant* member : group) {
        if (member == &variant) continue;
        loudest.peak = std::max(loudest.peak, member->bit_rate.peak);
        loudest.average = std::max(loudest.average, member->bit_rate.average);
    }
    return {variant.bit_rate.peak + loudest.peak, variant.bit_rate.average + loudest.average};
}

// MV-10. Apple's players begin with the first one listed, whatever the network, and hls.js takes its bit rate for that
// of the network until it has measured: about 2 Mbit/s is what most can play at once (AUTH 1.32). Both move on to what
// the network has within seconds.
void order(Variants& variants) {
    constexpr double kGoodStart = 2e6;
    const auto peak = [](const Variant* variant) { return static_cast<double>(variant->bit_rate.peak); };
    const auto higher = [&](const Variant* a, const Variant* b) { return peak(a) > peak(b); };
    std::stable_sort(variants.begin(), variants.end(), higher);
    const auto distance = [&](const Variant* variant) { return std::abs(std::log(peak(variant) / kGoodStart)); };
    const auto nearer = [&](const Variant* a, const Variant* b) { return distance(a) < distance(b); };
    const auto first = std::min_element(variants.begin(), variants.end(), nearer);
    if (first != variants.end()) std::rotate(variants.begin(), first, first + 1);
}

std::string resolution(const Variant& variant) {
    return std::to_string(variant.width) + "x" + std::to_string(variant.height);
}

std::string frame_rate(const Variant& variant) {
    const codec::Rational rate = variant.frame_rate;
    if (!rate.known()) return {};
    return thousandths(
        static_cast<std::uint64_t>(divide_nearest(static_cast<Wide>(rate.numerator) * 1000, rate.denominator)));
}

std::string stream_inf(const Variant& variant, const Variants& group) {
    const BitRate rate = rate_of(variant, group);
    const std::string fps = frame_rate(variant);
    return AttributeList("EXT-X-STREAM-INF")
               .add("BANDWIDTH", std::to_string(rate.peak))
               .add("AVERAGE-BANDWIDTH", std::to_string(rate.average))
               .add_if(!variant.codecs.empty(), "CODECS", quoted(codecs_of(variant, group)))
               .add_if(variant.width > 0 && variant.height > 0, "RESOLUTION", resolution(variant))
               .add_if(!fps.empty(), "FRAME-RATE", fps)
               .add_if(!group.empty(), "AUDIO", quoted(kAudioGroup))
               .line() +
           playlist_uri(variant) + "\n";
}

std::string media(const Variant& audio, bool first) {
    return AttributeList("EXT-X-MEDIA")
        .add("TYPE", "AUDIO")
        .add("GROUP-ID", quoted(kAudioGroup))
        .add("NAME", quoted(audio.name))
        .add("LANGUAGE", quoted(audio.language.empty() ? "und" : audio.language))
        .add_if(first, "DEFAULT", "YES")
        .add("AUTOSELECT", "YES")
        .add_if(audio.channels > 0, "CHANNELS", quoted(std::to_string(audio.channels)))
        .add("URI", quoted(playlist_uri(audio)))
        .line();
}

}  // namespace

std::string multivariant_playlist(const std::vector<Variant>& renditions, bool independent) {
    Variants variants = of_kind(renditions, codec::Kind::video);
    Variants group = of_kind(renditions, codec::Kind::audio);
    order(variants);
    if (variants.empty() && !group.empty()) variants = {group.front()};
    if (variants == group) group.clear();  // a lone audio rendition needs no group

    std::string out = "#EXTM3U\n#EXT-X-VERSION:" + std::to_string(kVersion) + "\n";
    if (independent) out += "#EXT-X-INDEPENDENT-SEGMENTS\n";
    for (const Variant* audio : group) out += media(*audio, audio == group.front());
    for (const Variant* variant : variants) out += stream_inf(*variant, group);
    return out;
}

}  // namespace millrace::hls
