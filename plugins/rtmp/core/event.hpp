// SPDX-License-Identifier: LGPL-2.1-or-later
// What an RTMP session tells its owner. Pure data.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/codec/track_format.hpp"
#include "rtmp/core/amf.hpp"

namespace millrace::rtmp {

enum class PublishMode { live, record, append };

// A publisher asks for a path. Answer with Session::accept() or refuse(); what it sends until then is held back.
// All text is valid UTF-8 without control characters.
struct PublishRequested {
    std::string path;    // "live/cam1": app and stream, without the query; safe in a URL and as a relative file name
    std::string app;     // "live"
    std::string stream;  // "cam1"
    std::string query;   // what followed '?' in either of them, "token=x&user=y"; still percent-encoded
    std::string tc_url;  // "rtmp://host/live" as the publisher wrote it
    std::string flash_version;  // "FMLE/3.0 (compatible; Lavf59.27.100)": the publisher's software
    PublishMode mode = PublishMode::live;

    bool operator==(const PublishRequested&) const = default;
};

// The decoder configuration of a track: before its first media and again whenever it changes. Geometry is left unknown:
// it is in the configuration.
struct FormatChanged {
    codec::Kind kind{};
    unsigned track = 0;  // Enhanced RTMP multitrack id; 0 for everyone else
    codec::TrackFormat format;

    bool operator==(const FormatChanged&) const = default;
};

// Media bytes inside the message that brought them, moved all the way and never copied: `owner` may be handed to
// whoever keeps the bytes alive.
struct Payload {
    Bytes owner;
    std::size_t offset = 0;
    std::size_t size = 0;

    [[nodiscard]] ByteView view() const { return ByteView(owner).subspan(offset, size); }
    bool operator==(const Payload& other) const {
        ByteView a = view();
        ByteView b = other.view();
        return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
    }
};

// One access unit. Times are the publisher's, unwrapped to 64 bits and otherwise as they came, jumps included; class
// Timeline makes a continuous timeline of them.
struct Media {
    codec::Kind kind{};
    unsigned track = 0;
    Duration dts{};
    Duration pts{};
    bool key = false;  // a key frame; every audio frame
    Payload payload;   // length-prefixed NAL units, OBUs, a raw AAC access unit, an Opus packet, MP3 frames

    bool operator==(const Media&) const = default;
};

struct Metadata {
    amf::Object values;  // onMetaData's

    bool operator==(const Metadata&) const = default;
};

// Something an operator should know about this publisher; once each, worded for a person.
struct Notice {
    std::string text;

    bool operator==(const Notice&) const = default;
};

// The publisher ended its stream; the connection may go on and publish again.
struct Unpublished {
    bool operator==(const Unpublished&) const = default;
};

// The last event. Without an error the peer left in good order.
struct Closed {
    std::optional<Error> why;
};

using Event = std::variant<PublishRequested, FormatChanged, Media, Metadata, Notice, Unpublished, Closed>;

}  // namespace millrace::rtmp
