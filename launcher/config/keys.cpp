// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/config/keys.hpp"

namespace millrace::launcher {

const Keys& file_keys() {
    static const Keys keys{
        {"listen", Shape::listen, "Where the process listens: one address a protocol."},
        {"tls", Shape::tls, "Certificate and key; opens the secure protocols. Files that change are reloaded."},
        {"streams", Shape::streams, "The elements of each stream path, or of every path that matches a pattern.", true},
    };
    return keys;
}

const Keys& listen_keys() {
    static const Keys keys{
        {"http", Shape::address, "HTTP: pages, playlists, media, control, metrics. Default :8080."},
        {"https", Shape::address, "HTTP over TLS. Default :8443 where tls is given.", false, true},
        {"rtmp", Shape::address, "RTMP publishers. Default :1935."},
        {"rtmps", Shape::address, "RTMP publishers over TLS. Default :1936 where tls is given.", false, true},
        {"srt", Shape::address, "SRT publishers. Default :8890."},
        {"rtsp", Shape::address, "RTSP publishers. Default :8554."},
        {"webrtc", Shape::address, "All WebRTC media, one UDP port. Default :8189."},
    };
    return keys;
}

const Keys& tls_keys() {
    static const Keys keys{
        {"certificate", Shape::text, "PEM file with the certificate chain.", true},
        {"key", Shape::text, "PEM file with the private key.", true},
    };
    return keys;
}

const Keys& stream_keys() {
    static const Keys keys{
        {"run", Shape::run, "When the stream runs: as soon as someone publishes it, always, or when a viewer asks."},
        {"nodes", Shape::nodes, "The elements, each with a name of your own.", true},
    };
    return keys;
}

const Keys& node_keys() {
    static const Keys keys{
        {"element", Shape::text, "The factory of a GStreamer element, as gst-inspect-1.0 lists it."},
        {"launch", Shape::text, "Several elements in gst-launch syntax, in place of one."},
        {"from", Shape::texts, "What feeds it: NODE, NODE.PAD, NODE.video or NODE.audio, or a list of them."},
    };
    return keys;
}

const std::vector<std::string>& run_values() {
    static const std::vector<std::string> values{"on-publish", "always", "on-demand"};
    return values;
}

std::vector<std::string> names_of(const Keys& keys) {
    std::vector<std::string> names;
    for (const Key& key : keys) names.emplace_back(key.name);
    return names;
}

}  // namespace millrace::launcher
