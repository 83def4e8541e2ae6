// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as what a publisher sends behind its handshake, whole and in pieces, through the whole session and the
// timeline behind it: the same events, bounded memory, times that never run back, one end.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "rtmp/core/session.hpp"
#include "rtmp/core/timeline.hpp"

using namespace millrace;
using namespace millrace::rtmp;

namespace {

rtmp::Limits limits() {
    rtmp::Limits limits;
    limits.max_input = 64 << 10;
    return limits;
}

struct Owner {
    Session session{limits(), TimePoint()};
    Timeline timeline;
    std::map<unsigned, Duration> last;
    std::vector<std::string> story;
    std::size_t closed = 0;

    void operator()(const PublishRequested& e) { story.push_back("publish " + e.path + "?" + e.query); }
    void operator()(const FormatChanged& e) { story.push_back("format " + std::to_string(e.format.config.size())); }
    void operator()(const Media& e) {
        story.push_back("media " + std::to_string(e.dts.count()) + " " + std::to_string(e.payload.view().size()));
        unsigned track = e.track * 2 + (e.kind == codec::Kind::audio ? 1 : 0);
        auto mapped = timeline.map(track, e.dts, e.pts, TimePoint());
        if (auto before = last.find(track); before != last.end() && mapped.dts <= before->second) std::abort();
        last[track] = mapped.dts;
    }
    void operator()(const Metadata& e) { story.push_back("metadata " + std::to_string(e.values.size())); }
    void operator()(const Notice& e) { story.push_back(e.text); }
    void operator()(const Unpublished&) { story.emplace_back("unpublished"); }
    void operator()(const Closed& e) {
        story.push_back(e.why ? e.why->what : "closed");
        ++closed;
    }

    void drain() {
        while (auto event = session.next_event()) {
            std::visit(*this, *event);
            if (std::holds_alternative<PublishRequested>(*event)) session.accept(TimePoint());
        }
        session.take_output();
        if (session.buffered() > limits().max_input) std::abort();
    }
};

std::vector<std::string> live(ByteView bytes, std::size_t piece) {
    Owner owner;
    Bytes handshake(1 + 2 * kHandshakeSize);
    handshake[0] = 3;
    if (!owner.session.receive(handshake, TimePoint())) std::abort();
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        (void)owner.session.receive(bytes.subspan(at, std::min(piece, bytes.size() - at)), TimePoint());
        owner.drain();
    }
    owner.session.disconnected();
    owner.drain();
    if (owner.closed != 1) std::abort();
    return owner.story;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    ByteView bytes(data + 1, size - 1);
    if (live(bytes, size) != live(bytes, 1U + data[0])) std::abort();
    return 0;
}
