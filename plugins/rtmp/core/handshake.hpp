// SPDX-License-Identifier: LGPL-2.1-or-later
// The server's side of the RTMP handshake: C0 C1 C2 in, S0 S1 S2 out (RTMP 1.0, clause 5.2). Answers with Flash's
// digest
// ("complex") handshake when the client's C1 carries a valid digest, in either of its two layouts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"

namespace millrace::rtmp {

inline constexpr std::size_t kHandshakeSize = 1536;  // of each of C1, C2, S1 and S2
using HandshakeBlock = std::span<const std::uint8_t, kHandshakeSize>;

// Where C1 and S1 keep their digest. Both layouts have the same two 764-byte blocks, in the two possible orders.
enum class DigestLayout { digest_second, digest_first };

class Handshake {
  public:
    // The seed only makes S1's filling differ from connection to connection; nothing secret depends on it.
    explicit Handshake(std::uint64_t seed) : seed_(seed) {}

    // Takes what it needs off the front of `in` and leaves the rest, which is the chunk stream once done().
    Result<> receive(ByteView& in);
    Bytes take_output() { return std::exchange(output_, {}); }
    [[nodiscard]] bool done() const { return state_ == State::done; }

  private:
    enum class State { c0, c1, c2, done };

    void answer_c1();
    Bytes random_block();

    State state_ = State::c0;
    std::uint64_t seed_;
    Bytes c1_;
    std::size_t c2_received_ = 0;
    Bytes output_;
};

// For the other side, which the tests play: a C1 that insists on the digest handshake, and whether S1 answers it.
Bytes sign_c1(Bytes c1, DigestLayout layout);
bool is_signed_s1(HandshakeBlock s1, DigestLayout layout);

}  // namespace millrace::rtmp
