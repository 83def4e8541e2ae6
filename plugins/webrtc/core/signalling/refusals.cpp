// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/signalling/refusals.hpp"

#include <string>

namespace millrace::webrtc {

SignallingReply problem_of(const Error& error) {
    switch (error.fault) {
        case Fault::bad_input:
            return problem(400, "The offer cannot be read", error.what);
        case Fault::refused:
            return problem(406, "Nothing in common", error.what);
        default:
            return problem(500, "The session could not be made", error.what);
    }
}

SignallingReply try_again(std::string_view seconds, std::string_view title, std::string_view detail) {
    SignallingReply reply = problem(503, title, detail);
    reply.headers.emplace_back("Retry-After", seconds);
    return reply;
}

SignallingReply unauthorized(bool had_token, std::string_view what) {
    if (had_token)
        return problem(403, "Not allowed", "The token does not allow to " + std::string(what) + " this stream.");
    SignallingReply reply = problem(401, "Not authorized", "This stream needs a token: Authorization: Bearer TOKEN.");
    reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
}

SignallingReply path_taken(std::string_view path) {
    return problem(409, "The path has a publisher",
                   "Somebody publishes " + std::string(path) + " already; stop that first, or use another path.");
}

SignallingReply no_such_session() {
    return problem(404, "Not found", "There is no such session; it may be over.");
}

}  // namespace millrace::webrtc
