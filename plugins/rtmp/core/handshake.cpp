// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/handshake.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <optional>

namespace millrace::rtmp {

namespace {

constexpr std::uint8_t kVersion = 3;
constexpr std::size_t kDigestSize = 32;
using Digest = std::array<std::uint8_t, kDigestSize>;

// Flash signs with the first part of these; S2 and C2 are signed with a key derived from the whole.
constexpr std::string_view kPlayerKey = "Genuine Adobe Flash Player 001";
constexpr std::string_view kServerKey = "Genuine Adobe Flash Media Server 001";
constexpr std::array<std::uint8_t, 32> kKeyTail = {0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0,
                                                   0xd1, 0x02, 0x9e, 0x7e, 0x57, 0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80,
                                                   0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae};

Digest hmac_sha256(ByteView key, ByteView data) {
    Digest digest{};
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), digest.data(), nullptr);
    return digest;
}

// The digest of the block without the 32 bytes that hold it.
Digest digest_around(ByteView key, ByteView block, std::size_t at) {
    Bytes rest(block.begin(), block.end());
    auto hole = rest.begin() + static_cast<std::ptrdiff_t>(at);
    rest.erase(hole, hole + kDigestSize);
    return hmac_sha256(key, rest);
}

// The digest's block begins with four bytes whose sum says how far behind them the digest is.
std::size_t digest_position(ByteView block, DigestLayout layout) {
    std::size_t base = layout == DigestLayout::digest_first ? 8 : 8 + 764;
    std::size_t sum = 0;
    for (std::uint8_t byte : block.subspan(base, 4)) sum += byte;
    return base + 4 + sum % (764 - 4 - kDigestSize);
}

bool carries_digest(ByteView block, ByteView key, DigestLayout layout) {
    std::size_t at = digest_position(block, layout);
    Digest expected = digest_around(key, block, at);
    return std::equal(expected.begin(), expected.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
}

void put_digest(Bytes& block, ByteView key, DigestLayout layout) {
    std::size_t at = digest_position(block, layout);
    Digest digest = digest_around(key, block, at);
    std::copy(digest.begin(), digest.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
}

std::optional<DigestLayout> digest_layout(ByteView c1) {
    // A client that wants the simple handshake says version 0 (5.2.3: "zero"); the digest one carries its own version.
    if (std::all_of(c1.begin() + 4, c1.begin() + 8, [](std::uint8_t byte) { return byte == 0; })) return {};
    for (DigestLayout layout : {DigestLayout::digest_second, DigestLayout::digest_first})
        if (carries_digest(c1, as_bytes(kPlayerKey), layout)) return layout;
    return {};
}

// S2 proves that we have seen C1's digest: its last 32 bytes sign the rest with a key made from that digest.
void sign_s2(Bytes& s2, ByteView c1_digest) {
    Bytes whole_key(kServerKey.begin(), kServerKey.end());
    whole_key.insert(whole_key.end(), kKeyTail.begin(), kKeyTail.end());
    Digest key = hmac_sha256(whole_key, c1_digest);
    Digest signature = hmac_sha256(key, ByteView(s2).first(kHandshakeSize - kDigestSize));
    std::copy(signature.begin(), signature.end(), s2.end() - kDigestSize);
}

// What people really point at an RTMP port by mistake deserves its name.
std::string not_rtmp(std::uint8_t first) {
    if (first == 6) return "encrypted RTMPE handshake; only RTMP and RTMPS are spoken here";
    if (first == 0x16) return "TLS handshake on a plain RTMP port; use rtmp:// here or the rtmps port";
    if (first >= 'A' && first <= 'Z') return "not an RTMP handshake (looks like an HTTP request)";
    return "not an RTMP handshake: version " + std::to_string(first) + " instead of 3";
}

}  // namespace

Result<> Handshake::receive(ByteView& in) {
    if (state_ == State::c0 && !in.empty()) {
        if (in.front() != kVersion) return fail(Fault::bad_input, not_rtmp(in.front()));
        in = in.subspan(1);
        state_ = State::c1;
    }
    if (state_ == State::c1) {
        ByteView part = in.first(std::min(in.size(), kHandshakeSize - c1_.size()));
        c1_.insert(c1_.end(), part.begin(), part.end());
        in = in.subspan(part.size());
        if (c1_.size() < kHandshakeSize) return {};
        answer_c1();
        c1_ = {};
        state_ = State::c2;
    }
    if (state_ == State::c2) {
        // C2 is a mere echo of S1; senders that get it wrong (and there are some) do no harm.
        std::size_t part = std::min(in.size(), kHandshakeSize - c2_received_);
        c2_received_ += part;
        in = in.subspan(part);
        if (c2_received_ == kHandshakeSize) state_ = State::done;
    }
    return {};
}

void Handshake::answer_c1() {
    Bytes s1 = random_block();
    Bytes s2;
    if (auto layout = digest_layout(c1_)) {
        constexpr std::array<std::uint8_t, 4> version = {4, 5, 0, 1};  // must not be zero for the client to look on
        std::copy(version.begin(), version.end(), s1.begin() + 4);
        put_digest(s1, as_bytes(kServerKey), *layout);
        s2 = random_block();
        sign_s2(s2, ByteView(c1_).subspan(digest_position(c1_, *layout), kDigestSize));
    } else {
        std::fill_n(s1.begin(), 8, std::uint8_t{0});  // time 0, then four zeros (5.2.3)
        s2 = c1_;                                     // 5.2.4: echo; time2 may be anything
    }
    output_.push_back(kVersion);
    output_.insert(output_.end(), s1.begin(), s1.end());
    output_.insert(output_.end(), s2.begin(), s2.end());
}

// SplitMix64: only has to differ between connections.
Bytes Handshake::random_block() {
    Bytes block;
    block.reserve(kHandshakeSize);
    while (block.size() < kHandshakeSize) {
        std::uint64_t z = seed_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        z ^= z >> 31;
        for (int shift = 0; shift < 64; shift += 8) block.push_back(static_cast<std::uint8_t>(z >> shift));
    }
    return block;
}

Bytes sign_c1(Bytes c1, DigestLayout layout) {
    put_digest(c1, as_bytes(kPlayerKey), layout);
    return c1;
}

bool is_signed_s1(HandshakeBlock s1, DigestLayout layout) {
    return carries_digest(s1, as_bytes(kServerKey), layout);
}

}  // namespace millrace::rtmp
