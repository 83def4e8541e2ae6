// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/ice_fragment.hpp"

#include <utility>

#include "webrtc/core/sdp/ice_text.hpp"
#include "webrtc/core/sdp/sdp_lines.hpp"
#include "webrtc/core/sdp/words.hpp"

namespace millrace::webrtc {

namespace {

Result<> take_credential(std::string& into, std::string_view value, std::size_t least, const char* name) {
    if (!is_ice_text(value, least)) {
        return fail(Fault::bad_input, std::string("a=") + name + " is not " + std::to_string(least) + " to " +
                                          std::to_string(kMaxIceText) + " characters of ICE's");
    }
    if (into.empty()) into = value;
    return {};
}

Result<> read_attribute(IceFragment& fragment, std::string_view attribute) {
    std::string_view name = take_word(attribute, ':');
    if (name == "ice-ufrag") return take_credential(fragment.ufrag, attribute, kLeastUfrag, "ice-ufrag");
    if (name == "ice-pwd") return take_credential(fragment.password, attribute, kLeastPassword, "ice-pwd");
    if (name == "candidate") ++fragment.candidates;
    if (name == "end-of-candidates") fragment.complete = true;
    return {};
}

}  // namespace

Result<IceFragment> parse_ice_fragment(std::string_view text) {
    if (text.size() > kMaxFragment) return fail(Fault::bad_input, "the fragment is longer than 16 KiB");
    IceFragment fragment;
    while (!text.empty()) {
        std::string_view line = take_word(text, '\n');
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        if (line.size() < 2 || line[1] != '=') return fail(Fault::bad_input, "a line is not of the form x=…");
        if (line[0] != 'a') continue;
        if (auto read = read_attribute(fragment, line.substr(2)); !read) return tl::unexpected(std::move(read.error()));
    }
    if (fragment.ufrag.empty() != fragment.password.empty()) {
        return fail(Fault::bad_input, "a=ice-ufrag and a=ice-pwd come together or not at all");
    }
    return fragment;
}

FragmentSection transport_section(const Answer& answer) {
    for (const AnswerSection& section : answer.sections)
        if (section.served) return {section.kind, section.protocol, section.mid};
    return {};
}

std::string ice_fragment_text(const FragmentSection& section, const LocalTransport& local) {
    std::string out;
    put(out, {"a=ice-lite"});
    put(out, {"a=ice-options:trickle"});
    put(out, {"m=", section.kind, " 9 ", section.protocol, " 0"});
    if (!section.mid.empty()) put(out, {"a=mid:", section.mid});
    put_credentials(out, local);
    put_candidates(out, local);
    return out;
}

}  // namespace millrace::webrtc
