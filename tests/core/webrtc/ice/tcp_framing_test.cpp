// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/ice/tcp_framing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace millrace::webrtc {
namespace {

Bytes framed(const std::vector<Bytes>& datagrams) {
    Bytes out;
    for (const Bytes& datagram : datagrams) put_framed(out, datagram);
    return out;
}

TEST(TcpFraming, PutsTheLengthBefore) {
    EXPECT_EQ(framed({{1, 2, 3}, {}}), (Bytes{0, 3, 1, 2, 3, 0, 0}));
    EXPECT_EQ(framed({Bytes(300, 7)}).front(), 1);
}

TEST(TcpFraming, GivesTheSameDatagramsHoweverTheBytesAreCut) {
    const std::vector<Bytes> datagrams{{1}, Bytes(700, 2), {3, 4}, Bytes(kMostFramed, 5), {6}};
    const Bytes bytes = framed(datagrams);
    for (std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{701}, bytes.size()}) {
        TcpDeframer deframer;
        std::vector<Bytes> seen;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            const ByteView part = ByteView(bytes).subspan(at, std::min(piece, bytes.size() - at));
            ASSERT_TRUE(deframer.push(part, [&](ByteView each) { seen.emplace_back(each.begin(), each.end()); }));
        }
        EXPECT_EQ(seen, datagrams) << "in pieces of " << piece;
    }
}

TEST(TcpFraming, LeavesOutWhatIsEmpty) {
    TcpDeframer deframer;
    std::size_t count = 0;
    ASSERT_TRUE(deframer.push(framed({{}, {1}, {}}), [&](ByteView) { ++count; }));
    EXPECT_EQ(count, 1U);
}

TEST(TcpFraming, RefusesWhatNobodySends) {
    TcpDeframer deframer;
    const Bytes too_long{0x08, 0x01};
    const auto pushed = deframer.push(too_long, [](ByteView) { FAIL(); });
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().fault, Fault::bad_input);
}

}  // namespace
}  // namespace millrace::webrtc
