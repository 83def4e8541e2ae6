// SPDX-License-Identifier: LGPL-2.1-or-later
// Any text as an offer, of a viewer for streams of every codec, and of a publisher: it is refused, or answered section
// by section, and our own parser can read the answer.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "webrtc/core/sdp/negotiation.hpp"
#include "webrtc/core/sdp/offer_parser.hpp"
#include "webrtc/core/sdp/reception.hpp"

using namespace millrace;
using namespace millrace::webrtc;

namespace {

LocalTransport local() {
    LocalTransport local;
    local.ufrag = "abcdefgh";
    local.password = "0123456789abcdefghijklmn";
    local.candidates = {{HostCandidate::Transport::udp, "192.0.2.1", 8189},
                        {HostCandidate::Transport::tcp, "2001:db8::1", 8189}};
    return local;
}

// What we add to an offered line may make it longer than we would take.
bool has_long_lines(std::string_view text) {
    while (!text.empty()) {
        std::size_t end = std::min(text.find('\n'), text.size() - 1);
        if (end > kMaxOfferLine) return true;
        text.remove_prefix(end + 1);
    }
    return false;
}

void read_again(const std::string& text, const Offer& offer) {
    if (text.size() > kMaxOffer || has_long_lines(text)) return;
    auto again = parse_offer(text);
    if (!again || again->media.size() != offer.media.size()) std::abort();
}

void receive(const Offer& offer) {
    auto answer = negotiate_reception(offer, {.max_bitrate = 1'000'000});
    if (!answer) return;
    if (answer->sections.size() != offer.media.size()) std::abort();
    const ReceptionTerms terms = reception_terms(*answer, "cname", 1);
    if (terms.tracks.empty() || terms.tracks.size() > kMostPublished * kMostLayers) std::abort();
    read_again(publish_answer_text(*answer, local(), 1), offer);
}

void answer(const Offer& offer, Codec codec) {
    const Streams streams{StreamFormat{.codec = codec, .profile = 0x42, .constraints = 0xc0, .level = 31},
                          StreamFormat{.codec = Codec::opus}};
    const SourceNames names{1, "cname", "stream", 1, 2, 3};
    auto answer = negotiate(offer, streams, names, {});
    if (!answer) return;
    if (answer->sections.size() != offer.media.size() || (!answer->video() && !answer->audio())) std::abort();
    read_again(answer_text(*answer, local(), names), offer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto offer = parse_offer(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!offer) return 0;
    if (offer->media.empty() || offer->media.size() > kMaxSections) std::abort();
    for (Codec codec : {Codec::h264, Codec::h265, Codec::vp8, Codec::vp9, Codec::av1}) answer(*offer, codec);
    receive(*offer);
    return 0;
}
