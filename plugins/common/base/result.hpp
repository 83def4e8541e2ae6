// SPDX-License-Identifier: LGPL-2.1-or-later
// Failure as a value: what went wrong, and what an operator can do about it. Knows nothing of logging or buses.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace millrace {

// Sorted by what the reader of the message can do, not by where it happened.
enum class Fault {
    bad_input,    // the peer or the file said something wrong
    peer_gone,    // the other side closed or stopped answering
    refused,      // we decided against it (busy, unknown, not authorized)
    no_resource,  // the machine said no (port taken, file missing, limit reached)
    bug,          // this cannot happen
};

struct Error {
    Fault fault = Fault::bug;
    std::string what;

    // Adds what we were doing, outermost first: "publishing live/cam1: reading AMF0: string longer than its message".
    [[nodiscard]] Error while_(std::string_view doing) && {
        what.insert(0, std::string(doing) + ": ");
        return std::move(*this);
    }
};

template <class T = void>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Fault fault, std::string what) {
    return tl::unexpected<Error>(Error{fault, std::move(what)});
}

}  // namespace millrace
