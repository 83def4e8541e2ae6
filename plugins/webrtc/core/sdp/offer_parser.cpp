// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/offer_parser.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "webrtc/core/sdp/ice_text.hpp"
#include "webrtc/core/sdp/words.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::uint32_t kMaxPayloadType = 127;
constexpr std::string_view kSha256 = "sha-256";

// Applies to one payload type, or to all of its section, which may be named before they are described.
constexpr std::string_view kAnyPayloadType = "*";

Result<> wrong(std::string what) {
    return fail(Fault::bad_input, std::move(what));
}

bool is_control(char c) {
    return (c >= 0 && c < 0x20) || c == 0x7f;
}

std::optional<Direction> direction_named(std::string_view name) {
    if (name == "sendrecv") return Direction::sendrecv;
    if (name == "sendonly") return Direction::sendonly;
    if (name == "recvonly") return Direction::recvonly;
    if (name == "inactive") return Direction::inactive;
    return {};
}

// RFC 8851 10.: letters, digits, - and _.
bool is_stream_name(std::string_view name) {
    auto allowed = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= kMaxStreamName && std::ranges::all_of(name, allowed);
}

class OfferParser {
  public:
    Result<Offer> parse(std::string_view text);

  private:
    Result<> line(char type, std::string_view value);
    Result<> media(std::string_view value);
    Result<> attribute(std::string_view value);

    Result<> on_group(std::string_view value);
    Result<> on_mid(std::string_view value);
    Result<> on_rtpmap(std::string_view value);
    Result<> on_fmtp(std::string_view value);
    Result<> on_feedback(std::string_view value);
    Result<> on_extmap(std::string_view value);
    Result<> on_ufrag(std::string_view value);
    Result<> on_password(std::string_view value);
    Result<> on_fingerprint(std::string_view value);
    Result<> on_setup(std::string_view value);
    Result<> on_rtcp_mux(std::string_view value);
    Result<> on_rtcp_rsize(std::string_view value);
    Result<> on_ice_lite(std::string_view value);
    Result<> on_bundle_only(std::string_view value);
    Result<> on_source(std::string_view value);
    Result<> on_source_group(std::string_view value);
    Result<> on_stream(std::string_view value);
    Result<> on_simulcast(std::string_view value);

    struct Row {
        std::string_view name;
        Result<> (OfferParser::*read)(std::string_view value);
    };
    static const Row kAttributes[];

    // What stands before the first m= line holds for all sections that do not say otherwise.
    MediaSection& section() { return offer_.media.empty() ? session_ : offer_.media.back(); }
    PayloadType* payload_type(std::string_view number);

    Offer offer_;
    MediaSection session_;
};

const OfferParser::Row OfferParser::kAttributes[] = {
    {"group", &OfferParser::on_group},
    {"mid", &OfferParser::on_mid},
    {"rtpmap", &OfferParser::on_rtpmap},
    {"fmtp", &OfferParser::on_fmtp},
    {"rtcp-fb", &OfferParser::on_feedback},
    {"extmap", &OfferParser::on_extmap},
    {"ice-ufrag", &OfferParser::on_ufrag},
    {"ice-pwd", &OfferParser::on_password},
    {"fingerprint", &OfferParser::on_fingerprint},
    {"setup", &OfferParser::on_setup},
    {"rtcp-mux", &OfferParser::on_rtcp_mux},
    {"rtcp-rsize", &OfferParser::on_rtcp_rsize},
    {"ice-lite", &OfferParser::on_ice_lite},
    {"bundle-only", &OfferParser::on_bundle_only},
    {"ssrc", &OfferParser::on_source},
    {"ssrc-group", &OfferParser::on_source_group},
    {"rid", &OfferParser::on_stream},
    {"simulcast", &OfferParser::on_simulcast},
};

Result<Offer> OfferParser::parse(std::string_view text) {
    if (text.size() > kMaxOffer) return fail(Fault::bad_input, "an offer of more than 64 kB");
    bool begun = false;
    for (unsigned number = 1; !text.empty(); ++number) {
        std::string_view line_text = take_word(text, '\n');
        if (line_text.ends_with('\r')) line_text.remove_suffix(1);
        if (line_text.empty()) continue;
        auto at = "line " + std::to_string(number);
        if (line_text.size() > kMaxOfferLine) return fail(Fault::bad_input, at + ": longer than 4 kB");
        if (line_text.size() < 2 || line_text[1] != '=' || std::ranges::any_of(line_text, is_control))
            return fail(Fault::bad_input, at + ": not a line of a session description");
        if (!std::exchange(begun, true) && line_text != "v=0")
            return fail(Fault::bad_input, "not a session description: it does not begin with v=0");
        if (auto read = line(line_text[0], line_text.substr(2)); !read)
            return tl::unexpected(std::move(read.error()).while_(at));
    }
    if (offer_.media.empty()) return fail(Fault::bad_input, "an offer without media");
    return std::move(offer_);
}

Result<> OfferParser::line(char type, std::string_view value) {
    if (type == 'm') return media(value);
    if (type == 'a') return attribute(value);
    return {};
}

// m=video 9 UDP/TLS/RTP/SAVPF 96 97 (RFC 8866 5.14)
Result<> OfferParser::media(std::string_view value) {
    if (offer_.media.size() == kMaxSections) return wrong("more than 32 media sections");
    MediaSection section = session_;
    section.kind = take_word(value);
    const std::string_view port = take_word(value);
    section.protocol = take_word(value);
    section.formats = value;
    if (section.kind.empty() || section.protocol.empty() || value.empty()) return wrong("an m= line that is not whole");
    section.rejected = port == "0";
    offer_.media.push_back(std::move(section));
    // Data channels have no payload types.
    if (offer_.media.back().protocol.find("RTP/") == std::string::npos) return {};
    while (!value.empty()) {
        auto number = number_in(take_word(value));
        if (!number || *number > kMaxPayloadType) return wrong("a payload type that is no number up to 127");
        if (payload_type(std::to_string(*number)) != nullptr) return wrong("a payload type twice");
        offer_.media.back().payload_types.push_back(PayloadType{static_cast<std::uint8_t>(*number), {}, 0, 1, {}, {}});
    }
    return {};
}

Result<> OfferParser::attribute(std::string_view value) {
    const std::string_view name = take_word(value, ':');
    if (auto direction = direction_named(name)) section().direction = *direction;
    for (const Row& row : kAttributes)
        if (row.name == name)
            return (this->*row.read)(value).map_error(
                [&](Error error) { return std::move(error).while_("a=" + std::string(name)); });
    return {};
}

PayloadType* OfferParser::payload_type(std::string_view number) {
    auto wanted = number_in(number);
    for (PayloadType& type : section().payload_types)
        if (wanted == type.number) return &type;
    return nullptr;
}

Result<> OfferParser::on_group(std::string_view value) {
    if (!offer_.media.empty()) return wrong("behind an m= line");
    if (take_word(value) != "BUNDLE" || !offer_.bundle.empty()) return {};
    while (!value.empty()) {
        if (offer_.bundle.size() == kMaxSections) return wrong("more than 32 mids");
        offer_.bundle.emplace_back(take_word(value));
    }
    return {};
}

Result<> OfferParser::on_mid(std::string_view value) {
    if (offer_.media.empty()) return wrong("before the first m= line");
    if (value.empty() || value.size() > kMaxMid || value.find(' ') != std::string_view::npos)
        return wrong("not a token of up to 32 characters");
    for (const MediaSection& other : offer_.media)
        if (other.mid == value) return wrong("the same as another section's");
    section().mid = value;
    return {};
}

// a=rtpmap:111 opus/48000/2 (RFC 8866 6.6)
Result<> OfferParser::on_rtpmap(std::string_view value) {
    PayloadType* type = payload_type(take_word(value));
    if (type == nullptr) return {};  // one that its m= line does not offer
    const std::string_view codec = take_word(value, '/');
    const std::string_view rate = take_word(value, '/');
    auto clock_rate = number_in(rate);
    auto channels = value.empty() ? 1 : number_in(value);
    if (codec.empty() || !clock_rate || *clock_rate == 0 || !channels || *channels == 0)
        return wrong("not NAME/RATE or NAME/RATE/CHANNELS");
    type->codec = codec;
    type->clock_rate = *clock_rate;
    type->channels = *channels;
    return {};
}

Result<> OfferParser::on_fmtp(std::string_view value) {
    if (PayloadType* type = payload_type(take_word(value))) type->fmtp = trimmed(value);
    return {};
}

// a=rtcp-fb:96 nack pli (RFC 4585 4.2)
Result<> OfferParser::on_feedback(std::string_view value) {
    const std::string_view number = take_word(value);
    for (PayloadType& type : section().payload_types) {
        if (number != kAnyPayloadType && number_in(number) != type.number) continue;
        if (type.feedback.size() == kMaxFeedback) return wrong("more than 16 for one payload type");
        type.feedback.emplace_back(trimmed(value));
    }
    return {};
}

// a=extmap:3/recvonly urn:… (RFC 8285 5)
Result<> OfferParser::on_extmap(std::string_view value) {
    std::string_view id_and_direction = take_word(value);
    auto id = number_in(take_word(id_and_direction, '/'));
    if (!id || *id == 0) return wrong("an identifier that is no number");
    HeaderExtension extension;
    extension.id = *id;
    if (!id_and_direction.empty()) {
        auto direction = direction_named(id_and_direction);
        if (!direction) return wrong("a direction that there is not");
        extension.direction = *direction;
    }
    extension.uri = take_word(value);
    if (section().extensions.size() == kMaxExtensions) return wrong("more than 64 in a section");
    section().extensions.push_back(std::move(extension));
    return {};
}

Result<> OfferParser::on_ufrag(std::string_view value) {
    if (!is_ice_text(value, kLeastUfrag)) return wrong("not 4 to 256 characters of ICE's");
    section().ufrag = value;
    return {};
}

Result<> OfferParser::on_password(std::string_view value) {
    if (!is_ice_text(value, kLeastPassword)) return wrong("not 22 to 256 characters of ICE's");
    section().password = value;
    return {};
}

// One certificate may have several hashes (RFC 8122 5); ours is SHA-256, which all browsers send.
Result<> OfferParser::on_fingerprint(std::string_view value) {
    if (!same_name(take_word(value), kSha256)) return {};
    auto fingerprint = parse_fingerprint(trimmed(value));
    if (!fingerprint) return wrong("not the 32 bytes of a SHA-256");
    section().fingerprint = fingerprint;
    return {};
}

Result<> OfferParser::on_setup(std::string_view value) {
    constexpr std::pair<std::string_view, Setup> names[] = {{"actpass", Setup::actpass},
                                                            {"active", Setup::active},
                                                            {"passive", Setup::passive},
                                                            {"holdconn", Setup::holdconn}};
    for (auto [name, setup] : names)
        if (name == value) {
            section().setup = setup;
            return {};
        }
    return wrong("neither actpass, active, passive nor holdconn");
}

Result<> OfferParser::on_rtcp_mux(std::string_view) {
    section().rtcp_mux = true;
    return {};
}

Result<> OfferParser::on_rtcp_rsize(std::string_view) {
    section().rtcp_rsize = true;
    return {};
}

Result<> OfferParser::on_ice_lite(std::string_view) {
    offer_.ice_lite = true;
    return {};
}

// RFC 9143 7.2.1: its port is 0, and yet it is not rejected.
Result<> OfferParser::on_bundle_only(std::string_view) {
    section().rejected = false;
    return {};
}

// a=ssrc:1757772458 cname:… (RFC 5576 4.1): one line for each thing that is said of a source.
Result<> OfferParser::on_source(std::string_view value) {
    const auto source = number_in(take_word(value));
    if (!source) return wrong("an identifier that is no number");
    auto& sources = section().sources;
    if (std::ranges::find(sources, *source) != sources.end()) return {};
    if (sources.size() == kMaxSources) return wrong("more than 64 in a section");
    sources.push_back(*source);
    return {};
}

// a=ssrc-group:FID 1757772458 3436184255 (RFC 5576 4.2). What other groups mean is nothing to us.
Result<> OfferParser::on_source_group(std::string_view value) {
    if (take_word(value) != "FID") return {};
    const auto primary = number_in(take_word(value));
    const auto repeating = number_in(take_word(value));
    if (!primary || !repeating) return wrong("identifiers that are no numbers");
    auto& repeated = section().repeated;
    if (repeated.size() == kMaxSources) return wrong("more than 64 in a section");
    repeated.emplace_back(*primary, *repeating);
    return {};
}

// a=rid:hi send pt=96;max-width=1280 (RFC 8851 10). The restrictions are the sender's own.
Result<> OfferParser::on_stream(std::string_view value) {
    const std::string_view name = take_word(value);
    if (take_word(value) != "send") return {};
    if (!is_stream_name(name)) return wrong("not a name of up to 16 letters and digits");
    auto& streams = section().sent_streams;
    if (std::ranges::find(streams, name) != streams.end()) return wrong("a name twice");
    if (streams.size() == kMaxStreams) return wrong("more than 16 in a section");
    streams.emplace_back(name);
    return {};
}

// a=simulcast:send hi,hi2;~lo recv … (RFC 8853 5.1): streams between semicolons, their alternatives between commas.
Result<> OfferParser::on_simulcast(std::string_view value) {
    auto& layers = section().layers;
    while (!value.empty()) {
        const std::string_view direction = take_word(value);
        std::string_view list = take_word(value);
        while (direction == "send" && !list.empty()) {
            std::string_view alternatives = take_word(list, ';');
            std::string_view name = take_word(alternatives, ',');
            const bool is_paused = name.starts_with('~');
            if (is_paused) name.remove_prefix(1);
            if (!is_stream_name(name)) return wrong("not a name of up to 16 letters and digits");
            if (std::ranges::find(layers, name) != layers.end()) return wrong("a name twice");
            if (layers.size() == kMaxStreams) return wrong("more than 16 in a section");
            layers.emplace_back(name);
            if (is_paused) section().paused.emplace_back(name);
        }
    }
    return {};
}

}  // namespace

Result<Offer> parse_offer(std::string_view text) {
    return OfferParser().parse(text);
}

}  // namespace millrace::webrtc
